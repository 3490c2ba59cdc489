// The report itself: one JSON object a line, so that a run can be followed, cut and merged with
// ordinary tools. First a line of type "run", then one of type "case" each, last "summary". Every
// other report is rendered from these.
// Format: docs/reports.md "JSON lines".
#ifndef PULLPROOF_CONFORMANCE_REPORT_JSON_LINES_H_
#define PULLPROOF_CONFORMANCE_REPORT_JSON_LINES_H_

#include <ostream>
#include <string>
#include <string_view>

#include "base/error.h"
#include "conformance/report/run.h"

namespace pullproof::conformance::report {

// The version of the format: it grows when a reader of the old one would misunderstand.
inline constexpr int kJsonLinesVersion = 1;

// One line each, without the line feed. Members are sorted; times are microseconds.
std::string JsonLine(const Header& header);
std::string JsonLine(const CaseReport& report);
std::string JsonLine(const Summary& summary);

// Writes each line as it comes, and flushes it. The stream is not owned.
class JsonLinesSink final : public Sink {
 public:
  explicit JsonLinesSink(std::ostream& out) : out_(out) {}
  void Begin(const Header& header) override { Write(JsonLine(header)); }
  void Add(const CaseReport& report) override { Write(JsonLine(report)); }
  void End(const Summary& summary) override { Write(JsonLine(summary)); }

 private:
  void Write(const std::string& line);

  std::ostream& out_;
};

// The whole run as text.
std::string RenderJsonLines(const Run& run);

// Reads what RenderJsonLines wrote. `name` is the file's name for messages. Members that are not
// known are ignored, so that a report of a later program of the same version can be read.
// Errors: those of ParseJson; report.version, report.line (a line that is no part of a report),
// report.truncated (no summary: the run did not come to its end).
Result<Run> ReadJsonLines(std::string_view text, std::string_view name);

}  // namespace pullproof::conformance::report

#endif  // PULLPROOF_CONFORMANCE_REPORT_JSON_LINES_H_
