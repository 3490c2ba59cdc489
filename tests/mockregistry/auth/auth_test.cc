#include "mockregistry/auth/auth.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/document.h"
#include "base/text.h"
#include "mockregistry/content/byte_source.h"

namespace pullproof::mockregistry::auth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::uint64_t kSeed = 7;
constexpr std::string_view kManifest = "/v2/team/app/manifests/1.0";

std::string Origin(std::string_view host) { return "http://" + std::string(host) + ".localhost:1"; }

Policy Bearer() {
  Policy policy;
  policy.host = "registry";
  policy.scheme = Policy::Scheme::kBearer;
  policy.realm = "auth";
  policy.service = "mock.example";
  policy.users = {{"alice", "s3cret"}};
  return policy;
}

Policy Basic() {
  Policy policy;
  policy.host = "registry";
  policy.scheme = Policy::Scheme::kBasic;
  policy.users = {{"alice", "s3cret"}, {"bob", "hunter2"}};
  return policy;
}

std::string BasicHeader(std::string_view pair) { return "Basic " + Base64Encode(pair); }

// One authenticator, and what a client can say to it.
class Client {
 public:
  explicit Client(std::vector<Policy> policies)
      : authenticator_(std::move(policies), kSeed, Origin) {}

  std::optional<api::Response> Ask(std::string_view method, std::string_view target,
                                   std::string_view authorization = "",
                                   std::string_view host = "registry") {
    const api::Request request = Make(method, target, authorization, host);
    return authenticator_.Check(request, api::RouteOf(request.method, request.target));
  }

  api::Response GetToken(std::string_view query, std::string_view authorization = "",
                         const std::optional<TokenShape>& shape = std::nullopt,
                         std::string_view host = "auth") {
    const std::string target = "/token?" + std::string(query);
    const api::Request request = Make("GET", target, authorization, host);
    return authenticator_.Token(request, api::RouteOf("GET", target), shape);
  }

  api::Response PostToken(std::string body, const std::optional<TokenShape>& shape = std::nullopt,
                          std::string_view host = "auth") {
    api::Request request = Make("POST", "/token", "", host);
    request.headers.Add("Content-Type", "application/x-www-form-urlencoded");
    request.body = std::move(body);
    return authenticator_.Token(request, api::RouteOf("POST", "/token"), shape);
  }

  // "Bearer …" with a token for these scopes.
  std::string Login(std::string_view scopes) {
    const auto response = GetToken("service=mock.example&scope=" + PercentEncode(scopes),
                                   BasicHeader("alice:s3cret"));
    const Node body = ParseJson(content::ReadAll(*response.body), "answer").value();
    return "Bearer " + *body.Find("token")->string();
  }

  Authenticator& authenticator() { return authenticator_; }

 private:
  static api::Request Make(std::string_view method, std::string_view target,
                           std::string_view authorization, std::string_view host) {
    api::Request request;
    request.method = method;
    request.target = target;
    request.host = host;
    if (!authorization.empty()) request.headers.Add("authorization", std::string(authorization));
    return request;
  }

  Authenticator authenticator_;
};

std::string BodyOf(const api::Response& response) { return content::ReadAll(*response.body); }

std::string ChallengeOf(const std::optional<api::Response>& response) {
  if (!response) return "(let through)";
  EXPECT_EQ(response->status, 401);
  return response->headers.Find("WWW-Authenticate").value_or("(no challenge)");
}

// --- Basic --------------------------------------------------------------------------------------

TEST(BasicTest, ChallengesByServiceOrHost) {
  EXPECT_EQ(ChallengeOf(Client({Basic()}).Ask("GET", kManifest)), R"(Basic realm="registry")");
  Policy policy = Basic();
  policy.service = R"(the "mock")";
  EXPECT_EQ(ChallengeOf(Client({policy}).Ask("GET", kManifest)), R"(Basic realm="the \"mock\"")");
}

TEST(BasicTest, AnswersWithAnErrorBody) {
  const auto response = Client({Basic()}).Ask("GET", kManifest);
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 401);
  EXPECT_FALSE(response->head_only);
  EXPECT_EQ(BodyOf(*response),
            R"({"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]})");
}

