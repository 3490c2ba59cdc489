// Challenges, credentials and tokens through the whole client.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resolver/registry_client/check_login.h"
#include "resolver/registry_client/token.h"
#include "tests/resolver/registry_client/client_fixture.h"

namespace pullproof::resolver::registry_client {
namespace {

using testing::Each;
using testing::ElementsAre;

constexpr const char* kBasic = "Basic dXNlcjpwYXNz";  // user:pass
constexpr const char* kTokenUrl =
    "https://auth.test/token?service=svc&scope=repository%3Aapp%3Apull";

Reply Unauthorized(const std::string& challenge) {
  return {.status = 401, .headers = {{"WWW-Authenticate", challenge}}};
}
Reply AskForToken() {
  return Unauthorized(
      R"(Bearer realm="https://auth.test/token",service="svc",scope="repository:app:pull")");
}
Reply GiveToken(const std::string& token, const std::string& more = "") {
  return {.body = R"({"token":")" + token + '"' + more + "}"};
}

class AuthTest : public ClientTest {
 protected:
  AuthTest()
      : ClientTest({.credentials = {{"registry.test", {"user", "pass"}},
                                    {"other.test", {"other", "secret"}}},
                    .plain_http = {}}) {}
};
class AnonymousTest : public ClientTest {};

TEST_F(AuthTest, NothingIsSentBeforeAChallenge) {
  transport_.On(kManifestUrl, {ServeManifest()});
  EXPECT_EQ(PullManifest(), "ok");
  EXPECT_THAT(transport_.Sent("Authorization"), ElementsAre("-"));
}

TEST_F(AuthTest, Basic) {
  transport_.On(kManifestUrl, {Unauthorized(R"(Basic realm="x")"), ServeManifest()});
  EXPECT_EQ(PullManifest(), "ok");
  EXPECT_EQ(PullManifest(), "ok");
  // Known by then, and not asked for again.
  EXPECT_THAT(transport_.Sent("Authorization"), ElementsAre("-", kBasic, kBasic));
}

TEST_F(AuthTest, BasicRefused) {
  transport_.On(kManifestUrl, {Unauthorized(R"(Basic realm="x")")});
  const auto fetched = client_.GetManifest(Ref("registry.test/app:v1"));
  EXPECT_EQ(IdOf(fetched), "registry.unauthorized");
  EXPECT_EQ(transport_.requests().size(), 2U);
  EXPECT_EQ(PullManifest(), "registry.unauthorized");
  EXPECT_EQ(transport_.requests().size(), 3U);  // the same again would not help
}

TEST_F(AnonymousTest, BasicWithoutCredentials) {
  transport_.On(kManifestUrl, {Unauthorized(R"(Basic realm="x")")});
  const auto fetched = client_.GetManifest(Ref("registry.test/app:v1"));
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().id, "registry.unauthorized");
  EXPECT_EQ(fetched.error().hint, "give credentials for registry.test");
  EXPECT_EQ(transport_.requests().size(), 1U);
}

TEST_F(AuthTest, Bearer) {
  transport_.On(kManifestUrl, {AskForToken(), ServeManifest()});
  transport_.On(kTokenUrl, {GiveToken("abc.def~+/=")});
  EXPECT_EQ(PullManifest(), "ok");
  EXPECT_EQ(PullManifest(), "ok");
  EXPECT_THAT(transport_.Urls(), ElementsAre(kManifestUrl, kTokenUrl, kManifestUrl, kManifestUrl));
  EXPECT_THAT(transport_.Sent("Authorization"),
              ElementsAre("-", kBasic, "Bearer abc.def~+/=", "Bearer abc.def~+/="));
}

TEST_F(AnonymousTest, BearerWithoutCredentials) {
  transport_.On(kManifestUrl, {AskForToken(), ServeManifest()});
  transport_.On(kTokenUrl, {GiveToken("t")});
  EXPECT_EQ(PullManifest(), "ok");
  EXPECT_THAT(transport_.Sent("Authorization"), ElementsAre("-", "-", "Bearer t"));
}

TEST_F(AuthTest, CredentialsAreByRegistry) {
  transport_.On("https://registry.test:5000/v2/app/manifests/v1",
                {Unauthorized(R"(Basic realm="x")")});
  EXPECT_EQ(IdOf(client_.GetManifest(Ref("registry.test:5000/app:v1"))), "registry.unauthorized");
  EXPECT_THAT(transport_.Sent("Authorization"), ElementsAre("-"));
}

TEST_F(AuthTest, ATokenIsNotSentForAnotherRepository) {
  const std::string other = "https://registry.test/v2/other/manifests/v1";
  transport_.On(kManifestUrl, {AskForToken(), ServeManifest()});
  // The registry claims a scope that would serve for everything.
  transport_.On(other, {Unauthorized(R"(Bearer realm="https://auth.test/token",service="svc",)"
                                     R"(scope="registry:catalog:*")"),
                        ServeManifest()});
  transport_.On(kTokenUrl, {GiveToken("app")});
  transport_.On("https://auth.test/token?service=svc&scope=registry%3Acatalog%3A%2A",
                {GiveToken("wide")});
  EXPECT_EQ(PullManifest(), "ok");
  EXPECT_EQ(IdOf(client_.GetManifest(Ref("registry.test/other:v1"))), "ok");
  EXPECT_EQ(PullManifest(), "ok");
  EXPECT_THAT(transport_.Sent("Authorization"),
              ElementsAre("-", kBasic, "Bearer app", "-", kBasic, "Bearer wide", "Bearer app"));
}

TEST_F(AuthTest, AnExpiredTokenIsRenewedBeforeItIsSent) {
  transport_.On(kManifestUrl, {AskForToken(), ServeManifest()});
  transport_.On(kTokenUrl, {GiveToken("one"), GiveToken("two", R"(,"expires_in":300)")});
  EXPECT_EQ(PullManifest(), "ok");
  clock_.Advance(std::chrono::seconds(59));
  EXPECT_EQ(PullManifest(), "ok");
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(PullManifest(), "ok");
  clock_.Advance(std::chrono::seconds(299));
  EXPECT_EQ(PullManifest(), "ok");
  EXPECT_THAT(transport_.Sent("Authorization"), ElementsAre("-", kBasic, "Bearer one", "Bearer one",
                                                            kBasic, "Bearer two", "Bearer two"));
}

TEST_F(AuthTest, ARevokedTokenIsRenewedOnce) {
  transport_.On(kManifestUrl, {AskForToken(), ServeManifest(), AskForToken(), ServeManifest()});
  transport_.On(kTokenUrl, {GiveToken("one"), GiveToken("two")});
  EXPECT_EQ(PullManifest(), "ok");
  EXPECT_EQ(PullManifest(), "ok");
  EXPECT_THAT(transport_.Sent("Authorization"),
              ElementsAre("-", kBasic, "Bearer one", "Bearer one", kBasic, "Bearer two"));
}

TEST_F(AuthTest, ATokenThatIsNeverAcceptedEnds) {
  transport_.On(kManifestUrl, {AskForToken()});
  transport_.On(kTokenUrl, {GiveToken("one"), GiveToken("two"), GiveToken("three")});
  EXPECT_EQ(PullManifest(), "registry.unauthorized");
  EXPECT_THAT(transport_.Urls(), ElementsAre(kManifestUrl, kTokenUrl, kManifestUrl));
}

TEST_F(AuthTest, DeniedIsNotAChallenge) {
  Reply denied = AskForToken();
  denied.status = 403;
  transport_.On(kManifestUrl, {denied});
  EXPECT_EQ(PullManifest(), "registry.denied");
  EXPECT_EQ(transport_.requests().size(), 1U);
}

TEST_F(AuthTest, NoChallengeNoSecondRequest) {
  transport_.On(kManifestUrl, {{.status = 401}});
  EXPECT_EQ(PullManifest(), "registry.unauthorized");
  EXPECT_EQ(transport_.requests().size(), 1U);
}

TEST_F(AuthTest, ARealmThatIsNotAskedSeesNothing) {
  for (const char* realm : {"file:///etc/passwd", "http://auth.test/token", "/token", ""}) {
    transport_.On(kManifestUrl, {Unauthorized(fmt::format(R"(Bearer realm="{}")", realm))});
    EXPECT_EQ(PullManifest(), "auth.realm") << realm;
  }
  EXPECT_THAT(transport_.Urls(), Each(kManifestUrl));
  EXPECT_THAT(transport_.Sent("Authorization"), Each("-"));
}

struct Refused {
  const char* name;
  Reply reply;
  const char* id;
  std::size_t requests;  // of the token service
};
class TokenServiceTest : public AuthTest, public testing::WithParamInterface<Refused> {};

TEST_P(TokenServiceTest, Refuses) {
  transport_.On(kManifestUrl, {AskForToken()});
  transport_.On(kTokenUrl, {GetParam().reply});
  const auto fetched = client_.GetManifest(Ref("registry.test/app:v1"));
  EXPECT_EQ(IdOf(fetched), GetParam().id);
  EXPECT_EQ(transport_.requests().size(), 1 + GetParam().requests);
  EXPECT_EQ(fetched.error().where, "registry.test/app:v1");
}

INSTANTIATE_TEST_SUITE_P(
    Table, TokenServiceTest,
    testing::Values(Refused{"Unauthorized", AskForToken(), "registry.unauthorized", 1},
                    Refused{"Denied", {.status = 403}, "registry.denied", 1},
                    Refused{"NotFound", {.status = 404}, "registry.not-found", 1},
                    Refused{"Redirect",
                            {.status = 307, .headers = {{"Location", "https://evil.test/"}}},
                            "registry.status",
                            1},
                    Refused{"Page", {.body = "<html>"}, "auth.token", 1},
                    Refused{"EmptyToken", GiveToken(""), "auth.token", 1},
                    Refused{"LineBreakInToken", GiveToken(R"(a\r\nX-Evil: 1)"), "auth.token", 1},
                    Refused{
                        "Huge", {.body = std::string(kMaxTokenAnswer + 1, ' ')}, "auth.token", 1},
                    Refused{"Down", {.status = 500}, "registry.server-error", 5},
                    Refused{"Busy", {.status = 429}, "registry.too-many-requests", 5},
                    Refused{"Closed", Fault("transport.closed"), "transport.closed", 5}),
    [](const auto& row) { return row.param.name; });

TEST_F(AuthTest, ATokenServiceIsAskedAgainWhenItIsBusy) {
  transport_.On(kManifestUrl, {AskForToken(), ServeManifest()});
  transport_.On(kTokenUrl, {{.status = 429, .headers = {{"Retry-After", "4"}}}, GiveToken("t")});
  EXPECT_EQ(PullManifest(), "ok");
  EXPECT_EQ(SecondsWaited(), 4);
}

TEST_F(AuthTest, ABlobMayBeGuardedWhereManifestsAreNot) {
  const oci::Descriptor blob = DescriptorOf("hello");
  const std::string url = "https://registry.test/v2/app/blobs/" + blob.digest.ToString();
  transport_.On(kManifestUrl, {ServeManifest()});
  transport_.On(url, {AskForToken(), {.body = "hello"}});
  transport_.On(kTokenUrl, {GiveToken("t")});
  EXPECT_EQ(PullManifest(), "ok");
  EXPECT_EQ(client_.GetBlobBytes(Ref("registry.test/app:v1"), blob, 100), "hello");
  EXPECT_THAT(transport_.Sent("Authorization"), ElementsAre("-", "-", kBasic, "Bearer t"));
}

// A refresh token: where it goes, and what stands in for it.
class IdentityTokenTest : public ClientTest {
 protected:
  IdentityTokenTest()
      : ClientTest(Given{.credentials = {{"registry.test", {.identity_token = "id/ent"}}},
                         .plain_http = {}}) {
    transport_.On(kManifestUrl, {AskForToken(), ServeManifest()});
  }
  // "POST BODY" or "GET" of every request, with its Authorization.
  std::vector<std::string> Trace() {
    std::vector<std::string> trace;
    for (const transport::Request& request : transport_.requests()) {
      trace.push_back(fmt::format("{} {} {} {}", request.method, request.url,
                                  request.headers.Find("Authorization").value_or("-"),
                                  request.body));
    }
    return trace;
  }

