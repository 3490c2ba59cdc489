#include "conformance/report/combine.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::conformance::report {
namespace {

bool IsShardOption(const std::string& option) { return option.starts_with("--shard "); }

// Who the case is and what it is about, and nothing of what came of it.
CaseReport Blank(const CaseReport& report) {
  CaseReport blank;
  blank.id = report.id;
  blank.title = report.title;
  blank.level = report.level;
  blank.spec = report.spec;
  blank.why = report.why;
  blank.file = report.file;
  blank.twin = report.twin;
  return blank;
}

}  // namespace

Summary SummaryOf(const std::vector<CaseReport>& cases, std::uint64_t took_us) {
  Summary summary;
  summary.took_us = took_us;
  for (const CaseReport& report : cases) ++summary.counts[report.verdict];
  return summary;
}

Result<Run> Merge(std::span<const Run> runs) {
  Run merged;
  if (runs.empty()) return merged;
  merged.header = runs.front().header;
  std::erase_if(merged.header.options, IsShardOption);
  std::uint64_t took_us = 0;
  for (const Run& run : runs) {
    if (run.header.client != merged.header.client ||
        run.header.client_version != merged.header.client_version) {
      return Fail(
          "report.other-client",
          fmt::format("one run is of {} {}, another of {} {}", merged.header.client,
                      merged.header.client_version, run.header.client, run.header.client_version),
          "", "merge the shards of one client; a matrix takes several clients as they are");
    }
    merged.header.started = std::min(merged.header.started, run.header.started);
    merged.cases.insert(merged.cases.end(), run.cases.begin(), run.cases.end());
    took_us += run.summary.took_us;
  }
  std::ranges::sort(merged.cases, {}, &CaseReport::id);
  const auto twice = std::ranges::adjacent_find(merged.cases, {}, &CaseReport::id);
  if (twice != merged.cases.end()) {
    return Fail("report.duplicate-case", "two of the files hold this case", twice->id,
                "merge shards of one run (`--shard`), each of them once");
  }
  merged.header.cases = merged.cases.size();
  merged.summary = SummaryOf(merged.cases, took_us);
  return merged;
}

Result<Withheld> Withheld::Parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');  // an id has none, a client's name may
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) {
    return Fail("report.withhold-syntax", fmt::format("`{}` names no cases of a client", text), "",
                "write CLIENT:ID, either may be a glob: skopeo:digest.size-*");
  }
  return Withheld{.client = std::string(text.substr(0, colon)),
                  .id = std::string(text.substr(colon + 1))};
}

Run Withhold(Run run, std::span<const Withheld> withheld) {
  for (CaseReport& report : run.cases) {
    const bool is_withheld = std::ranges::any_of(withheld, [&](const Withheld& rule) {
      return GlobMatch(rule.client, run.header.client) && GlobMatch(rule.id, report.id);
    });
    if (!is_withheld) continue;
    report = Blank(report);
    report.verdict = Verdict::kWithheld;
    report.reason = "not published";
  }
  run.summary = SummaryOf(run.cases, run.summary.took_us);
  return run;
}

}  // namespace pullproof::conformance::report
