#include "conformance/report/json_lines.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "base/document.h"
#include "base/table_reader.h"
#include "base/text.h"

namespace pullproof::conformance::report {
namespace {

using judge::Exchange;
using judge::Finding;
using HeaderLines = std::vector<std::pair<std::string, std::string>>;

// --- Writing -----------------------------------------------------------------------------------

Node ToNode(const std::string& text) {
  // What came from outside may be anything; a report is UTF-8.
  return Node(IsUtf8(text) ? text : Printable(text));
}
Node ToNode(std::string_view text) { return ToNode(std::string(text)); }
Node ToNode(const char* text) { return Node(std::string(text)); }
Node ToNode(std::uint64_t number) { return Node(static_cast<std::int64_t>(number)); }
Node ToNode(int number) { return Node(std::int64_t{number}); }
Node ToNode(const std::pair<std::string, std::string>& line);
Node ToNode(const Finding& finding);
Node ToNode(const StepReport& step);
Node ToNode(const Exchange& exchange);

template <typename T>
Node ToNode(const std::vector<T>& items) {
  Node::Array array;
  array.reserve(items.size());
  for (const T& item : items) array.push_back(ToNode(item));
  return Node(std::move(array));
}

// A line of headers is a pair: their order and repetition mean something.
Node ToNode(const std::pair<std::string, std::string>& line) {
  return ToNode(std::vector<std::string>{line.first, line.second});
}

class TableBuilder {
 public:
  template <typename T>
  TableBuilder& Put(std::string name, const T& value) {
    members_.push_back({std::move(name), {}, ToNode(value)});
    return *this;
  }
  // Leaves out what says nothing.
  TableBuilder& PutText(std::string name, const std::string& value) {
    return value.empty() ? *this : Put(std::move(name), value);
  }
  template <typename T>
  TableBuilder& PutList(std::string name, const std::vector<T>& items) {
    return items.empty() ? *this : Put(std::move(name), items);
  }
  Node Build() { return Node(std::move(members_)); }

 private:
  Node::Table members_;
};

Node ToNode(const Finding& finding) {
  return TableBuilder()
      .Put("verdict", judge::VerdictName(finding.verdict))
      .Put("level", mockregistry::content::LevelName(finding.level))
      .Put("id", finding.id)
      .Put("expected", finding.expected)
      .Put("seen", finding.seen)
      .PutText("why", finding.why)
      .Put("step", std::uint64_t{finding.step})
      .PutList("exchanges", finding.exchanges)
      .Build();
}

Node ToNode(const StepReport& step) {
  TableBuilder table;
  table.Put("do", step.verb)
      .PutText("reference", step.reference)
      .Put("outcome", step.outcome)
      .Put("exit_status", step.exit_status)
      .PutText("error_class", step.error_class)
      .Put("took_us", step.took_us)
      .PutList("command", step.command)
      .PutText("out", step.out)
      .PutText("err", step.err);
  if (step.peak_memory) table.Put("peak_memory", *step.peak_memory);
  return table.Build();
}

Node ToNode(const Exchange& exchange) {
  return TableBuilder()
      .Put("number", exchange.number)
      .Put("connection", exchange.connection)
      .Put("received_us", exchange.received_us)
      .Put("took_us", exchange.took_us)
      .Put("host", exchange.host)
      .Put("method", exchange.method)
      .Put("target", exchange.target)
      .PutList("request_headers", exchange.request_headers)
      .PutText("operation", exchange.operation)
      .PutText("name", exchange.name)
      .PutText("rule", exchange.rule)
      .Put("status", exchange.status)
      .PutList("response_headers", exchange.response_headers)
      .Put("body_size", exchange.body_size)
      .Put("body_sent", exchange.body_sent)
      .PutText("ending", exchange.ending)
      .Build();
}

std::string Line(TableBuilder& table) {
  // Nothing in a report is a fraction, the only thing that has no canonical form.
  return CanonicalJson(table.Build()).value_or("{}");
}

// --- Reading -----------------------------------------------------------------------------------

// Reads one line's members; members that it does not ask for are ignored on purpose.
class LineReader {
 public:
  LineReader(const Node& node, std::string what, Diagnostics& problems)
      : table_(node, std::move(what), problems) {}