  static constexpr const char* kRealm = "https://auth.test/token";
  static constexpr const char* kForm =
      "grant_type=refresh_token&client_id=pullproof&service=svc"
      "&scope=repository%3Aapp%3Apull&refresh_token=";
};

TEST_F(IdentityTokenTest, IsExchangedAtTheRealm) {
  transport_.On(kRealm, {{.body = R"({"access_token":"t"})"}});
  EXPECT_EQ(PullManifest(), "ok");
  EXPECT_THAT(Trace(), ElementsAre(fmt::format("GET {} - ", kManifestUrl),
                                   fmt::format("POST {} - {}id%2Fent", kRealm, kForm),
                                   fmt::format("GET {} Bearer t ", kManifestUrl)));
  EXPECT_EQ(transport_.requests()[1].headers.Find("Content-Type"),
            "application/x-www-form-urlencoded");
}

TEST_F(IdentityTokenTest, ANewOneIsUsedForTheNextToken) {
  transport_.On(kRealm, {{.body = R"({"access_token":"a","refresh_token":"next"})"},
                         {.body = R"({"access_token":"b"})"},
                         {.body = R"({"access_token":"c"})"}});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(PullManifest(), "ok");
    clock_.Advance(std::chrono::seconds(60));
  }
  const auto trace = Trace();
  ASSERT_EQ(trace.size(), 7U);
  EXPECT_EQ(trace[3], fmt::format("POST {} - {}next", kRealm, kForm));
  EXPECT_EQ(trace[5], fmt::format("POST {} - {}next", kRealm, kForm));
}

TEST_F(IdentityTokenTest, WithoutOAuthThereIsAGet) {
  for (const int status : {401, 404, 405}) {
    RegistryClient client(transport_, clock_, {.credentials = &credentials_, .plain_http = {}});
    transport_.On(kManifestUrl, {AskForToken(), ServeManifest()});
    transport_.On(kRealm, {{.status = status}});
    transport_.On(kTokenUrl, {GiveToken("t")});
    EXPECT_EQ(IdOf(client.GetManifest(Ref("registry.test/app:v1"))), "ok") << status;
  }
}

TEST_F(IdentityTokenTest, ARefusalIsAnErrorThatKeepsTheSecret) {
  transport_.On(kRealm, {{.status = 400, .body = "no such grant: id/ent"}});
  const auto fetched = client_.GetManifest(Ref("registry.test/app:v1"));
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().id, "registry.status");
  EXPECT_EQ(Describe(fetched.error()).find("id/ent"), std::string::npos);
}

