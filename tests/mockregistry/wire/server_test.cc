// Connections over their lives, many at a time.
#include "mockregistry/wire/server.h"

#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/mockregistry/wire/raw_client.h"
#include "tests/mockregistry/wire/wire_fixture.h"

namespace pullproof::mockregistry::wire {
namespace {

using ::testing::Each;
using ::testing::SizeIs;

class ServerTest : public WireFixture {
 protected:
  // Answers with the target, so that an answer tells which request it belongs to.
  void ServeTargets(const std::string& address = "127.0.0.1") {
    Serve([](const api::Request& request) { return Answer(request.target); }, address);
  }
  static std::string AnswerTo(std::string_view target) {
    return Head("200 OK", "", fmt::format("Content-Length: {}\r\n", target.size())) +
           std::string(target);
  }
  std::set<std::uint64_t> ConnectionsSeen() {
    std::set<std::uint64_t> numbers;
    for (const api::Request& request : requests()) numbers.insert(request.connection);
    return numbers;
  }
};

TEST_F(ServerTest, RefusesWhatIsNotLoopback) {
  const auto started = Server::Start("0.0.0.0", 0, {}, clock_);
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().id, "registry.bind");
}

TEST_F(ServerTest, ServesIpv6) {
  ServeTargets("::1");
  const RawClient client(port(), "::1");
  ASSERT_TRUE(client.Send(Get("/v2/")));
  EXPECT_EQ(client.ReadAnswer(), AnswerTo("/v2/"));
}

TEST_F(ServerTest, KeepsAConnectionForManyRequests) {
  ServeTargets();
  const RawClient client(port());
  for (int i = 0; i < 50; ++i) {
    const std::string target = fmt::format("/{}", i);
    ASSERT_TRUE(client.Send(Get(target)));
    ASSERT_EQ(client.ReadAnswer(), AnswerTo(target));
  }
  EXPECT_THAT(ConnectionsSeen(), SizeIs(1));
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  constexpr int kRequests = 100;
  ServeTargets();
  std::string asked;
  std::string expected;
  for (int i = 0; i < kRequests; ++i) {
    const std::string target = fmt::format("/{}", i);
    asked += fmt::format("PUT {} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", target);
    expected += AnswerTo(target);
  }
  const RawClient client(port());
  ASSERT_TRUE(client.Send(asked));
  EXPECT_EQ(client.Read(expected.size()), expected);
  EXPECT_THAT(requests(), Each(::testing::Field(&api::Request::body, "abc")));
}

TEST_F(ServerTest, ARequestMayComeByteByByte) {
  ServeTargets();
  const RawClient client(port());
  for (const char byte : Get("/slow")) ASSERT_TRUE(client.Send(std::string(1, byte)));
  EXPECT_EQ(client.ReadAnswer(), AnswerTo("/slow"));
}

TEST_F(ServerTest, ClosesWhenTheClientAsksForIt) {
  ServeTargets();
  const RawClient client(port());
  ASSERT_TRUE(client.Send(Get("/", "Connection: close\r\n") + Get("/unread")));
  const RawClient::Received received = client.ReadToEnd();
  EXPECT_EQ(received.bytes, Head("200 OK", "", "Connection: close\r\nContent-Length: 1\r\n") + "/");
  EXPECT_EQ(received.end, RawClient::End::kFin);
}

TEST_F(ServerTest, IdleConnectionsStarveNobody) {
  constexpr int kIdle = 200;
  ServeTargets();
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < kIdle; ++i) {
    idle.push_back(std::make_unique<RawClient>(port()));
    ASSERT_TRUE(idle.back()->connected());
    // Half of them have had an answer, half have never asked.
    if (i % 2 == 0) continue;
    ASSERT_TRUE(idle.back()->Send(Get("/first")));
    ASSERT_EQ(idle.back()->ReadAnswer(), AnswerTo("/first"));
  }
  const RawClient late(port());
  ASSERT_TRUE(late.Send(Get("/late")));
  EXPECT_EQ(late.ReadAnswer(), AnswerTo("/late"));
  for (const auto& client : idle) {
    ASSERT_TRUE(client->Send(Get("/again")));
    ASSERT_EQ(client->ReadAnswer(), AnswerTo("/again"));
  }
}

TEST_F(ServerTest, HangingConnectionsStarveNobody) {
  constexpr int kHanging = 50;
  Serve([](const api::Request& request) {
    script::Plan plan = Answer(request.target);
    if (request.target == "/hang") plan.instead = script::End::kHang;
    return plan;
  });
  std::vector<std::unique_ptr<RawClient>> hanging;
  for (int i = 0; i < kHanging; ++i) {
    hanging.push_back(std::make_unique<RawClient>(port()));
    ASSERT_TRUE(hanging.back()->Send(Get("/hang")));
  }
  EXPECT_THAT(Completions(kHanging), SizeIs(kHanging));
  const RawClient late(port());
  ASSERT_TRUE(late.Send(Get("/late")));
  EXPECT_EQ(late.ReadAnswer(), AnswerTo("/late"));
  Stop();
  for (const auto& client : hanging) EXPECT_EQ(client->ReadToEnd().bytes, "");
}

TEST_F(ServerTest, StoppingClosesIdleConnections) {
  ServeTargets();
  const RawClient fresh(port());
  const RawClient used(port());
  ASSERT_TRUE(used.Send(Get("/")));
  ASSERT_EQ(used.ReadAnswer(), AnswerTo("/"));
  Stop();
  EXPECT_NE(fresh.ReadToEnd().end, RawClient::End::kNone);
  EXPECT_EQ(used.ReadToEnd().end, RawClient::End::kFin);
}

TEST_F(ServerTest, StoppingEndsARequestThatNeverBecomesWhole) {
  ServeTargets();
  const RawClient client(port());
  ASSERT_TRUE(client.Send(Get("/") + "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel"));
  ASSERT_EQ(client.ReadAnswer(), AnswerTo("/"));
  Stop();
  EXPECT_EQ(client.ReadToEnd().bytes, "");
}

TEST_F(ServerTest, APortIsFreeAfterTheStop) {
  ServeTargets();
  const std::uint16_t port_before = port();
  const RawClient client(port_before);
  ASSERT_TRUE(client.Send(Get("/")));
  ASSERT_EQ(client.ReadAnswer(), AnswerTo("/"));
  Stop();
  const auto again =
      Server::Start("127.0.0.1", port_before,
                    {[](const api::Request&) { return Answer("again"); },
                     [](const script::Plan&, std::uint64_t, std::string_view, Duration) {}},
                    clock_);
  ASSERT_TRUE(again.has_value()) << Describe(again.error());
  EXPECT_EQ((*again)->port(), port_before);
}

TEST_F(ServerTest, ManyClientsAtATimeGetTheirOwnAnswers) {
  constexpr int kClients = 8;
  constexpr int kRequests = 50;
  ServeTargets();
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < kClients; ++i) {
      clients.emplace_back([this, i] {
        const RawClient client(port());
        for (int n = 0; n < kRequests; ++n) {
          const std::string target = fmt::format("/{}/{}", i, n);
          ASSERT_TRUE(client.Send(Get(target)));
          ASSERT_EQ(client.ReadAnswer(), AnswerTo(target));
        }
      });
    }
  }
  EXPECT_THAT(Completions(kClients * kRequests), SizeIs(kClients * kRequests));
  EXPECT_THAT(ConnectionsSeen(), SizeIs(kClients));
}

}  // namespace
}  // namespace pullproof::mockregistry::wire