TEST(BasicTest, AnswersHeadWithoutBody) {
  const auto response = Client({Basic()}).Ask("HEAD", kManifest);
  ASSERT_TRUE(response.has_value());
  EXPECT_TRUE(response->head_only);
}

struct BasicCase {
  const char* name;
  std::string authorization;
  bool passes;
};

class BasicCredentialsTest : public testing::TestWithParam<BasicCase> {};

TEST_P(BasicCredentialsTest, AreChecked) {
  Client client({Basic()});
  EXPECT_EQ(!client.Ask("GET", kManifest, GetParam().authorization).has_value(), GetParam().passes);
}

INSTANTIATE_TEST_SUITE_P(
    Headers, BasicCredentialsTest,
    testing::Values(BasicCase{"Right", BasicHeader("alice:s3cret"), true},
                    BasicCase{"OtherUser", BasicHeader("bob:hunter2"), true},
                    BasicCase{"LowerCase", "basic " + Base64Encode("alice:s3cret"), true},
                    BasicCase{"WrongPassword", BasicHeader("alice:hunter2"), false},
                    BasicCase{"NoPassword", BasicHeader("alice:"), false},
                    BasicCase{"UnknownUser", BasicHeader("eve:s3cret"), false},
                    BasicCase{"NoBase64", "Basic alice:s3cret", false},
                    BasicCase{"OtherScheme", "Bearer " + Base64Encode("alice:s3cret"), false},
                    BasicCase{"SchemeAlone", "Basic", false}),
    [](const auto& test) { return test.param.name; });

TEST(BasicTest, HostsWithoutPolicyAreOpen) {
  EXPECT_FALSE(Client({Basic()}).Ask("GET", kManifest, "", "cdn").has_value());
}

TEST(BasicTest, AnonymousActionsNeedNoCredentials) {
  Policy policy = Basic();
  policy.anonymous = {"pull"};
  Client client({policy});
  EXPECT_FALSE(client.Ask("GET", kManifest).has_value());
  EXPECT_FALSE(client.Ask("GET", "/v2/").has_value());
  EXPECT_TRUE(client.Ask("PUT", kManifest).has_value());
  EXPECT_TRUE(client.Ask("DELETE", kManifest).has_value());
  EXPECT_TRUE(client.Ask("GET", "/v2/_catalog").has_value());
  // Wrong credentials are worse than none.
  EXPECT_TRUE(client.Ask("GET", kManifest, BasicHeader("alice:wrong")).has_value());
}

TEST(BasicTest, WithoutAnonymousActionsEvenPingAsks) {
  EXPECT_TRUE(Client({Basic()}).Ask("GET", "/v2/").has_value());
}

// --- Bearer: challenges
// ---------------------------------------------------------------------------

struct ChallengeCase {
  const char* name;
  std::string_view method;
  std::string_view target;
  std::string_view scope;  // the parameter, with its comma
};

class BearerChallengeTest : public testing::TestWithParam<ChallengeCase> {};

TEST_P(BearerChallengeTest, NamesTheScopeOfTheRoute) {
  EXPECT_EQ(ChallengeOf(Client({Bearer()}).Ask(GetParam().method, GetParam().target)),
            R"(Bearer realm="http://auth.localhost:1/token",service="mock.example")" +
                std::string(GetParam().scope));
}

INSTANTIATE_TEST_SUITE_P(
    Routes, BearerChallengeTest,
    testing::Values(
        ChallengeCase{"Ping", "GET", "/v2/", ""},
        ChallengeCase{"Pull", "GET", kManifest, R"(,scope="repository:team/app:pull")"},
        ChallengeCase{"Push", "PUT", kManifest, R"(,scope="repository:team/app:pull,push")"},
        ChallengeCase{"Delete", "DELETE", kManifest, R"(,scope="repository:team/app:delete")"},
        ChallengeCase{"Catalog", "GET", "/v2/_catalog", R"(,scope="registry:catalog:*")"},
        ChallengeCase{"Mount", "POST", "/v2/a/blobs/uploads/?mount=sha256:0&from=b",
                      R"(,scope="repository:a:pull,push repository:b:pull")"},
        ChallengeCase{"Quote", "GET", R"(/v2/a"b/manifests/1)", R"(,scope="repository:a\"b:pull")"},
        ChallengeCase{"ControlCharacter", "GET", "/v2/a\rb/manifests/1", ""}),
    [](const auto& test) { return test.param.name; });

