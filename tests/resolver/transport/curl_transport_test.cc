#include "resolver/transport/curl_transport.h"

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resolver/transport/response_head.h"
#include "tests/resolver/transport/raw_server.h"

namespace pullproof::resolver::transport {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Outcome {
  Result<Response> response;
  std::string body;  // what arrived, also before an error
  int heads = 0;     // calls of on_response

  [[nodiscard]] std::string id() const { return response ? "ok" : response.error().id; }
};

Outcome Ask(Transport& transport, const Request& request) {
  Outcome outcome{.response = {}, .body = {}};
  outcome.response =
      transport.Exchange(request, {.on_response = [&](const Response&) -> Result<void> {
                                     ++outcome.heads;
                                     return {};
                                   },
                                   .on_body = [&](std::string_view bytes) -> Result<void> {
                                     outcome.body += bytes;
                                     return {};
                                   }});
  return outcome;
}

Outcome Get(std::string url) {
  CurlTransport transport;
  Request request;
  request.url = std::move(url);
  return Ask(transport, request);
}

// The outcome against a server that reads the request, sends these bytes and closes.
Outcome AfterAnswer(std::string_view bytes) {
  RawServer server([bytes](Peer& peer) {
    peer.ReadRequest();
    peer.Send(bytes);
  });
  return Get(server.Url("/v2/"));
}

TEST(CurlTransport, GivesStatusHeadersAndBody) {
  const Outcome outcome =
      AfterAnswer("HTTP/1.1 203 Odd\r\nX-A: 1\r\nx-a:  2 \r\nContent-Length: 5\r\n\r\nhello");
  ASSERT_TRUE(outcome.response) << Describe(outcome.response.error());
  EXPECT_EQ(outcome.response->status, 203);
  EXPECT_THAT(outcome.response->headers.All("X-A"), testing::ElementsAre("1", "2"));
  EXPECT_EQ(outcome.body, "hello");
  EXPECT_EQ(outcome.heads, 1);
}

struct Framing {
  const char* name;
  std::string answer;
  const char* id;
  const char* body;
};

class CurlTransportFraming : public testing::TestWithParam<Framing> {};

TEST_P(CurlTransportFraming, IsChecked) {
  const Outcome outcome = AfterAnswer(GetParam().answer);
  EXPECT_EQ(outcome.id(), GetParam().id);
  EXPECT_EQ(outcome.body, GetParam().body);
}

const std::string kChunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

INSTANTIATE_TEST_SUITE_P(
    Table, CurlTransportFraming,
    testing::Values(
        Framing{"Chunked", kChunked + "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "ok", "hello"},
        Framing{"ChunkExtensionsAndTrailer",
                kChunked + "5;a=b;c=\"d\"\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n", "ok", "hello"},
        Framing{"CloseDelimited", "HTTP/1.0 200 OK\r\n\r\nhello", "ok", "hello"},
        Framing{"EmptyBody", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "ok", ""},
        Framing{"NoBodyAtAll", "HTTP/1.1 204 No Content\r\n\r\n", "ok", ""},
        Framing{"InterimAnswers",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                "ok", "ok"},
        Framing{"ChunkedWinsOverLength",
                "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n"
                "2\r\nok\r\n0\r\n\r\n",
                "ok", "ok"},
        Framing{"CompressedIsHandedOnAsItIs",
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nraw", "ok",
                "raw"},
        Framing{"LengthCut", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
                "transport.truncated", "hello"},
        Framing{"ChunkCut", kChunked + "a\r\nhello", "transport.truncated", "hello"},
        Framing{"LastChunkMissing", kChunked + "5\r\nhello\r\n", "transport.truncated", "hello"},
        Framing{"ChunkSizeIsJunk", kChunked + "zz\r\nhello\r\n", "transport.protocol", ""},
        Framing{"TwoLengths",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                "transport.protocol", ""},
        Framing{"NotHttp", "SSH-2.0-OpenSSH_9\r\n", "transport.protocol", ""},
        Framing{"HeaderCut", "HTTP/1.1 200 OK\r\nContent-Len", "transport.closed", ""},
        Framing{"NothingSent", "", "transport.closed", ""},
        Framing{"HugeLine", "HTTP/1.1 200 OK\r\nX: " + std::string(200'000, 'x') + "\r\n\r\n",
                "limit.header", ""}),
    [](const auto& row) { return row.param.name; });

TEST(CurlTransport, BoundsTheHeaderSection) {
  std::string answer = "HTTP/1.1 200 OK\r\n";
  for (std::size_t i = 0; i < kMaxHeaderBytes / 4; ++i) answer += "A: b\r\n";
  const Outcome outcome = AfterAnswer(answer + "\r\n");
  EXPECT_EQ(outcome.id(), "limit.header");
  EXPECT_EQ(outcome.heads, 0);
}

TEST(CurlTransport, AResetIsAClosedConnection) {
  for (const char* const sent : {"", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"}) {
    RawServer server([sent](Peer& peer) {
      peer.ReadRequest();
      peer.Send(sent);
      peer.Reset();
    });
    EXPECT_EQ(Get(server.Url("/")).id(), "transport.closed") << sent;
  }
}

TEST(CurlTransport, AnErrorNamesTheUrlWithoutItsQuery) {
  RawServer server([](Peer& peer) { peer.ReadRequest(); });
  EXPECT_EQ(Get(server.Url("/v2/a?signature=secret")).response.error().where, server.Url("/v2/a"));
}

TEST(CurlTransport, NobodyListening) {
  std::string url;
  {
    const RawServer server([](Peer&) {});
    url = server.Url("/");
  }
  EXPECT_EQ(Get(url).id(), "transport.connect");
}

TEST(CurlTransport, ANameThatCannotBe) {
  EXPECT_EQ(Get("http://" + std::string(70, 'x') + ".invalid/").id(), "transport.resolve");
}

// The request as it arrives, byte for byte.
std::string Recorded(Request request) {
  std::string recorded;
  RawServer server([&](Peer& peer) {
    recorded = peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  CurlTransport transport;
  request.url = server.Url(request.url);
  const Outcome outcome = Ask(transport, request);
  EXPECT_EQ(outcome.id(), "ok");
  const std::string host = fmt::format("127.0.0.1:{}", server.port());
  if (const std::size_t at = recorded.find(host); at != std::string::npos) {
    recorded.replace(at, host.size(), "HOST");
  }
  return recorded;
}

TEST(CurlTransport, SendsNothingOfItsOwn) {
  EXPECT_EQ(Recorded({.url = "/v2/"}), "GET /v2/ HTTP/1.1\r\nHost: HOST\r\n\r\n");
}

TEST(CurlTransport, SendsTheHeadersOfTheRequest) {
  EXPECT_EQ(Recorded({.url = "/v2/",
                      .headers = {{"Accept", "a/b, c/d"}, {"X-Empty", ""}, {"Range", "bytes=5-"}}}),
            "GET /v2/ HTTP/1.1\r\nHost: HOST\r\nAccept: a/b, c/d\r\nX-Empty:\r\n"
            "Range: bytes=5-\r\n\r\n");
}

TEST(CurlTransport, SendsMethodsAndBodies) {
  EXPECT_THAT(Recorded({.method = "HEAD", .url = "/h"}), StartsWith("HEAD /h HTTP/1.1\r\n"));
  EXPECT_THAT(Recorded({.method = "DELETE", .url = "/d"}),
              AllOf(StartsWith("DELETE /d HTTP/1.1\r\n"), Not(HasSubstr("Content-Length"))));
  EXPECT_EQ(Recorded({.method = "PUT", .url = "/p", .body = "hello"}),
            "PUT /p HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(Recorded({.method = "POST", .url = "/p"}),
            "POST /p HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0\r\n\r\n");
  // Larger than what libcurl would wait for a 100 Continue with.
  const std::string large(2 << 20, 'x');
  EXPECT_THAT(Recorded({.method = "PUT", .url = "/p", .body = large}),
              AllOf(Not(HasSubstr("Expect")), testing::EndsWith("\r\n\r\n" + large)));
}

TEST(CurlTransport, SendsTheTargetByteForByte) {
  for (const char* const target : {"/a/../b/./c", "/%2Fa%2fb%20+c", "/v2/?x=%7e&y=a+b&bare",
                                   "//twice//", "/a;b=c,d|e\"<>{}`^", "/?a?b=/../c", "/a?"}) {
    EXPECT_THAT(Recorded({.url = target}), StartsWith(fmt::format("GET {} HTTP/1.1\r\n", target)));
  }
}

struct Refused {
  const char* name;
  Request request;
};

class CurlTransportRefuses : public testing::TestWithParam<Refused> {};

TEST_P(CurlTransportRefuses, WithoutConnecting) {
  RawServer server(AlwaysAnswer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  CurlTransport transport;
  Request request = GetParam().request;
  if (request.url.starts_with('/')) request.url = server.Url(request.url);
  EXPECT_EQ(Ask(transport, request).id(), "transport.request");
  EXPECT_EQ(server.connections(), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Table, CurlTransportRefuses,
    testing::Values(Refused{"FileScheme", {.url = "file:///etc/passwd"}},
                    Refused{"NoScheme", {.url = "127.0.0.1/x"}}, Refused{"NoUrl", {.url = ""}},
                    Refused{"NoHost", {.url = "http:///x"}},
                    Refused{"User", {.url = "http://user:password@127.0.0.1:1/"}},
                    Refused{"LineBreakInUrl", {.url = "/a\r\nX-Evil: 1"}},
                    Refused{"BlankInUrl", {.url = "/a b"}},
                    Refused{"NotAscii", {.url = "/\xC3\xA9"}},
                    Refused{"LineBreakInValue", {.url = "/", .headers = {{"X", "a\r\nX-Evil: 1"}}}},
                    Refused{"LineBreakInName", {.url = "/", .headers = {{"X: a\r\nX-Evil", "1"}}}},
                    Refused{"NoName", {.url = "/", .headers = {{"", "1"}}}},
                    Refused{"LineBreakInMethod", {.method = "GET / HTTP/1.1\r\nX", .url = "/"}}),
    [](const auto& row) { return row.param.name; });

TEST(CurlTransport, AUserInTheUrlIsNotShown) {
  EXPECT_EQ(Get("http://user:password@127.0.0.1:1/x?y").response.error().where,
            "http://127.0.0.1:1/x");
}

TEST(CurlTransport, UsesAConnectionAgain) {
  RawServer server(AlwaysAnswer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  CurlTransport transport;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Ask(transport, {.url = server.Url(fmt::format("/{}", i))}).id(), "ok");
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(CurlTransport, KeepsAConnectionToEachOfTwoOrigins) {
  RawServer one(AlwaysAnswer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  RawServer two(AlwaysAnswer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  CurlTransport transport;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Ask(transport, {.url = one.Url("/")}).id(), "ok");
    EXPECT_EQ(Ask(transport, {.url = two.Url("/")}).id(), "ok");
  }
  EXPECT_EQ(one.connections() + two.connections(), 2);
}

TEST(CurlTransport, NothingOfOneRequestIsLeftForTheNext) {
  std::vector<std::string> recorded;
  RawServer server([&](Peer& peer) {
    while (true) {
      std::string request = peer.ReadRequest();
      if (request.empty()) return;
      recorded.push_back(std::move(request));
      peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
  });
  CurlTransport transport;
  const std::string url = server.Url("/");
  ASSERT_EQ(
      Ask(transport, {.method = "PUT", .url = url, .headers = {{"X", "1"}}, .body = "b"}).id(),
      "ok");
  ASSERT_EQ(Ask(transport, {.method = "HEAD", .url = url}).id(), "ok");
  ASSERT_EQ(Ask(transport, {.url = url}).id(), "ok");
  ASSERT_EQ(recorded.size(), 3U);
  EXPECT_THAT(recorded[1],
              AllOf(StartsWith("HEAD "), Not(HasSubstr("Content-")), Not(HasSubstr("X: "))));
  EXPECT_THAT(recorded[2], StartsWith("GET "));
}

TEST(CurlTransport, AskedAgainWhenAKeptConnectionWasClosed) {
  RawServer server([](Peer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  CurlTransport transport;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Ask(transport, {.url = server.Url("/")}).body, "ok");
  EXPECT_EQ(server.connections(), 3);
}

TEST(CurlTransport, ThreadsShareThePool) {
  constexpr int kThreads = 8;
  RawServer server(AlwaysAnswer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  CurlTransport transport;
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 25; ++j) {
        if (Ask(transport, {.url = server.Url("/")}).body == "ok") ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, kThreads * 25);
  EXPECT_LE(server.connections(), kThreads);
}

TEST(CurlTransport, SilenceBeforeTheAnswerTimesOut) {
  RawServer server([](Peer& peer) { peer.WaitForClose(); });
  CurlTransport transport;
  const Outcome outcome =
      Ask(transport, {.url = server.Url("/"), .idle_timeout = milliseconds(50)});
  EXPECT_EQ(outcome.id(), "transport.timeout");
  EXPECT_EQ(outcome.response.error().message, "nothing arrived for 50 ms");
}

TEST(CurlTransport, SilenceWithinTheBodyTimesOut) {
  RawServer server([](Peer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
    peer.WaitForClose();
  });
  CurlTransport transport;
  const Outcome outcome =
      Ask(transport, {.url = server.Url("/"), .idle_timeout = milliseconds(50)});
  EXPECT_EQ(outcome.id(), "transport.timeout");
  EXPECT_EQ(outcome.body, "hello");
}

// Neither a header nor a body may drip on for ever, however alive that keeps the connection.
TEST(CurlTransport, WhatDripsOnIsCutAtTheEndOfItsTime) {
  for (const char* start : {"HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\n\r\n"}) {
    RawServer server([start](Peer& peer) {
      peer.ReadRequest();
      peer.Send(start);
      for (int i = 0; i < 3000; ++i) {
        peer.WaitForClose(milliseconds(20));
        peer.Send("x");
      }
    });
    CurlTransport transport;
    const Outcome outcome =
        Ask(transport, {.url = server.Url("/"), .total_timeout = milliseconds(200)});
    EXPECT_EQ(outcome.id(), "transport.timeout");
    EXPECT_EQ(outcome.response.error().message, "not over after 200 ms");
  }
}

// Twenty pieces, each well within the idle time and all together above it. Real sockets know only
// real time, so this is the one test that has to let some pass.
TEST(CurlTransport, SlowIsNotDead) {
  RawServer server([](Peer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n");
    for (int i = 0; i < 20; ++i) {
      peer.WaitForClose(milliseconds(20));
      peer.Send("x");
    }
  });
  CurlTransport transport;
  const Outcome outcome =
      Ask(transport, {.url = server.Url("/"), .idle_timeout = milliseconds(300)});
  EXPECT_EQ(outcome.id(), "ok");
  EXPECT_EQ(outcome.body.size(), 20U);
}

TEST(CurlTransport, TheReceiversErrorIsTheResult) {
  RawServer server(AlwaysAnswer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  CurlTransport transport;
  const auto accept = [](const auto&) -> Result<void> { return {}; };
  const auto refuse = [](const auto&) -> Result<void> {
    return Fail("file.no-space", "full", "/x");
  };
  const Error full{"file.no-space", "full", "/x", ""};
  const Request request{.url = server.Url("/")};
  EXPECT_EQ(transport.Exchange(request, {.on_response = refuse, .on_body = accept}).error(), full);
  EXPECT_EQ(transport.Exchange(request, {.on_response = accept, .on_body = refuse}).error(), full);
  EXPECT_EQ(Ask(transport, request).body, "ok");
}

TEST(CurlTransport, TheReceiversExceptionPasses) {
  RawServer server(AlwaysAnswer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  CurlTransport transport;
  const Receiver receiver{
      .on_response = [](const Response&) -> Result<void> { throw std::length_error("x"); },
      .on_body = [](std::string_view) -> Result<void> { return {}; }};
  EXPECT_THROW((void)transport.Exchange({.url = server.Url("/")}, receiver), std::length_error);
  EXPECT_EQ(Ask(transport, {.url = server.Url("/")}).body, "ok");
}

TEST(CurlTransport, ClearTextOnATlsPortIsATlsError) {
  RawServer server([](Peer& peer) {
    peer.Send("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.WaitForClose();
  });
  EXPECT_EQ(Get(fmt::format("https://127.0.0.1:{}/", server.port())).id(), "transport.tls");
}

TEST(CurlTransport, AMissingAuthorityFileIsNotIgnored) {
  RawServer server([](Peer& peer) { peer.WaitForClose(); });
  CurlTransport transport(CurlOptions{.ca_file = "/does/not/exist.pem"});
  EXPECT_EQ(Ask(transport, {.url = fmt::format("https://127.0.0.1:{}/", server.port())}).id(),
            "transport.tls");
}

}  // namespace
}  // namespace pullproof::resolver::transport
