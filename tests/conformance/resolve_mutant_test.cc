// Every case of `do = "resolve"` can fail: the built-in resolver passes it, and one that does a
// thing wrong does not.
#include "conformance/client/resolve_mutant.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/report/run.h"
#include "conformance/runner.h"
#include "conformance/suite.h"

namespace pullproof::conformance {
namespace {

using client::ResolveMutant;
using report::Verdict;
using testing::IsEmpty;

bool IsResolve(const Case& subject) {
  return std::ranges::all_of(subject.steps,
                             [](const Step& step) { return step.verb == client::Verb::kResolve; });
}

class ResolveMutantsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<Diagnostics> problems;
    Result<Suite> suite = LoadSuite(problems);
    ASSERT_TRUE(suite);
    std::ranges::copy_if(suite->cases, std::back_inserter(suite_.cases), IsResolve);
    ASSERT_GT(suite_.cases.size(), 150U);
  }

  // The verdicts by id. Twins of what is asked for are there too.
  std::map<std::string, Verdict> Run(client::Client& client, std::string_view glob) {
    RunOptions options;
    options.selection.run = {std::string(glob)};
    options.jobs = 2;
    report::Collector collector;
    EXPECT_TRUE(RunSuite(suite_, options, client, collector));
    std::map<std::string, Verdict> verdicts;
    for (const report::CaseReport& report : collector.run().cases) {
      verdicts[report.id] = report.verdict;
    }
    return verdicts;
  }

  Suite suite_;
};

TEST_F(ResolveMutantsTest, EachIsCaughtByTheCaseThatItNames) {
  for (const ResolveMutant& mutant : client::ResolveMutants()) {
    const auto client = client::MakeResolveMutantClient(mutant.name, client::Wire::kInProcess);
    ASSERT_TRUE(client);
    const auto verdicts = Run(**client, mutant.caught_by);
    ASSERT_TRUE(verdicts.contains(std::string(mutant.caught_by))) << mutant.caught_by;
    EXPECT_EQ(verdicts.at(std::string(mutant.caught_by)), Verdict::kFail) << mutant.name;
  }
}

TEST_F(ResolveMutantsTest, EveryCaseIsPassedByTheBuiltinAndFailedByOneOfThem) {
  const auto builtin = client::MakeBuiltinClient(client::Wire::kInProcess);
  const auto passed = Run(*builtin, "*");
  std::vector<std::string> never_failed;
  for (const Case& subject : suite_.cases) never_failed.push_back(subject.id());
  for (const std::string& id : never_failed) EXPECT_EQ(passed.at(id), Verdict::kPass) << id;
  for (const std::string_view name : {"resolves-anything", "resolves-nothing"}) {
    const auto client = client::MakeResolveMutantClient(name, client::Wire::kInProcess);
    for (const auto& [id, verdict] : Run(**client, "*")) {
      if (verdict == Verdict::kFail) std::erase(never_failed, id);
    }
  }
  EXPECT_THAT(never_failed, IsEmpty());
}

TEST(MakeResolveMutant, KnowsNoOthers) {
  EXPECT_EQ(client::MakeResolveMutantClient("nobody", client::Wire::kInProcess).error().id,
            "client.unknown");
}

}  // namespace
}  // namespace pullproof::conformance