TEST(BearerTest, LeavesAnEmptyServiceOut) {
  Policy policy = Bearer();
  policy.service.clear();
  EXPECT_EQ(ChallengeOf(Client({policy}).Ask("GET", "/v2/")),
            R"(Bearer realm="http://auth.localhost:1/token")");
}

TEST(BearerTest, BasicCredentialsAreNotForTheRegistry) {
  EXPECT_EQ(ChallengeOf(Client({Bearer()}).Ask("GET", "/v2/", BasicHeader("alice:s3cret"))),
            R"(Bearer realm="http://auth.localhost:1/token",service="mock.example")");
}

TEST(BearerTest, UnknownTokensAreInvalid) {
  EXPECT_EQ(ChallengeOf(Client({Bearer()}).Ask("GET", kManifest, "Bearer nonsense")),
            R"(Bearer realm="http://auth.localhost:1/token",service="mock.example",)"
            R"(scope="repository:team/app:pull",error="invalid_token")");
  EXPECT_EQ(ChallengeOf(Client({Bearer()}).Ask("GET", "/v2/", "Bearer")),
            R"(Bearer realm="http://auth.localhost:1/token",service="mock.example",)"
            R"(error="invalid_token")");
}

TEST(BearerTest, TokenEndpointIsNeverRefused) {
  Policy policy = Bearer();
  policy.realm = "registry";
  Client client({policy});
  EXPECT_FALSE(client.Ask("GET", "/token?service=x").has_value());
  EXPECT_FALSE(client.Ask("POST", "/token").has_value());
}

// --- Bearer: tokens at the registry
// -----------------------------------------------------------------

TEST(BearerTest, ATokenOpensWhatItCovers) {
  Client client({Bearer()});
  const std::string token = client.Login("repository:team/app:pull");
  EXPECT_FALSE(client.Ask("GET", kManifest, token).has_value());
  EXPECT_FALSE(client.Ask("HEAD", "/v2/team/app/blobs/sha256:0", token).has_value());
  EXPECT_FALSE(client.Ask("GET", "/v2/", token).has_value());
  EXPECT_FALSE(client.Ask("GET", kManifest, "bEARER" + token.substr(6)).has_value());
}

TEST(BearerTest, InsufficientScopeIsChallengedWithTheScopeThatIsMissing) {
  Client client({Bearer()});
  const std::string token = client.Login("repository:team/app:pull");
  EXPECT_EQ(ChallengeOf(client.Ask("PUT", kManifest, token)),
            R"(Bearer realm="http://auth.localhost:1/token",service="mock.example",)"
            R"(scope="repository:team/app:pull,push",error="insufficient_scope")");
  EXPECT_EQ(ChallengeOf(client.Ask("GET", "/v2/other/manifests/1", token)),
            R"(Bearer realm="http://auth.localhost:1/token",service="mock.example",)"
            R"(scope="repository:other:pull",error="insufficient_scope")");
}

TEST(BearerTest, AMountNeedsBothRepositories) {
  Client client({Bearer()});
  constexpr std::string_view kMount = "/v2/a/blobs/uploads/?mount=sha256:0&from=b";
  EXPECT_TRUE(client.Ask("POST", kMount, client.Login("repository:a:pull,push")).has_value());
  EXPECT_FALSE(client.Ask("POST", kMount, client.Login("repository:a:pull,push repository:b:pull"))
                   .has_value());
}

TEST(BearerTest, UsesAreCounted) {
  Policy policy = Bearer();
  policy.token.valid_uses = 2;
  Client client({policy});
  const std::string token = client.Login("repository:team/app:pull");
  EXPECT_FALSE(client.Ask("GET", "/v2/", token).has_value());
  // A refusal is no use.
  EXPECT_TRUE(client.Ask("PUT", kManifest, token).has_value());
  EXPECT_FALSE(client.Ask("GET", kManifest, token).has_value());
  EXPECT_EQ(ChallengeOf(client.Ask("GET", kManifest, token)),
            R"(Bearer realm="http://auth.localhost:1/token",service="mock.example",)"
            R"(scope="repository:team/app:pull",error="invalid_token")");
  EXPECT_FALSE(client.Ask("GET", kManifest, client.Login("repository:team/app:pull")).has_value());
}

TEST(BearerTest, NoUsesMeansNeverAccepted) {
  Policy policy = Bearer();
  policy.token.valid_uses = 0;
  Client client({policy});
  EXPECT_TRUE(client.Ask("GET", "/v2/", client.Login("repository:a:pull")).has_value());
}

TEST(BearerTest, UsesAreExactUnderManyThreads) {
  constexpr int kUses = 100;
  constexpr int kThreads = 8;
  Policy policy = Bearer();
  policy.token.valid_uses = kUses;
  Client client({policy});
  const std::string token = client.Login("repository:team/app:pull");
  std::atomic<int> passed = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < kUses; ++n) passed += client.Ask("GET", kManifest, token) ? 0 : 1;
      });
    }
  }
  EXPECT_EQ(passed, kUses);
}

