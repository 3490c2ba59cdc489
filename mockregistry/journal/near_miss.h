// Why no rule fired for a request: the rules that came nearest, and what kept each of them from it.
// The texts are part of the interface.
#ifndef PULLPROOF_MOCKREGISTRY_JOURNAL_NEAR_MISS_H_
#define PULLPROOF_MOCKREGISTRY_JOURNAL_NEAR_MISS_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "mockregistry/journal/journal.h"
#include "mockregistry/script/engine.h"

namespace pullproof::mockregistry::journal {

// Enough to see a slip of the pen; a page of rules that have nothing to do with it hides it.
inline constexpr std::size_t kNearestRules = 3;

struct NearMiss {
  std::string rule;
  // Sentences without a full stop: "`name` is `app`, wanted `layer`", "it is disabled".
  std::vector<std::string> reasons;
};

// The answer that a request got without a rule, and why.
struct Unmatched {
  Entry entry;
  std::vector<NearMiss> nearest;  // the fewest reasons first, then the order of the rules
};

// How far each rule was from firing for the entry: its members that do not match; of one that
// matches, that it is disabled, or that its `when` does not hold or its `pick` passed the request
// over (as the rules stand now). Secrets in headers and queries are replaced as in Redact. Pure.
std::vector<NearMiss> NearestRules(const Entry& entry, std::span<const script::RuleStatus> rules,
                                   std::size_t count = kNearestRules);

// For people, without a line feed at the end:
//   #7 GET /v2/lib/app/manifests/2.0 (manifest.get) was answered 404 by no rule
//     rule `gone` is nearest: `ref` is `2.0`, wanted `1.0`
//     rule `slow`: `op` is `manifest.get`, wanted `blob.get`; `name` is absent, wanted `layer`
std::string Describe(const Unmatched& unmatched);

}  // namespace pullproof::mockregistry::journal

#endif  // PULLPROOF_MOCKREGISTRY_JOURNAL_NEAR_MISS_H_
