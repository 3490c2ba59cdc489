// The four channels of evidence, each judged on its own: what the client says, what lies on disk,
// what the registry saw, what it cost. Internal to judge/.
#ifndef PULLPROOF_CONFORMANCE_JUDGE_CHANNELS_H_
#define PULLPROOF_CONFORMANCE_JUDGE_CHANNELS_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "conformance/case/case.h"
#include "conformance/judge/evidence.h"
#include "conformance/judge/judge.h"
#include "conformance/judge/verdict.h"

namespace pullproof::conformance::judge {

// Collects what was found, and gives each finding its weight: below INFO nothing fails.
class Findings {
 public:
  Findings(Level case_level, Strictness strictness)
      : case_level_(case_level), strictness_(strictness) {}

  // `level` is that of the expectation; without one the case's holds. A mere failure at level INFO
  // becomes a note; one at level SHOULD in a MUST case makes it pass-nonstrict, unless the run is
  // strict. A leak, a crash and a hang are what they are at any level.
  void Add(Finding finding, std::optional<Level> level = std::nullopt);
  void Note(std::string note) { judgement_.notes.push_back(std::move(note)); }
  Judgement Take() && { return std::move(judgement_); }

 private:
  Level case_level_;
  Strictness strictness_;
  Judgement judgement_;
};

// What an expectation looks at: one step, or the whole case.
struct Scope {
  const Case& subject;
  const Evidence& evidence;
  const Expectation& expect;
  std::size_t step = 0;                                   // counted from 1; 0: the whole case
  std::span<const StepEvidence> steps;                    // those it speaks of
  std::span<const mockregistry::journal::Entry> journal;  // likewise
};

// result, error, tags, lock, assets; also hang, crash, unsupported, adapter.
void JudgeOutcome(const Case& subject, const Evidence& evidence, std::size_t index,
                  Findings& findings);
// stored.whole, stored.absent
void JudgeStored(const Scope& scope, Findings& findings);
// stored.misnamed, stored.outside: whatever the case says.
void JudgeDisk(const Evidence& evidence, Findings& findings);
// requests, never, order, gap, fired
void JudgeRequests(const Scope& scope, Findings& findings);
// leak: no_secret_to, and every secret at every host that may not know it.
void JudgeSecrets(const Case& subject, const Evidence& evidence, Findings& findings);
// time, total_requests, rss, sent_bytes
void JudgeBudget(const Scope& scope, Findings& findings);
// lock, assets
void JudgeResolved(const Case& subject, const Evidence& evidence, std::size_t index,
                   Findings& findings);

}  // namespace pullproof::conformance::judge

#endif  // PULLPROOF_CONFORMANCE_JUDGE_CHANNELS_H_