TEST(BearerTest, ATokenIsForOneRegistry) {
  Policy mirror = Bearer();
  mirror.host = "mirror";
  mirror.service = "mirror.example";
  Client client({Bearer(), mirror});
  const std::string token = client.Login("repository:team/app:pull");
  EXPECT_FALSE(client.Ask("GET", kManifest, token).has_value());
  EXPECT_EQ(ChallengeOf(client.Ask("GET", kManifest, token, "mirror")),
            R"(Bearer realm="http://auth.localhost:1/token",service="mirror.example",)"
            R"(scope="repository:team/app:pull",error="invalid_token")");
}

TEST(BearerTest, ResetForgetsTokens) {
  Client client({Bearer()});
  const std::string token = client.Login("repository:team/app:pull");
  client.authenticator().Reset();
  EXPECT_TRUE(client.Ask("GET", kManifest, token).has_value());
  EXPECT_EQ(client.Login("repository:team/app:pull"), token);  // repeatable
}

// --- The token endpoint: GET
// ------------------------------------------------------------------------

constexpr std::string_view kFirstToken =
    "7df43b50ae5d7e8e14ad8e36ff2c2af41d22cbb4e1ebbdc47b9c5cc782bedb2e";
constexpr std::string_view kFirstRefreshToken =
    "e2d8db3d9c667ce6afc07dded19765718f73184c737948dfb5d82d688b30d6d0";

