#include "mockregistry/wire/request_head.h"

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mockregistry/wire/limits.h"

namespace pullproof::mockregistry::wire {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::TestWithParam;
using ::testing::Values;

std::string Request(std::string_view lines) {
  return "PUT /v2/ HTTP/1.1\r\nHost: registry.test\r\n" + std::string(lines) + "\r\n";
}

TEST(ParseHeadTest, KeepsEverythingAsItWasSent) {
  const auto head = ParseHead(
      "GET /v2/?n=1%2f?#x HTTP/1.1\r\nHost: registry.test\r\nX-b:  one%0d%0a \r\nx-A:\t\r\n"
      "X-B: two\r\n\r\n");
  ASSERT_TRUE(head.has_value()) << head.error().why;
  EXPECT_EQ(head->method, "GET");
  EXPECT_EQ(head->target, "/v2/?n=1%2f?#x");
  EXPECT_EQ(head->version, "HTTP/1.1");
  EXPECT_THAT(head->headers.lines(),
              ElementsAre(Pair("Host", "registry.test"), Pair("X-b", "one%0d%0a"), Pair("x-A", ""),
                          Pair("X-B", "two")));
  EXPECT_EQ(head->framing, BodyFraming::kNone);
  EXPECT_TRUE(head->persists);
  EXPECT_FALSE(head->expects_continue);
}

TEST(ParseHeadTest, ReadsHowLongTheBodyIs) {
  const auto length = ParseHead(Request("content-length: 42\r\nExpect: 100-Continue\r\n"));
  ASSERT_TRUE(length.has_value());
  EXPECT_EQ(length->framing, BodyFraming::kLength);
  EXPECT_EQ(length->length, 42U);
  EXPECT_TRUE(length->expects_continue);

  const auto chunked = ParseHead(Request("Transfer-Encoding: Chunked\r\n"));
  ASSERT_TRUE(chunked.has_value());
  EXPECT_EQ(chunked->framing, BodyFraming::kChunked);
}

struct PersistCase {
  std::string_view name;
  std::string_view head;
  bool persists;
};

class PersistenceTest : public TestWithParam<PersistCase> {};

TEST_P(PersistenceTest, IsAsTheClientSays) {
  const auto head = ParseHead(GetParam().head);
  ASSERT_TRUE(head.has_value()) << head.error().why;
  EXPECT_EQ(head->persists, GetParam().persists);
}

INSTANTIATE_TEST_SUITE_P(
    Heads, PersistenceTest,
    Values(PersistCase{"ByDefault", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
           PersistCase{"Close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n", false},
           PersistCase{"CloseInAList",
                       "GET / HTTP/1.1\r\nHost: a\r\nConnection: te , close\r\n\r\n", false},
           PersistCase{"KeepAlive", "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
                       true},
           PersistCase{"NotInHttp10", "GET / HTTP/1.0\r\n\r\n", false}),
    [](const auto& test) { return std::string(test.param.name); });

struct RefusalCase {
  std::string_view name;
  std::string head;
  Refusal refusal;
};

class RefusedHeadTest : public TestWithParam<RefusalCase> {};

TEST_P(RefusedHeadTest, IsRefusedWithTheReason) {
  const auto head = ParseHead(GetParam().head);
  ASSERT_FALSE(head.has_value());
  EXPECT_EQ(head.error().status, GetParam().refusal.status);
  EXPECT_EQ(head.error().why, GetParam().refusal.why);
}

constexpr Refusal kLine{400, "the request line is not METHOD TARGET VERSION"};
constexpr Refusal kHeader{400, "a header line is not NAME: VALUE"};
constexpr Refusal kControl{400, "a header value holds a control character"};
constexpr Refusal kHost{400, "a request has exactly one Host header"};
constexpr Refusal kLength{400, "Content-Length is not one decimal number"};
constexpr Refusal kBoth{400, "Content-Length and Transfer-Encoding exclude each other"};
constexpr Refusal kCoding{501, "the only known transfer coding is chunked"};
constexpr Refusal kLarge{413, "the body is larger than 1 GiB"};

INSTANTIATE_TEST_SUITE_P(
    RequestLine, RefusedHeadTest,
    Values(RefusalCase{"Nothing", "\r\n", kLine},
           RefusalCase{"TwoParts", "GET /\r\nHost: a\r\n\r\n", kLine},
           RefusalCase{"FourParts", "GET / / HTTP/1.1\r\nHost: a\r\n\r\n", kLine},
           RefusalCase{"TwoBlanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", kLine},
           RefusalCase{"BlankBefore", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", kLine},
           RefusalCase{"ControlInTarget", "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", kLine},
           RefusalCase{"HighByteInTarget", "GET /\xC3\xA9 HTTP/1.1\r\nHost: a\r\n\r\n", kLine},
           RefusalCase{"MethodIsNoToken", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", kLine},
           RefusalCase{"NoLineEnd", "GET / HTTP/1.1", {400, "a line does not end in CR LF"}}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    HeaderLines, RefusedHeadTest,
    Values(RefusalCase{"NoColon", Request("Accept\r\n"), kHeader},
           RefusalCase{"NoName", Request(": x\r\n"), kHeader},
           RefusalCase{"BlankBeforeTheColon", Request("Accept : x\r\n"), kHeader},
           RefusalCase{"ContinuedLine", Request("A: x\r\n y\r\n"), kHeader},
           RefusalCase{"Nul", Request(std::string("A: x\0y\r\n", 8)), kControl},
           RefusalCase{"CarriageReturn", Request("A: x\ry\r\n"), kControl},
           RefusalCase{"NoHost", "GET / HTTP/1.1\r\n\r\n", kHost},
           RefusalCase{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", kHost}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Framing, RefusedHeadTest,
    Values(RefusalCase{"LengthEmpty", Request("Content-Length:\r\n"), kLength},
           RefusalCase{"LengthSigned", Request("Content-Length: +1\r\n"), kLength},
           RefusalCase{"LengthNegative", Request("Content-Length: -1\r\n"), kLength},
           RefusalCase{"LengthHexadecimal", Request("Content-Length: 0x1\r\n"), kLength},
           RefusalCase{"LengthList", Request("Content-Length: 1, 1\r\n"), kLength},
           RefusalCase{"LengthTwice", Request("Content-Length: 1\r\nContent-Length: 1\r\n"),
                       kLength},
           RefusalCase{"LengthTooLarge", Request("Content-Length: 1073741825\r\n"), kLarge},
           RefusalCase{"LengthAbove64Bits", Request("Content-Length: 99999999999999999999\r\n"),
                       kLarge},
           RefusalCase{"LengthAndChunked",
                       Request("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), kBoth},
           RefusalCase{"LengthAndUnknownCoding",
                       Request("Transfer-Encoding: x\r\nContent-Length: 1\r\n"), kBoth},
           RefusalCase{"UnknownCoding", Request("Transfer-Encoding: gzip, chunked\r\n"), kCoding},
           RefusalCase{"ChunkedTwice",
                       Request("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
                       kCoding},
           RefusalCase{"ChunkedInHttp10",
                       "PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
                       {400, "Transfer-Encoding needs HTTP/1.1"}},
           RefusalCase{"UnknownExpectation",
                       Request("Expect: more\r\n"),
                       {417, "the only known expectation is 100-continue"}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(HeadScannerTest, FindsTheEndHoweverTheHeadIsCut) {
  const std::string head = Request("A: b\r\n");
  const std::string input = head + "body\r\n\r\n";
  for (std::size_t cut = 0; cut < head.size(); ++cut) {
    HeadScanner scanner;
    EXPECT_EQ(scanner.Scan(input.substr(0, cut)), std::nullopt) << cut;
    EXPECT_EQ(scanner.Scan(input), head.size()) << cut;
  }
}

TEST(HeadScannerTest, SkipsEmptyLinesBeforeTheRequest) {
  const std::string head = "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n";
  HeadScanner scanner;
  EXPECT_EQ(scanner.Scan(head), head.size());
  EXPECT_TRUE(ParseHead(head).has_value());
}

Refusal ScanRefusal(std::string_view input) {
  HeadScanner scanner;
  const auto scanned = scanner.Scan(input);
  return scanned.has_value() ? Refusal{0, "not refused"} : scanned.error();
}

TEST(HeadScannerTest, RefusesABareLineFeed) {
  EXPECT_EQ(ScanRefusal("GET / HTTP/1.1\nHost: a\n\n"),
            (Refusal{400, "a line does not end in CR LF"}));
}

TEST(HeadScannerTest, BoundsTheRequestLine) {
  const std::string line = "GET /" + std::string(kMaxRequestLine - 14, 'x') + " HTTP/1.1";
  ASSERT_EQ(line.size(), kMaxRequestLine);
  const std::string rest = "\r\nHost: a\r\n\r\n";
  HeadScanner scanner;
  EXPECT_EQ(scanner.Scan(line + rest), line.size() + rest.size());
  const Refusal too_long{414, "the request line is longer than 8190 bytes"};
  EXPECT_EQ(ScanRefusal("x" + line + rest), too_long);
  EXPECT_EQ(ScanRefusal(std::string(kMaxRequestLine + 2, 'x')), too_long);
}

TEST(HeadScannerTest, BoundsTheHead) {
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  const std::string fits = start + std::string(kMaxHeadBytes - start.size() - 4, 'x') + "\r\n\r\n";
  ASSERT_EQ(fits.size(), kMaxHeadBytes);
  HeadScanner scanner;
  EXPECT_EQ(scanner.Scan(fits), kMaxHeadBytes);
  const Refusal too_large{431, "the request's head is larger than 64 KiB"};
  EXPECT_EQ(ScanRefusal(start + "x" + fits.substr(start.size())), too_large);
  EXPECT_EQ(ScanRefusal(start + std::string(kMaxHeadBytes, 'x')), too_large);
}

TEST(HeadScannerTest, BoundsTheHeaderLines) {
  std::string head = "GET / HTTP/1.1\r\n";
  for (std::size_t i = 0; i < kMaxHeaderLines; ++i) head += "A: b\r\n";
  HeadScanner scanner;
  EXPECT_EQ(scanner.Scan(head + "\r\n"), head.size() + 2);
  EXPECT_EQ(ScanRefusal(head + "A: b\r\n\r\n"),
            (Refusal{431, "there are more than 256 header lines"}));
}

}  // namespace
}  // namespace pullproof::mockregistry::wire
