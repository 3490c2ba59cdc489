// A run that has one of everything, for tests of reports.
#ifndef PULLPROOF_TESTS_CONFORMANCE_REPORT_SAMPLE_H_
#define PULLPROOF_TESTS_CONFORMANCE_REPORT_SAMPLE_H_

#include "conformance/report/run.h"

namespace pullproof::conformance::report {

Run SampleRun();

}  // namespace pullproof::conformance::report

#endif  // PULLPROOF_TESTS_CONFORMANCE_REPORT_SAMPLE_H_
