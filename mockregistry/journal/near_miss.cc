#include "mockregistry/journal/near_miss.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "mockregistry/journal/query.h"
#include "oci/headers.h"

namespace pullproof::mockregistry::journal {
namespace {

// A value as a sentence may show it.
std::string Shown(const script::Mismatch& mismatch) {
  if (!mismatch.seen) return "absent";
  std::string seen = *mismatch.seen;
  if (mismatch.member == "header") seen = Redact(mismatch.argument, seen);
  if (mismatch.member == "query") seen = RedactParameter(mismatch.argument, seen);
  return fmt::format("`{}`", Printable(seen));
}

// A fixture may state a secret that its client must send.
std::string ShownWanted(const script::Mismatch& mismatch) {
  const bool is_secret = (mismatch.member == "header" && oci::IsSecretHeader(mismatch.argument)) ||
                         (mismatch.member == "query" && IsSecretParameter(mismatch.argument));
  const bool is_presence = mismatch.wanted == "absent" || mismatch.wanted == "present";
  return is_secret && !is_presence ? "another" : mismatch.wanted;
}

std::string Sentence(const script::Mismatch& mismatch) {
  const std::string member = mismatch.argument.empty()
                                 ? mismatch.member
                                 : fmt::format("{} {}", mismatch.member, mismatch.argument);
  return fmt::format("`{}` is {}, wanted {}", member, Shown(mismatch), ShownWanted(mismatch));
}

NearMiss Compare(const Entry& entry, const script::RuleStatus& status) {
  NearMiss miss;
  miss.rule = status.rule->id;
  for (const script::Mismatch& mismatch : status.rule->on.Explain(SubjectOf(entry))) {
    miss.reasons.push_back(Sentence(mismatch));
  }
  if (!status.enabled) miss.reasons.emplace_back("it is disabled");
  if (!status.holds) miss.reasons.emplace_back("its `when` does not hold");
  if (miss.reasons.empty()) {
    miss.reasons.emplace_back(status.rule->pick.IsAlways()
                                  ? "it matches now, and did not when the request came"
                                  : "it matches, and its `pick` passed the request over");
  }
  return miss;
}

std::string Outcome(const Entry& entry) {
  if (!entry.rules_asked) {
    return fmt::format("was refused with {} before any rule was asked", entry.status);
  }
  return fmt::format("was answered {} by no rule", entry.status);
}

}  // namespace

std::vector<NearMiss> NearestRules(const Entry& entry, std::span<const script::RuleStatus> rules,
                                   std::size_t count) {
  std::vector<NearMiss> misses;
  misses.reserve(rules.size());
  for (const script::RuleStatus& status : rules) misses.push_back(Compare(entry, status));
  std::ranges::stable_sort(misses, {}, [](const NearMiss& miss) { return miss.reasons.size(); });
  if (misses.size() > count) misses.resize(count);
  return misses;
}

std::string Describe(const Unmatched& unmatched) {
  const Entry& entry = unmatched.entry;
  const std::string operation = entry.operation.empty() ? "no operation" : entry.operation;
  std::string text = fmt::format("#{} {} {} ({}) {}", entry.number, Printable(entry.method),
                                 Printable(RedactTarget(entry.target)), operation, Outcome(entry));
  bool is_first = true;
  for (const NearMiss& miss : unmatched.nearest) {
    text += fmt::format("\n  rule `{}`{}: ", miss.rule, is_first ? " is nearest" : "");
    for (std::size_t i = 0; i < miss.reasons.size(); ++i) {
      text += fmt::format("{}{}", i == 0 ? "" : "; ", miss.reasons[i]);
    }
    is_first = false;
  }
  return text;
}

}  // namespace pullproof::mockregistry::journal
