#include "conformance/runner.h"

#include <algorithm>
#include <ctime>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/text.h"
#include "conformance/case_run.h"
#include "conformance/judge/judge.h"

namespace pullproof::conformance {
namespace {

using report::CaseReport;
using report::Verdict;

bool MatchesAny(const std::vector<std::string>& globs, std::string_view id) {
  return std::ranges::any_of(globs, [&](const std::string& glob) { return GlobMatch(glob, id); });
}

// The selected cases and their twins, by place in the suite. A twin that is skipped stays skipped.
std::vector<std::size_t> Select(const Suite& suite, const RunOptions& options) {
  std::set<std::size_t> selected;
  const auto is_wanted = [&](const Case& subject) {
    return (options.run.empty() || MatchesAny(options.run, subject.id())) &&
           !MatchesAny(options.skip, subject.id());
  };
  for (std::size_t i = 0; i < suite.cases.size(); ++i) {
    const Case& subject = suite.cases[i];
    if (!is_wanted(subject)) continue;
    selected.insert(i);
    const Case* twin = suite.Find(subject.twin());
    if (twin != nullptr && !MatchesAny(options.skip, twin->id())) {
      selected.insert(static_cast<std::size_t>(twin - suite.cases.data()));
    }
  }
  return {selected.begin(), selected.end()};
}

Error NothingSelected(const Suite& suite, const RunOptions& options) {
  std::vector<std::string_view> ids;
  for (const Case& subject : suite.cases) ids.push_back(subject.id());
  const std::string hint =
      options.run.empty() ? "leave out --skip" : SuggestFrom(options.run.front(), ids);
  return {"suite.nothing-selected", "no case is selected", "", hint};
}

std::uint64_t Microseconds(Duration duration) {
  return static_cast<std::uint64_t>(std::max<Duration::rep>(
      0, std::chrono::duration_cast<std::chrono::microseconds>(duration).count()));
}

std::string Timestamp(std::chrono::system_clock::time_point time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

// The end of a text is where programs say what went wrong.
std::string Kept(std::string_view text, const std::vector<mockregistry::auth::Secret>& secrets) {
  const std::string redacted = judge::RedactText(std::string(text), secrets);
  const std::string_view end = std::string_view(redacted).substr(
      redacted.size() - std::min(redacted.size(), report::kMaxKeptText));
  return Printable(end, KeepLines::kYes);
}

// The first step that the client cannot do; nullopt when it can do all of them.
std::optional<std::string> Unsupported(const Case& subject, const client::Client& client) {
  for (const Step& step : subject.steps) {
    std::vector<std::string> needs = subject.scenario->fixture.needs;
    needs.insert(needs.end(), step.needs.begin(), step.needs.end());
    if (client.Supports(step.verb, needs)) continue;
    return fmt::format("{} cannot do `{}`{}{}", client.name(), client::VerbName(step.verb),
                       needs.empty() ? "" : " with ", fmt::join(needs, ", "));
  }
  return std::nullopt;
}

class SuiteRun {
 public:
  SuiteRun(const Suite& suite, const RunOptions& options, client::Client& client,
           report::Sink& sink)
      : suite_(suite),
        options_(options),
        clock_(options.clock != nullptr ? *options.clock : system_clock_),
        files_(options.files != nullptr ? *options.files : system_files_),
        client_(client),
        sink_(sink),
        selected_(Select(suite, options)),
        done_(selected_.size()) {}

  Result<report::Summary> Run() {
    if (selected_.empty()) return std::unexpected(NothingSelected(suite_, options_));
    sink_.Begin({.harness = options_.harness,
                 .client = client_.name(),
                 .client_version = client_.version(),
                 .started = Timestamp(clock_.Wall()),
                 .run = options_.run,
                 .skip = options_.skip,
                 .cases = selected_.size()});
    const Duration start = clock_.Now();
    {
      const std::size_t jobs =
          std::clamp<std::size_t>(options_.jobs, 1, std::min(kMaxJobs, selected_.size()));
      std::vector<std::jthread> workers;
      for (std::size_t i = 1; i < jobs; ++i) workers.emplace_back([this] { Work(); });
      Work();
    }
    summary_.took_us = Microseconds(clock_.Now() - start);
    sink_.End(summary_);
    return summary_;
  }

 private:
  void Work() {
    while (const std::optional<std::size_t> next = TakeNext()) {
      CaseReport report = RunOne(suite_.cases[selected_[*next]]);
      const std::lock_guard lock(mutex_);
      done_[*next] = std::move(report);
      HandOver();
    }
  }

  std::optional<std::size_t> TakeNext() {
    const std::lock_guard lock(mutex_);
    if (next_ == selected_.size()) return std::nullopt;
    return next_++;
  }

  // Gives the sink every case whose turn it is: itself, its twin and all before it are done.
  // Called under the mutex.
  void HandOver() {
    for (; handed_over_ < done_.size(); ++handed_over_) {
      const std::optional<CaseReport>& report = done_[handed_over_];
      if (!report || !IsTwinDone(*report)) return;
      CaseReport counted = Counted(*report);
      ++summary_.counts[counted.verdict];
      sink_.Add(counted);
    }
  }

  // The twin's place among the selected; nullopt when it is not run.
  [[nodiscard]] std::optional<std::size_t> PlaceOfTwin(const CaseReport& report) const {
    const Case* twin = suite_.Find(report.twin);
    if (report.twin.empty() || twin == nullptr) return std::nullopt;
    const auto place = static_cast<std::size_t>(twin - suite_.cases.data());
    const auto found = std::ranges::lower_bound(selected_, place);
    if (found == selected_.end() || *found != place) return std::nullopt;
    return static_cast<std::size_t>(found - selected_.begin());
  }

  [[nodiscard]] bool IsTwinDone(const CaseReport& report) const {
    const std::optional<std::size_t> twin = PlaceOfTwin(report);
    return !twin || done_[*twin].has_value();
  }

  // A pass that proves nothing, since the client fails at the benign twin too, is none.
  [[nodiscard]] CaseReport Counted(CaseReport report) const {
    if (report.twin.empty() || report.verdict != Verdict::kPass) return report;
    const std::optional<std::size_t> twin = PlaceOfTwin(report);
    if (twin && done_[*twin]->verdict == Verdict::kPass) return report;
    report.verdict = Verdict::kSkipped;
    report.reason =
        twin ? fmt::format("does not count: its benign twin `{}` is {}", report.twin,
                           judge::VerdictName(done_[*twin]->verdict))
             : fmt::format("does not count: its benign twin `{}` was not run", report.twin);
    return report;
  }

  CaseReport RunOne(const Case& subject) {
    const auto& fixture = subject.scenario->fixture;
    CaseReport report;
    report.id = fixture.id;
    report.title = fixture.title;
    report.level = fixture.level;
    report.spec = fixture.spec;
    report.why = fixture.why;
    report.file = subject.file;
    report.twin = fixture.twin;
    if (!options_.again.empty()) report.again = fmt::format("{} {}", options_.again, fixture.id);
    if (std::optional<std::string> reason = Unsupported(subject, client_)) {
      report.verdict = Verdict::kUnsupported;
      report.reason = *std::move(reason);
      return report;
    }
    const Duration start = clock_.Now();
    const CaseRunResult result = RunCase(subject,
                                         {.budget = options_.budget,
                                          .max_memory = options_.max_memory,
                                          .keep = options_.keep,
                                          .clock = &clock_,
                                          .files = &files_},
                                         client_);
    report.took_us = Microseconds(clock_.Now() - start);
    report.kept = result.kept;
    AddJudgement(judge::Judge(subject, result.evidence), result.evidence, report);
    AddSteps(subject, result, report);
    return report;
  }

  static void AddJudgement(judge::Judgement judgement, const judge::Evidence& evidence,
                           CaseReport& report) {
    report.verdict = judgement.verdict;
    report.findings = std::move(judgement.findings);
    report.notes = std::move(judgement.notes);
    for (judge::Finding& finding : report.findings) {
      finding.seen = judge::RedactText(std::move(finding.seen), evidence.secrets);
    }
    report.exchanges_seen = evidence.journal.size() + evidence.dropped;
    report.exchanges = judge::RedactJournal(
        std::span(evidence.journal)
            .first(std::min(evidence.journal.size(), report::kMaxKeptExchanges)),
        evidence.secrets);
  }

  static void AddSteps(const Case& subject, const CaseRunResult& result, CaseReport& report) {
    const judge::Evidence& evidence = result.evidence;
    for (std::size_t i = 0; i < evidence.steps.size(); ++i) {
      const client::Attempt& attempt = evidence.steps[i].attempt;
      report.steps.push_back({.verb = std::string(client::VerbName(subject.steps[i].verb)),
                              .reference = result.references[i],
                              .outcome = std::string(client::OutcomeName(attempt.outcome)),
                              .exit_status = attempt.exit_status,
                              .error_class = attempt.error_class,
                              .took_us = Microseconds(attempt.took),
                              .peak_memory = attempt.peak_memory,
                              .command = attempt.command,
                              .out = Kept(attempt.out, evidence.secrets),
                              .err = Kept(attempt.err, evidence.secrets)});
    }
  }

  const Suite& suite_;
  const RunOptions& options_;
  SystemClock system_clock_;
  SystemFileSystem system_files_;
  Clock& clock_;
  FileSystem& files_;
  client::Client& client_;
  report::Sink& sink_;
  const std::vector<std::size_t> selected_;  // places in the suite, in order

  std::mutex mutex_;  // guards what follows, and the sink
  std::vector<std::optional<CaseReport>> done_;
  std::size_t next_ = 0;
  std::size_t handed_over_ = 0;
  report::Summary summary_;
};

}  // namespace

Result<report::Summary> RunSuite(const Suite& suite, const RunOptions& options,
                                 client::Client& client, report::Sink& sink) {
  return SuiteRun(suite, options, client, sink).Run();
}

}  // namespace pullproof::conformance
