#include "resolver/registry_client/token.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::resolver::registry_client {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

TEST(TokenRequest, EncodesWhatTheChallengeSays) {
  const TokenRequest request{.realm = *Url::Parse("https://auth.test/token?acct=1"),
                             .service = "svc&account=evil",
                             .scopes = {"repository:r/app:pull", "a b&scope=c"}};
  EXPECT_EQ(request.ToUrl().ToString(),
            "https://auth.test/token?acct=1&service=svc%26account%3Devil"
            "&scope=repository%3Ar%2Fapp%3Apull&scope=a%20b%26scope%3Dc");
}

TEST(TokenRequest, SendsNoEmptyService) {
  const TokenRequest request{
      .realm = *Url::Parse("https://auth.test/token"), .service = "", .scopes = {"s"}};
  EXPECT_EQ(request.ToUrl().ToString(), "https://auth.test/token?scope=s");
}

TEST(LeastScopes, TakesWhatIsAskedWithoutTheRightToWrite) {
  EXPECT_THAT(LeastScopes("repository:r/app:pull", "r/app"), ElementsAre("repository:r/app:pull"));
  EXPECT_THAT(LeastScopes("repository:r/app:push,pull,delete", "r/app"),
              ElementsAre("repository:r/app:pull"));
  EXPECT_THAT(LeastScopes(" repository:a:pull  repository:b:pull ", "a"),
              ElementsAre("repository:a:pull", "repository:b:pull"));
  EXPECT_THAT(LeastScopes("registry:catalog:*", "a"), ElementsAre("registry:catalog:*"));
  EXPECT_THAT(LeastScopes("repository:a:*", "a"), ElementsAre("repository:a:*"));
  EXPECT_THAT(LeastScopes("aws", "a"), ElementsAre("aws"));
  EXPECT_THAT(LeastScopes("", "r/app"), ElementsAre("repository:r/app:pull"));
}

struct Good {
  const char* name;
  const char* body;
  const char* token;
  seconds lifetime;
};
class ParseTokenTest : public testing::TestWithParam<Good> {};

TEST_P(ParseTokenTest, Reads) {
  const auto token = ParseToken(GetParam().body);
  ASSERT_TRUE(token) << Describe(token.error());
  EXPECT_EQ(token->value, GetParam().token);
  EXPECT_EQ(token->lifetime, GetParam().lifetime);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ParseTokenTest,
    testing::Values(Good{"Token", R"({"token":"t","expires_in":300})", "t", seconds(300)},
                    Good{"AccessToken", R"({"access_token":"a"})", "a", seconds(60)},
                    Good{"Both", R"({"access_token":"a","token":"t"})", "t", seconds(60)},
                    Good{"NullToken", R"({"token":null,"access_token":"a"})", "a", seconds(60)},
                    Good{"Opaque", R"({"token":"abc.def~+/=-_"})", "abc.def~+/=-_", seconds(60)},
                    Good{"ZeroLifetime", R"({"token":"t","expires_in":0})", "t", seconds(60)},
                    Good{"NegativeLifetime", R"({"token":"t","expires_in":-1})", "t", seconds(60)},
                    Good{"LifetimeInText", R"({"token":"t","expires_in":"300"})", "t", seconds(60)},
                    Good{"EndlessLifetime", R"({"token":"t","expires_in":9223372036854775807})",
                         "t", seconds(86400)}),
    [](const auto& row) { return row.param.name; });

TEST(ParseToken, RefusesWhatIsOfNoUse) {
  for (const std::string& body :
       {std::string("<html>"), std::string("[]"), std::string("{}"), std::string(R"({"token":""})"),
        std::string(R"({"token":1})"), std::string(R"({"token":"a b"})"),
        std::string(R"({"token":"a\r\nX-Evil: 1"})"), std::string(R"({"token":"é"})"),
        R"({"token":")" + std::string(kMaxToken + 1, 'x') + R"("})"}) {
    const auto token = ParseToken(body);
    ASSERT_FALSE(token) << body;
    EXPECT_EQ(token.error().id, "auth.token");
  }
}

struct WriteRow {
  const char* name;
  const char* challenged;
  const char* mount_from;
  std::vector<std::string> scopes;
};
class WriteScopesTest : public ::testing::TestWithParam<WriteRow> {};

TEST_P(WriteScopesTest, AsksForWhatWritingNeedsAndNoMore) {
  EXPECT_EQ(WriteScopes(GetParam().challenged, "a/b", "push", GetParam().mount_from),
            GetParam().scopes);
}

INSTANTIATE_TEST_SUITE_P(
    Table, WriteScopesTest,
    ::testing::Values(
        WriteRow{"NoScope", "", "", {"repository:a/b:pull,push"}},
        WriteRow{"PullOnly", "repository:a/b:pull", "", {"repository:a/b:pull,push"}},
        WriteRow{"Wider", "repository:a/b:push,delete", "", {"repository:a/b:pull,push,delete"}},
        WriteRow{"Mount", "", "c", {"repository:a/b:pull,push", "repository:c:pull"}},
        WriteRow{"MountKnown",
                 "repository:c:pull repository:a/b:pull,push",
                 "c",
                 {"repository:a/b:pull,push", "repository:c:pull"}},
        WriteRow{"OthersAreOnlyRead",
                 "repository:c:pull,push",
                 "",
                 {"repository:a/b:pull,push", "repository:c:pull"}}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace pullproof::resolver::registry_client
