// The report for build servers: JUnit's XML, as most of them read it.
// Format: docs/reports.md "JUnit".
#ifndef PULLPROOF_CONFORMANCE_REPORT_JUNIT_H_
#define PULLPROOF_CONFORMANCE_REPORT_JUNIT_H_

#include <string>

#include "conformance/report/run.h"

namespace pullproof::conformance::report {

// One test suite for each area (the id's first word). fail, hang, crash and leak are failures,
// error is an error, skipped and unsupported are skipped.
std::string RenderJunit(const Run& run);

}  // namespace pullproof::conformance::report

#endif  // PULLPROOF_CONFORMANCE_REPORT_JUNIT_H_