  std::string Text(std::string_view name) { return table_.String(name); }
  std::vector<std::string> Texts(std::string_view name) { return table_.Strings(name); }
  std::uint64_t Number(std::string_view name) {
    return static_cast<std::uint64_t>(table_.Integer(name, 0, 0));
  }
  int Status(std::string_view name) {
    return static_cast<int>(table_.Integer(name, 0, INT32_MIN, INT32_MAX));
  }
  std::optional<std::uint64_t> OptionalNumber(std::string_view name) {
    if (!table_.Has(name)) return std::nullopt;
    return Number(name);
  }
  Level ReadLevel() {
    return table_.Enum<Level>("level", mockregistry::content::kLevels, Level::kMust);
  }
  Verdict ReadVerdict() {
    const std::string name = table_.RequiredString("verdict");
    const std::optional<Verdict> verdict = judge::VerdictOf(name);
    if (!verdict) {
      table_.problems().Report("model.unknown-value", table_.PositionOf("verdict"),
                               fmt::format("`{}` is no verdict", name));
    }
    return verdict.value_or(Verdict::kError);
  }
  HeaderLines Headers(std::string_view name) {
    HeaderLines lines;
    for (const Node& item : table_.Array(name)) {
      const Node::Array* pair = item.array();
      if (pair == nullptr || pair->size() != 2 || (*pair)[0].string() == nullptr ||
          (*pair)[1].string() == nullptr) {
        table_.ReportKind(item, name, "a list of pairs of strings");
        continue;
      }
      lines.emplace_back(*(*pair)[0].string(), *(*pair)[1].string());
    }
    return lines;
  }
  std::vector<std::uint64_t> Numbers(std::string_view name) {
    std::vector<std::uint64_t> numbers;
    for (const Node& item : table_.Array(name)) {
      if (const std::int64_t* number = item.integer(); number != nullptr && *number >= 0) {
        numbers.push_back(static_cast<std::uint64_t>(*number));
      } else {
        table_.ReportKind(item, name, "a list of numbers");
      }
    }
    return numbers;
  }
  std::span<const Node> Items(std::string_view name) { return table_.Array(name); }

 private:
  TableReader table_;
};

Finding ReadFinding(const Node& node, Diagnostics& problems) {
  LineReader reader(node, "a finding", problems);
  return {.verdict = reader.ReadVerdict(),
          .level = reader.ReadLevel(),
          .id = reader.Text("id"),
          .expected = reader.Text("expected"),
          .seen = reader.Text("seen"),
          .why = reader.Text("why"),
          .step = reader.Number("step"),
          .exchanges = reader.Numbers("exchanges")};
}

StepReport ReadStep(const Node& node, Diagnostics& problems) {
  LineReader reader(node, "a step", problems);
  return {.verb = reader.Text("do"),
          .reference = reader.Text("reference"),
          .outcome = reader.Text("outcome"),
          .exit_status = reader.Status("exit_status"),
          .error_class = reader.Text("error_class"),
          .took_us = reader.Number("took_us"),
          .peak_memory = reader.OptionalNumber("peak_memory"),
          .command = reader.Texts("command"),
          .out = reader.Text("out"),
          .err = reader.Text("err")};
}

Exchange ReadExchange(const Node& node, Diagnostics& problems) {
  LineReader reader(node, "an exchange", problems);
  return {.number = reader.Number("number"),
          .connection = reader.Number("connection"),
          .received_us = reader.Number("received_us"),
          .took_us = reader.Number("took_us"),
          .host = reader.Text("host"),
          .method = reader.Text("method"),
          .target = reader.Text("target"),
          .request_headers = reader.Headers("request_headers"),
          .operation = reader.Text("operation"),
          .name = reader.Text("name"),
          .rule = reader.Text("rule"),
          .status = reader.Status("status"),
          .response_headers = reader.Headers("response_headers"),
          .body_size = reader.Number("body_size"),
          .body_sent = reader.Number("body_sent"),
          .ending = reader.Text("ending")};
}

CaseReport ReadCaseLine(const Node& node, Diagnostics& problems) {
  LineReader reader(node, "the case", problems);
  CaseReport report{.id = reader.Text("id"),
                    .title = reader.Text("title"),
                    .level = reader.ReadLevel(),
                    .spec = reader.Texts("spec"),
                    .why = reader.Text("why"),
                    .file = reader.Text("file"),
                    .twin = reader.Text("twin"),
                    .verdict = reader.ReadVerdict(),
                    .reason = reader.Text("reason"),
                    .findings = {},
                    .notes = reader.Texts("notes"),
                    .steps = {},
                    .exchanges = {},
                    .exchanges_seen = reader.Number("exchanges_seen"),
                    .took_us = reader.Number("took_us"),
                    .again = reader.Text("again"),
                    .kept = reader.Text("kept")};
  for (const Node& item : reader.Items("findings")) {
    report.findings.push_back(ReadFinding(item, problems));
  }
  for (const Node& item : reader.Items("steps")) report.steps.push_back(ReadStep(item, problems));
  for (const Node& item : reader.Items("exchanges")) {
    report.exchanges.push_back(ReadExchange(item, problems));
  }
  return report;
}

Header ReadHeaderLine(const Node& node, Diagnostics& problems) {
  LineReader reader(node, "the run", problems);
  return {.harness = reader.Text("harness"),
          .client = reader.Text("client"),
          .client_version = reader.Text("client_version"),
          .started = reader.Text("started"),
          .run = reader.Texts("run"),
          .skip = reader.Texts("skip"),
          .options = reader.Texts("options"),
          .cases = reader.Number("cases")};
}

Summary ReadSummaryLine(const Node& node, Diagnostics& problems) {
  TableReader reader(node, "the summary", problems);
  Summary summary;
  summary.took_us = static_cast<std::uint64_t>(reader.Integer("took_us", 0, 0));
  for (const Node::Member& member : reader.Table("verdicts")) {
    const std::optional<Verdict> verdict = judge::VerdictOf(member.name);
    const std::int64_t* count = member.value.integer();
    if (!verdict || count == nullptr || *count < 0) {
      problems.Report("model.unknown-value", member.at,
                      fmt::format("`{}` is no count of a verdict", member.name));
      continue;
    }
    summary.counts[*verdict] = static_cast<std::size_t>(*count);
  }
  return summary;
}

class RunReader {
 public:
  explicit RunReader(std::string_view name) : name_(name) {}

