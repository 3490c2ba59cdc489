#include "mockregistry/auth/token_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mockregistry/api/route.h"

namespace pullproof::mockregistry::auth {
namespace {

api::Request Form(std::string body, std::string type = "application/x-www-form-urlencoded") {
  api::Request request;
  request.method = "POST";
  request.target = "/token";
  request.headers.Add("Content-Type", std::move(type));
  request.body = std::move(body);
  return request;
}

TEST(ReadTokenQueryTest, ReadsServiceScopesAndOfflineToken) {
  const auto read = ReadTokenQuery(api::ParseQuery(
      "service=mock.example&scope=repository%3Aa%3Apull&account=alice&offline_token=true&"
      "scope=repository:b:pull%20registry:catalog:*"));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->service, "mock.example");
  EXPECT_EQ(JoinScopes(read->scopes), "repository:a:pull repository:b:pull registry:catalog:*");
  EXPECT_TRUE(read->wants_refresh_token);
}

TEST(ReadTokenQueryTest, EverythingIsOptional) {
  const auto read = ReadTokenQuery({});
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->service, "");
  EXPECT_THAT(read->scopes, testing::IsEmpty());
  EXPECT_FALSE(read->wants_refresh_token);
}

TEST(ReadTokenQueryTest, RefusesBadScopes) {
  EXPECT_EQ(ReadTokenQuery({{"scope", "pull"}}).error().id, "auth.scope");
}

TEST(ReadTokenFormTest, ReadsAPasswordGrant) {
  const auto read = ReadTokenForm(
      Form("grant_type=password&username=alice&password=s3%2Bcret&client_id=me&service=mock.example"
           "&scope=repository:a:pull+repository:b:pull&access_type=offline"));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->grant_type, TokenRequest::GrantType::kPassword);
  EXPECT_EQ(read->user, "alice");
  EXPECT_EQ(read->password, "s3+cret");
  EXPECT_EQ(read->service, "mock.example");
  EXPECT_EQ(JoinScopes(read->scopes), "repository:a:pull repository:b:pull");
  EXPECT_TRUE(read->wants_refresh_token);
}

TEST(ReadTokenFormTest, ReadsARefreshTokenGrant) {
  const auto read = ReadTokenForm(Form("grant_type=refresh_token&refresh_token=abc&client_id=me",
                                       "application/x-www-form-urlencoded; charset=utf-8"));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->grant_type, TokenRequest::GrantType::kRefreshToken);
  EXPECT_EQ(read->refresh_token, "abc");
  EXPECT_FALSE(read->wants_refresh_token);
}

struct RefusalCase {
  const char* name;
  std::string body;
  std::string_view id;
  std::string_view message;
};

class FormRefusalTest : public testing::TestWithParam<RefusalCase> {};

TEST_P(FormRefusalTest, IsAnOAuthError) {
  const auto read = ReadTokenForm(Form(GetParam().body));
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().id, GetParam().id);
  EXPECT_EQ(read.error().message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, FormRefusalTest,
    testing::Values(RefusalCase{"Empty", "", "invalid_request", "`grant_type` is missing"},
                    RefusalCase{"NoUser", "grant_type=password&password=b&client_id=c",
                                "invalid_request", "`username` is missing"},
                    RefusalCase{"NoPassword", "grant_type=password&username=a&client_id=c",
                                "invalid_request", "`password` is missing"},
                    RefusalCase{"NoClient", "grant_type=password&username=a&password=b",
                                "invalid_request", "`client_id` is missing"},
                    RefusalCase{"NoRefreshToken", "grant_type=refresh_token&client_id=c",
                                "invalid_request", "`refresh_token` is missing"},
                    RefusalCase{"OtherGrant", "grant_type=client%01&client_id=c",
                                "unsupported_grant_type",
                                "grant_type is `client\\x01`, not password or refresh_token"},
                    RefusalCase{"BadScope",
                                "grant_type=refresh_token&refresh_token=t&client_id=c&scope=x",
                                "invalid_scope", "`x` is no scope"}),
    [](const auto& test) { return test.param.name; });

TEST(ReadTokenFormTest, RefusesOtherBodies) {
  EXPECT_EQ(ReadTokenForm(Form("{}", "application/json")).error().message,
            "the body is not application/x-www-form-urlencoded");
  api::Request untyped = Form("grant_type=password");
  untyped.headers.Remove("Content-Type");
  EXPECT_EQ(ReadTokenForm(untyped).error().id, "invalid_request");
}

TEST(ReadTokenFormTest, BoundsTheForm) {
  EXPECT_EQ(ReadTokenForm(Form(std::string(kMaxForm + 1, 'a'))).error().message,
            "a form of 65537 bytes");
  EXPECT_EQ(ReadTokenForm(Form(std::string(kMaxForm, 'a'))).error().message,
            "`grant_type` is missing");
}

}  // namespace
}  // namespace pullproof::mockregistry::auth
