// The fourth channel: what it cost.
#include <algorithm>

#include <fmt/format.h>

#include "conformance/judge/channels.h"

namespace pullproof::conformance::judge {
namespace {

constexpr std::uint64_t kWholePercent = 100;

void JudgeTime(const Scope& scope, const Limit& limit, Findings& findings) {
  Duration took{};
  for (const StepEvidence& seen : scope.steps) took += seen.attempt.took;
  if (limit.Allows(static_cast<std::uint64_t>(took.count()))) return;
  findings.Add({.id = "time",
                .expected = fmt::format("it takes {}", limit.ToString()),
                .seen = FormatDuration(took),
                .step = scope.step});
}

void JudgeMemory(const Scope& scope, const Limit& limit, Findings& findings) {
  std::optional<std::uint64_t> peak;
  for (const StepEvidence& seen : scope.steps) peak = std::max(peak, seen.attempt.peak_memory);
  if (!peak) {
    findings.Note("memory: not measured, since the client runs in process");
    return;
  }
  if (limit.Allows(*peak)) return;
  findings.Add({.id = "rss",
                .expected = fmt::format("it keeps {} of memory resident", limit.ToString()),
                .seen = FormatBytes(*peak),
                .step = scope.step});
}

void JudgeTotal(const Scope& scope, const Limit& limit, Findings& findings) {
  // A connection that came to no request is none.
  const auto requests = static_cast<std::uint64_t>(std::ranges::count_if(
      scope.journal, [](const auto& entry) { return !entry.method.empty(); }));
  const std::uint64_t total = requests + (scope.step == 0 ? scope.evidence.dropped : 0);
  if (limit.Allows(total)) return;
  findings.Add({.id = "total-requests",
                .expected = fmt::format("it makes {} requests", limit.ToString()),
                .seen = fmt::format("{} requests", total),
                .step = scope.step});
}

void JudgeSent(const Scope& scope, const SentBytesExpected& expected, Findings& findings) {
  std::uint64_t sent = 0;
  Finding finding{.id = "sent-bytes", .step = scope.step};
  for (const auto& entry : scope.journal) {
    if (entry.name != expected.name || entry.body_sent == 0) continue;
    sent += entry.body_sent;
    finding.exchanges.push_back(entry.number);
  }
  std::uint64_t seen = sent;
  if (expected.limit.unit == Limit::Unit::kPercent) {
    const auto& content = scope.subject.scenario->content;
    const auto* blob = content.FindBlob(expected.name);
    const std::uint64_t size =
        blob != nullptr ? blob->bytes->size() : content.FindManifest(expected.name)->bytes.size();
    seen = size == 0 ? 0 : (sent * kWholePercent + size - 1) / size;  // rounded up
  }
  if (expected.limit.Allows(seen)) return;
  finding.expected =
      fmt::format("the registry sends {} of `{}`", expected.limit.ToString(), expected.name);
  finding.seen = fmt::format("{} over {} exchanges", FormatBytes(sent), finding.exchanges.size());
  findings.Add(std::move(finding), scope.expect.sent_bytes_level);
}

}  // namespace

void JudgeBudget(const Scope& scope, Findings& findings) {
  const Expectation& expect = scope.expect;
  if (expect.time) JudgeTime(scope, *expect.time, findings);
  if (expect.memory) JudgeMemory(scope, *expect.memory, findings);
  if (expect.total_requests) JudgeTotal(scope, *expect.total_requests, findings);
  for (const SentBytesExpected& sent : expect.sent_bytes) JudgeSent(scope, sent, findings);
  if (scope.step == 0 && scope.evidence.dropped > 0) {
    findings.Add({.id = "total-requests",
                  .expected = "the client asks a bounded number of times",
                  .seen = fmt::format("more requests than the journal holds: {}",
                                      scope.journal.size() + scope.evidence.dropped)});
  }
}

}  // namespace pullproof::conformance::judge