TEST_F(IdentityTokenTest, IsNoPassword) {
  transport_.On(kManifestUrl, {Unauthorized(R"(Basic realm="x")")});
  EXPECT_EQ(PullManifest(), "registry.unauthorized");
  EXPECT_EQ(transport_.requests().size(), 1U);
}

class RegistryTokenTest : public ClientTest {
 protected:
  RegistryTokenTest()
      : ClientTest(Given{.credentials = {{"registry.test", {.registry_token = "rt"}}},
                         .plain_http = {}}) {}
};

TEST_F(RegistryTokenTest, IsSentAsItIs) {
  transport_.On(kManifestUrl, {AskForToken(), ServeManifest()});
  EXPECT_EQ(PullManifest(), "ok");
  EXPECT_THAT(transport_.Sent("Authorization"), ElementsAre("-", "Bearer rt"));
}

// Cannot say who anybody is.
class BrokenSource final : public credentials::Source {
 public:
  Result<std::optional<credentials::Credential>> Find(std::string_view /*registry*/,
                                                      std::string_view /*repository*/) override {
    ++asked;
    return Fail("credentials.helper", "the keychain is locked");
  }
  int asked = 0;
};

TEST(LazyCredentials, AreAskedForOnlyAfterAChallenge) {
  ScriptedTransport transport;
  ManualClock clock;
  BrokenSource source;
  RegistryClient client(transport, clock, {.credentials = &source, .plain_http = {}});
  const std::string url = "https://registry.test/v2/app/manifests/v1";
  transport.On(url, {ServeManifest(), AskForToken()});
  EXPECT_TRUE(client.GetManifest(Ref("registry.test/app:v1")));
  EXPECT_EQ(source.asked, 0);
  const auto fetched = client.GetManifest(Ref("registry.test/app:v1"));
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().id, "credentials.helper");
  EXPECT_EQ(source.asked, 1);
}