TEST(TokenGetTest, AnswersInJsonThatMustNotBeStored) {
  Client client({Bearer()});
  const auto response =
      client.GetToken("service=mock.example&scope=repository:a:pull", BasicHeader("alice:s3cret"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.Find("Content-Type"), "application/json");
  EXPECT_EQ(response.headers.Find("Cache-Control"), "no-store");
  EXPECT_EQ(BodyOf(response), R"({"token":")" + std::string(kFirstToken) + R"("})");
}

struct ShapeCase {
  const char* name;
  TokenShape::Field field;
  std::string_view get;  // $ stands for the token
  std::string_view post;
};

class TokenShapeTest : public testing::TestWithParam<ShapeCase> {
 protected:
  static std::string Expected(std::string_view text) {
    std::string expected(text);
    for (std::size_t at = expected.find('$'); at != std::string::npos; at = expected.find('$')) {
      expected.replace(at, 1, kFirstToken);
    }
    return expected;
  }
};

TEST_P(TokenShapeTest, DecidesTheMembers) {
  TokenShape shape;
  shape.field = GetParam().field;
  shape.claims_expires_in = 300;
  EXPECT_EQ(BodyOf(Client({Bearer()})
                       .GetToken("scope=repository:a:pull", BasicHeader("alice:s3cret"), shape)),
            Expected(GetParam().get));
  EXPECT_EQ(BodyOf(Client({Bearer()})
                       .PostToken("grant_type=password&username=alice&password=s3cret&"
                                  "client_id=c&scope=repository:a:pull",
                                  shape)),
            Expected(GetParam().post));
}

INSTANTIATE_TEST_SUITE_P(
    Fields, TokenShapeTest,
    testing::Values(
        ShapeCase{"Token", TokenShape::Field::kToken, R"({"expires_in":300,"token":"$"})",
                  R"({"access_token":"$","expires_in":300,"scope":"repository:a:pull"})"},
        ShapeCase{"AccessToken", TokenShape::Field::kAccessToken,
                  R"({"access_token":"$","expires_in":300})",
                  R"({"access_token":"$","expires_in":300,"scope":"repository:a:pull"})"},
        ShapeCase{
            "Both", TokenShape::Field::kBoth,
            R"({"access_token":"$","expires_in":300,"token":"$"})",
            R"({"access_token":"$","expires_in":300,"scope":"repository:a:pull","token":"$"})"},
        ShapeCase{"None", TokenShape::Field::kNone, R"({"expires_in":300})",
                  R"({"expires_in":300,"scope":"repository:a:pull"})"}),
    [](const auto& test) { return test.param.name; });

TEST(TokenGetTest, OfflineTokenAddsARefreshToken) {
  Client client({Bearer()});
  EXPECT_EQ(BodyOf(client.GetToken("offline_token=true", BasicHeader("alice:s3cret"))),
            R"({"refresh_token":")" + std::string(kFirstRefreshToken) + R"(","token":")" +
                std::string(kFirstToken) + R"("})");
}

TEST(TokenGetTest, SeveralScopesAreGrantedTogether) {
  Client client({Bearer()});
  const auto response = client.GetToken("scope=repository:a:pull&scope=repository:b:pull",
                                        BasicHeader("alice:s3cret"));
  const std::string token =
      "Bearer " + *ParseJson(BodyOf(response), "").value().Find("token")->string();
  EXPECT_FALSE(client.Ask("GET", "/v2/a/manifests/1", token).has_value());
  EXPECT_FALSE(client.Ask("GET", "/v2/b/manifests/1", token).has_value());
  EXPECT_TRUE(client.Ask("GET", "/v2/c/manifests/1", token).has_value());
}

TEST(TokenGetTest, WrongCredentialsAreRefused) {
  Client client({Bearer()});
  for (const std::string& authorization :
       {BasicHeader("alice:wrong"), std::string("Basic !"), std::string("Negotiate x")}) {
    const auto response = client.GetToken("scope=repository:a:pull", authorization);
    EXPECT_EQ(ChallengeOf(response), R"(Basic realm="mock.example")") << authorization;
    EXPECT_EQ(BodyOf(response),
              R"({"errors":[{"code":"UNAUTHORIZED","message":"wrong user or password"}]})");
  }
}

TEST(TokenGetTest, ARegistrysTokenIsNoCredential) {
  Client client({Bearer()});
  const std::string token = client.Login("repository:a:pull");
  EXPECT_EQ(client.GetToken("scope=repository:a:pull", token).status, 401);
}

TEST(TokenGetTest, NobodyGetsATokenWhereNothingIsAnonymous) {
  Client client({Bearer()});
  EXPECT_EQ(ChallengeOf(client.GetToken("scope=repository:a:pull")),
            R"(Basic realm="mock.example")");
}

