#include "conformance/report/matrix.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace pullproof::conformance::report {

const CaseReport& MatrixRow::any() const {
  return **std::ranges::find_if(cells, [](const CaseReport* cell) { return cell != nullptr; });
}

std::vector<MatrixRow> RowsOf(std::span<const Run> runs) {
  std::map<std::string_view, MatrixRow> rows;
  for (std::size_t column = 0; column < runs.size(); ++column) {
    for (const CaseReport& report : runs[column].cases) {
      MatrixRow& row = rows[report.id];
      row.id = report.id;
      row.cells.resize(runs.size());
      row.cells[column] = &report;
    }
  }
  std::vector<MatrixRow> sorted;
  sorted.reserve(rows.size());
  for (auto& [id, row] : rows) sorted.push_back(std::move(row));
  return sorted;
}

void Score::Count(Verdict verdict) {
  if (judge::IsPass(verdict)) ++passed;
  if (judge::IsPass(verdict) || IsFailure(verdict) || verdict == Verdict::kXfail) ++judged;
}

std::string Score::Text() const {
  return judged == 0 ? "–" : fmt::format("{} of {}", passed, judged);
}

Score ScoreOf(const Run& run) {
  Score score;
  for (const CaseReport& report : run.cases) score.Count(report.verdict);
  return score;
}

std::string_view AreaOf(std::string_view id) { return id.substr(0, id.find('.')); }

std::string ClientOf(const Header& header) {
  return header.client_version.empty() ? header.client
                                       : header.client + " " + header.client_version;
}

}  // namespace pullproof::conformance::report
