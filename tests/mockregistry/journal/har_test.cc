#include "mockregistry/journal/har.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/document.h"

namespace pullproof::mockregistry::journal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

HarContext Context() {
  return {.origin = [](std::string_view host) { return "http://" + std::string(host) + ":1"; },
          .epoch = ManualClock().Wall(),
          .creator_version = "0.1.0"};
}

TEST(ToHarTest, WritesWhatTheFormatAsksFor) {
  const Entry entry{.number = 7,
                    .received = std::chrono::milliseconds(1'500),
                    .began = std::chrono::milliseconds(1'502),
                    .answered = std::chrono::milliseconds(1'510),
                    .connection = 3,
                    .host = "cdn",
                    .method = "GET",
                    .target = "/x?sig=letmein&n=a%20b",
                    .request_headers = {{"Authorization", "Bearer letmein"}},
                    .request_body = "",
                    .request_body_size = 0,
                    .operation = "blob.get",
                    .repository = "lib/app",
                    .reference = "sha256:ab",
                    .name = "layer",
                    .rules_asked = true,
                    .rule = "cut",
                    .mutation = {},
                    .status = 307,
                    .response_headers = {{"Location", "http://cdn:2/y?sig=letmein"},
                                         {"Content-Type", "text/plain"}},
                    .body_size = 10,
                    .body_sent = 4,
                    .ending = "cut rst"};
  EXPECT_EQ(
      ToHar(std::vector{entry}, Context()),
      R"({"log":{"version":"1.2","creator":{"name":"pullproof","version":"0.1.0"},"entries":[)"
      R"({"startedDateTime":"2026-01-01T00:00:01.500Z","time":10.000,)"
      R"("request":{"method":"GET","url":"http://cdn:1/x?sig=[sha256:1c8bfe8f]&n=a%20b",)"
      R"("httpVersion":"HTTP/1.1","cookies":[],)"
      R"("headers":[{"name":"Authorization","value":"Bearer [sha256:1c8bfe8f]"}],)"
      R"("queryString":[{"name":"sig","value":"[sha256:1c8bfe8f]"},{"name":"n","value":"a b"}],)"
      R"("headersSize":-1,"bodySize":0},)"
      R"("response":{"status":307,"statusText":"","httpVersion":"HTTP/1.1","cookies":[],)"
      R"("headers":[{"name":"Location","value":"http://cdn:2/y?sig=[sha256:1c8bfe8f]"},)"
      R"({"name":"Content-Type","value":"text/plain"}],)"
      R"("content":{"size":10,"mimeType":"text/plain"},)"
      R"("redirectURL":"http://cdn:2/y?sig=[sha256:1c8bfe8f]","headersSize":-1,"bodySize":4},)"
      R"("cache":{},"timings":{"send":0,"wait":2.000,"receive":8.000},"connection":"3",)"
      R"("_number":7,"_operation":"blob.get","_repository":"lib/app","_name":"layer",)"
      R"("_rule":"cut","_ending":"cut rst"}]}})");
}

TEST(ToHarTest, LeavesOutWhatIsUnderWayAndHidesForms) {
  Entry over;
  over.method = "POST";
  over.target = "/token";
  over.request_headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  over.request_body = "grant_type=password&password=letmein\xff";
  over.request_body_size = over.request_body.size();
  over.ending = "complete";
  Entry under_way;
  under_way.target = "/under-way";
  const std::string har = ToHar(std::vector{over, under_way}, Context());
  EXPECT_TRUE(ParseJson(har, "har"));
  EXPECT_THAT(har, HasSubstr("grant_type=password&password=[sha256:"));
  EXPECT_THAT(har, Not(HasSubstr("letmein")));
  EXPECT_THAT(har, Not(HasSubstr("under-way")));
}

}  // namespace
}  // namespace pullproof::mockregistry::journal