TEST(TokenGetTest, AnyoneGetsTheAnonymousPart) {
  Policy policy = Bearer();
  policy.anonymous = {"pull"};
  Client client({policy});
  const auto response =
      client.GetToken("scope=repository:a:pull,push&scope=registry:catalog:*&offline_token=true");
  EXPECT_EQ(response.status, 200);
  const Node body = ParseJson(BodyOf(response), "").value();
  EXPECT_EQ(body.Find("refresh_token"), nullptr);
  const std::string token = "Bearer " + *body.Find("token")->string();
  EXPECT_FALSE(client.Ask("GET", "/v2/a/manifests/1", token).has_value());
  EXPECT_TRUE(client.Ask("PUT", "/v2/a/manifests/1", token).has_value());
  EXPECT_TRUE(client.Ask("GET", "/v2/_catalog", token).has_value());
  // Without any token not even the anonymous part is open: that is how clients learn of the realm.
  EXPECT_TRUE(client.Ask("GET", "/v2/a/manifests/1").has_value());
}

TEST(TokenGetTest, RefusesBadScopesAndServices) {
  Client client({Bearer()});
  const auto bad_scope = client.GetToken("scope=pull", BasicHeader("alice:s3cret"));
  EXPECT_EQ(bad_scope.status, 400);
  EXPECT_EQ(BodyOf(bad_scope),
            R"({"errors":[{"code":"UNSUPPORTED","message":"`pull` is no scope"}]})");
  const auto bad_service = client.GetToken("service=other", BasicHeader("alice:s3cret"));
  EXPECT_EQ(bad_service.status, 400);
  EXPECT_EQ(BodyOf(bad_service),
            R"({"errors":[{"code":"UNSUPPORTED","message":"unknown service"}]})");
}

TEST(TokenGetTest, OtherHostsHaveNoTokenService) {
  Client client({Bearer(), Basic()});
  const auto response =
      client.GetToken("scope=repository:a:pull", BasicHeader("alice:s3cret"), {}, "registry");
  EXPECT_EQ(response.status, 404);
}

TEST(TokenGetTest, ServiceChoosesBetweenHostsOfOneRealm) {
  Policy open = Bearer();  // without a service of its own: takes what no other claims
  open.host = "open";
  open.service.clear();
  open.users = {{"carol", "pa55"}};
  Policy mirror = Bearer();
  mirror.host = "mirror";
  mirror.service = "mirror.example";
  mirror.users = {{"dave", "0pen"}};
  Client client({open, Bearer(), mirror});
  const auto status = [&client](std::string_view service, std::string_view pair) {
    return client.GetToken("service=" + std::string(service), BasicHeader(pair)).status;
  };
  EXPECT_EQ(status("mock.example", "alice:s3cret"), 200);
  EXPECT_EQ(status("mirror.example", "dave:0pen"), 200);
  EXPECT_EQ(status("mirror.example", "alice:s3cret"), 401);
  EXPECT_EQ(status("anything", "carol:pa55"), 200);
  EXPECT_EQ(status("", "carol:pa55"), 200);
}

// --- The token endpoint: POST
// -----------------------------------------------------------------------

TEST(TokenPostTest, PasswordThenRefreshToken) {
  Client client({Bearer()});
  const auto first = client.PostToken(
      "grant_type=password&username=alice&password=s3cret&client_id=c&service=mock.example&"
      "scope=repository:a:pull&access_type=offline");
  EXPECT_EQ(first.status, 200);
  const Node body = ParseJson(BodyOf(first), "").value();
  EXPECT_EQ(*body.Find("refresh_token")->string(), kFirstRefreshToken);

  const auto second =
      client.PostToken("grant_type=refresh_token&refresh_token=" + std::string(kFirstRefreshToken) +
                       "&client_id=c&scope=repository:b:pull");
  EXPECT_EQ(second.status, 200);
  const Node renewed = ParseJson(BodyOf(second), "").value();
  EXPECT_EQ(renewed.Find("refresh_token"), nullptr);
  EXPECT_EQ(*renewed.Find("scope")->string(), "repository:b:pull");
  const std::string token = "Bearer " + *renewed.Find("access_token")->string();
  EXPECT_FALSE(client.Ask("GET", "/v2/b/manifests/1", token).has_value());
}

struct PostCase {
  const char* name;
  std::string body;
  std::string_view answer;
};

class TokenPostRefusalTest : public testing::TestWithParam<PostCase> {};

