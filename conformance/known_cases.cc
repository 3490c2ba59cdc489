#include "conformance/known_cases.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::conformance {
namespace {

using report::CaseReport;
using report::Verdict;

// A reason that is written for people to replace need not tell a whole exchange.
constexpr std::size_t kMaxReason = 200;

const KnownCase* Find(const std::vector<KnownCase>& cases, std::string_view id) {
  const auto found = std::ranges::find(cases, id, &KnownCase::id);
  return found == cases.end() ? nullptr : &*found;
}

std::vector<KnownCase> ReadTable(TableReader& reader, std::string_view name, const Suite& suite,
                                 Diagnostics& problems) {
  std::vector<std::string_view> ids;
  for (const Case& subject : suite.cases) ids.push_back(subject.id());
  std::vector<KnownCase> cases;
  for (const Node::Member& member : reader.Table(name)) {
    const std::string* reason = member.value.string();
    if (reason == nullptr || Trim(*reason).empty()) {
      problems.Report("known.reason", member.at, fmt::format("`{}` has no reason", member.name),
                      "say in a few words why it fails, best with a link to the client's issue");
      continue;
    }
    if (suite.Find(member.name) == nullptr) {
      problems.Report("known.unknown-case", member.at,
                      fmt::format("the suite has no case `{}`", member.name),
                      SuggestFrom(member.name, ids));
      continue;
    }
    cases.push_back({.id = member.name, .reason = *reason, .at = member.at});
  }
  return cases;
}

bool CanBeExpected(Verdict verdict) { return report::IsFailure(verdict); }

std::string ReasonOf(const CaseReport& report) {
  std::string reason(judge::VerdictName(report.verdict));
  if (!report.findings.empty()) {
    const judge::Finding& first = report.findings.front();
    reason += fmt::format(": expected: {}; seen: {}", first.expected, first.seen);
  } else if (!report.reason.empty()) {
    reason += ": " + report.reason;
  }
  reason = Printable(reason);
  if (reason.size() > kMaxReason) {
    reason.resize(kMaxReason);
    while (!IsUtf8(reason)) reason.pop_back();
    reason += "…";
  }
  return reason;
}

}  // namespace

std::optional<KnownCases> ReadKnownCases(std::string_view text, const std::string& name,
                                         const Suite& suite, std::string_view client,
                                         Diagnostics& problems) {
  Result<Node> document = ParseDocument(text, name);
  if (!document) {
    problems.Report(std::move(document).error());
    return std::nullopt;
  }
  TableReader reader(*document, "the list of known failures", problems);
  reader.Required("known");
  reader.Integer("known", 1, 1, 1);
  KnownCases known{.file = name,
                   .client = reader.String("client"),
                   .failing = ReadTable(reader, "failing", suite, problems),
                   .flaky = ReadTable(reader, "flaky", suite, problems)};
  reader.Finish();
  if (!known.client.empty() && known.client != client) {
    problems.Report(
        "known.client", reader.PositionOf("client"),
        fmt::format("the list is of `{}`, and the client is `{}`", known.client, client),
        "each client has a list of its own");
  }
  for (const KnownCase& flaky : known.flaky) {
    if (Find(known.failing, flaky.id) == nullptr) continue;
    problems.Report("known.twice", flaky.at,
                    fmt::format("`{}` cannot be known both to fail and to be flaky", flaky.id));
  }
  if (problems.HasErrors()) return std::nullopt;
  return known;
}

CaseReport WithKnown(CaseReport report, const KnownCases& known) {
  const KnownCase* failing = Find(known.failing, report.id);
  const KnownCase* expected = failing != nullptr ? failing : Find(known.flaky, report.id);
  if (expected == nullptr) return report;
  if (CanBeExpected(report.verdict)) {
    report.reason =
        fmt::format("known: {} (it was {})", expected->reason, judge::VerdictName(report.verdict));
    report.verdict = Verdict::kXfail;
  } else if (failing != nullptr && judge::IsPass(report.verdict)) {
    report.verdict = Verdict::kXpass;
    report.reason = fmt::format(
        "it passes now; delete this line: {}: {} = {}", FormatPosition(known.file, failing->at),
        CanonicalJsonString(failing->id), CanonicalJsonString(failing->reason));
  }
  return report;
}

std::string WriteKnownCases(const report::Run& run) {
  std::string text = fmt::format(
      "# What {} is known to fail. Each line is a case and the reason: replace those that were "
      "only\n"
      "# copied from a run. A case that passes again fails the run until its line is deleted.\n"
      "known  = 1\nclient = {}\n\n[failing]\n",
      Printable(run.header.client), CanonicalJsonString(run.header.client));
  for (const CaseReport& report : run.cases) {
    if (!CanBeExpected(report.verdict) || report.verdict == Verdict::kXpass) continue;
    text += fmt::format("{} = {}\n", CanonicalJsonString(report.id),
                        CanonicalJsonString(ReasonOf(report)));
  }
  return text;
}

}  // namespace pullproof::conformance
