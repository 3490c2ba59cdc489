// Rules: which requests they mean, how often they fire, and what they do to the answer.
// Format: docs/fixtures.md "Script".
#ifndef PULLPROOF_MOCKREGISTRY_SCRIPT_RULE_H_
#define PULLPROOF_MOCKREGISTRY_SCRIPT_RULE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/table_reader.h"
#include "mockregistry/content/content.h"
#include "mockregistry/script/effect.h"
#include "mockregistry/script/matcher.h"

namespace pullproof::mockregistry::script {

// How often a rule fires among the requests that it matches, counted from 1.
struct Pick {
  enum class Kind { kAlways, kFirst, kNth, kEvery, kFrom, kChance };
  enum class Per { kRule, kContent, kConnection };
  Kind kind = Kind::kAlways;
  std::uint64_t n = 0;   // of kFirst, kNth, kEvery, kFrom; at least 1
  double chance = 0;     // of kChance: decided by (seed, rule, n-th match), never by order
  Per per = Per::kRule;  // what has a counter of its own

  // True if no match is ever passed over.
  [[nodiscard]] bool IsAlways() const;
};

struct Rule {
  std::string id;
  bool enabled = true;
  Matcher on;
  Pick pick;
  std::vector<std::pair<std::string, std::string>> when;  // the state that it needs
  std::vector<std::pair<std::string, std::string>> then;  // the state that it leaves
  Effect effect;
  std::string why;
  Position at;
};

// A request is held against every rule for its operation; real fixtures have under twenty, vendor
// profiles under a hundred.
inline constexpr std::size_t kMaxRules = 1'000;

// Reads the array `rules` (null: none). Checks every name of content and host that a rule mentions.
// Reports what Matcher::Read and ReadEffect do, and
//  * script.id: empty, or the id of an earlier rule; script.too-many-rules
//  * script.pick: none or several kinds, or a chance outside 0 to 1
//  * script.no-effect: an effect for operations that the rule does not match
//  * script.too-early: `conn` acts before a request, and `on` asks for more than `host`
//  * script.unreachable (a warning): an earlier rule takes every request, or no rule leaves the
//    state that it waits for
std::vector<Rule> ReadRules(const Node& node, const content::Content& content,
                            std::span<const std::string> hosts, Diagnostics& problems);

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_MOCKREGISTRY_SCRIPT_RULE_H_