  Result<void> Add(std::string_view line, std::size_t number) {
    const std::string where = fmt::format("{}, line {}", name_, number);
    PULLPROOF_ASSIGN_OR_RETURN(const Node node, ParseJson(line, where));
    const Node* type = node.Find("type");
    const std::string kind =
        type != nullptr && type->string() != nullptr ? *type->string() : std::string();
    Diagnostics problems(where);
    if (kind == "run" && !has_header_) {
      PULLPROOF_RETURN_IF_ERROR(CheckVersion(node, where));
      run_.header = ReadHeaderLine(node, problems);
      has_header_ = true;
    } else if (kind == "case" && has_header_ && !has_summary_) {
      run_.cases.push_back(ReadCaseLine(node, problems));
    } else if (kind == "summary" && has_header_ && !has_summary_) {
      run_.summary = ReadSummaryLine(node, problems);
      has_summary_ = true;
    } else {
      return Fail("report.line", "this line is no part of a report at this place", where,
                  "a report is a line of type \"run\", then \"case\" lines, then \"summary\"");
    }
    if (problems.HasErrors()) return std::unexpected(problems.FirstError());
    return {};
  }

  Result<Run> Finish() && {
    if (!has_summary_) {
      return Fail("report.truncated", "the report has no summary: its run did not come to an end",
                  std::string(name_), "run the suite again");
    }
    return std::move(run_);
  }

 private:
  static Result<void> CheckVersion(const Node& node, const std::string& where) {
    const Node* version = node.Find("format");
    const std::int64_t* number = version == nullptr ? nullptr : version->integer();
    if (number != nullptr && *number == kJsonLinesVersion) return {};
    return Fail("report.version",
                fmt::format("this program reads reports of version {} only", kJsonLinesVersion),
                where, "read it with the program that wrote it");
  }

  std::string_view name_;
  Run run_;
  bool has_header_ = false;
  bool has_summary_ = false;
};

}  // namespace

std::string JsonLine(const Header& header) {
  TableBuilder table;
  table.Put("type", "run")
      .Put("format", kJsonLinesVersion)
      .Put("harness", header.harness)
      .Put("client", header.client)
      .PutText("client_version", header.client_version)
      .Put("started", header.started)
      .PutList("run", header.run)
      .PutList("skip", header.skip)
      .PutList("options", header.options)
      .Put("cases", std::uint64_t{header.cases});
  return Line(table);
}

std::string JsonLine(const CaseReport& report) {
  TableBuilder table;
  table.Put("type", "case")
      .Put("id", report.id)
      .Put("title", report.title)
      .Put("level", mockregistry::content::LevelName(report.level))
      .PutList("spec", report.spec)
      .PutText("why", report.why)
      .Put("file", report.file)
      .PutText("twin", report.twin)
      .Put("verdict", judge::VerdictName(report.verdict))
      .PutText("reason", report.reason)
      .PutList("findings", report.findings)
      .PutList("notes", report.notes)
      .PutList("steps", report.steps)
      .PutList("exchanges", report.exchanges)
      .Put("exchanges_seen", report.exchanges_seen)
      .Put("took_us", report.took_us)
      .PutText("again", report.again)
      .PutText("kept", report.kept);
  return Line(table);
}

std::string JsonLine(const Summary& summary) {
  Node::Table counts;
  for (const auto& [verdict, count] : summary.counts) {
    counts.push_back({std::string(judge::VerdictName(verdict)), {}, ToNode(std::uint64_t{count})});
  }
  Node::Table table;
  table.push_back({"type", {}, ToNode("summary")});
  table.push_back({"verdicts", {}, Node(std::move(counts))});
  table.push_back({"took_us", {}, ToNode(summary.took_us)});
  return CanonicalJson(Node(std::move(table))).value_or("{}");
}

void JsonLinesSink::Write(const std::string& line) {
  out_ << line << '\n';
  out_.flush();
}

std::string RenderJsonLines(const Run& run) {
  std::string text = JsonLine(run.header) + '\n';
  for (const CaseReport& report : run.cases) text += JsonLine(report) + '\n';
  return text + JsonLine(run.summary) + '\n';
}

Result<Run> ReadJsonLines(std::string_view text, std::string_view name) {
  RunReader reader(name);
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (Trim(line).empty()) continue;
    PULLPROOF_RETURN_IF_ERROR(reader.Add(line, number));
  }
  return std::move(reader).Finish();
}

}  // namespace pullproof::conformance::report