TEST(CheckLogin, TellsWhetherTheLoginIsGood) {
  const credentials::Credential login{.user = "user", .password = "pass"};
  const auto check = [&](std::vector<Reply> registry, std::vector<Reply> tokens) -> std::string {
    ScriptedTransport transport;
    ManualClock clock;
    transport.On("https://registry.test/v2/", std::move(registry));
    transport.On("https://auth.test/token?service=svc", std::move(tokens));
    const auto checked = CheckLogin(transport, clock, "registry.test", login, {});
    if (!checked) return checked.error().id;
    return *checked == LoginCheck::kAccepted ? "accepted" : "not asked";
  };
  const Reply bearer = Unauthorized(R"(Bearer realm="https://auth.test/token",service="svc")");
  const Reply basic = Unauthorized(R"(Basic realm="x")");
  EXPECT_EQ(check({bearer, {.body = "{}"}}, {GiveToken("t")}), "accepted");
  EXPECT_EQ(check({bearer}, {{.status = 401}}), "registry.unauthorized");
  EXPECT_EQ(check({basic, {.body = "{}"}}, {{}}), "accepted");
  EXPECT_EQ(check({basic}, {{}}), "registry.unauthorized");
  EXPECT_EQ(check({{.body = "{}"}}, {{}}), "not asked");
  EXPECT_EQ(check({{.status = 404}}, {{}}), "registry.not-found");
}

TEST(ParseRegistry, TakesHostsAndReferences) {
  const auto parse = [](const char* text) {
    const auto registry = ParseRegistry(text);
    return registry ? *registry : registry.error().id;
  };
  EXPECT_EQ(parse("registry.test"), "registry.test");
  EXPECT_EQ(parse("127.0.0.1:5000"), "127.0.0.1:5000");
  EXPECT_EQ(parse("localhost:5000"), "localhost:5000");
  EXPECT_EQ(parse("registry.test/app:v1"), "registry.test");
  EXPECT_EQ(parse("docker.io"), "docker.io");
  EXPECT_EQ(parse("index.docker.io"), "docker.io");
  EXPECT_EQ(parse("https://registry.test"), "reference.syntax");
  EXPECT_EQ(parse("plainname"), "reference.syntax");
  EXPECT_EQ(parse(""), "reference.syntax");
}

// Serves one blob to whoever has the token, and challenges all others.
class GuardedBlob final : public transport::Transport {
 public:
  explicit GuardedBlob(std::string blob) : blob_(std::move(blob)) {}

  Result<transport::Response> Exchange(const transport::Request& request,
                                       const transport::Receiver& receiver) override {
    Reply reply = AskForToken();
    if (request.url == kTokenUrl) {
      reply = GiveToken(fmt::format("t{}", ++tokens_));
    } else if (request.headers.Find("Authorization") == "Bearer t1") {
      reply = {.body = blob_};
    }
    const transport::Response response{.status = reply.status, .headers = reply.headers};
    PULLPROOF_RETURN_IF_ERROR(receiver.on_response(response));
    PULLPROOF_RETURN_IF_ERROR(receiver.on_body(reply.body));
    return response;
  }

  [[nodiscard]] int tokens() const { return tokens_; }

 private:
  const std::string blob_;
  std::atomic<int> tokens_ = 0;
};

TEST(AuthThreads, NeedingTheSameTokenAskForItOnce) {
  GuardedBlob transport("hello");
  ManualClock clock;
  RegistryClient client(transport, clock, {});
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto bytes = client.GetBlobBytes(Ref("registry.test/app"), DescriptorOf("hello"), 5);
      if (bytes == "hello") ++right;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 8);
  EXPECT_EQ(transport.tokens(), 1);
}

}  // namespace
}  // namespace pullproof::resolver::registry_client
