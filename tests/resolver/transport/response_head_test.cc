#include "resolver/transport/response_head.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace pullproof::resolver::transport {
namespace {

// Feeds all lines and gives the error that stopped it, or "complete" or "incomplete".
std::string Feed(ResponseHead& head, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    if (const auto result = head.TakeLine(line); !result) return result.error().id;
  }
  return head.complete() ? "complete" : "incomplete";
}

TEST(ResponseHead, ReadsStatusAndFields) {
  ResponseHead head;
  EXPECT_EQ(Feed(head, {"HTTP/1.1 404 Not Found\r\n", "Content-Type:  text/plain \r\n",
                        "X-Empty:\r\n", "\r\n"}),
            "complete");
  EXPECT_EQ(head.response().status, 404);
  EXPECT_EQ(head.response().headers,
            (oci::Headers{{"Content-Type", "text/plain"}, {"X-Empty", ""}}));
}

TEST(ResponseHead, TellsOnlyTheLineThatEndsTheHead) {
  ResponseHead head;
  EXPECT_EQ(head.TakeLine("HTTP/2 200 \r\n"), false);
  EXPECT_EQ(head.TakeLine("etag: x\r\n"), false);
  EXPECT_EQ(head.TakeLine("\r\n"), true);
  EXPECT_EQ(head.TakeLine("trailer: y\r\n"), false);
  EXPECT_EQ(head.response().headers, (oci::Headers{{"etag", "x"}}));
}

TEST(ResponseHead, SkipsInterimAnswers) {
  ResponseHead head;
  EXPECT_EQ(Feed(head, {"HTTP/1.1 103 Early Hints\r\n", "Link: </x>\r\n", "\r\n",
                        "HTTP/1.1 200 OK\r\n", "ETag: a\r\n", "\r\n"}),
            "complete");
  EXPECT_EQ(head.response().status, 200);
  EXPECT_EQ(head.response().headers, (oci::Headers{{"ETag", "a"}}));
}

TEST(ResponseHead, JoinsFoldedLines) {
  ResponseHead head;
  EXPECT_EQ(Feed(head, {"HTTP/1.1 200 OK\r\n", "X-A: one\r\n", "\t two\r\n", "\r\n"}), "complete");
  EXPECT_EQ(head.response().headers, (oci::Headers{{"X-A", "one two"}}));
}

struct Verdict {
  const char* name;
  std::vector<std::string> fields;
  const char* expected;
};

class ResponseHeadLengths : public testing::TestWithParam<Verdict> {};

TEST_P(ResponseHeadLengths, AreOneNumber) {
  ResponseHead head;
  std::vector<std::string> lines{"HTTP/1.1 200 OK\r\n"};
  for (const std::string& field : GetParam().fields) lines.push_back(field + "\r\n");
  lines.emplace_back("\r\n");
  EXPECT_EQ(Feed(head, lines), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ResponseHeadLengths,
    testing::Values(
        Verdict{"One", {"Content-Length: 5"}, "complete"},
        Verdict{"Repeated", {"Content-Length: 5", "Content-Length: 5"}, "complete"},
        Verdict{"RepeatedInOneLine", {"Content-Length: 5, 5"}, "complete"},
        Verdict{"Different", {"Content-Length: 5", "content-length: 6"}, "transport.protocol"},
        Verdict{"DifferentInOneLine", {"Content-Length: 5, 6"}, "transport.protocol"},
        Verdict{"Negative", {"Content-Length: -5"}, "transport.protocol"},
        Verdict{"Signed", {"Content-Length: +5"}, "transport.protocol"},
        Verdict{"Empty", {"Content-Length:"}, "transport.protocol"},
        Verdict{"Hexadecimal", {"Content-Length: 0x5"}, "transport.protocol"},
        Verdict{
            "TooLargeForAnyFile", {"Content-Length: 9223372036854775808"}, "transport.protocol"},
        Verdict{"NoName", {": x"}, "transport.protocol"},
        Verdict{"NoColon", {"nonsense"}, "transport.protocol"}),
    [](const auto& row) { return row.param.name; });

TEST(ResponseHead, RefusesWhatIsNoStatusLine) {
  for (const char* line : {"SSH-2.0-x", "HTTP/1.1", "HTTP/1.1 20", "HTTP/1.1 2x0 OK",
                           "HTTP/1.1 099 Low", "", "HTTP/1.1  200"}) {
    ResponseHead head;
    EXPECT_EQ(Feed(head, {std::string(line) + "\r\n"}), "transport.protocol") << line;
  }
}

TEST(ResponseHead, BoundsAllLinesTogether) {
  ResponseHead head;
  ASSERT_EQ(Feed(head, {"HTTP/1.1 200 OK\r\n"}), "incomplete");
  const std::string line = "X: " + std::string(1019, 'x') + "\r\n";  // 1 KiB
  for (std::size_t i = 0; i + 1 < kMaxHeaderBytes / line.size(); ++i) {
    ASSERT_EQ(head.TakeLine(line), false);
  }
  EXPECT_EQ(head.TakeLine(line).error().id, "limit.header");
}

TEST(ResponseHead, CountsTrailersToo) {
  ResponseHead head;
  ASSERT_EQ(Feed(head, {"HTTP/1.1 200 OK\r\n", "\r\n"}), "complete");
  EXPECT_EQ(head.TakeLine(std::string(kMaxHeaderBytes, 'x')).error().id, "limit.header");
}

}  // namespace
}  // namespace pullproof::resolver::transport
