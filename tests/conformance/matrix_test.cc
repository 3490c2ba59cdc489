// Every case can fail: what the small client passes when it behaves, one that misbehaves must not
// pass. And the built-in client passes whatever it can do.
//
// All of it runs in this process: on clocks that only waiting moves, and without sockets but for
// the cases of TLS and proxies, in which nothing waits.
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/file.h"
#include "conformance/client/client.h"
#include "conformance/client/mutant.h"
#include "conformance/report/run.h"
#include "conformance/runner.h"
#include "conformance/suite.h"

namespace pullproof::conformance {
namespace {

using client::Mutant;
using report::Verdict;
using testing::IsEmpty;

constexpr std::string_view kWellBehaved = "well-behaved";

// Cases that no mutant fails, each with its reason: none.
const std::set<std::string_view> kCannotFail = {};

class MatrixTest : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<Diagnostics> problems;
    Result<Suite> suite = LoadSuite(problems);
    ASSERT_TRUE(suite.has_value());
    suite_ = *std::move(suite);
  }

  using Reports = std::map<std::string, report::CaseReport>;
  // Makes the same client for either wire.
  using Make = std::function<std::unique_ptr<client::Client>(client::Wire)>;

  // The verdicts by id. Twins of what is asked for are there too.
  Reports Run(const Make& make, std::string_view glob) {
    Reports reports = RunOver(client::Wire::kInProcess, make, {std::string(glob)});
    std::vector<std::string> others;
    for (const auto& [id, report] : reports) {
      const bool is_tried = report.verdict != Verdict::kUnsupported || !NeedsSockets(id);
      if (!is_tried) others.push_back(id);
    }
    if (others.empty()) return reports;
    for (auto& [id, report] : RunOver(client::Wire::kSockets, make, others)) reports[id] = report;
    return reports;
  }

  Reports RunOver(client::Wire wire, const Make& make, std::vector<std::string> globs) {
    RunOptions options;
    options.selection.run = std::move(globs);
    options.jobs = 2;
    // Over sockets, too: what is waited for between two tries need not pass.
    options.clock_of_case = [] { return std::make_unique<ManualClock>(); };
    const std::unique_ptr<client::Client> client = make(wire);
    report::Collector collector;
    EXPECT_TRUE(RunSuite(suite_, options, *client, collector).has_value());
    Reports reports;
    for (const report::CaseReport& report : collector.run().cases) reports[report.id] = report;
    return reports;
  }

  [[nodiscard]] bool NeedsSockets(const std::string& id) const {
    const Case& subject = *suite_.Find(id);
    const std::vector<std::string> needs = subject.NeedsOf(subject.steps.front());
    return std::ranges::any_of(needs, [](const std::string& need) {
      return need == client::kTlsCapability || need == client::kProxyCapability;
    });
  }

  Reports RunMutant(std::string_view name, std::string_view glob) {
    return Run([&](client::Wire wire) { return *client::MakeMutantClient(name, wire); }, glob);
  }

  // The small client knows nothing of Spin; resolvers that are wrong are in resolve_mutant_test.cc.
  static bool Resolves(const Case& subject) {
    return std::ranges::any_of(
        subject.steps, [](const Step& step) { return step.verb == client::Verb::kResolve; });
  }

  // Failed, not passed over: a case that does not count has not shown anything.
  static bool IsFailure(Verdict verdict) {
    return verdict == Verdict::kFail || verdict == Verdict::kHang || verdict == Verdict::kLeak ||
           verdict == Verdict::kCrash;
  }

  Suite suite_;
};

std::string Describe(const report::CaseReport& report) {
  std::string text = report.id;
  for (const auto& finding : report.findings) {
    text += fmt::format("\n  {}: {}, but {}", finding.id, finding.expected, finding.seen);
  }
  return text + (report.reason.empty() ? "" : "\n  " + report.reason);
}

TEST_F(MatrixTest, TheBuiltinClientPassesWhateverItCanDo) {
  for (const auto& [id, report] : Run(client::MakeBuiltinClient, "*")) {
    if (report.level == Level::kInfo || report.verdict == Verdict::kUnsupported) continue;
    EXPECT_EQ(report.verdict, Verdict::kPass) << Describe(report);
  }
}

TEST_F(MatrixTest, TheWellBehavedClientPassesWhateverItCanDo) {
  for (const auto& [id, report] : RunMutant(kWellBehaved, "*")) {
    if (report.verdict == Verdict::kUnsupported) {
      EXPECT_TRUE(Resolves(*suite_.Find(id))) << Describe(report);
      continue;
    }
    EXPECT_EQ(report.verdict, Verdict::kPass) << Describe(report);
  }
}

TEST_F(MatrixTest, EveryMisbehaviourIsCaughtByTheCaseThatItNames) {
  for (const Mutant& mutant : client::Mutants()) {
    if (mutant.name == kWellBehaved) continue;
    const auto reports = RunMutant(mutant.name, mutant.caught_by);
    const auto report = reports.find(std::string(mutant.caught_by));
    ASSERT_NE(report, reports.end()) << mutant.name;
    EXPECT_TRUE(IsFailure(report->second.verdict)) << mutant.name << " passes " << report->first;
  }
}

TEST_F(MatrixTest, EveryCaseIsFailedByAMisbehaviour) {
  // Those that caught something last come first: cases of one area follow each other.
  std::vector<const Mutant*> mutants;
  for (const Mutant& mutant : client::Mutants()) {
    if (mutant.name != kWellBehaved) mutants.push_back(&mutant);
  }
  std::vector<std::string> never_failed;
  for (const Case& subject : suite_.cases) {
    const bool is_judged = subject.level() != Level::kInfo;
    if (!is_judged || Resolves(subject) || kCannotFail.contains(subject.id())) continue;
    std::ranges::stable_partition(
        mutants, [&](const Mutant* mutant) { return mutant->caught_by == subject.id(); });
    const auto found = std::ranges::find_if(mutants, [&](const Mutant* mutant) {
      return IsFailure(RunMutant(mutant->name, subject.id())[subject.id()].verdict);
    });
    if (found == mutants.end()) {
      never_failed.push_back(subject.id());
    } else {
      std::rotate(mutants.begin(), found, found + 1);
    }
  }
  EXPECT_THAT(never_failed, IsEmpty());
}

}  // namespace
}  // namespace pullproof::conformance
