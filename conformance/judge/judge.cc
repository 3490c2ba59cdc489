#include "conformance/judge/judge.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "conformance/judge/channels.h"

namespace pullproof::conformance::judge {
namespace {

void JudgeExpectation(const Scope& scope, Findings& findings) {
  JudgeStored(scope, findings);
  JudgeRequests(scope, findings);
  JudgeBudget(scope, findings);
}

}  // namespace

void Findings::Add(Finding finding, std::optional<Level> level) {
  finding.level = level.value_or(case_level_);
  if (finding.level == Level::kInfo && finding.verdict == Verdict::kFail) {
    Note(fmt::format("{}: expected that {}; seen: {}", finding.id, finding.expected, finding.seen));
    return;
  }
  const bool is_lenient = strictness_ == Strictness::kUsual && case_level_ == Level::kMust &&
                          finding.level == Level::kShould && finding.verdict == Verdict::kFail;
  judgement_.verdict =
      std::max(judgement_.verdict, is_lenient ? Verdict::kPassNonstrict : finding.verdict);
  judgement_.findings.push_back(std::move(finding));
}

Judgement Judge(const Case& subject, const Evidence& evidence, Strictness strictness) {
  Findings findings(subject.level(), strictness);
  if (evidence.harness) {
    findings.Add({.verdict = Verdict::kError,
                  .id = "harness",
                  .expected = "the harness sees everything that the client does",
                  .seen = Describe(*evidence.harness)});
  }
  const std::span<const mockregistry::journal::Entry> journal = evidence.journal;
  for (std::size_t i = 0; i < evidence.steps.size(); ++i) {
    const StepEvidence& seen = evidence.steps[i];
    JudgeOutcome(subject, evidence, i, findings);
    JudgeExpectation(
        {.subject = subject,
         .evidence = evidence,
         .expect = subject.steps[i].expect,
         .step = i + 1,
         .steps = std::span(&seen, 1),
         .journal = journal.subspan(seen.first_entry, seen.end_entry - seen.first_entry)},
        findings);
  }
  const Scope whole{.subject = subject,
                    .evidence = evidence,
                    .expect = subject.expect,
                    .step = 0,
                    .steps = evidence.steps,
                    .journal = journal};
  JudgeExpectation(whole, findings);
  JudgeSecrets(subject, evidence, findings);
  JudgeDisk(evidence, findings);
  return std::move(findings).Take();
}

}  // namespace pullproof::conformance::judge
