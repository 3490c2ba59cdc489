// What a judge says about one case, and why.
#ifndef PULLPROOF_CONFORMANCE_JUDGE_VERDICT_H_
#define PULLPROOF_CONFORMANCE_JUDGE_VERDICT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mockregistry/content/fixture.h"

namespace pullproof::conformance::judge {

using mockregistry::content::Level;

// From harmless to grave: of several, a case gets the gravest.
enum class Verdict {
  kPass,
  kPassNonstrict,  // every MUST of a MUST case is kept, some SHOULD in it is not
  kXfail,          // failed as a list of known failures said
  kSkipped,        // not run, or not counted: its twin did not pass
  kWithheld,       // left out of a published report on purpose
  kXpass,          // passed although a list of known failures says that it fails
  kFlaky,          // repeated, and not always the same
  kFail,           // the client did other than expected
  kError,          // nothing can be said: the fault never fired, or the adapter is broken
  kUnsupported,    // the client cannot do what the case asks
  kHang,           // ended by us when its time was over; never passes, whatever was expected
  kCrash,          // a signal, a panic, out of memory
  kLeak,           // a secret was seen at a host that may not know it
};

// "pass", "pass-nonstrict", "fail" …: as written in reports.
std::string_view VerdictName(Verdict verdict);
std::optional<Verdict> VerdictOf(std::string_view name);
// pass and pass-nonstrict: what a benign twin must come to.
bool IsPass(Verdict verdict);

// One thing that was not as expected.
struct Finding {
  Verdict verdict = Verdict::kFail;           // that this alone would lead to
  Level level = Level::kMust;                 // of the expectation that was not met
  std::string id = {};                        // stable: "stored.absent"; listed in docs/cases.md
  std::string expected = {};                  // one sentence without a final full stop
  std::string seen = {};                      // likewise
  std::string why = {};                       // the case's own words, where it has some
  std::size_t step = 0;                       // counted from 1; 0: the case as a whole
  std::vector<std::uint64_t> exchanges = {};  // numbers in the journal

  bool operator==(const Finding&) const = default;
};

struct Judgement {
  Verdict verdict = Verdict::kPass;
  std::vector<Finding> findings;   // empty for a pass
  std::vector<std::string> notes;  // what INFO lines saw: they only tell, and never fail
};

}  // namespace pullproof::conformance::judge

#endif  // PULLPROOF_CONFORMANCE_JUDGE_VERDICT_H_
