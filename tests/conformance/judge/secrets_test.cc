// Secrets in places where they may not be.
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "conformance/judge/exchange.h"
#include "conformance/judge/judge.h"
#include "tests/conformance/judge/trial.h"

namespace pullproof::conformance::judge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kPassword = "correct horse/battery";
constexpr std::string_view kMayFire = "fired = { flip = \"0..\", limit = \"0..\" }\n";

Trial WithSecret(std::string_view expect = "") {
  Trial trial(std::string(kMayFire) + std::string(expect));
  trial.evidence().secrets = {{std::string(kPassword), "password", {"registry"}}};
  return trial;
}

struct LeakCase {
  std::string_view name;
  Trial::Asked asked;
  std::string_view where;
};

class FindsLeaks : public testing::TestWithParam<LeakCase> {};

TEST_P(FindsLeaks, AtOtherHosts) {
  Trial::Asked asked = GetParam().asked;
  asked.host = "cdn";
  Trial trial = WithSecret();
  const Judgement judgement = trial.Ask(asked).Judge();
  EXPECT_EQ(judgement.verdict, Verdict::kLeak);
  ASSERT_THAT(Ids(judgement), ElementsAre("leak"));
  EXPECT_EQ(judgement.findings[0].expected, "host `cdn` never sees the password");
  EXPECT_THAT(judgement.findings[0].seen, HasSubstr(GetParam().where));
  EXPECT_THAT(judgement.findings[0].seen, Not(HasSubstr(std::string(kPassword))));
}

TEST_P(FindsLeaks, NotAtTheHostThatKnowsIt) {
  Trial trial = WithSecret();
  EXPECT_THAT(Ids(trial.Ask(GetParam().asked).Judge()), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    All, FindsLeaks,
    testing::Values(
        LeakCase{"Query", {.target = "/v2/?p=correct%20horse%2fbattery"}, "its target"},
        LeakCase{"Path", {.target = "/v2/correct%20horse%2Fbattery/x"}, "its target"},
        LeakCase{
            "Header", {.headers = {{"X-Note", "is correct horse/battery"}}}, "its header X-Note"},
        LeakCase{"Basic",
                 {.headers = {{"Authorization",
                               "Basic " + Base64Encode("alice:correct horse/battery")}}},
                 "its header Authorization"},
        LeakCase{
            "BasicWithoutPadding",
            {.headers = {{"authorization",
                          "bAsIc " + Base64Encode("alice:correct horse/battery", Padding::kNone)}}},
            "its header authorization"},
        LeakCase{"Form",
                 {.body = "grant_type=password&password=correct%20horse%2Fbattery"},
                 "its body"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Secrets, MayBeBarredFromAHostThatKnowsThem) {
  Trial trial = WithSecret("no_secret_to = [\"registry\"]");
  EXPECT_THAT(Ids(trial.Ask({.target = "/correct horse/battery"}).Judge()), ElementsAre("leak"));
}

TEST(Secrets, OfNoLettersAreNotSearchedFor) {
  Trial trial(kMayFire);
  trial.evidence().secrets = {{"", "password", {}}};
  EXPECT_THAT(Ids(trial.Ask({}).Judge()), IsEmpty());
}

TEST(RedactJournal, LeavesNoSecretAnywhere) {
  Trial trial = WithSecret();
  trial.Ask({.target = "/v2/?p=correct%20horse%2Fbattery",
             .headers = {{"Authorization", "Basic YWxpY2U6eA=="},
                         {"Referer", "http://x/correct horse/battery"}}});
  const std::vector<Exchange> exchanges =
      RedactJournal(trial.evidence().journal, trial.evidence().secrets);
  ASSERT_EQ(exchanges.size(), 1U);
  EXPECT_EQ(exchanges[0].target, "/v2/?p=<password>");
  EXPECT_THAT(exchanges[0].request_headers[0].second, Not(HasSubstr("YWxpY2U6eA==")));
  EXPECT_THAT(exchanges[0].request_headers[0].second, HasSubstr("Basic"));
  EXPECT_EQ(exchanges[0].request_headers[1].second, "http://x/<password>");
}

TEST(DescribeExchange, IsOneSafeLineWithTheRuleMarked) {
  const Exchange exchange{.number = 3,
                          .host = "registry",
                          .method = "GET",
                          .target = "/v2/app/blobs/sha256:0\n",
                          .request_headers = {{"Range", "bytes=100-"}, {"Accept", "*/*"}},
                          .operation = "blob.get",
                          .name = "layer",
                          .rule = "cut",
                          .status = 200,
                          .response_headers = {},
                          .body_size = 65536,
                          .body_sent = 26112,
                          .ending = "cut rst"};
  EXPECT_EQ(DescribeExchange(exchange),
            "#3 GET registry /v2/app/blobs/sha256:0\\n (layer) [Range: bytes=100-] -> 200, 26112 "
            "of 65536 bytes, cut rst  <- rule `cut`");
}

}  // namespace
}  // namespace pullproof::conformance::judge
