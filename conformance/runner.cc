#include "conformance/runner.h"

#include <algorithm>
#include <ctime>
#include <map>
#include <mutex>
#include <numeric>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "conformance/case_run.h"
#include "conformance/judge/judge.h"

namespace pullproof::conformance {
namespace {

using report::CaseReport;
using report::Verdict;

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
    const std::vector<std::string> needs = subject.NeedsOf(step);
    if (client.Supports(step.verb, needs)) continue;
    return fmt::format("{} cannot do `{}`{}{}", client.name(), client::VerbName(step.verb),
                       needs.empty() ? "" : " with ", fmt::join(needs, ", "));
  }
  return std::nullopt;
}

std::string DescribeCounts(const std::map<Verdict, std::size_t>& counts) {
  std::vector<std::string> parts;
  for (const auto& [verdict, count] : counts) {
    parts.push_back(fmt::format("{} {}", count, judge::VerdictName(verdict)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

// What a reader must know of the options to run the same again.
std::vector<std::string> OptionsThatMatter(const RunOptions& options) {
  std::vector<std::string> words;
  const Selection& selection = options.selection;
  if (selection.level != Level::kInfo) {
    words.push_back(fmt::format("--level {}", mockregistry::content::LevelName(selection.level)));
  }
  if (selection.shard.count > 1) {
    words.push_back(fmt::format("--shard {}/{}", selection.shard.number, selection.shard.count));
  }
  if (options.strictness == judge::Strictness::kStrict) words.emplace_back("--strict");
  if (options.repeat > 1) words.push_back(fmt::format("--repeat {}", options.repeat));
  if (options.seed) words.push_back(fmt::format("--seed {}", *options.seed));
  return words;
}

// The numbers below `count`: ascending, or shuffled by the seed in a way that is the same
// everywhere (the standard library's own shuffle is not).
std::vector<std::size_t> Order(std::size_t count, std::optional<std::uint64_t> seed) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (!seed) return order;
  std::mt19937_64 random(*seed);
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  return order;
}

class SuiteRun {
 public:
  SuiteRun(const Suite& suite, const RunOptions& options, std::vector<std::size_t> selected,
           client::Client& client, report::Sink& sink)
      : suite_(suite),
        options_(options),
        clock_(options.clock != nullptr ? *options.clock : system_clock_),
        files_(options.files != nullptr ? *options.files : system_files_),
        client_(client),
        sink_(sink),
        selected_(std::move(selected)),
        order_(Order(selected_.size(), options.seed)),
        done_(selected_.size()) {}

  report::Summary Run() {
    sink_.Begin({.harness = options_.harness,
                 .client = client_.name(),
                 .client_version = client_.version(),
                 .started = Timestamp(clock_.Wall()),
                 .run = options_.selection.run,
                 .skip = options_.selection.skip,
                 .options = OptionsThatMatter(options_),
                 .cases = selected_.size()});
    const Duration start = clock_.Now();
    {
      const std::size_t jobs =
          std::min({options_.jobs, kMaxJobs, std::max<std::size_t>(selected_.size(), 1)});
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
      CaseReport report = RunRepeatedly(suite_.cases[selected_[*next]]);
      const std::lock_guard lock(mutex_);
      done_[*next] = std::move(report);
      HandOver();
    }
  }

  std::optional<std::size_t> TakeNext() {
    const std::lock_guard lock(mutex_);
    if (next_ == order_.size()) return std::nullopt;
    return order_[next_++];
  }

  // Gives the sink every case whose turn it is: itself, its twin and all before it are done.
  // Called under the mutex.
  void HandOver() {
    for (; handed_over_ < done_.size(); ++handed_over_) {
      const std::optional<CaseReport>& report = done_[handed_over_];
      if (!report || !IsTwinDone(*report)) return;
      CaseReport counted = Counted(*report);
      if (options_.known != nullptr) counted = WithKnown(std::move(counted), *options_.known);
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
    if (report.twin.empty() || !judge::IsPass(report.verdict)) return report;
    const std::optional<std::size_t> twin = PlaceOfTwin(report);
    if (twin && judge::IsPass(done_[*twin]->verdict)) return report;
    report.verdict = Verdict::kSkipped;
    report.reason =
        twin ? fmt::format("does not count: its benign twin `{}` is {}", report.twin,
                           judge::VerdictName(done_[*twin]->verdict))
             : fmt::format("does not count: its benign twin `{}` was not run", report.twin);
    return report;
  }

  // A case that does not always come to the same is flaky; the first that failed tells what
  // happened then.
  CaseReport RunRepeatedly(const Case& subject) {
    std::map<Verdict, std::size_t> counts;
    std::optional<CaseReport> told;
    for (std::size_t i = 0; i < options_.repeat; ++i) {
      CaseReport report = RunOne(subject, i);
      ++counts[report.verdict];
      if (!told || (!report::IsFailure(told->verdict) && report::IsFailure(report.verdict))) {
        told = std::move(report);
      }
      if (told->verdict == Verdict::kUnsupported) break;
    }
    if (counts.size() > 1) {
      told->verdict = Verdict::kFlaky;
      told->reason = fmt::format("of {} runs: {}", options_.repeat, DescribeCounts(counts));
    }
    return *std::move(told);
  }

  CaseReport RunOne(const Case& subject, std::size_t repetition) {
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
    const std::unique_ptr<Clock> own = options_.clock_of_case ? options_.clock_of_case() : nullptr;
    Clock& clock = own != nullptr ? *own : clock_;
    const Duration start = clock.Now();
    const CaseRunResult result = RunCase(subject,
                                         {.budget = options_.budget,
                                          .max_memory = options_.max_memory,
                                          .keep = options_.keep,
                                          .seed = SeedOf(repetition),
                                          .clock = &clock,
                                          .files = &files_},
                                         client_);
    report.took_us = Microseconds(clock.Now() - start);
    report.kept = result.kept;
    AddJudgement(judge::Judge(subject, result.evidence, options_.strictness), result.evidence,
                 report);
    AddSteps(subject, result, report);
    return report;
  }

  [[nodiscard]] std::optional<std::uint64_t> SeedOf(std::size_t repetition) const {
    if (!options_.seed) return std::nullopt;
    return *options_.seed + repetition;
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
  const std::vector<std::size_t> order_;     // places among the selected, as they are begun

  std::mutex mutex_;  // guards what follows, and the sink
  std::vector<std::optional<CaseReport>> done_;
  std::size_t next_ = 0;
  std::size_t handed_over_ = 0;
  report::Summary summary_;
};

}  // namespace

Result<report::Summary> RunSuite(const Suite& suite, const RunOptions& options,
                                 client::Client& client, report::Sink& sink) {
  PULLPROOF_ASSIGN_OR_RETURN(std::vector<std::size_t> selected, Select(suite, options.selection));
  return SuiteRun(suite, options, std::move(selected), client, sink).Run();
}

}  // namespace pullproof::conformance
