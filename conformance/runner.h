// Runs cases with a client: for each a registry of its own and fresh directories, the steps in
// order, and the judge's verdict.
//
//   std::vector<Diagnostics> problems;
//   Result<Suite> suite = LoadSuite(problems);
//   report::TableSink table(std::cout, report::StyleFor(STDOUT_FILENO));
//   Result<report::Summary> summary = RunSuite(*suite, options, *client, table);
//   return report::ExitStatus(*summary);
#ifndef PULLPROOF_CONFORMANCE_RUNNER_H_
#define PULLPROOF_CONFORMANCE_RUNNER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "conformance/client/client.h"
#include "conformance/judge/judge.h"
#include "conformance/known_cases.h"
#include "conformance/report/run.h"
#include "conformance/selection.h"
#include "conformance/suite.h"

namespace pullproof::conformance {

// A step that takes longer is hung, unless its case allows more (`time`). Real clients back off for
// some seconds on 429 and 5xx; the few cases that need many of those say so.
inline constexpr Duration kDefaultBudget = std::chrono::seconds(30);
// More side by side only wait for each other: cases are bound by the client's own work.
inline constexpr std::size_t kMaxJobs = 256;
// Enough to see what happens once in a thousand times, little enough to end.
inline constexpr std::size_t kMaxRepeat = 10'000;

struct RunOptions {
  Selection selection;
  std::size_t jobs = 1;    // cases side by side; at most kMaxJobs
  std::size_t repeat = 1;  // of each case; when it does not always come to the same, it is flaky
  // Shuffles the order in which cases are begun, and replaces the fixtures' own seeds of what is
  // left to chance; each repetition takes the next number. Content stays what it is.
  std::optional<std::uint64_t> seed;
  judge::Strictness strictness = judge::Strictness::kUsual;
  const KnownCases* known = nullptr;  // not owned
  Duration budget = kDefaultBudget;
  std::uint64_t max_memory = 0;  // bytes of address space for a client process; 0: no bound
  bool keep = false;             // leave each case's directory, and say where
  std::string harness;           // name and version, for reports
  std::string again;             // the command that an id is added to: "pullproof test --run"
  Clock* clock = nullptr;        // null: the system's
  // Makes the clock that a case and its registry live by; null: they share `clock`. With a manual
  // one for each, clients in this process wait for nothing, side by side.
  std::function<std::unique_ptr<Clock>()> clock_of_case;
  FileSystem* files = nullptr;  // null: the system's
};

// Runs the selected cases and, since a hostile case counts only with it, the twin of each. A
// hostile case that passes while its twin does not is reported as skipped, with the reason. The
// sink gets the cases in the order of their ids, whatever `jobs` and `seed` say. Errors:
// suite.nothing-selected.
Result<report::Summary> RunSuite(const Suite& suite, const RunOptions& options,
                                 client::Client& client, report::Sink& sink);

}  // namespace pullproof::conformance

#endif  // PULLPROOF_CONFORMANCE_RUNNER_H_
