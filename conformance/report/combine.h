// Several runs made one, and one run made fit to be shown.
#ifndef PULLPROOF_CONFORMANCE_REPORT_COMBINE_H_
#define PULLPROOF_CONFORMANCE_REPORT_COMBINE_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "conformance/report/run.h"

namespace pullproof::conformance::report {

// The counts of the cases as they stand.
Summary SummaryOf(const std::vector<CaseReport>& cases, std::uint64_t took_us);

// Shards of one run, in any order. Wall times are added up: what it took in all.
// Errors: report.other-client (name or version differ), report.duplicate-case (two files hold the
// same case; `where` is its id).
Result<Run> Merge(std::span<const Run> runs);

// "skopeo:digest.size-*": cases of one client that are not to be published.
struct Withheld {
  std::string client;  // globs, both
  std::string id;

  // Error: report.withhold-syntax.
  static Result<Withheld> Parse(std::string_view text);
};

// The run with everything that was learned about those cases taken out: their verdict is
// `withheld`, and nothing tells what was found. Pure.
Run Withhold(Run run, std::span<const Withheld> withheld);

}  // namespace pullproof::conformance::report

#endif  // PULLPROOF_CONFORMANCE_REPORT_COMBINE_H_
