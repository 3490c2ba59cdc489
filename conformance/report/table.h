// The report for people: a line for each case as it ends, then what went wrong in full.
#ifndef PULLPROOF_CONFORMANCE_REPORT_TABLE_H_
#define PULLPROOF_CONFORMANCE_REPORT_TABLE_H_

#include <ostream>
#include <string>
#include <vector>

#include "conformance/report/run.h"
#include "conformance/report/terminal.h"

namespace pullproof::conformance::report {

// What is told of a case as it ends: its line, or also every exchange with its header lines.
enum class Detail { kLine, kTrace };

// Safe on a terminal, whatever a client or a file says. The stream is not owned.
class TableSink final : public Sink {
 public:
  TableSink(std::ostream& out, Style style, Detail detail = Detail::kLine)
      : out_(out), style_(style), detail_(detail) {}
  void Begin(const Header& header) override;
  void Add(const CaseReport& report) override;
  void End(const Summary& summary) override;

 private:
  std::ostream& out_;
  Style style_;
  Detail detail_;
  std::vector<CaseReport> to_explain_;  // what is told in full at the end
};

// One case in full: what was expected, with the case's own words and the places of the
// specification; what the registry saw, with the rule that fired marked; how to run it again.
std::string ExplainCase(const CaseReport& report, Style style);

std::string RenderTable(const Run& run, Style style);

}  // namespace pullproof::conformance::report

#endif  // PULLPROOF_CONFORMANCE_REPORT_TABLE_H_
