#include "conformance/client/in_process_transport.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/conformance/client/served.h"

namespace pullproof::conformance::client {
namespace {

namespace transport = resolver::transport;
using std::chrono::seconds;

// What one exchange came to.
struct Seen {
  Result<transport::Response> result;
  std::string body;
  std::size_t pieces = 0;
};

class InProcessTransportTest : public ::testing::Test {
 protected:
  void Serve(std::string_view more) {
    served_ = std::make_unique<Served>(ImageFixture(more));
    transport_ = std::make_unique<InProcessTransport>(served_->registry(), served_->clock());
  }

  [[nodiscard]] std::string Layer() const {
    return "/v2/lib/app/blobs/" +
           served_->registry().scenario().content.DigestOfName("layer")->ToString();
  }

  Seen Get(const std::string& path, std::string method = "GET", oci::Headers headers = {}) {
    transport::Request request;
    request.method = std::move(method);
    request.url = path.starts_with('/') ? "http://" + served_->registry().Authority() + path : path;
    request.headers = std::move(headers);
    Seen seen;
    const transport::Receiver receiver{
        .on_response = [](const transport::Response&) -> Result<void> { return {}; },
        .on_body = [&](std::string_view bytes) -> Result<void> {
          seen.body += bytes;
          ++seen.pieces;
          return {};
        }};
    seen.result = transport_->Exchange(request, receiver);
    return seen;
  }

  [[nodiscard]] mockregistry::journal::Entry LastEntry() {
    return served_->registry().journal().Snapshot().back();
  }

