// The judge as a whole: the client's own word, and how findings add up to a verdict.
#include "conformance/judge/judge.h"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/conformance/judge/trial.h"

namespace pullproof::conformance::judge {
namespace {

using client::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kMayFire = "fired = { flip = \"0..\", limit = \"0..\" }\n";

std::string Expecting(std::string_view more) { return std::string(kMayFire) + std::string(more); }

TEST(Judge, PassesWhatIsAsExpected) {
  const Judgement judgement = Trial(Expecting("result = \"ok\"")).Judge();
  EXPECT_EQ(judgement.verdict, Verdict::kPass);
  EXPECT_THAT(judgement.findings, IsEmpty());
  EXPECT_THAT(judgement.notes, IsEmpty());
}

struct ResultCase {
  std::string_view name;
  std::string_view wanted;
  Outcome outcome;
  Verdict verdict;
  std::vector<std::string> findings;
};

class JudgesTheResult : public testing::TestWithParam<ResultCase> {};

TEST_P(JudgesTheResult, ByOutcome) {
  Trial trial(Expecting(std::string("result = \"") + std::string(GetParam().wanted) + "\""));
  const Judgement judgement = trial.Comes(GetParam().outcome).Judge();
  EXPECT_EQ(judgement.verdict, GetParam().verdict);
  EXPECT_EQ(Ids(judgement), GetParam().findings);
}

INSTANTIATE_TEST_SUITE_P(
    All, JudgesTheResult,
    testing::Values(
        ResultCase{"OkAsWanted", "ok", Outcome::kOk, Verdict::kPass, {}},
        ResultCase{"FailedAsWanted", "fail", Outcome::kFailed, Verdict::kPass, {}},
        ResultCase{"AnyOk", "any", Outcome::kOk, Verdict::kPass, {}},
        ResultCase{"AnyFailed", "any", Outcome::kFailed, Verdict::kPass, {}},
        ResultCase{"FailedUnwanted", "ok", Outcome::kFailed, Verdict::kFail, {"result"}},
        ResultCase{"OkUnwanted", "fail", Outcome::kOk, Verdict::kFail, {"result"}},
        // A hang never passes a case that expects an error, nor does a crash.
        ResultCase{"HangWhereFailWanted", "fail", Outcome::kHung, Verdict::kHang, {"hang"}},
        ResultCase{"HangWhereAnyWanted", "any", Outcome::kHung, Verdict::kHang, {"hang"}},
        ResultCase{"CrashWhereFailWanted", "fail", Outcome::kCrashed, Verdict::kCrash, {"crash"}},
        ResultCase{"CrashWhereAnyWanted", "any", Outcome::kCrashed, Verdict::kCrash, {"crash"}},
        ResultCase{
            "Unsupported", "ok", Outcome::kUnsupported, Verdict::kUnsupported, {"unsupported"}},
        ResultCase{"BrokenAdapter", "fail", Outcome::kBroken, Verdict::kError, {"adapter"}}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Judge, QuotesTheLastLineOfWhatTheClientSaid) {
  Trial trial(Expecting("result = \"ok\""));
  trial.Comes(Outcome::kFailed, "", "downloading\nerror: \x1b[31mno such image\n\n");
  const Judgement judgement = trial.Judge();
  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].seen,
            "it failed with status 1, saying: error: \\x1b[31mno such image");
}

TEST(Judge, ComparesErrorClassesOnlyWhereTheClientHasThem) {
  const std::string expect =
      Expecting("result = \"fail\"\nerror = [\"digest_mismatch\", \"size_mismatch\"]");
  EXPECT_THAT(Ids(Trial(expect).Comes(Outcome::kFailed).Judge()), IsEmpty());
  EXPECT_THAT(Ids(Trial(expect).Comes(Outcome::kFailed, "size_mismatch").Judge()), IsEmpty());
  const Judgement other = Trial(expect).Comes(Outcome::kFailed, "network").Judge();
  EXPECT_EQ(other.verdict, Verdict::kFail);
  ASSERT_THAT(Ids(other), ElementsAre("error-class"));
  EXPECT_EQ(other.findings[0].expected, "the error is of class digest_mismatch or size_mismatch");
  EXPECT_EQ(other.findings[0].seen, "class network");
}

constexpr std::string_view kListTags = "do = \"list-tags\"\nref = \"{registry}/lib/app\"\n";

TEST(Judge, ComparesTags) {
  const std::string expect = Expecting("tags = { count = 2, first = \"1.0\", last = \"2.0\" }");
  Trial right = Trial::WithClient(kListTags, expect);
  right.step().attempt.tags = {"1.0", "2.0"};
  EXPECT_THAT(Ids(right.Judge()), IsEmpty());

  Trial wrong = Trial::WithClient(kListTags, expect);
  wrong.step().attempt.tags = {"2.0", "3.0", "4.0"};
  const Judgement judgement = wrong.Judge();
  EXPECT_THAT(Ids(judgement), ElementsAre("tags", "tags", "tags"));
  EXPECT_EQ(judgement.findings[0].seen, "3 tags");
  EXPECT_EQ(judgement.findings[1].expected, "the first tag is `1.0`");
  EXPECT_EQ(judgement.findings[2].seen, "`4.0`");

  Trial none = Trial::WithClient(kListTags, expect);
  EXPECT_THAT(Ids(none.Judge()), ElementsAre("tags", "tags", "tags"));
  EXPECT_THAT(Ids(none.Comes(Outcome::kFailed).Judge()), ElementsAre("result"));
}

TEST(Judge, TheGravestFindingMakesTheVerdict) {
  Trial trial(Expecting("result = \"fail\""));
  trial.evidence().secrets = {{"correct-horse", "password", {"registry"}}};
  trial.Ask({.host = "cdn", .target = "/x?p=correct-horse"});
  const Judgement judgement = trial.Judge();  // succeeds, and leaks
  EXPECT_THAT(Ids(judgement), ElementsAre("result", "leak"));
  EXPECT_EQ(judgement.verdict, Verdict::kLeak);
}

TEST(Judge, AtLevelInfoNothingFails) {
  Trial trial(Expecting("result = \"fail\"\ntotal_requests = \"<=0\""), "INFO");
  const Judgement judgement = trial.Ask({}).Judge();
  EXPECT_EQ(judgement.verdict, Verdict::kPass);
  EXPECT_THAT(judgement.findings, IsEmpty());
  EXPECT_THAT(judgement.notes,
              ElementsAre("result: expected that the client fails; seen: it says that it succeeded",
                          "total-requests: expected that it makes at most 0 requests; seen: 1 "
                          "requests"));
}

TEST(Judge, AtLevelInfoACrashIsStillACrash) {
  EXPECT_EQ(Trial(Expecting(""), "INFO").Comes(Outcome::kCrashed).Judge().verdict, Verdict::kCrash);
  EXPECT_EQ(Trial(Expecting(""), "INFO").Comes(Outcome::kHung).Judge().verdict, Verdict::kHang);
}

TEST(Judge, FindingsCarryTheLevelOfTheirExpectation) {
  Trial trial(Expecting("never = [ { on = { op = \"ping\" }, level = \"SHOULD\" } ]"));
  const Judgement judgement = trial.Ask({.operation = "ping", .name = ""}).Judge();
  ASSERT_THAT(Ids(judgement), ElementsAre("never"));
  EXPECT_EQ(judgement.findings[0].level, Level::kShould);
}

TEST(Judge, AHarnessThatSawNotEverythingSaysNothing) {
  Trial trial(Expecting(""));
  trial.evidence().harness = Error{"registry.bind", "no free port", "127.0.0.1", ""};
  const Judgement judgement = trial.Judge();
  EXPECT_EQ(judgement.verdict, Verdict::kError);
  ASSERT_THAT(Ids(judgement), ElementsAre("harness"));
  EXPECT_EQ(judgement.findings[0].seen, "127.0.0.1: no free port [registry.bind]");
}

TEST(Judge, StepsAreJudgedByTheirOwnExchanges) {
  constexpr std::string_view kSteps = R"(do = "pull"
ref = "{registry}/lib/app:1.0"
expect = { requests = [ { on = { op = "blob.get" }, count = "1" } ] }
[[client]]
do = "pull"
ref = "{registry}/lib/app:1.0"
expect = { requests = [ { on = { op = "blob.get" }, count = "0" } ] }
)";
  Trial trial = Trial::WithClient(kSteps, kMayFire);
  trial.Ask({}).Ask({});
  trial.step(0).end_entry = 1;
  trial.step(1).first_entry = 1;
  const Judgement judgement = trial.Judge();
  ASSERT_THAT(Ids(judgement), ElementsAre("requests"));
  EXPECT_EQ(judgement.findings[0].step, 2U);
  EXPECT_THAT(judgement.findings[0].exchanges, ElementsAre(2));
}

TEST(Verdicts, AreNamedAndFoundByName) {
  for (const Verdict verdict :
       {Verdict::kPass, Verdict::kPassNonstrict, Verdict::kXfail, Verdict::kSkipped,
        Verdict::kWithheld, Verdict::kXpass, Verdict::kFlaky, Verdict::kFail, Verdict::kError,
        Verdict::kUnsupported, Verdict::kHang, Verdict::kCrash, Verdict::kLeak}) {
    EXPECT_EQ(VerdictOf(VerdictName(verdict)), verdict);
  }
  EXPECT_EQ(VerdictOf("passed"), std::nullopt);
}

}  // namespace
}  // namespace pullproof::conformance::judge
