// TLS on the wire: certificates, handshakes good and bad, and how a connection ends.
#include "mockregistry/wire/tls.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mockregistry/content/byte_source.h"
#include "tests/mockregistry/wire/raw_client.h"
#include "tests/mockregistry/wire/tls_client.h"
#include "tests/mockregistry/wire/wire_fixture.h"

namespace pullproof::mockregistry::wire {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using End = TlsClient::Received::End;

class TlsTest : public WireFixture {
 protected:
  void SetUp() override {
    auto made = TestAuthority::Make();
    ASSERT_TRUE(made.has_value()) << Describe(made.error());
    authority_ = *std::move(made);
  }

  std::shared_ptr<const TlsIdentity> Issue(std::vector<std::string> names,
                                           Validity validity = Validity::kGood) {
    auto issued = authority_->Issue(names, validity);
    EXPECT_TRUE(issued.has_value());
    return issued ? *issued : nullptr;
  }

  // Before what its handlers use.
  void TearDown() override { Stop(); }

  // Serves TLS with that identity; without one it alerts.
  void ServeTls(std::shared_ptr<const TlsIdentity> identity, script::Plan plan) {
    ServeHandler({.exchange = [plan](const api::Request& /*request*/) { return plan; },
                  .greets =
                      [identity](std::uint64_t connection) {
                        return Greeting{
                            .identity = identity, .connection = connection, .rule = "r"};
                      },
                  .greeted =
                      [this](const Greeting& greeting, std::string_view ending) {
                        {
                          const std::lock_guard lock(mutex_);
                          endings_.push_back(fmt::format("{} {}", greeting.rule, ending));
                        }
                        changed_.notify_all();
                      }});
  }

  TlsClient::Trust Trusting(std::string name = "127.0.0.1") {
    return {.ca_pem = authority_->pem(), .name = std::move(name)};
  }
  // The endings, once there are that many; or those that there are after ten seconds.
  std::vector<std::string> Endings(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] { return endings_.size() >= count; });
    return endings_;
  }

  std::unique_ptr<TestAuthority> authority_;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> endings_;
};

TEST_F(TlsTest, AClientThatTrustsTheAuthorityIsServed) {
  ServeTls(Issue({"127.0.0.1"}), Answer("hello"));
  TlsClient client(port(), Trusting());
  ASSERT_TRUE(client.connected()) << client.failure();
  EXPECT_EQ(client.version(), "TLSv1.3");
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.Send(Get("/v2/")));
    EXPECT_THAT(client.ReadAnswer(), EndsWith("\r\n\r\nhello"));
  }
  EXPECT_THAT(Endings(1), ElementsAre("r tls complete"));
}

TEST_F(TlsTest, ACertificateIsForItsNamesAndForNoOthers) {
  ServeTls(Issue({"127.0.0.1", "::1", "a.localhost", "registry-1.docker.io"}), Answer(""));
  for (const char* name : {"127.0.0.1", "::1", "a.localhost", "registry-1.docker.io"}) {
    const TlsClient client(port(), Trusting(name));
    EXPECT_TRUE(client.connected()) << name << ": " << client.failure();
  }
  for (const char* name : {"127.0.0.2", "localhost", "b.a.localhost", "docker.io"}) {
    const TlsClient client(port(), Trusting(name));
    EXPECT_FALSE(client.connected()) << name;
    EXPECT_THAT(client.failure(), HasSubstr("mismatch")) << name;
  }
}

TEST_F(TlsTest, NobodyElseTrustsIt) {
  ServeTls(Issue({"127.0.0.1"}), Answer(""));
  const auto other = TestAuthority::Make();
  ASSERT_TRUE(other.has_value());
  const TlsClient client(port(), {.ca_pem = (*other)->pem()});
  EXPECT_FALSE(client.connected());
  EXPECT_THAT(client.failure(), HasSubstr("unable to get local issuer certificate"));
  EXPECT_THAT(Endings(1), ElementsAre("r tls failed"));
  EXPECT_THAT(requests(), IsEmpty());
}

TEST_F(TlsTest, AnExpiredCertificateIsOver) {
  ServeTls(Issue({"127.0.0.1"}, Validity::kExpired), Answer("hello"));
  const TlsClient careful(port(), Trusting());
  EXPECT_FALSE(careful.connected());
  EXPECT_EQ(careful.failure(), "certificate has expired");
  TlsClient careless(port(), {.ca_pem = "", .checks_certificate = false});
  ASSERT_TRUE(careless.connected());
  ASSERT_TRUE(careless.Send(Get("/")));
  EXPECT_THAT(careless.ReadAnswer(), EndsWith("hello"));
  EXPECT_THAT(Endings(2), ElementsAre("r tls failed", "r tls complete"));
}

TEST_F(TlsTest, AnAlertIsTheRecordOfRfc8446) {
  ServeTls(nullptr, Answer(""));
  const RawClient raw(port());
  ASSERT_TRUE(raw.Send("\x16\x03\x01"));
  const RawClient::Received received = raw.ReadToEnd();
  EXPECT_EQ(received.bytes, std::string_view("\x15\x03\x03\x00\x02\x02\x28", 7));
  EXPECT_EQ(received.end, RawClient::End::kFin);
  const TlsClient client(port(), Trusting());
  EXPECT_FALSE(client.connected());
  EXPECT_THAT(client.failure(), HasSubstr("handshake failure"));
  EXPECT_THAT(Endings(2), ElementsAre("r tls alert", "r tls alert"));
}

