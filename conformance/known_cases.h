// Cases of which it is known, with a reason, that a client fails them. They are run all the same: a
// failure is then `xfail`, and a pass fails the run until its line is deleted, so that a list never
// says less than the truth.
// Format: docs/reports.md "Known failures".
#ifndef PULLPROOF_CONFORMANCE_KNOWN_CASES_H_
#define PULLPROOF_CONFORMANCE_KNOWN_CASES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/error.h"
#include "base/table_reader.h"
#include "conformance/report/run.h"
#include "conformance/suite.h"

namespace pullproof::conformance {

struct KnownCase {
  std::string id;
  std::string reason;  // not empty
  Position at;
};

struct KnownCases {
  std::string file;    // for messages
  std::string client;  // whose list it is; empty: anybody's
  std::vector<KnownCase> failing;
  std::vector<KnownCase> flaky;
};

// Reads a list. `name` is its file's name (".toml" or JSON). nullopt when `problems` got an error:
// model.*, known.reason (none is given), known.unknown-case (not in the suite), known.twice (in
// both tables), known.client (it is another client's).
std::optional<KnownCases> ReadKnownCases(std::string_view text, const std::string& name,
                                         const Suite& suite, std::string_view client,
                                         Diagnostics& problems);

// The report with what is known laid over its verdict. A failing case that fails is xfail, one that
// passes is xpass and says which line to delete; a flaky one that fails is xfail. What could not be
// judged (skipped, unsupported, error) stays as it is. Pure.
report::CaseReport WithKnown(report::CaseReport report, const KnownCases& known);

// A list of everything that failed in the run, each with what was seen as its reason: a start, to
// be replaced by the true one. Sorted by id.
std::string WriteKnownCases(const report::Run& run);

}  // namespace pullproof::conformance

#endif  // PULLPROOF_CONFORMANCE_KNOWN_CASES_H_