  std::unique_ptr<Served> served_;
  std::unique_ptr<InProcessTransport> transport_;
};

TEST_F(InProcessTransportTest, BringsTheHonestAnswer) {
  Serve("");
  const Seen seen = Get(Layer());
  ASSERT_TRUE(seen.result.has_value()) << Describe(seen.result.error());
  EXPECT_EQ(seen.result->status, 200);
  const std::uint64_t size =
      served_->registry().scenario().content.FindBlob("layer")->bytes->size();
  EXPECT_EQ(seen.result->headers.Find("Content-Length"), std::to_string(size));
  EXPECT_TRUE(seen.result->headers.Has("Date"));
  EXPECT_EQ(seen.body.size(), size);
  EXPECT_GT(seen.pieces, 5U) << "in pieces, as from a socket";
  EXPECT_EQ(LastEntry().ending, "complete");
  EXPECT_EQ(LastEntry().body_sent, size);
  EXPECT_EQ(LastEntry().request_headers.Find("Host"), served_->registry().Authority());
}

TEST_F(InProcessTransportTest, AHeadHasItsLengthAndNoBody) {
  Serve("");
  const Seen seen = Get(Layer(), "HEAD");
  ASSERT_TRUE(seen.result.has_value());
  EXPECT_NE(seen.result->headers.Find("Content-Length").value_or("0"), "0");
  EXPECT_EQ(seen.body, "");
  EXPECT_EQ(LastEntry().ending, "complete");
}

TEST_F(InProcessTransportTest, ARangeBringsItsPart) {
  Serve("");
  const Seen seen = Get(Layer(), "GET", {{"Range", "bytes=10-19"}});
  ASSERT_TRUE(seen.result.has_value());
  EXPECT_EQ(seen.result->status, 206);
  EXPECT_EQ(seen.body.size(), 10U);
}

// Each fault of a blob, and what libcurl makes of the same on a socket (CurlTransport's tests).
TEST_F(InProcessTransportTest, CarriesEachFaultOut) {
  struct Row {
    std::string effect;
    std::string error;  // empty: none
    std::uint64_t body;
    std::string ending;
    Duration waited;
  };
  constexpr std::uint64_t kWhole = ~std::uint64_t{0};
  const Row rows[] = {
      {R"(body = { cut = { at = 1000, end = "fin" } })",
       "transport.truncated",
       1000,
       "cut fin",
       {}},
      {R"(body = { cut = { at = 1000, end = "rst" } })", "transport.closed", 1000, "cut rst", {}},
      {R"(body = { cut = { at = 1000, end = "hang" } })", "transport.timeout", 1000, "hang",
       transport::Request().idle_timeout},
      {R"(body = { cut = { at = 1000, end = "tidy" } })", "", 1000, "complete", {}},
      {R"(body = { cut = { at = 0, end = "fin" } })", "transport.truncated", 0, "cut fin", {}},
      {R"(body = { length = "chunked", cut = { at = 1000, end = "fin" } })",
       "transport.truncated",
       1000,
       "cut fin",
       {}},
      {R"(body = { length = "omit", cut = { at = 1000, end = "fin" } })", "", 1000, "cut fin", {}},
      {R"(body = { length = "omit", cut = { at = 1000, end = "rst" } })",
       "transport.closed",
       1000,
       "cut rst",
       {}},
      {R"(body = { length = 500 })", "", 500, "complete", {}},
      {R"(conn = "close")", "transport.closed", 0, "cut fin", {}},
      {R"(conn = "reset")", "transport.closed", 0, "reset", {}},
      {R"(conn = "hang")", "transport.timeout", 0, "hang", transport::Request().idle_timeout},
      {R"(wait = "5s")", "", kWhole, "complete", seconds(5)},
      {R"(wait = "31s")", "transport.timeout", 0, "client gone", transport::Request().idle_timeout},
      {R"(status_line = "HTP/9.9 banana")", "transport.protocol", 0, "client gone", {}},
      {R"(status = 404)", "", kWhole, "complete", {}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.effect);
    Serve("[[rules]]\nid = \"fault\"\non = { op = \"blob.get\" }\ndo = { " + row.effect + " }\n");
    const Seen seen = Get(Layer());
    EXPECT_EQ(seen.result.has_value() ? "" : seen.result.error().id, row.error);
    if (row.body != kWhole) {
      EXPECT_EQ(seen.body.size(), row.body);
    }
    EXPECT_EQ(LastEntry().ending, row.ending);
    EXPECT_EQ(served_->clock().Now(), row.waited);
  }
}

TEST_F(InProcessTransportTest, ALengthThatIsTooLongEndsInTruncation) {
  Serve(
      "[[rules]]\nid = \"lie\"\non = { op = \"blob.get\" }\n"
      "do = { body = { length = 200000 } }\n");
  const Seen seen = Get(Layer());
  ASSERT_FALSE(seen.result.has_value());
  EXPECT_EQ(seen.result.error().id, "transport.truncated");
  EXPECT_EQ(seen.result.error().where, "http://" + served_->registry().Authority() + Layer());
}

TEST_F(InProcessTransportTest, ABadChunkComesInTheMiddle) {
  Serve(
      "[[rules]]\nid = \"bad\"\non = { op = \"blob.get\" }\n"
      "do = { body = { length = \"chunked\", chunk_error = true } }\n");
  const Seen seen = Get(Layer());
  ASSERT_FALSE(seen.result.has_value());
  EXPECT_EQ(seen.result.error().id, "transport.protocol");
  EXPECT_GT(seen.body.size(), 0U);
  EXPECT_EQ(LastEntry().ending, "cut fin");
}

TEST_F(InProcessTransportTest, AThrottledBodyTakesItsTime) {
  Serve(
      "[[rules]]\nid = \"slow\"\non = { op = \"blob.get\" }\n"
      "do = { body = { bytes_per_s = 10000 } }\n");
  const Seen seen = Get(Layer());
  ASSERT_TRUE(seen.result.has_value());
  const Duration took = served_->clock().Now();
  EXPECT_GE(took, seconds(9));
  EXPECT_LE(took, seconds(11));
}

TEST_F(InProcessTransportTest, TheReceiverMayRefuse) {
  Serve("");
  transport::Request request;
  request.url = "http://" + served_->registry().Authority() + Layer();
  const Result<transport::Response> refused = transport_->Exchange(
      request,
      {.on_response = [](const transport::Response&) -> Result<void> { return {}; },
       .on_body = [](std::string_view) -> Result<void> { return Fail("test.enough", "enough"); }});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().id, "test.enough");
  EXPECT_EQ(LastEntry().ending, "client gone");
}

TEST_F(InProcessTransportTest, OnlyItsOwnHostsAnswer) {
  Serve("");
  struct Row {
    std::string url;
    std::string id;
  };
  const Row rows[] = {
      {"http://elsewhere.localhost/v2/", "transport.connect"},
      {"https://registry.localhost/v2/", "transport.unsupported"},
      {"ftp://registry.localhost/", "transport.request"},
      {"http://user:pass@registry.localhost/v2/", "transport.request"},
  };
  for (const Row& row : rows) {
    const Seen seen = Get(row.url);
    ASSERT_FALSE(seen.result.has_value()) << row.url;
    EXPECT_EQ(seen.result.error().id, row.id);
  }
  const Seen broken = Get("/v2/", "GET", {{"Accept", "a\r\nEvil: 1"}});
  ASSERT_FALSE(broken.result.has_value());
  EXPECT_EQ(broken.result.error().id, "transport.request");
  EXPECT_EQ(served_->registry().journal().Snapshot().size(), 0U);
}

TEST_F(InProcessTransportTest, ConnectionsAreKeptUntilOneIsCut) {
  Serve(
      "[[rules]]\nid = \"cut\"\non = { op = \"blob.get\" }\npick = { nth = 2 }\n"
      "do = { body = { cut = { at = 10, end = \"fin\" } } }\n");
  for (int i = 0; i < 4; ++i) Get(Layer());
  std::vector<std::uint64_t> connections;
  for (const auto& entry : served_->registry().journal().Snapshot()) {
    connections.push_back(entry.connection);
  }
  EXPECT_THAT(connections, ::testing::ElementsAre(1, 1, 2, 2));
}

TEST_F(InProcessTransportTest, TheRawTargetArrives) {
  Serve("");
  Get("/v2/lib/../x/tags/list?n=2&last=a%2Fb#fragment");
  EXPECT_EQ(LastEntry().target, "/v2/lib/../x/tags/list?n=2&last=a%2Fb");
}

}  // namespace
}  // namespace pullproof::conformance::client
