#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/document.h"
#include "mockregistry/journal/journal.h"

namespace pullproof::mockregistry::journal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ToJsonTest, WritesEveryMemberOnOneLine) {
  const Entry entry{.number = 7,
                    .received = Duration(1'000),
                    .began = Duration(2'000),
                    .answered = Duration(2'500),
                    .connection = 3,
                    .host = "registry",
                    .method = "GET",
                    .target = "/v2/lib/app/manifests/v1",
                    .request_headers = {{"Host", "127.0.0.1:1"}, {"Authorization", "Bearer abc"}},
                    .request_body = "say \"hi\"\n",
                    .request_body_size = 9,
                    .operation = "manifest.get",
                    .repository = "lib/app",
                    .reference = "v1",
                    .name = "app",
                    .rules_asked = true,
                    .rule = "cut",
                    .mutation = {},
                    .status = 200,
                    .response_headers = {{"Set-Cookie", "letmein"}},
                    .body_size = 1'000,
                    .body_sent = 400,
                    .ending = "cut rst"};
  EXPECT_EQ(
      ToJson(entry),
      R"({"number":7,"received_ns":1000,"began_ns":2000,"answered_ns":2500,"connection":3,"host":"registry","via":"",)"
      R"("method":"GET","target":"/v2/lib/app/manifests/v1",)"
      R"("request_headers":[["Host","127.0.0.1:1"],)"
      R"(["Authorization","Bearer [sha256:ba7816bf]"]],)"
      R"("request_body":"say \"hi\"\n","request_body_size":9,"operation":"manifest.get",)"
      R"("repository":"lib/app","reference":"v1","name":"app","rules_asked":true,"rule":"cut","status":200,)"
      R"("response_headers":[["Set-Cookie","[sha256:1c8bfe8f]"]],"body_size":1000,)"
      R"("body_sent":400,"ending":"cut rst"})");
}

TEST(ToJsonTest, HidesTheSecretsOfAForm) {
  Entry entry;
  entry.request_headers = {{"content-type", "Application/x-www-form-urlencoded; charset=utf-8"}};
  entry.request_body = "password=letmein";
  EXPECT_THAT(ToJson(entry), HasSubstr(R"("request_body":"password=[sha256:1c8bfe8f]")"));
  EXPECT_THAT(ToJson(entry), Not(HasSubstr("letmein")));
}

TEST(ToJsonTest, WritesABinaryBodyInBase64) {
  Entry entry;
  entry.request_body.assign("\xFF\x00x", 3);
  EXPECT_THAT(ToJson(entry), HasSubstr(R"("request_body_base64":"/wB4")"));
}

TEST(ToJsonTest, IsJsonWhateverAHeaderHolds) {
  Entry entry;
  entry.request_headers = {{"X-Odd", "\xFF\xFE"}};
  EXPECT_THAT(ToJson(entry), HasSubstr(R"(["X-Odd","\\xff\\xfe"])"));
  EXPECT_TRUE(ParseJson(ToJson(entry), "entry").has_value());
}

}  // namespace
}  // namespace pullproof::mockregistry::journal
