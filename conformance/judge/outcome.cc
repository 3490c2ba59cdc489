// The first channel: what the client says about itself.
#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "conformance/judge/channels.h"

namespace pullproof::conformance::judge {
namespace {

using client::Attempt;
using client::Outcome;

// Enough to see what a client complained about; the whole text is in the report.
constexpr std::size_t kMaxQuoted = 300;

// The last line that says something: most programs put their error there.
std::string_view LastLine(std::string_view text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  if (end == std::string_view::npos) return {};
  text = text.substr(0, end + 1);
  const std::size_t start = text.find_last_of('\n');
  return start == std::string_view::npos ? text : text.substr(start + 1);
}

std::string WhatItSaid(const Attempt& attempt) {
  std::string_view line = LastLine(attempt.err);
  if (line.empty()) line = LastLine(attempt.out);
  if (line.empty()) return {};
  return fmt::format(", saying: {}", Printable(line.substr(0, kMaxQuoted)));
}

void JudgeError(const Expectation& own, const Expectation& whole, const Attempt& attempt,
                std::size_t step, Findings& findings) {
  const std::vector<std::string>& classes = own.error.empty() ? whole.error : own.error;
  // An adapter that has only an exit status is not compared.
  if (classes.empty() || attempt.error_class.empty()) return;
  if (std::ranges::find(classes, attempt.error_class) != classes.end()) return;
  findings.Add(
      {.id = "error-class",
       .expected = fmt::format("the error is of class {}", fmt::join(classes, " or ")),
       .seen = fmt::format("class {}{}", Printable(attempt.error_class), WhatItSaid(attempt)),
       .step = step});
}

void JudgeTags(const TagsExpected& wanted, const Attempt& attempt, std::size_t step,
               Findings& findings) {
  const std::vector<std::string>& tags = attempt.tags;
  const auto complain = [&](std::string expected, std::string seen) {
    findings.Add(
        {.id = "tags", .expected = std::move(expected), .seen = std::move(seen), .step = step});
  };
  if (wanted.count && *wanted.count != tags.size()) {
    complain(fmt::format("{} tags are listed", *wanted.count), fmt::format("{} tags", tags.size()));
  }
  const auto compare = [&](const std::optional<std::string>& expected, std::string_view which,
                           const std::string* seen) {
    if (!expected || (seen != nullptr && *seen == *expected)) return;
    complain(fmt::format("the {} tag is `{}`", which, *expected),
             seen == nullptr ? "no tags" : fmt::format("`{}`", Printable(*seen)));
  };
  compare(wanted.first, "first", tags.empty() ? nullptr : &tags.front());
  compare(wanted.last, "last", tags.empty() ? nullptr : &tags.back());
}

void JudgeReferrers(const Case& subject, const ReferrersExpected& wanted, const Attempt& attempt,
                    std::size_t step, Findings& findings) {
  const auto judge = [&](const std::vector<std::string>& names, bool must_be_listed) {
    for (const std::string& name : names) {
      // The case was checked: every name has a digest.
      const std::string digest = subject.scenario->content.DigestOfName(name)->ToString();
      if (attempt.out.contains(digest) == must_be_listed) continue;
      findings.Add({.id = "referrers",
                    .expected = fmt::format("`{}` ({}) is {}", name, digest,
                                            must_be_listed ? "listed" : "not listed"),
                    .seen = must_be_listed ? "its digest is not in the output"
                                           : "its digest is in the output",
                    .step = step});
    }
  };
  judge(wanted.listed, true);
  judge(wanted.absent, false);
}

// What ends a case, whatever it expects. False when the attempt came to an answer of its own.
bool JudgeAbnormal(const Attempt& attempt, std::size_t step, Findings& findings) {
  switch (attempt.outcome) {
    case Outcome::kOk:
    case Outcome::kFailed:
      return false;
    case Outcome::kHung:
      findings.Add({.verdict = Verdict::kHang,
                    .id = "hang",
                    .expected = "the client comes to an end by itself",
                    .seen = fmt::format("it was ended after {}", FormatDuration(attempt.took)),
                    .step = step});
      return true;
    case Outcome::kCrashed:
      findings.Add({.verdict = Verdict::kCrash,
                    .id = "crash",
                    .expected = "the client does not crash, whatever it is sent",
                    .seen = fmt::format("it ended with signal or status {}{}", attempt.exit_status,
                                        WhatItSaid(attempt)),
                    .step = step});
      return true;
    case Outcome::kUnsupported:
      findings.Add({.verdict = Verdict::kUnsupported,
                    .id = "unsupported",
                    .expected = "the client can do what the step asks",
                    .seen = fmt::format("it says that it cannot{}", WhatItSaid(attempt)),
                    .step = step});
      return true;
    case Outcome::kBroken:
      findings.Add({.verdict = Verdict::kError,
                    .id = "adapter",
                    .expected = "the client can be run",
                    .seen = fmt::format("it could not be run{}", WhatItSaid(attempt)),
                    .step = step});
      return true;
  }
  return true;
}

}  // namespace

void JudgeOutcome(const Case& subject, const Evidence& evidence, std::size_t index,
                  Findings& findings) {
  const Attempt& attempt = evidence.steps[index].attempt;
  const Step& step = subject.steps[index];
  const std::size_t number = index + 1;
  if (JudgeAbnormal(attempt, number, findings)) return;
  const Wanted wanted = subject.WantedOf(step);
  const bool is_ok = attempt.outcome == Outcome::kOk;
  if (wanted == Wanted::kOk && !is_ok) {
    findings.Add({.id = "result",
                  .expected = "the client succeeds",
                  .seen = fmt::format("it failed with status {}{}", attempt.exit_status,
                                      WhatItSaid(attempt)),
                  .step = number});
  }
  if (wanted == Wanted::kFail && is_ok) {
    findings.Add({.id = "result",
                  .expected = "the client fails",
                  .seen = "it says that it succeeded",
                  .step = number});
  }
  if (!is_ok) {
    if (wanted != Wanted::kOk) {
      JudgeError(step.expect, subject.expect, attempt, number, findings);
    }
    return;
  }
  if (step.verb == client::Verb::kListTags) {
    const std::optional<TagsExpected>& tags =
        step.expect.tags ? step.expect.tags : subject.expect.tags;
    if (tags) JudgeTags(*tags, attempt, number, findings);
  }
  if (step.verb == client::Verb::kReferrers) {
    const std::optional<ReferrersExpected>& referrers =
        step.expect.referrers ? step.expect.referrers : subject.expect.referrers;
    if (referrers) JudgeReferrers(subject, *referrers, attempt, number, findings);
  }
  if (step.verb == client::Verb::kResolve && wanted != Wanted::kFail) {
    JudgeResolved(subject, evidence, index, findings);
  }
}

}  // namespace pullproof::conformance::judge
