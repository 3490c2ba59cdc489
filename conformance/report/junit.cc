#include "conformance/report/junit.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "base/text.h"
#include "conformance/report/matrix.h"
#include "conformance/report/table.h"

namespace pullproof::conformance::report {
namespace {

using Cases = std::vector<const CaseReport*>;

std::string Seconds(std::uint64_t microseconds) {
  return fmt::format("{}.{:06}", microseconds / 1'000'000, microseconds % 1'000'000);
}

void Set(pugi::xml_node node, const char* name, const std::string& value) {
  node.append_attribute(name).set_value(value.c_str());
}

std::string FirstWords(const CaseReport& report) {
  if (report.findings.empty()) return report.reason;
  const judge::Finding& first = report.findings.front();
  return fmt::format("expected: {}; seen: {}", first.expected, first.seen);
}

// The element that says how the case ended; none for a pass.
const char* ElementOf(Verdict verdict) {
  if (IsFailure(verdict)) return "failure";
  if (verdict == Verdict::kError) return "error";
  return judge::IsPass(verdict) ? nullptr : "skipped";
}

void AddCase(pugi::xml_node suite, const CaseReport& report) {
  pugi::xml_node test = suite.append_child("testcase");
  Set(test, "classname", Printable(AreaOf(report.id)));
  Set(test, "name", Printable(report.id));
  Set(test, "file", Printable(report.file));
  Set(test, "time", Seconds(report.took_us));
  const char* const element = ElementOf(report.verdict);
  if (element == nullptr) return;
  pugi::xml_node ending = test.append_child(element);
  Set(ending, "type", std::string(judge::VerdictName(report.verdict)));
  Set(ending, "message", Printable(FirstWords(report)));
  // ExplainCase has made its text safe already, line feeds excepted.
  ending.append_child(pugi::node_pcdata).set_value(ExplainCase(report, {}).c_str());
}

void AddCounts(pugi::xml_node node, const Cases& cases) {
  const auto count = [&](std::string_view element) {
    return std::to_string(std::ranges::count_if(cases, [&](const CaseReport* report) {
      const char* const own = ElementOf(report->verdict);
      return own != nullptr && own == element;
    }));
  };
  std::uint64_t took_us = 0;
  for (const CaseReport* report : cases) took_us += report->took_us;
  Set(node, "tests", std::to_string(cases.size()));
  Set(node, "failures", count("failure"));
  Set(node, "errors", count("error"));
  Set(node, "skipped", count("skipped"));
  Set(node, "time", Seconds(took_us));
}

}  // namespace

std::string RenderJunit(const Run& run) {
  std::map<std::string, Cases> areas;
  Cases all;
  for (const CaseReport& report : run.cases) {
    areas[std::string(AreaOf(report.id))].push_back(&report);
    all.push_back(&report);
  }
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  Set(declaration, "version", "1.0");
  Set(declaration, "encoding", "UTF-8");
  pugi::xml_node suites = document.append_child("testsuites");
  Set(suites, "name", Printable(fmt::format("pullproof: {}", run.header.client)));
  AddCounts(suites, all);
  for (const auto& [area, cases] : areas) {
    pugi::xml_node suite = suites.append_child("testsuite");
    Set(suite, "name", Printable(area));
    Set(suite, "timestamp", Printable(run.header.started));
    AddCounts(suite, cases);
    for (const CaseReport* report : cases) AddCase(suite, *report);
  }
  std::ostringstream out;
  document.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
  return std::move(out).str();
}

}  // namespace pullproof::conformance::report
