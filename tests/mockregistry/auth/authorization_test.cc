#include "mockregistry/auth/authorization.h"

#include <gtest/gtest.h>

namespace pullproof::mockregistry::auth {
namespace {

struct ParseCase {
  const char* name;
  std::string_view value;
  std::string_view scheme;
  std::string_view credential;
};

class ParseAuthorizationTest : public testing::TestWithParam<ParseCase> {};

TEST_P(ParseAuthorizationTest, TakesSchemeAndCredentialApart) {
  const Authorization authorization = ParseAuthorization(GetParam().value);
  EXPECT_EQ(authorization.scheme, GetParam().scheme);
  EXPECT_EQ(authorization.credential, GetParam().credential);
}

INSTANTIATE_TEST_SUITE_P(
    Values, ParseAuthorizationTest,
    testing::Values(ParseCase{"Basic", "Basic YTpi", "Basic", "YTpi"},
                    ParseCase{"Bearer", "Bearer abc.def~+/=", "Bearer", "abc.def~+/="},
                    ParseCase{"SeveralBlanks", "  bearer \t  abc  ", "bearer", "abc"},
                    ParseCase{"SchemeAlone", "Bearer", "Bearer", ""},
                    ParseCase{"SchemeAndBlank", "Bearer ", "Bearer", ""},
                    ParseCase{"BlankInside", "Digest a=b, c=d", "Digest", "a=b, c=d"},
                    ParseCase{"Empty", "", "", ""}),
    [](const auto& test) { return test.param.name; });

TEST(AuthorizationTest, SchemesAreCaseInsensitive) {
  EXPECT_TRUE(ParseAuthorization("bEaReR x").Is("Bearer"));
  EXPECT_FALSE(ParseAuthorization("Bearerx x").Is("Bearer"));
  EXPECT_FALSE(ParseAuthorization("").Is("Basic"));
}

TEST(DecodeBasicTest, TheFirstColonEndsTheUser) {
  const auto pair = DecodeBasic("YWxpY2U6czM6Y3JldA==");  // alice:s3:cret
  ASSERT_TRUE(pair.has_value());
  EXPECT_EQ(pair->user, "alice");
  EXPECT_EQ(pair->password, "s3:cret");
}

TEST(DecodeBasicTest, BothPartsMayBeEmpty) {
  const auto pair = DecodeBasic("Og==");
  ASSERT_TRUE(pair.has_value());
  EXPECT_EQ(pair->user, "");
  EXPECT_EQ(pair->password, "");
}

TEST(DecodeBasicTest, RefusesWhatIsNoPair) {
  EXPECT_FALSE(DecodeBasic("YWxpY2U=").has_value());  // "alice", no colon
  EXPECT_FALSE(DecodeBasic("alice:s3cret").has_value());
  EXPECT_FALSE(DecodeBasic("").has_value());
}

}  // namespace
}  // namespace pullproof::mockregistry::auth
