#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "mockregistry/journal/journal.h"

namespace pullproof::mockregistry::journal {
namespace {

struct HeaderCase {
  std::string_view name;
  std::string_view header;
  std::string_view value;
  std::string_view shown;
};

class RedactTest : public ::testing::TestWithParam<HeaderCase> {};

TEST_P(RedactTest, ShowsExactly) {
  EXPECT_EQ(Redact(GetParam().header, GetParam().value), GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(
    Headers, RedactTest,
    ::testing::Values(
        HeaderCase{"Bearer", "Authorization", "Bearer letmein", "Bearer [sha256:1c8bfe8f]"},
        HeaderCase{"OfAnyCase", "aUTHORIZATION", "bearer letmein", "bearer [sha256:1c8bfe8f]"},
        HeaderCase{"BlanksAfterTheSchemeDoNotCount", "Authorization", "Bearer   letmein",
                   "Bearer [sha256:1c8bfe8f]"},
        HeaderCase{"Basic", "Authorization", "Basic dXNlcjpwYXNz", "Basic [sha256:0e9d2206]"},
        HeaderCase{"Proxy", "Proxy-Authorization", "Basic dXNlcjpwYXNz", "Basic [sha256:0e9d2206]"},
        HeaderCase{"WithoutScheme", "Authorization", "letmein", "[sha256:1c8bfe8f]"},
        HeaderCase{"CookieIsSecretAsAWhole", "Cookie", "id=1; k=2", "[sha256:bb304f47]"},
        HeaderCase{"SetCookie", "Set-Cookie", "letmein", "[sha256:1c8bfe8f]"},
        HeaderCase{"SignedLocation", "Location", "http://127.0.0.1/x?X-Amz-Signature=letmein&n=1",
                   "http://127.0.0.1/x?X-Amz-Signature=[sha256:1c8bfe8f]&n=1"},
        HeaderCase{"SignedLink", "Link", R"(</v2/x?n=1&sig=letmein>; rel="next")",
                   R"(</v2/x?n=1&sig=[sha256:1c8bfe8f]>; rel="next")"},
        HeaderCase{"OthersStay", "Accept", "text/plain, */*", "text/plain, */*"}),
    [](const auto& test) { return std::string(test.param.name); });

struct FormCase {
  std::string_view name;
  std::string_view form;
  std::string_view shown;
};

class RedactFormTest : public ::testing::TestWithParam<FormCase> {};

TEST_P(RedactFormTest, ShowsExactly) { EXPECT_EQ(RedactForm(GetParam().form), GetParam().shown); }

INSTANTIATE_TEST_SUITE_P(
    Forms, RedactFormTest,
    ::testing::Values(
        FormCase{"Empty", "", ""},
        FormCase{"Password", "grant_type=password&username=u&password=letmein",
                 "grant_type=password&username=u&password=[sha256:1c8bfe8f]"},
        FormCase{"RefreshToken", "refresh_token=abc&service=s",
                 "refresh_token=[sha256:ba7816bf]&service=s"},
        FormCase{"EncodedValue", "code=a%26b&scope=x", "code=[sha256:d5ae2509]&scope=x"},
        FormCase{"EmptyFields", "&a=b&&", "&a=b&&"},
        FormCase{"AskingForAToken", "offline_token=true&account=u", "offline_token=true&account=u"},
        FormCase{"AzureSignature", "sv=1&sig=letmein", "sv=1&sig=[sha256:1c8bfe8f]"},
        FormCase{"AmazonToken", "x-amz-security-token=letmein",
                 "x-amz-security-token=[sha256:1c8bfe8f]"},
        FormCase{"EncodedName", "pass%77ord=letmein", "pass%77ord=[sha256:1c8bfe8f]"},
        FormCase{"BrokenEscapeInName", "pass%zz=1", "pass%zz=1"},
        FormCase{"NameWithoutValue", "password&a=b", "password&a=b"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(RedactTargetTest, LeavesWhatIsNoSecret) {
  EXPECT_EQ(RedactTarget("/v2/a/tags/list"), "/v2/a/tags/list");
  EXPECT_EQ(RedactTarget("/v2/a/tags/list?n=2&last=v1"), "/v2/a/tags/list?n=2&last=v1");
  EXPECT_EQ(RedactTarget("/x?code=letmein#frag?sig=1"), "/x?code=[sha256:1c8bfe8f]#frag?sig=1");
}

}  // namespace
}  // namespace pullproof::mockregistry::journal
