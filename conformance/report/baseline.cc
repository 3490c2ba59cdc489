#include "conformance/report/baseline.h"

#include <algorithm>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::conformance::report {
namespace {

void Sort(const CaseReport& before, const CaseReport& now, Comparison& comparison) {
  const Change change{
      .id = now.id, .title = now.title, .before = before.verdict, .now = now.verdict};
  if (before.verdict == now.verdict) {
    ++comparison.as_before;
  } else if (now.verdict == Verdict::kFlaky) {
    comparison.flaky.push_back(change);
  } else if (IsFailure(now.verdict) && !IsFailure(before.verdict)) {
    comparison.broken.push_back(change);
  } else if (judge::IsPass(now.verdict) && IsFailure(before.verdict)) {
    comparison.fixed.push_back(change);
  } else {
    comparison.other.push_back(change);
  }
}

std::string Lines(std::string_view label, const std::vector<Change>& changes) {
  std::string text;
  for (const Change& change : changes) {
    text += fmt::format("{:<7} {}: {} -> {}  {}\n", label, Printable(change.id),
                        judge::VerdictName(change.before), judge::VerdictName(change.now),
                        Printable(change.title));
  }
  return text;
}

std::string Lines(std::string_view label, const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) text += fmt::format("{:<7} {}\n", label, Printable(id));
  return text;
}

}  // namespace

Comparison Compare(const Run& before, const Run& now) {
  std::map<std::string_view, const CaseReport*> old;
  for (const CaseReport& report : before.cases) old.emplace(report.id, &report);
  Comparison comparison;
  for (const CaseReport& report : now.cases) {
    const auto found = old.find(report.id);
    if (found != old.end()) {
      Sort(*found->second, report, comparison);
      old.erase(found);
    } else if (IsFailure(report.verdict)) {
      comparison.added.push_back(report.id);
    }
  }
  for (const CaseReport& report : before.cases) {
    if (old.contains(report.id)) comparison.gone.push_back(report.id);
  }
  return comparison;
}

int ExitStatus(const Comparison& comparison) {
  return comparison.broken.empty() && comparison.flaky.empty() && comparison.added.empty() ? 0 : 1;
}

std::string RenderComparison(const Baseline& baseline) {
  const auto& [before, comparison] = baseline;
  std::string text = Lines("broken", comparison.broken) + Lines("flaky", comparison.flaky) +
                     Lines("new", comparison.added) + Lines("fixed", comparison.fixed) +
                     Lines("changed", comparison.other) + Lines("gone", comparison.gone);
  text += fmt::format(
      "compared with {} of {}: {} broken, {} flaky, {} new and failing, {} fixed, {} as before\n",
      Printable(before.client_version.empty() ? before.client
                                              : before.client + " " + before.client_version),
      Printable(before.started), comparison.broken.size(), comparison.flaky.size(),
      comparison.added.size(), comparison.fixed.size(), comparison.as_before);
  return text;
}

}  // namespace pullproof::conformance::report
