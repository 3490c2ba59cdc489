// Trying again, through the whole client.
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resolver/registry_client/retry.h"
#include "tests/resolver/registry_client/client_fixture.h"

namespace pullproof::resolver::registry_client {
namespace {

class RetriesTest : public ClientTest {};

struct Transient {
  const char* name;
  Reply reply;
  const char* id;
};
class TransientTest : public ClientTest, public testing::WithParamInterface<Transient> {};

TEST_P(TransientTest, OnceIsForgiven) {
  transport_.On(kManifestUrl, {GetParam().reply, ServeManifest()});
  EXPECT_EQ(PullManifest(), "ok");
  EXPECT_GE(SecondsWaited(), 0.25);
  EXPECT_LT(SecondsWaited(), 0.5);
}

TEST_P(TransientTest, ForEverIsNot) {
  transport_.On(kManifestUrl, {GetParam().reply});
  const auto fetched = client_.GetManifest(Ref("registry.test/app:v1"));
  EXPECT_EQ(IdOf(fetched), GetParam().id);
  const bool nobody = IdOf(fetched) == "transport.connect";
  const bool silent = IdOf(fetched) == "transport.timeout";
  const int tries = nobody ? kMaxFirstContacts : silent ? kMaxSilences : kMaxTries;
  EXPECT_THAT(fetched.error().message, testing::EndsWith(fmt::format("(tried {} times)", tries)));
  EXPECT_EQ(transport_.requests().size(), static_cast<std::size_t>(tries));
  EXPECT_LT(SecondsWaited(), 7.5);
}

INSTANTIATE_TEST_SUITE_P(
    Table, TransientTest,
    testing::Values(Transient{"TooManyRequests", {.status = 429}, "registry.too-many-requests"},
                    Transient{"Status500", {.status = 500}, "registry.server-error"},
                    Transient{"Status502", {.status = 502}, "registry.server-error"},
                    Transient{"Status503", {.status = 503}, "registry.server-error"},
                    Transient{"Status504", {.status = 504}, "registry.server-error"},
                    Transient{"Refused", Fault("transport.connect"), "transport.connect"},
                    Transient{"Closed", Fault("transport.closed"), "transport.closed"},
                    Transient{"Silent", Fault("transport.timeout"), "transport.timeout"},
                    Transient{"Cut", Cut(ServeManifest(), 10), "transport.truncated"}),
    [](const auto& row) { return row.param.name; });

class PermanentTest : public ClientTest, public testing::WithParamInterface<const char*> {};

TEST_P(PermanentTest, IsNotTriedAgain) {
  transport_.On(kManifestUrl, {Fault(GetParam())});
  const auto fetched = client_.GetManifest(Ref("registry.test/app:v1"));
  EXPECT_EQ(IdOf(fetched), GetParam());
  EXPECT_EQ(transport_.requests().size(), 1U);
  EXPECT_EQ(fetched.error().where,
            GetParam() == std::string("limit.header") ? kManifestUrl : "registry.test/app:v1");
}

INSTANTIATE_TEST_SUITE_P(Table, PermanentTest,
                         testing::Values("transport.resolve", "transport.tls", "transport.protocol",
                                         "transport.request", "limit.header"));

// Answers at once, and then sends one byte every five seconds for ever.
class DripTransport final : public transport::Transport {
 public:
  DripTransport(ManualClock& clock, bool is_head_there)
      : clock_(clock), is_head_there_(is_head_there) {}
  Result<transport::Response> Exchange(const transport::Request& request,
                                       const transport::Receiver& receiver) override {
    ++exchanges;
    if (!is_head_there_) {  // the header drips: only the transport can see that
      clock_.Advance(request.total_timeout);
      return Fail("transport.timeout", "not over", request.url);
    }
    const transport::Response response{
        .status = 200, .headers = {{"Content-Type", std::string(oci::media::kImageManifest)}}};
    PULLPROOF_RETURN_IF_ERROR(receiver.on_response(response));
    while (true) {
      clock_.Advance(std::chrono::seconds(5));
      PULLPROOF_RETURN_IF_ERROR(receiver.on_body(" "));
    }
  }
  int exchanges = 0;

 private:
  ManualClock& clock_;
  bool is_head_there_;
};

TEST(Dripping, EndsWithTheTimeOfTheOperation) {
  for (const bool is_head_there : {true, false}) {
    ManualClock clock;
    DripTransport transport(clock, is_head_there);
    RegistryClient client(transport, clock, {.credentials = nullptr, .plain_http = {}});
    const auto fetched = client.GetManifest(Ref("registry.test/app:v1"));
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().id, "transport.timeout");
    EXPECT_EQ(transport.exchanges, 1);
    EXPECT_EQ(clock.Now(), kMaxOperationTime);
  }
}

TEST_F(RetriesTest, AFaultNamesItsUrl) {
  transport_.On(kManifestUrl, {Fault("transport.tls")});
  const auto fetched = client_.GetManifest(Ref("registry.test/app:v1"));
  EXPECT_EQ(fetched.error().message, std::string("as scripted (") + kManifestUrl + ")");
}

struct RetryAfter {
  const char* name;
  const char* value;
  double least;
  double most;
};
class RetryAfterTest : public ClientTest, public testing::WithParamInterface<RetryAfter> {};

TEST_P(RetryAfterTest, IsHonoured) {
  for (const int status : {429, 503}) {
    const double before = SecondsWaited();
    transport_.On(kManifestUrl, {{.status = status, .headers = {{"retry-after", GetParam().value}}},
                                 ServeManifest()});
    EXPECT_EQ(PullManifest(), "ok");
    EXPECT_GE(SecondsWaited() - before, GetParam().least);
    EXPECT_LE(SecondsWaited() - before, GetParam().most);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, RetryAfterTest,
    testing::Values(RetryAfter{"Seconds", "4", 4, 4}, RetryAfter{"AllThatIsBearable", "60", 60, 60},
                    RetryAfter{"Zero", "0", 0.25, 0.5}, RetryAfter{"Negative", "-5", 0.25, 0.5},
                    RetryAfter{"Garbage", "soon", 0.25, 0.5},
                    RetryAfter{"Past", "Sun, 06 Nov 1994 08:49:37 GMT", 0.25, 0.5}),
    [](const auto& row) { return row.param.name; });

TEST_F(RetriesTest, RetryAfterMayBeADate) {
  // The manual clock starts at 2026-01-01T00:00:00Z.
  transport_.On(kManifestUrl,
                {{.status = 429, .headers = {{"Retry-After", "Thu, 01 Jan 2026 00:00:04 GMT"}}},
                 ServeManifest()});
  EXPECT_EQ(PullManifest(), "ok");
  EXPECT_EQ(SecondsWaited(), 4);
}

TEST_F(RetriesTest, MorePatienceThanThereIs) {
  transport_.On(kManifestUrl, {{.status = 429, .headers = {{"Retry-After", "86400"}}}});
  const auto fetched = client_.GetManifest(Ref("registry.test/app:v1"));
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().id, "registry.too-many-requests");
  EXPECT_EQ(fetched.error().hint, "try again in 86400 s");
  EXPECT_EQ(transport_.requests().size(), 1U);
  EXPECT_EQ(SecondsWaited(), 0);
}

TEST_F(RetriesTest, AllWaitsTogetherAreBounded) {
  transport_.On(kManifestUrl, {{.status = 503, .headers = {{"Retry-After", "25"}}}});
  EXPECT_EQ(PullManifest(), "registry.server-error");
  EXPECT_EQ(SecondsWaited(), 50);
}

}  // namespace
}  // namespace pullproof::resolver::registry_client
