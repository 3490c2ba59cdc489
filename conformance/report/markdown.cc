#include <algorithm>
#include <map>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "conformance/report/matrix.h"

namespace pullproof::conformance::report {
namespace {

// Text in a cell of a table: what means something there is escaped.
std::string Cell(std::string_view text) {
  std::string cell;
  for (const char c : Printable(text)) {
    if (std::string_view("\\`*_[]<>|").find(c) != std::string_view::npos) cell += '\\';
    cell += c;
  }
  return cell;
}

std::string Row(const std::vector<std::string>& cells) {
  return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

std::string Head(const std::vector<std::string>& names, std::span<const Run> runs) {
  std::vector<std::string> cells = names;
  for (const Run& run : runs) cells.push_back(Cell(ClientOf(run.header)));
  return Row(cells) + Row(std::vector<std::string>(cells.size(), "---"));
}

std::string ScoreTable(const std::vector<MatrixRow>& rows, std::span<const Run> runs) {
  std::map<std::string_view, std::vector<Score>> areas;
  std::vector<Score> all(runs.size());
  for (const MatrixRow& row : rows) {
    std::vector<Score>& scores = areas[AreaOf(row.id)];
    scores.resize(runs.size());
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      if (row.cells[i] == nullptr) continue;
      scores[i].Count(row.cells[i]->verdict);
      all[i].Count(row.cells[i]->verdict);
    }
  }
  const auto line = [](std::string name, const std::vector<Score>& scores) {
    std::vector<std::string> cells{std::move(name)};
    for (const Score& score : scores) cells.push_back(score.Text());
    return Row(cells);
  };
  std::string text = Head({"passed, of those judged"}, runs);
  for (const auto& [area, scores] : areas) text += line(Cell(area), scores);
  return text + line("**all**", all);
}

bool IsPassedByAll(const MatrixRow& row) {
  return std::ranges::all_of(row.cells, [](const CaseReport* cell) {
    return cell == nullptr || judge::IsPass(cell->verdict);
  });
}

std::string CaseTable(const std::vector<MatrixRow>& rows, std::span<const Run> runs) {
  std::string text = Head({"case", "level"}, runs);
  for (const MatrixRow& row : rows) {
    if (IsPassedByAll(row)) continue;
    std::vector<std::string> cells{
        fmt::format("`{}`<br>{}", Printable(row.id), Cell(row.any().title)),
        std::string(mockregistry::content::LevelName(row.any().level))};
    for (const CaseReport* cell : row.cells) {
      if (cell == nullptr) {
        cells.emplace_back("–");
      } else if (IsFailure(cell->verdict)) {
        cells.push_back(fmt::format("**{}**", judge::VerdictName(cell->verdict)));
      } else {
        cells.emplace_back(judge::VerdictName(cell->verdict));
      }
    }
    text += Row(cells);
  }
  return text;
}

std::string Provenance(std::span<const Run> runs) {
  std::string text;
  for (const Run& run : runs) {
    text += fmt::format(
        "* {}: {} cases, {}, with {}{}\n", Cell(ClientOf(run.header)), run.cases.size(),
        Cell(run.header.started), Cell(run.header.harness),
        run.header.options.empty()
            ? ""
            : fmt::format(", {}", Cell(fmt::format("{}", fmt::join(run.header.options, " ")))));
  }
  return text;
}

}  // namespace

std::string RenderMarkdown(std::span<const Run> runs, std::string_view note) {
  const std::vector<MatrixRow> rows = RowsOf(runs);
  std::string text = Provenance(runs) + "\n";
  if (!note.empty()) text += Printable(note) + "\n\n";
  text += ScoreTable(rows, runs);
  if (!std::ranges::all_of(rows, IsPassedByAll)) {
    text += "\nCases that not every client passes; a dash is a case that was not run.\n\n" +
            CaseTable(rows, runs);
  }
  return text;
}

}  // namespace pullproof::conformance::report
