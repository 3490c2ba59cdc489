#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"
#include "conformance/case/anchors.h"
#include "conformance/report/json_lines.h"
#include "conformance/report/matrix.h"
#include "conformance/report/page.h"

namespace pullproof::conformance::report {
namespace {

// Of a case that passed, a page shows that many exchanges, without their headers: enough to see
// what it was about. A matrix of ten clients stays a few megabytes.
constexpr std::size_t kMaxPassedExchanges = 12;

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : Printable(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

// JSON that may stand in a script element: no text in it can end the element or begin a comment.
std::string Embeddable(std::string_view json) {
  std::string text;
  text.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

CaseReport Shortened(CaseReport report) {
  if (!judge::IsPass(report.verdict)) return report;
  report.exchanges.resize(std::min(report.exchanges.size(), kMaxPassedExchanges));
  for (judge::Exchange& exchange : report.exchanges) {
    exchange.request_headers.clear();
    exchange.response_headers.clear();
  }
  return report;
}

std::string Data(std::span<const Run> runs) {
  std::string json = "[";
  for (const Run& run : runs) {
    if (json.size() > 1) json += ',';
    json += "{\"run\":" + JsonLine(run.header) + ",\"cases\":[";
    for (std::size_t i = 0; i < run.cases.size(); ++i) {
      if (i != 0) json += ',';
      json += JsonLine(Shortened(run.cases[i]));
    }
    json += "]}";
  }
  return json + "]";
}

// Of what the cases rest on: title, address, and what it says; by id. A case that a newer suite had
// may name what this program does not know: then only the id is shown.
std::string AnchorData(std::span<const Run> runs) {
  std::set<std::string_view> cited;
  for (const Run& run : runs) {
    for (const CaseReport& report : run.cases) cited.insert(report.spec.begin(), report.spec.end());
  }
  Node::Table anchors;
  for (const std::string_view id : cited) {
    const Anchor* anchor = FindAnchor(id);
    if (anchor == nullptr) continue;
    anchors.push_back({std::string(id),
                       {},
                       Node(Node::Table{{"title", {}, Node(anchor->title)},
                                        {"url", {}, Node(anchor->url)},
                                        {"says", {}, Node(anchor->says)}})});
  }
  return CanonicalJson(Node(std::move(anchors))).value_or("{}");
}

std::string RunList(std::span<const Run> runs) {
  std::string text = "<ul>\n";
  for (const Run& run : runs) {
    text += fmt::format("<li><strong>{}</strong>: {} passed; {}, with {}</li>\n",
                        Escaped(ClientOf(run.header)), ScoreOf(run).Text(),
                        Escaped(run.header.started), Escaped(run.header.harness));
  }
  return text + "</ul>";
}

std::string Cell(std::span<const Run> runs, std::size_t column, const CaseReport* report) {
  if (report == nullptr) return "<td>–</td>";
  const std::string_view verdict = judge::VerdictName(report->verdict);
  return fmt::format(
      R"(<td><button type="button" class="v {0}" data-run="{1}" data-case="{2}" aria-label="{3}, {4}: {0}">{0}</button></td>)",
      verdict, column, report - runs[column].cases.data(), Escaped(runs[column].header.client),
      Escaped(report->id));
}

std::string TableRow(std::span<const Run> runs, const MatrixRow& row) {
  const CaseReport& any = row.any();
  std::string text = fmt::format(
      R"(<tr data-id="{0}" data-level="{1}" data-find="{2}"><th scope="row"><code>{0}</code> <span class="level">{1}</span><small>{3}</small></th>)",
      Escaped(row.id), mockregistry::content::LevelName(any.level),
      Escaped(ToLowerAscii(row.id + " " + any.title)), Escaped(any.title));
  for (std::size_t i = 0; i < row.cells.size(); ++i) text += Cell(runs, i, row.cells[i]);
  return text + "</tr>\n";
}

std::string Table(std::span<const Run> runs) {
  std::string text = "<table>\n<thead><tr><th scope=\"col\">case</th>";
  for (const Run& run : runs) {
    text += fmt::format("<th scope=\"col\">{}</th>", Escaped(ClientOf(run.header)));
  }
  text += "</tr></thead>\n";
  std::string area;
  for (const MatrixRow& row : RowsOf(runs)) {
    if (area.empty() || area != AreaOf(row.id)) {
      if (!area.empty()) text += "</tbody>\n";
      area = AreaOf(row.id);
      text += fmt::format("<tbody>\n<tr><th scope=\"rowgroup\" colspan=\"{}\">{}</th></tr>\n",
                          runs.size() + 1, Escaped(area));
    }
    text += TableRow(runs, row);
  }
  return text + (area.empty() ? "</table>" : "</tbody>\n</table>");
}

std::string Changes(std::string_view title, const std::vector<Change>& changes) {
  if (changes.empty()) return {};
  std::string text = fmt::format("<h3>{}</h3>\n<ul>\n", title);
  for (const Change& change : changes) {
    text += fmt::format("<li><code>{}</code>: {} → {}</li>\n", Escaped(change.id),
                        judge::VerdictName(change.before), judge::VerdictName(change.now));
  }
  return text + "</ul>\n";
}

std::string Since(const Baseline* baseline) {
  if (baseline == nullptr) return {};
  const Comparison& comparison = baseline->comparison;
  std::string text = fmt::format(
      "<details open><summary>Since {} of {}: {} broken, {} flaky, {} fixed, {} as "
      "before</summary>\n",
      Escaped(ClientOf(baseline->before)), Escaped(baseline->before.started),
      comparison.broken.size() + comparison.added.size(), comparison.flaky.size(),
      comparison.fixed.size(), comparison.as_before);
  text += Changes("Broken", comparison.broken) + Changes("Flaky", comparison.flaky) +
          Changes("Fixed", comparison.fixed) + Changes("Otherwise changed", comparison.other);
  return text + "</details>";
}

std::string NoteLine(std::string_view note) {
  return note.empty() ? "" : fmt::format("\n<p>{}</p>", Escaped(note));
}

std::string_view FileOfPage(std::string_view name) {
  return std::ranges::find(PageFiles(), name, &EmbeddedFile::name)->text;
}

}  // namespace

std::string RenderHtml(std::span<const Run> runs, const Baseline* baseline, std::string_view note) {
  std::string title = "Pullproof:";
  for (const Run& run : runs) title += (&run == runs.data() ? " " : ", ") + run.header.client;
  const std::array<std::pair<std::string_view, std::string>, 8> parts{{
      {"TITLE", Escaped(title)},
      {"STYLE", std::string(FileOfPage("matrix.css"))},
      {"RUNS", RunList(runs) + NoteLine(note)},
      {"SINCE", Since(baseline)},
      {"TABLE", Table(runs)},
      {"DATA", Embeddable(Data(runs))},
      {"ANCHORS", Embeddable(AnchorData(runs))},
      {"SCRIPT", std::string(FileOfPage("matrix.js"))},
  }};
  // The page is walked once: what is filled in is never looked through for names.
  std::string page;
  std::string_view rest = FileOfPage("page.html");
  while (!rest.empty()) {
    const std::size_t at = std::min(rest.find('@'), rest.size());
    page += rest.substr(0, at);
    rest.remove_prefix(at);
    if (rest.empty()) break;
    const std::size_t end = rest.find('@', 1);
    const std::string_view name = rest.substr(1, end - 1);
    page +=
        std::ranges::find(parts, name, &std::pair<std::string_view, std::string>::first)->second;
    rest.remove_prefix(end + 1);
  }
  return page;
}

}  // namespace pullproof::conformance::report