TEST_F(TlsTest, ClearTextAtATlsPortGetsNoAnswer) {
  ServeTls(Issue({"127.0.0.1"}), Answer("hello"));
  const RawClient client(port());
  ASSERT_TRUE(client.Send(Get("/")));
  EXPECT_THAT(client.ReadToEnd().bytes, testing::Not(HasSubstr("HTTP/1.1")));
  EXPECT_THAT(Endings(1), ElementsAre("r tls failed"));
  EXPECT_THAT(requests(), IsEmpty());
}

TEST_F(TlsTest, AConnectionWithoutAByteIsNoHandshake) {
  ServeTls(Issue({"127.0.0.1"}), Answer("hello"));
  {
    const RawClient probe(port());
    probe.FinishSending();
    EXPECT_EQ(probe.ReadToEnd().bytes, "");
  }
  EXPECT_THAT(Endings(0), IsEmpty());
}

TEST_F(TlsTest, SpeaksHttp11WhateverElseIsOffered) {
  ServeTls(Issue({"127.0.0.1"}), Answer(""));
  TlsClient::Trust trust = Trusting();
  trust.protocols = "h2,http/1.1";
  const TlsClient both(port(), trust);
  ASSERT_TRUE(both.connected()) << both.failure();
  EXPECT_EQ(both.protocol(), "http/1.1");
  trust.protocols = "h2";
  const TlsClient only_h2(port(), trust);
  ASSERT_TRUE(only_h2.connected()) << only_h2.failure();
  EXPECT_EQ(only_h2.protocol(), "");
}

TEST_F(TlsTest, AnAnswerThatEndsTheConnectionSaysGoodbyeAndACutDoesNot) {
  script::Plan whole = Answer("hello");
  whole.framing = script::Framing::kUntilClose;
  ServeTls(Issue({"127.0.0.1"}), whole);
  {
    TlsClient client(port(), Trusting());
    ASSERT_TRUE(client.Send(Get("/")));
    const TlsClient::Received received = client.ReadToEnd();
    EXPECT_THAT(received.bytes, EndsWith("hello"));
    EXPECT_EQ(received.end, End::kGoodbye);
  }
  for (const script::End end : {script::End::kFin, script::End::kRst}) {
    script::Plan cut = whole;
    cut.cut_at = 3;
    cut.cut_end = end;
    ServeTls(Issue({"127.0.0.1"}), cut);
    TlsClient client(port(), Trusting());
    ASSERT_TRUE(client.Send(Get("/")));
    const TlsClient::Received received = client.ReadToEnd();
    EXPECT_THAT(received.bytes, EndsWith("\r\n\r\nhel"));
    EXPECT_EQ(received.end, End::kCut);
  }
}

TEST_F(TlsTest, LargeBodiesGoBothWays) {
  constexpr std::size_t kSize = std::size_t{3} << 20;
  ServeTls(Issue({"127.0.0.1"}), Answer(std::string(kSize, 'd')));
  TlsClient client(port(), Trusting());
  ASSERT_TRUE(
      client.Send(fmt::format("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", kSize) +
                  std::string(kSize, 'u')));
  const std::string answer = client.ReadAnswer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(answer.substr(answer.size() - kSize), std::string(kSize, 'd'));
  ASSERT_EQ(requests().size(), 1U);
  EXPECT_EQ(requests()[0].body, std::string(kSize, 'u'));
}

TEST_F(TlsTest, PipelinedRequestsInOneRecordAreAllAnswered) {
  constexpr int kRequests = 50;
  ServeTls(Issue({"127.0.0.1"}), Answer("x"));
  std::string asked;
  for (int i = 0; i < kRequests; ++i) asked += Get("/");
  TlsClient client(port(), Trusting());
  ASSERT_TRUE(client.Send(asked));
  for (int i = 0; i < kRequests; ++i) ASSERT_THAT(client.ReadAnswer(), EndsWith("x")) << i;
}

TEST_F(TlsTest, AConnectionThatIsNotLetInIsReset) {
  ServeHandler({.exchange = [](const api::Request& /*request*/) { return Answer(""); },
                .admits = [](std::uint64_t connection) { return connection % 2 == 0; }});
  const RawClient first(port());
  const RawClient::Received refused = first.ReadToEnd();
  EXPECT_EQ(refused.bytes, "");
  EXPECT_EQ(refused.end, RawClient::End::kRst);
  const RawClient second(port());
  ASSERT_TRUE(second.Send(Get("/")));
  EXPECT_THAT(second.ReadAnswer(), StartsWith("HTTP/1.1 200"));
}

TEST_F(TlsTest, StoppingEndsAHandshakeThatDoesNotGoOn) {
  ServeTls(Issue({"127.0.0.1"}), Answer(""));
  const RawClient client(port());
  ASSERT_TRUE(client.Send("\x16\x03\x01\x01"));  // a record that never becomes whole
  Stop();
  EXPECT_NE(client.ReadToEnd().end, RawClient::End::kNone);
}

}  // namespace
}  // namespace pullproof::mockregistry::wire
