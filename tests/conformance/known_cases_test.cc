#include "conformance/known_cases.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/conformance/small_suite.h"

namespace pullproof::conformance {
namespace {

using report::CaseReport;
using report::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> Complaints(std::string_view text, std::string_view client = "skopeo") {
  Diagnostics problems("known.toml");
  const bool is_read =
      ReadKnownCases(text, "known.toml", SmallSuite(), client, problems).has_value();
  EXPECT_EQ(is_read, !problems.HasErrors());
  std::vector<std::string> lines;
  for (const Diagnostic& problem : problems.all())
    lines.push_back(FormatDiagnostic(problems, problem));
  return lines;
}

KnownCases Known(std::string_view text) {
  Diagnostics problems("known.toml");
  auto known = ReadKnownCases(text, "known.toml", SmallSuite(), "skopeo", problems);
  EXPECT_TRUE(known) << Describe(problems.FirstError());
  return known.value_or(KnownCases{});
}

CaseReport CaseOf(std::string id, Verdict verdict) {
  CaseReport report;
  report.id = std::move(id);
  report.verdict = verdict;
  return report;
}

constexpr std::string_view kList = R"(known  = 1
client = "skopeo"

[failing]
"a.hostile" = "does not look; issue 7"

[flaky]
"a.honest" = "races"
)";

TEST(KnownCases, AreRead) {
  const KnownCases known = Known(kList);
  ASSERT_EQ(known.failing.size(), 1U);
  EXPECT_EQ(known.failing[0].id, "a.hostile");
  EXPECT_EQ(known.failing[0].reason, "does not look; issue 7");
  EXPECT_EQ(known.failing[0].at.line, 5U);
  EXPECT_EQ(known.flaky.size(), 1U);
}

TEST(KnownCases, EveryEntryNeedsAReasonAndACase) {
  EXPECT_THAT(Complaints("known = 1\n[failing]\n\"a.hostile\" = \" \"\n\"a.hostle\" = \"x\"\n"),
              ElementsAre(HasSubstr("known.toml:3:1: error: `a.hostile` has no reason"),
                          testing::AllOf(HasSubstr("known.toml:4:1: error: the suite has no case"),
                                         HasSubstr("did you mean `a.hostile`?"))));
  EXPECT_THAT(Complaints("known = 1\n[failing]\n\"a.hostile\" = 3\n"),
              ElementsAre(HasSubstr("[known.reason]")));
}

TEST(KnownCases, OfAnotherClientAreRefused) {
  EXPECT_THAT(Complaints(kList, "crane"), ElementsAre(HasSubstr("[known.client]")));
}

TEST(KnownCases, AreEitherFailingOrFlaky) {
  EXPECT_THAT(
      Complaints("known = 1\n[failing]\n\"a.honest\" = \"x\"\n[flaky]\n\"a.honest\" = \"y\"\n"),
      ElementsAre(HasSubstr("known.toml:5:1: error: `a.honest` cannot be known both")));
}

TEST(KnownCases, HaveAVersion) {
  EXPECT_THAT(Complaints("[failing]\n"), ElementsAre(HasSubstr("known")));
  EXPECT_THAT(Complaints("known = 2\n"), ElementsAre(HasSubstr("[model.range]")));
}

struct Laid {
  std::string_view name;
  std::string_view id;
  Verdict before;
  Verdict after;
};

class WithKnownVerdict : public testing::TestWithParam<Laid> {};

TEST_P(WithKnownVerdict, IsAsTheListSays) {
  const Laid& laid = GetParam();
  EXPECT_EQ(WithKnown(CaseOf(std::string(laid.id), laid.before), Known(kList)).verdict, laid.after);
}

INSTANTIATE_TEST_SUITE_P(
    All, WithKnownVerdict,
    testing::Values(Laid{"Fails", "a.hostile", Verdict::kFail, Verdict::kXfail},
                    Laid{"Hangs", "a.hostile", Verdict::kHang, Verdict::kXfail},
                    Laid{"Passes", "a.hostile", Verdict::kPass, Verdict::kXpass},
                    Laid{"PassesNonstrict", "a.hostile", Verdict::kPassNonstrict, Verdict::kXpass},
                    Laid{"Errs", "a.hostile", Verdict::kError, Verdict::kError},
                    Laid{"IsSkipped", "a.hostile", Verdict::kSkipped, Verdict::kSkipped},
                    Laid{"FlakyFails", "a.honest", Verdict::kFail, Verdict::kXfail},
                    Laid{"FlakyPasses", "a.honest", Verdict::kPass, Verdict::kPass},
                    Laid{"FlakyIsFlaky", "a.honest", Verdict::kFlaky, Verdict::kXfail},
                    Laid{"NotListed", "a.other", Verdict::kFail, Verdict::kFail}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(WithKnown, SaysWhyAndWhichLineToDelete) {
  EXPECT_EQ(WithKnown(CaseOf("a.hostile", Verdict::kHang), Known(kList)).reason,
            "known: does not look; issue 7 (it was hang)");
  EXPECT_EQ(WithKnown(CaseOf("a.hostile", Verdict::kPass), Known(kList)).reason,
            "it passes now; delete this line: known.toml:5:1: \"a.hostile\" = \"does not look; "
            "issue 7\"");
}

TEST(WriteKnownCases, CanBeReadBackAndThenNothingFails) {
  report::Run run;
  run.header.client = "skopeo";
  CaseReport failed = CaseOf("a.hostile", Verdict::kFail);
  failed.findings = {{.verdict = Verdict::kFail,
                      .level = Level::kMust,
                      .id = "result",
                      .expected = "the client \"fails\"",
                      .seen = "it\x1b says\nthat it did not"}};
  run.cases = {CaseOf("a.honest", Verdict::kPass), failed};
  const KnownCases known = Known(WriteKnownCases(run));
  ASSERT_EQ(known.failing.size(), 1U);
  EXPECT_EQ(known.failing[0].reason,
            "fail: expected: the client \"fails\"; seen: it\\x1b says\\nthat it did not");
  EXPECT_EQ(WithKnown(failed, known).verdict, Verdict::kXfail);
}

}  // namespace
}  // namespace pullproof::conformance
