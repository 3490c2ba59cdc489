// What clients send, well-formed and hostile, and what of it reaches the handler.
#include <stdexcept>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mockregistry/wire/limits.h"
#include "tests/mockregistry/wire/raw_client.h"
#include "tests/mockregistry/wire/wire_fixture.h"

namespace pullproof::mockregistry::wire {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

std::string Put(std::string_view lines, std::string_view body) {
  return fmt::format("PUT /v2/ HTTP/1.1\r\nHost: registry.test\r\n{}\r\n{}", lines, body);
}

class RequestTest : public WireFixture {
 protected:
  void SetUp() override { Serve(Answer("ok")); }

  // Sends it, with a second request behind it when it leaves the connection open.
  RawClient::Received Ask(std::string_view bytes) const {
    const RawClient client(port());
    EXPECT_TRUE(client.Send(bytes));
    return client.ReadToEnd();
  }
  // The answer on a connection that goes on.
  std::string AskOne(std::string_view bytes) const {
    const RawClient client(port());
    EXPECT_TRUE(client.Send(bytes));
    return client.ReadAnswer();
  }
  static std::string Refused(std::string_view status, std::string_view why) {
    return Head(status, "Content-Type: text/plain\r\n",
                fmt::format("Connection: close\r\nContent-Length: {}\r\n", why.size() + 1)) +
           std::string(why) + "\n";
  }
};

const std::string kOk = Head("200 OK", "", "Content-Length: 2\r\n") + "ok";

TEST_F(RequestTest, HeadersArriveInOrderAndRaw) {
  EXPECT_EQ(AskOne("DELETE /v2/a%2Fb?x=%41&y=a+b HTTP/1.1\r\nhOST: registry.test\r\n"
                   "X-Z: %41%2f\r\nAccept: a\r\nX-A:  padded \r\nAccept: b\r\nRange: bytes=x-y\r\n"
                   "\r\n"),
            kOk);
  ASSERT_EQ(requests().size(), 1U);
  const api::Request request = requests()[0];
  EXPECT_EQ(request.method, "DELETE");
  EXPECT_EQ(request.target, "/v2/a%2Fb?x=%41&y=a+b");
  EXPECT_THAT(request.headers.lines(),
              ElementsAre(Pair("hOST", "registry.test"), Pair("X-Z", "%41%2f"), Pair("Accept", "a"),
                          Pair("X-A", "padded"), Pair("Accept", "b"), Pair("Range", "bytes=x-y")));
  EXPECT_EQ(request.body, "");
  EXPECT_EQ(request.connection, 1U);
}

TEST_F(RequestTest, EveryMethodOfTheSpecIsServed) {
  for (const std::string_view method : {"GET", "PUT", "POST", "PATCH", "DELETE"}) {
    EXPECT_EQ(AskOne(fmt::format("{} / HTTP/1.1\r\nHost: a\r\n\r\n", method)), kOk) << method;
  }
}

TEST_F(RequestTest, ABodyIsReadByItsLength) {
  EXPECT_EQ(AskOne(Put("Content-Length: 5\r\n", "hello")), kOk);
  EXPECT_EQ(requests()[0].body, "hello");
}

TEST_F(RequestTest, ALargeBodyArrivesWhole) {
  std::string body(5'000'000, 'x');
  body.back() = 'y';
  EXPECT_EQ(AskOne(Put(fmt::format("Content-Length: {}\r\n", body.size()), body)), kOk);
  EXPECT_TRUE(requests()[0].body == body);
}

TEST_F(RequestTest, ABodyIsReadInChunks) {
  EXPECT_EQ(AskOne(Put("Transfer-Encoding: chunked\r\n", "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n")),
            kOk);
  EXPECT_EQ(requests()[0].body, "hello");
}

TEST_F(RequestTest, APostWithoutLengthIsAnsweredAtOnce) {
  EXPECT_EQ(AskOne("POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: a\r\n\r\n"), kOk);
  EXPECT_EQ(requests()[0].body, "");
}

TEST_F(RequestTest, AClientThatExpectsContinueIsToldToGoOn) {
  constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
  const RawClient client(port());
  ASSERT_TRUE(client.Send(Put("Content-Length: 5\r\nExpect: 100-continue\r\n", "")));
  ASSERT_EQ(client.Read(kGoOn.size()), kGoOn);
  EXPECT_TRUE(client.IsSilent());
  ASSERT_TRUE(client.Send("hello"));
  EXPECT_EQ(client.ReadAnswer(), kOk);
  EXPECT_EQ(requests()[0].body, "hello");
}

TEST_F(RequestTest, NobodyIsToldToGoOnWhoHasSentTheBody) {
  EXPECT_EQ(AskOne(Put("Content-Length: 5\r\nExpect: 100-continue\r\n", "hello")), kOk);
}

TEST_F(RequestTest, ATooLargeBodyIsRefusedBeforeItIsSent) {
  EXPECT_EQ(Ask(Put("Content-Length: 1073741825\r\nExpect: 100-continue\r\n", "")).bytes,
            Refused("413 Content Too Large", "the body is larger than 1 GiB"));
}

TEST_F(RequestTest, AHandlerMayTakeLessThanTheWire) {
  ServeHandler({.exchange = [](const api::Request&) { return Answer("ok"); }, .max_body = 4});
  constexpr std::string_view kWhy = "the body is larger than this server takes";
  const std::string refused = Refused("413 Content Too Large", kWhy);
  EXPECT_EQ(AskOne(Put("Content-Length: 4\r\n", "1234")), kOk);
  // Refused by what the head says: the body never comes.
  EXPECT_EQ(Ask(Put("Content-Length: 5\r\n", "")).bytes, refused);
  // And, in chunks, as soon as there is too much: the end never comes.
  EXPECT_EQ(Ask(Put("Transfer-Encoding: chunked\r\n", "3\r\n123\r\n2\r\n45")).bytes, refused);
  EXPECT_EQ(requests().size(), 1U);
}

TEST_F(RequestTest, AnAnswerThatRefusesIsNotLostToUnreadInput) {
  const RawClient client(port());
  ASSERT_TRUE(client.Send(Put("Content-Length: 1073741825\r\n", std::string(1'000'000, 'x'))));
  client.FinishSending();
  const RawClient::Received received = client.ReadToEnd();
  EXPECT_EQ(received.bytes, Refused("413 Content Too Large", "the body is larger than 1 GiB"));
  EXPECT_EQ(received.end, RawClient::End::kFin);
}

TEST_F(RequestTest, AClientThatLeavesInTheMiddleIsForgotten) {
  for (const std::string_view part :
       {"", "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel",
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"}) {
    const RawClient client(port());
    ASSERT_TRUE(client.Send(part));
    client.FinishSending();
    const RawClient::Received received = client.ReadToEnd();
    EXPECT_EQ(received.bytes, "") << part;
    EXPECT_EQ(received.end, RawClient::End::kFin) << part;
  }
  EXPECT_THAT(requests(), IsEmpty());
}

struct HostileCase {
  std::string_view name;
  std::string request;
  std::string_view status;
  std::string_view why;
};

class HostileRequestTest : public RequestTest, public ::testing::WithParamInterface<HostileCase> {};

// A second request stands behind each, which a server must not take for one.
TEST_P(HostileRequestTest, IsRefusedAndEndsTheConnection) {
  const RawClient::Received received = Ask(GetParam().request + Get("/smuggled"));
  EXPECT_EQ(received.bytes, Refused(GetParam().status, GetParam().why));
  EXPECT_EQ(received.end, RawClient::End::kFin);
  EXPECT_THAT(requests(), IsEmpty());
}

std::string ManyHeaders() {
  std::string lines;
  for (std::size_t i = 0; i < kMaxHeaderLines; ++i) lines += "A: b\r\n";
  return Get("/", lines);
}

constexpr std::string_view kBadRequest = "400 Bad Request";
constexpr std::string_view kBadSize = "a chunk's size is not a hexadecimal number";

INSTANTIATE_TEST_SUITE_P(
    Requests, HostileRequestTest,
    ::testing::Values(
        HostileCase{"Garbage", "\x16\x03\x01 is a TLS hello\r\n", kBadRequest,
                    "the request line is not METHOD TARGET VERSION"},
        HostileCase{"UnknownMethod", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", kBadRequest,
                    "the method, the target or the version is not HTTP's"},
        HostileCase{"UnknownVersion", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", kBadRequest,
                    "the method, the target or the version is not HTTP's"},
        HostileCase{"BareLineFeeds", "GET / HTTP/1.1\nHost: a\n\n", kBadRequest,
                    "a line does not end in CR LF"},
        HostileCase{"LongRequestLine",
                    "GET /" + std::string(kMaxRequestLine, 'x') + " HTTP/1.1\r\n",
                    "414 URI Too Long", "the request line is longer than 8190 bytes"},
        HostileCase{"LargeHead", Get("/", "A: " + std::string(kMaxHeadBytes, 'x') + "\r\n"),
                    "431 Request Header Fields Too Large",
                    "the request's head is larger than 64 KiB"},
        HostileCase{"ManyHeadersCve202552887", ManyHeaders(), "431 Request Header Fields Too Large",
                    "there are more than 256 header lines"},
        HostileCase{"LengthAndChunked",
                    Put("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
                    kBadRequest, "Content-Length and Transfer-Encoding exclude each other"},
        HostileCase{"TwoLengths", Put("Content-Length: 0\r\nContent-Length: 5\r\n", "hello"),
                    kBadRequest, "Content-Length is not one decimal number"},
        HostileCase{"NegativeChunkCve202645352", Put("Transfer-Encoding: chunked\r\n", "-2\r\nxx"),
                    kBadRequest, kBadSize},
        HostileCase{"EndlessChunkCve202546728",
                    Put("Transfer-Encoding: chunked\r\n", "ffffffff\r\nxx"),
                    "413 Content Too Large", "the body is larger than 1 GiB"},
        HostileCase{"LongChunkLineCve202553628",
                    Put("Transfer-Encoding: chunked\r\n", "2;" + std::string(kMaxChunkLine, 'x')),
                    kBadRequest, "a line between chunks is longer than 1024 bytes"},
        HostileCase{"UnknownCoding", Put("Transfer-Encoding: gzip\r\n", ""), "501 Not Implemented",
                    "the only known transfer coding is chunked"},
        HostileCase{"UnknownExpectation", Put("Expect: more\r\n", ""), "417 Expectation Failed",
                    "the only known expectation is 100-continue"}),
    [](const auto& test) { return std::string(test.param.name); });

// The security fixes that the library got after 0.11.4, where a request can show them.

TEST_F(RequestTest, Cve202566570PseudoHeadersAreOnlyWhatTheClientSent) {
  EXPECT_EQ(AskOne(Get("/", "REMOTE_ADDR: spoof\r\nLOCAL_PORT: 1\r\n")), kOk);
  EXPECT_THAT(requests()[0].headers.lines(),
              ElementsAre(Pair("Host", "registry.test"), Pair("REMOTE_ADDR", "spoof"),
                          Pair("LOCAL_PORT", "1")));
}

TEST_F(RequestTest, Cve202645372EncodedLineEndsStayInTheirValue) {
  EXPECT_EQ(AskOne(Get("/", "X-Test: a%2Fb%0d%0aEvil: 1\r\n")), kOk);
  EXPECT_THAT(requests()[0].headers.lines(),
              ElementsAre(Pair("Host", "registry.test"), Pair("X-Test", "a%2Fb%0d%0aEvil: 1")));
}

TEST_F(RequestTest, Cve202553629TrailersAreNotHeaders) {
  EXPECT_EQ(AskOne(Put("Transfer-Encoding: chunked\r\n", "0\r\nAuthorization: Basic eA==\r\n\r\n")),
            kOk);
  EXPECT_FALSE(requests()[0].headers.Has("Authorization"));
}

TEST_F(RequestTest, Cve202634441TheBodyOfAGetIsNotTheNextRequest) {
  constexpr std::string_view kSmuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  const RawClient client(port());
  ASSERT_TRUE(client.Send(Get("/first", fmt::format("Content-Length: {}\r\n", kSmuggled.size())) +
                          std::string(kSmuggled) + Get("/second")));
  EXPECT_EQ(client.ReadAnswer(), kOk);
  EXPECT_EQ(client.ReadAnswer(), kOk);
  ASSERT_EQ(requests().size(), 2U);
  EXPECT_EQ(requests()[0].body, kSmuggled);
  EXPECT_EQ(requests()[1].target, "/second");
}

TEST_F(RequestTest, Cve202622776AnEncodedBodyIsNotDecoded) {
  const std::string gzip("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x04\x00", 13);
  EXPECT_EQ(AskOne(Put("Content-Encoding: gzip\r\nContent-Length: 13\r\n", gzip)), kOk);
  EXPECT_EQ(requests()[0].body, gzip);
}

TEST_F(RequestTest, Cve202629076AMultipartBodyIsNotTakenApart) {
  constexpr std::string_view kBody = "--b\r\nContent-Disposition: form-data; filename*=x\r\n\r\n";
  EXPECT_EQ(AskOne(Put(fmt::format("Content-Type: multipart/form-data; boundary=b\r\n"
                                   "Content-Length: {}\r\n",
                                   kBody.size()),
                       kBody)),
            kOk);
  EXPECT_EQ(requests()[0].body, kBody);
}

TEST_F(RequestTest, Cve202628434AnExceptionDoesNotReachTheClient) {
  Serve([](const api::Request& /*request*/) -> script::Plan {
    throw std::runtime_error("secret path");
  });
  const RawClient::Received received = Ask(Get("/"));
  EXPECT_EQ(received.bytes, Refused("500 Internal Server Error", "the registry failed"));
  EXPECT_THAT(received.bytes, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace pullproof::mockregistry::wire