TEST_P(TokenPostRefusalTest, IsAnOAuthError) {
  const auto response = Client({Bearer()}).PostToken(GetParam().body);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.headers.Find("Content-Type"), "application/json");
  EXPECT_EQ(BodyOf(response), GetParam().answer);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, TokenPostRefusalTest,
    testing::Values(
        PostCase{"NoGrantType", "client_id=c",
                 R"({"error":"invalid_request","error_description":"`grant_type` is missing"})"},
        PostCase{"WrongPassword", "grant_type=password&username=alice&password=x&client_id=c",
                 R"({"error":"invalid_grant","error_description":"wrong user or password"})"},
        PostCase{"UnknownRefreshToken", "grant_type=refresh_token&refresh_token=x&client_id=c",
                 R"({"error":"invalid_grant","error_description":"unknown refresh token"})"},
        PostCase{"UnknownService",
                 "grant_type=password&username=alice&password=s3cret&client_id=c&service=x",
                 R"({"error":"invalid_request","error_description":"unknown service"})"}),
    [](const auto& test) { return test.param.name; });

TEST(TokenPostTest, AnAccessTokenIsNoRefreshToken) {
  Client client({Bearer()});
  const std::string token = client.Login("repository:a:pull").substr(std::string("Bearer ").size());
  const auto response =
      client.PostToken("grant_type=refresh_token&client_id=c&refresh_token=" + token);
  EXPECT_EQ(response.status, 400);
}

TEST(TokenPostTest, ARefreshTokenIsForOneService) {
  Policy mirror = Bearer();
  mirror.host = "mirror";
  mirror.service = "mirror.example";
  Client client({Bearer(), mirror});
  client.GetToken("service=mock.example&offline_token=true", BasicHeader("alice:s3cret"));
  const std::string form =
      "grant_type=refresh_token&client_id=c&refresh_token=" + std::string(kFirstRefreshToken) +
      "&service=";
  EXPECT_EQ(client.PostToken(form + "mirror.example").status, 400);
  EXPECT_EQ(client.PostToken(form + "mock.example").status, 200);
}

// --- Secrets
// ------------------------------------------------------------------------------------------

std::vector<std::string> TextsOf(const std::vector<Secret>& secrets) {
  std::vector<std::string> texts;
  for (const Secret& secret : secrets) {
    std::string text = secret.kind + " " + secret.value + " ->";
    for (const std::string& host : secret.known_to) text += " " + host;
    texts.push_back(text);
  }
  return texts;
}

TEST(SecretsTest, PasswordsOfBasicAreTheHostsAlone) {
  Policy policy = Basic();
  policy.users = {{"alice", "s3cret"}};
  EXPECT_THAT(TextsOf(Client({policy}).authenticator().Secrets()),
              ElementsAre("password s3cret -> registry",
                          "user:password in base64 YWxpY2U6czNjcmV0 -> registry"));
}

TEST(SecretsTest, TokensAreKnownToTheRealmAndItsHosts) {
  Policy mirror = Bearer();
  mirror.host = "mirror";
  mirror.service = "mirror.example";
  mirror.users.clear();
  Policy own = Bearer();
  own.host = "own";
  own.realm = "own";
  own.users.clear();
  Client client({Bearer(), mirror, own});
  client.GetToken("service=mock.example&offline_token=true", BasicHeader("alice:s3cret"));
  EXPECT_THAT(
      TextsOf(client.authenticator().Secrets()),
      UnorderedElementsAre("password s3cret -> registry auth",
                           "user:password in base64 YWxpY2U6czNjcmV0 -> registry auth",
                           "token " + std::string(kFirstToken) + " -> auth registry mirror",
                           "refresh token " + std::string(kFirstRefreshToken) + " -> auth"));
  client.authenticator().Reset();
  EXPECT_EQ(client.authenticator().Secrets().size(), 2);
}

TEST(SecretsTest, WithoutPolicyThereAreNone) {
  EXPECT_THAT(Client({}).authenticator().Secrets(), IsEmpty());
}

}  // namespace
}  // namespace pullproof::mockregistry::auth
