// The third channel: what the registry saw.
#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "base/text.h"
#include "conformance/judge/channels.h"
#include "mockregistry/registry.h"
#include "mockregistry/script/vocabulary.h"

namespace pullproof::conformance::judge {
namespace {

using mockregistry::journal::Entry;

// An entry without a method is no request: a connection that was refused, a handshake that failed.
// What the proxy itself is asked is meant only where it is named, as in rules.
bool Means(const mockregistry::script::Matcher& on, const Entry& entry) {
  if (entry.method.empty()) return false;
  if (entry.host == mockregistry::script::kProxyHost && !on.host()) return false;
  return on.Matches(mockregistry::SubjectOf(entry));
}

std::vector<std::uint64_t> NumbersOf(std::span<const Entry> journal,
                                     const std::function<bool(const Entry&)>& matches) {
  std::vector<std::uint64_t> numbers;
  for (const Entry& entry : journal) {
    if (matches(entry)) numbers.push_back(entry.number);
  }
  return numbers;
}

void JudgeCount(const Scope& scope, const RequestsExpected& expected, Findings& findings) {
  std::vector<std::uint64_t> numbers =
      NumbersOf(scope.journal, [&](const Entry& entry) { return Means(expected.on, entry); });
  const std::size_t count = numbers.size();
  if (count > 0 && !expected.note.empty()) {
    findings.Note(fmt::format("{} ({} requests: {})", expected.note, count, expected.description));
  }
  if (expected.count.Contains(count)) return;
  findings.Add({.id = "requests",
                .expected = fmt::format("there are {} requests: {}", expected.count.ToString(),
                                        expected.description),
                .seen = fmt::format("{} of them", count),
                .step = scope.step,
                .exchanges = std::move(numbers)},
               expected.level);
}

void JudgeNever(const Scope& scope, const NeverExpected& expected, Findings& findings) {
  std::vector<std::uint64_t> numbers =
      NumbersOf(scope.journal, [&](const Entry& entry) { return Means(expected.on, entry); });
  if (numbers.empty()) return;
  findings.Add({.id = "never",
                .expected = fmt::format("there is no request: {}", expected.description),
                .seen = fmt::format("{} of them", numbers.size()),
                .why = expected.why,
                .step = scope.step,
                .exchanges = std::move(numbers)},
               expected.level);
}

bool IsEvent(const Event& event, const Expectation& expect, const Entry& entry) {
  switch (event.kind) {
    case Event::Kind::kRule:
      return entry.rule == event.name;
    case Event::Kind::kOperation:
      return !entry.operation.empty() && GlobMatch(event.name, entry.operation);
    case Event::Kind::kExpectation: {
      const auto expected = std::ranges::find(expect.requests, event.name, &RequestsExpected::id);
      return expected != expect.requests.end() && Means(expected->on, entry);
    }
  }
  return false;
}

const Entry* FirstOf(const Event& event, const Expectation& expect,
                     std::span<const Entry> journal) {
  const auto found = std::ranges::find_if(
      journal, [&](const Entry& entry) { return IsEvent(event, expect, entry); });
  return found == journal.end() ? nullptr : &*found;
}

void JudgeOrder(const Scope& scope, Findings& findings) {
  const Entry* last = nullptr;
  std::string_view last_name;
  for (const Event& event : scope.expect.order) {
    const Entry* first = FirstOf(event, scope.expect, scope.journal);
    const auto complain = [&](std::string expected, std::string seen,
                              std::vector<std::uint64_t> exchanges) {
      findings.Add({.id = "order",
                    .expected = std::move(expected),
                    .seen = std::move(seen),
                    .step = scope.step,
                    .exchanges = std::move(exchanges)});
    };
    if (first == nullptr) {
      complain(fmt::format("`{}` happens", event.name), "it never did", {});
      continue;
    }
    if (last != nullptr && first->number < last->number) {
      complain(fmt::format("`{}` first happens before `{}`", last_name, event.name),
               fmt::format("exchange {} came before {}", first->number, last->number),
               {first->number, last->number});
    }
    last = first;
    last_name = event.name;
  }
}

// The exchange that ends a gap which begins with `after`; null when there is none.
const Entry* EndOfGap(const Scope& scope, const GapExpected& gap, const Entry& after) {
  if (!gap.next) return FirstOf(gap.before, scope.expect, scope.journal);
  const auto found = std::ranges::find_if(scope.journal, [&](const Entry& entry) {
    return entry.number > after.number && IsEvent(gap.before, scope.expect, entry);
  });
  return found == scope.journal.end() ? nullptr : &*found;
}

std::string DescribeGap(const GapExpected& gap) {
  const std::string span = gap.min && gap.max ? fmt::format("{} to {}", FormatDuration(*gap.min),
                                                            FormatDuration(*gap.max))
                           : gap.min          ? fmt::format("at least {}", FormatDuration(*gap.min))
                                              : fmt::format("at most {}", FormatDuration(*gap.max));
  return fmt::format("{} lie between `{}` and {}`{}`", span, gap.after.name,
                     gap.next ? "the next " : "", gap.before.name);
}

void JudgeGap(const Scope& scope, const GapExpected& gap, Findings& findings) {
  for (const Entry& after : scope.journal) {
    if (!IsEvent(gap.after, scope.expect, after)) continue;
    const Entry* before = EndOfGap(scope, gap, after);
    // Whether it had to come at all is for `requests` and `result` to say.
    if (before == nullptr) continue;
    // An answer that never went out ended when it was asked for.
    const Duration seen = before->received - std::max(after.answered, after.received);
    if ((!gap.min || seen >= *gap.min) && (!gap.max || seen <= *gap.max)) continue;
    findings.Add({.id = "gap",
                  .expected = DescribeGap(gap),
                  .seen = seen < Duration::zero() ? "the second came before the first was answered"
                                                  : FormatDuration(seen),
                  .step = scope.step,
                  .exchanges = {after.number, before->number}},
                 gap.level);
  }
}

void JudgeFired(const Scope& scope, const std::string& rule, const CountRange& expected,
                Findings& findings) {
  std::vector<std::uint64_t> numbers =
      NumbersOf(scope.journal, [&](const Entry& entry) { return entry.rule == rule; });
  const std::size_t count = numbers.size();
  if (expected.Contains(count)) return;
  Finding finding{
      .id = "fired",
      .expected = fmt::format("rule `{}` fires this often: {}", rule, expected.ToString()),
      .seen = fmt::format("{} times", count),
      .step = scope.step,
      .exchanges = std::move(numbers)};
  if (count == 0) {
    // The client was never put to the test; a warm cache would pass every such case.
    finding.verdict = Verdict::kError;
    finding.seen = "never, so the client was not put to the test";
  }
  findings.Add(std::move(finding));
}

}  // namespace

void JudgeRequests(const Scope& scope, Findings& findings) {
  const Expectation& expect = scope.expect;
  for (const RequestsExpected& expected : expect.requests) JudgeCount(scope, expected, findings);
  for (const NeverExpected& expected : expect.never) JudgeNever(scope, expected, findings);
  JudgeOrder(scope, findings);
  for (const GapExpected& gap : expect.gaps) JudgeGap(scope, gap, findings);
  for (const auto& [rule, count] : expect.fired) JudgeFired(scope, rule, count, findings);
}

}  // namespace pullproof::conformance::judge
