// Several runs side by side: a row for each case, a column for each client.
#ifndef PULLPROOF_CONFORMANCE_REPORT_MATRIX_H_
#define PULLPROOF_CONFORMANCE_REPORT_MATRIX_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/report/baseline.h"
#include "conformance/report/run.h"

namespace pullproof::conformance::report {

struct MatrixRow {
  std::string id;
  std::vector<const CaseReport*> cells;  // a client each; null where it was not run

  // Of the case itself, which is the same in every cell; at least one cell is not null.
  [[nodiscard]] const CaseReport& any() const;
};

// Sorted by id. The runs must outlive the rows.
std::vector<MatrixRow> RowsOf(std::span<const Run> runs);

// How many passed, of those that could be judged.
struct Score {
  std::size_t passed = 0;
  std::size_t judged = 0;

  void Count(Verdict verdict);
  [[nodiscard]] std::string Text() const;  // "12 of 14"; a dash when there was nothing to judge
};
Score ScoreOf(const Run& run);

// "digest" of "digest.blob-mismatch".
std::string_view AreaOf(std::string_view id);

// "skopeo 1.9.3".
std::string ClientOf(const Header& header);

// Tables for a README or a pull request: the verdicts of each client by area, then every case that
// is not passed by all. GitHub's dialect. Safe: nothing of a client can break out of a cell.
std::string RenderMarkdown(std::span<const Run> runs, std::string_view note = {});

// One self-contained page that needs neither network nor server: the matrix, filters, and what
// happened behind each cell. Works without scripts as a plain table. `baseline` may be null.
std::string RenderHtml(std::span<const Run> runs, const Baseline* baseline = nullptr,
                       std::string_view note = {});

// "pullproof | 97 of 101", as an SVG image for a README: green when nothing failed.
std::string RenderBadge(const Run& run);

}  // namespace pullproof::conformance::report

#endif  // PULLPROOF_CONFORMANCE_REPORT_MATRIX_H_
