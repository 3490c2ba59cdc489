// What changed since an earlier run of the same client.
#ifndef PULLPROOF_CONFORMANCE_REPORT_BASELINE_H_
#define PULLPROOF_CONFORMANCE_REPORT_BASELINE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "conformance/report/run.h"

namespace pullproof::conformance::report {

struct Change {
  std::string id;
  std::string title;
  Verdict before = Verdict::kPass;
  Verdict now = Verdict::kPass;
};

// Cases are compared by their ids, each list in the order of the run.
struct Comparison {
  std::vector<Change> broken;      // failed now, and neither failed nor was missing before
  std::vector<Change> fixed;       // failed before, passes now
  std::vector<Change> flaky;       // not always the same now
  std::vector<Change> other;       // any other difference: unsupported before, say
  std::vector<std::string> added;  // ids that the earlier run has not, and that fail now
  std::vector<std::string> gone;   // ids that only the earlier run has
  std::size_t as_before = 0;
};

// An earlier run, and what changed since.
struct Baseline {
  Header before;
  Comparison comparison;
};

Comparison Compare(const Run& before, const Run& now);

// 1 when something is broken, flaky, or new and failing; else 0: what failed before is known.
int ExitStatus(const Comparison& comparison);

// A line for each change, for people; safe on a terminal.
std::string RenderComparison(const Baseline& baseline);

}  // namespace pullproof::conformance::report

#endif  // PULLPROOF_CONFORMANCE_REPORT_BASELINE_H_
