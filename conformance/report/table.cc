#include "conformance/report/table.h"

#include <algorithm>
#include <sstream>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
namespace pullproof::conformance::report {
namespace {

constexpr std::size_t kVerdictWidth = 11;  // "unsupported"; the rare longer one pushes its line
constexpr std::size_t kLevelWidth = 6;     // "SHOULD"
constexpr std::size_t kIdWidth = 36;       // longer ids push their line to the right
constexpr std::size_t kTimeWidth = 7;      // "9999 ms"
constexpr std::size_t kLabelWidth = 9;     // "expected "
// How many exchanges are told without being asked: enough for a case, too few to drown in.
constexpr std::size_t kMaxToldExchanges = 40;

constexpr std::string_view kReset = "\x1b[0m";

std::string_view ColourOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
    case Verdict::kPassNonstrict:
    case Verdict::kXfail:
      return "\x1b[32m";  // green
    case Verdict::kXpass:
    case Verdict::kFlaky:
    case Verdict::kFail:
    case Verdict::kHang:
    case Verdict::kCrash:
    case Verdict::kLeak:
      return "\x1b[1;31m";  // bold red
    case Verdict::kError:
      return "\x1b[35m";  // magenta
    case Verdict::kSkipped:
    case Verdict::kWithheld:
    case Verdict::kUnsupported:
      return "\x1b[33m";  // yellow
  }
  return {};
}

