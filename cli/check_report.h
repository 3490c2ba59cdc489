// What `check` found, for programs: JSON of our own, and SARIF for code hosts and editors.
// Spec: OASIS SARIF 2.1.0.
#ifndef PULLPROOF_CLI_CHECK_REPORT_H_
#define PULLPROOF_CLI_CHECK_REPORT_H_

#include <span>
#include <string>

#include "base/table_reader.h"

namespace pullproof::cli {

// {"errors":n,"files":[{"diagnostics":[{"column","hint","id","line","message","severity"}…],
// "file":NAME}…],"warnings":n} on one line; line 0 means that there is no place. The shape is
// stable: docs/fixtures.md.
std::string CheckJson(std::span<const Diagnostics> files);

// A SARIF log of one run, on one line; its rules are the ids that occur, sorted. A file is a
// relative URI or an absolute one, as its path was given.
std::string CheckSarif(std::span<const Diagnostics> files);

}  // namespace pullproof::cli

#endif  // PULLPROOF_CLI_CHECK_REPORT_H_