// Characters, not bytes: what a terminal gives a column each, close enough for titles.
std::size_t Columns(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string Padded(std::string_view text, std::size_t width) {
  const std::size_t columns = Columns(text);
  return std::string(text) + std::string(columns < width ? width - columns : 0, ' ');
}

// The text in at most `width` columns, with an ellipsis when something was cut.
std::string Fitted(std::string_view text, std::size_t width) {
  if (Columns(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::size_t end = 0;
  for (std::size_t columns = 0; end < text.size(); ++end) {
    const bool is_first_byte = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
    if (is_first_byte && ++columns == width) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string Coloured(std::string_view text, Verdict verdict, Style style) {
  if (!style.colour) return std::string(text);
  return fmt::format("{}{}{}", ColourOf(verdict), text, kReset);
}

// To the precision that people care about: "850 us", "136 ms", "12.3 s".
std::string Took(std::uint64_t microseconds) {
  if (microseconds < 1'000) return fmt::format("{} us", microseconds);
  if (microseconds < 10'000'000) return fmt::format("{} ms", (microseconds + 500) / 1'000);
  const std::uint64_t tenths = (microseconds + 50'000) / 100'000;
  return fmt::format("{}.{} s", tenths / 10, tenths % 10);
}

std::string Row(const CaseReport& report, Style style) {
  const std::string fixed = fmt::format(
      " {} {} {:>{}}  ", Padded(mockregistry::content::LevelName(report.level), kLevelWidth),
      Padded(Printable(report.id), kIdWidth), report.steps.empty() ? "-" : Took(report.took_us),
      kTimeWidth);
  const std::string verdict = Padded(judge::VerdictName(report.verdict), kVerdictWidth);
  std::string title = Printable(report.title);
  if (style.width != 0) {
    const std::size_t used = kVerdictWidth + Columns(fixed);
    title = Fitted(title, style.width > used ? style.width - used : 0);
  }
  std::string row = Coloured(verdict, report.verdict, style) + fixed + title;
  row.erase(row.find_last_not_of(' ') + 1);
  return row;
}

// "  LABEL   text", with the lines after the first set below the text.
std::string Labelled(std::string_view label, std::string_view text) {
  std::string block;
  for (const std::string_view line : Split(text, '\n')) {
    block += fmt::format("  {}{}\n", Padded(block.empty() ? label : "", kLabelWidth), line);
  }
  return block;
}

std::string ExplainFinding(const CaseReport& report, const judge::Finding& finding) {
  std::string head = fmt::format("[{}]", finding.id);
  if (report.steps.size() > 1 && finding.step != 0)
    head += fmt::format(" in step {}", finding.step);
  if (finding.level != report.level) {
    head += fmt::format(" at level {}", mockregistry::content::LevelName(finding.level));
  }
  std::string text = Labelled("finding", head);
  text += Labelled("expected", Printable(finding.expected));
  text += Labelled("seen", Printable(finding.seen));
  if (!finding.why.empty()) text += Labelled("why", Printable(finding.why));
  return text;
}

bool IsNamed(const CaseReport& report, const judge::Exchange& exchange) {
  return std::ranges::any_of(report.findings, [&](const judge::Finding& finding) {
    return std::ranges::find(finding.exchanges, exchange.number) != finding.exchanges.end();
  });
}

// The exchanges that findings speak of carry a mark.
std::string ExplainExchanges(const CaseReport& report) {
  std::string lines;
  std::size_t told = 0;
  for (const judge::Exchange& exchange : report.exchanges) {
    if (told++ == kMaxToldExchanges) break;
    if (!lines.empty()) lines += '\n';
    lines += fmt::format("{} {}", IsNamed(report, exchange) ? '>' : ' ',
                         judge::DescribeExchange(exchange));
  }
  if (report.exchanges_seen > kMaxToldExchanges) {
    lines += fmt::format("\n  … and {} more", report.exchanges_seen - kMaxToldExchanges);
  }
  return Labelled("registry", lines.empty() ? "  nothing was asked of it" : lines);
}

std::string CountsOf(const Summary& summary, Style style) {
  std::vector<std::string> parts;
  for (const auto& [verdict, count] : summary.counts) {
    parts.push_back(
        Coloured(fmt::format("{} {}", count, judge::VerdictName(verdict)), verdict, style));
  }
  return parts.empty() ? "no case" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string DescribeHeaders(const judge::Exchange& exchange) {
  std::string text;
  for (const auto& [name, value] : exchange.request_headers) {
    text += fmt::format("    > {}: {}\n", Printable(name), Printable(value));
  }
  for (const auto& [name, value] : exchange.response_headers) {
    text += fmt::format("    < {}: {}\n", Printable(name), Printable(value));
  }
  return text;
}

// Every exchange that was kept, with the header lines of both sides.
std::string Trace(const CaseReport& report) {
  std::string text;
  for (const judge::Exchange& exchange : report.exchanges) {
    text += fmt::format("  {}\n{}", judge::DescribeExchange(exchange), DescribeHeaders(exchange));
  }
  return text;
}

}  // namespace

std::string ExplainCase(const CaseReport& report, Style style) {
  std::string text = fmt::format(
      "{} {}: {}\n", Coloured(judge::VerdictName(report.verdict), report.verdict, style),
      Printable(report.id), Printable(report.title));
  if (!report.reason.empty()) text += Labelled("reason", Printable(report.reason));
  if (!report.why.empty()) {
    text += Labelled("why", Printable(Trim(report.why), KeepLines::kYes));
  }
  if (!report.spec.empty()) {
    text += Labelled("spec", Printable(fmt::format("{}", fmt::join(report.spec, ", "))));
  }
  for (const judge::Finding& finding : report.findings) text += ExplainFinding(report, finding);
  for (const std::string& note : report.notes) text += Labelled("note", Printable(note));
  for (const StepReport& step : report.steps) {
    text += Labelled("client",
                     Printable(fmt::format("{} {}: {}, status {}, {}", step.verb, step.reference,
                                           step.outcome, step.exit_status, Took(step.took_us))));
    if (!step.command.empty()) {
      text += Labelled("", Printable(fmt::format("{}", fmt::join(step.command, " "))));
    }
  }
  if (!report.steps.empty()) text += ExplainExchanges(report);
  if (!report.kept.empty()) text += Labelled("kept", Printable(report.kept));
  if (!report.again.empty()) text += Labelled("again", Printable(report.again));
  return text;
}

void TableSink::Begin(const Header& header) {
  const std::string client =
      header.client_version.empty() ? header.client : header.client + " " + header.client_version;
  out_ << Printable(fmt::format("{}, client {}, {} case{}", header.harness, client, header.cases,
                                header.cases == 1 ? "" : "s"))
       << "\n\n";
}

void TableSink::Add(const CaseReport& report) {
  out_ << Row(report, style_) << '\n';
  out_.flush();
  if (detail_ == Detail::kTrace) out_ << Trace(report);
  if (report.verdict != Verdict::kPass) to_explain_.push_back(report);
}

void TableSink::End(const Summary& summary) {
  for (const CaseReport& report : to_explain_) out_ << '\n' << ExplainCase(report, style_);
  out_ << '\n' << CountsOf(summary, style_) << " in " << Took(summary.took_us) << '\n';
  out_.flush();
}

std::string RenderTable(const Run& run, Style style) {
  std::ostringstream out;
  TableSink sink(out, style);
  sink.Begin(run.header);
  for (const CaseReport& report : run.cases) sink.Add(report);
  sink.End(run.summary);
  return std::move(out).str();
}

}  // namespace pullproof::conformance::report
