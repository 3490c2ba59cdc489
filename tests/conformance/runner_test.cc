#include "conformance/runner.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "mockregistry/content/byte_source.h"
#include "tests/conformance/fake_client.h"
#include "tests/conformance/small_suite.h"

namespace pullproof::conformance {
namespace {

namespace fs = std::filesystem;
using client::Attempt;
using client::Outcome;
using client::Task;
using mockregistry::Registry;
using report::CaseReport;
using report::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kHonest = HonestCase();
const std::string kHostile = HostileCase();

Suite TwoCases() { return SuiteOf({{"a/honest.toml", kHonest}, {"a/hostile.toml", kHostile}}); }

// Asks for the layer through the registry's core, as an in-process client does, and hands over what
// came: the bytes of the answer.
std::string AskForLayer(const Task& task, Registry& registry) {
  const auto& content = registry.scenario().content;
  mockregistry::api::Request request;
  request.method = "GET";
  request.target = "/v2/lib/app/blobs/" + content.DigestOfName("layer")->ToString();
  if (task.login) {
    request.headers.Add("Authorization",
                        "Basic " + Base64Encode(task.login->user + ":" + task.login->password));
  }
  const mockregistry::script::Plan plan = registry.Exchange(request);
  const std::string bytes = mockregistry::content::ReadAll(*plan.response.body);
  registry.Complete(plan, bytes.size(), "complete");
  return bytes;
}

void Store(const fs::path& path, std::string_view bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

bool IsRight(const std::string& bytes, const Registry& registry) {
  return oci::Digest::Of(bytes) == *registry.scenario().content.DigestOfName("layer");
}

Attempt Honest(const Task& task, Registry& registry) {
  const std::string bytes = AskForLayer(task, registry);
  if (!IsRight(bytes, registry)) return Came(Outcome::kFailed);
  Store(task.output / "layer.tar", bytes);
  return Came(Outcome::kOk);
}

Attempt IgnoresDigests(const Task& task, Registry& registry) {
  Store(task.output / "layer.tar", AskForLayer(task, registry));
  return Came(Outcome::kOk);
}

// The capabilities that a run asks for are those that a test needs to see.
class ChoosyClient final : public client::Client {
 public:
  explicit ChoosyClient(std::vector<std::string> capabilities)
      : capabilities_(std::move(capabilities)) {}
  [[nodiscard]] std::string name() const override { return "choosy"; }
  [[nodiscard]] std::string version() const override { return "1"; }
  [[nodiscard]] bool Supports(client::Verb /*verb*/,
                              const std::vector<std::string>& needs) const override {
    return std::ranges::all_of(needs, [this](const std::string& need) {
      return std::ranges::find(capabilities_, need) != capabilities_.end();
    });
  }
  Attempt Run(const Task& task, Registry& /*registry*/) override {
    ++runs;
    last = task;
    return Came(Outcome::kFailed);
  }

  int runs = 0;
  Task last;

 private:
  std::vector<std::string> capabilities_;
};

Attempt FailsAtEverything(const Task& task, Registry& registry) {
  AskForLayer(task, registry);
  return Came(Outcome::kFailed);
}

report::Run RunWith(const Suite& suite, FakeClient::Behaviour behaviour, RunOptions options = {}) {
  FakeClient client(std::move(behaviour));
  report::Collector collector;
  options.again = "pullproof test --run";
  const Result<report::Summary> summary = RunSuite(suite, options, client, collector);
  EXPECT_TRUE(summary.has_value());
  return collector.run();
}

std::vector<std::string> FindingsOf(const CaseReport& report) {
  std::vector<std::string> ids;
  for (const judge::Finding& finding : report.findings) ids.push_back(finding.id);
  return ids;
}

TEST(RunSuite, AnHonestClientPasses) {
  const report::Run run = RunWith(TwoCases(), Honest);
  ASSERT_EQ(run.cases.size(), 2U);
  EXPECT_EQ(run.cases[0].id, "a.honest");
  EXPECT_EQ(run.cases[0].verdict, Verdict::kPass);
  EXPECT_EQ(run.cases[0].exchanges_seen, 1U);
  EXPECT_EQ(run.cases[0].exchanges[0].name, "layer");
  EXPECT_EQ(run.cases[1].verdict, Verdict::kPass);
  EXPECT_EQ(run.cases[1].exchanges[0].rule, "flip");
  EXPECT_EQ(run.summary.Count(Verdict::kPass), 2U);
  EXPECT_EQ(run.header.client, "fake");
  EXPECT_EQ(run.header.cases, 2U);
}

TEST(RunSuite, AClientThatIgnoresDigestsIsCaught) {
  const report::Run run = RunWith(TwoCases(), IgnoresDigests);
  EXPECT_EQ(run.cases[0].verdict, Verdict::kPass);
  EXPECT_EQ(run.cases[1].verdict, Verdict::kFail);
  EXPECT_THAT(FindingsOf(run.cases[1]), ElementsAre("result", "stored.absent"));
  EXPECT_EQ(run.cases[1].again, "pullproof test --run a.hostile");
}

TEST(RunSuite, AHostileCaseDoesNotCountWithoutItsTwin) {
  const report::Run run = RunWith(TwoCases(), FailsAtEverything);
  EXPECT_EQ(run.cases[0].verdict, Verdict::kFail);
  EXPECT_EQ(run.cases[1].verdict, Verdict::kSkipped);
  EXPECT_EQ(run.cases[1].reason, "does not count: its benign twin `a.honest` is fail");
}

TEST(RunSuite, RunsTheTwinOfASelectedCase) {
  RunOptions options;
  options.selection.run = {"*hostile"};
  const report::Run run = RunWith(TwoCases(), Honest, options);
  ASSERT_EQ(run.cases.size(), 2U);
  EXPECT_EQ(run.cases[1].verdict, Verdict::kPass);
}

TEST(RunSuite, LeavesOutATwinThatIsSkippedAndSaysSo) {
  RunOptions options;
  options.selection.skip = {"a.honest"};
  const report::Run run = RunWith(TwoCases(), Honest, options);
  ASSERT_EQ(run.cases.size(), 1U);
  EXPECT_EQ(run.cases[0].verdict, Verdict::kSkipped);
  EXPECT_EQ(run.cases[0].reason, "does not count: its benign twin `a.honest` was not run");
}

TEST(RunSuite, WantsACaseToRun) {
  FakeClient client(Honest);
  report::Collector collector;
  RunOptions options;
  options.selection.run = {"a.hostil"};
  const Result<report::Summary> summary = RunSuite(TwoCases(), options, client, collector);
  ASSERT_FALSE(summary.has_value());
  EXPECT_EQ(summary.error().id, "suite.nothing-selected");
  EXPECT_EQ(summary.error().hint, "did you mean `a.hostile`?");
}

TEST(RunSuite, AHangIsNoFailure) {
  const report::Run run =
      RunWith(TwoCases(), [](const Task&, Registry&) { return Came(Outcome::kHung); });
  EXPECT_EQ(run.cases[1].verdict, Verdict::kHang);
  EXPECT_EQ(report::ExitStatus(run.summary), 1);
}

TEST(RunSuite, StopsACaseAtTheFirstHang) {
  const Suite suite = SuiteOf({{"a/two.toml", CaseText("a.two", "", R"([[client]]
do = "pull"
ref = "{registry}/lib/app:1.0")")}});
  int calls = 0;
  RunWith(suite, [&](const Task&, Registry&) {
    ++calls;
    return Came(Outcome::kHung);
  });
  EXPECT_EQ(calls, 1);
}

TEST(RunSuite, AnUnsupportedVerbIsNotTried) {
  const Suite suite = SuiteOf({{"a/push.toml", R"(fixture = 1
id = "a.push"
blobs.layer = { layer = "1KiB" }
[[client]]
do = "push"
ref = "{registry}/lib/app:1.0"
)"}});
  const report::Run run = RunWith(suite, [](const Task&, Registry&) {
    ADD_FAILURE() << "it was run";
    return Came(Outcome::kOk);
  });
  EXPECT_EQ(run.cases[0].verdict, Verdict::kUnsupported);
  EXPECT_EQ(run.cases[0].reason, "fake cannot do `push`");
}

TEST(RunSuite, WritesOutsideAreSeen) {
  const Suite suite = SuiteOf({{"a/honest.toml", kHonest}});
  for (const std::string_view path :
       {"../evil.txt", "../../evil.txt", "../../../../../evil.txt", "../../sentinel/keep.txt"}) {
    const report::Run run = RunWith(suite, [&](const Task& task, Registry& registry) {
      Store((task.output / path).lexically_normal(), "evil");
      return Honest(task, registry);
    });
    EXPECT_EQ(run.cases[0].verdict, Verdict::kFail) << path;
    EXPECT_THAT(FindingsOf(run.cases[0]), ElementsAre("stored.outside")) << path;
  }
}

TEST(RunSuite, HomesAreKeptFromStepToStepUnlessFresh) {
  const Suite suite = SuiteOf({{"a/homes.toml", CaseText("a.homes", "", R"([[client]]
do = "pull"
ref = "{registry}/lib/app:1.0"
[[client]]
fresh = true
do = "pull"
ref = "{registry}/lib/app:1.0")")}});
  std::vector<fs::path> homes;
  std::vector<fs::path> outputs;
  RunWith(suite, [&](const Task& task, Registry&) {
    EXPECT_TRUE(fs::is_directory(task.home));
    EXPECT_TRUE(fs::is_empty(task.output));
    homes.push_back(task.home);
    outputs.push_back(task.output);
    return Came(Outcome::kOk);
  });
  ASSERT_EQ(homes.size(), 3U);
  EXPECT_EQ(homes[0], homes[1]);
  EXPECT_NE(homes[1], homes[2]);
  EXPECT_EQ(std::set<fs::path>(outputs.begin(), outputs.end()).size(), 3U);
  EXPECT_FALSE(fs::exists(homes[0])) << "everything is removed";
}

TEST(RunSuite, KeepsDirectoriesWhenAsked) {
  RunOptions options;
  options.keep = true;
  const report::Run run = RunWith(SuiteOf({{"a/honest.toml", kHonest}}), Honest, options);
  ASSERT_FALSE(run.cases[0].kept.empty());
  EXPECT_TRUE(fs::is_directory(run.cases[0].kept));
  fs::remove_all(run.cases[0].kept);
}

TEST(RunSuite, TurnsRulesOnAndOffBetweenSteps) {
  const Suite suite = SuiteOf({{"a/rules.toml", CaseText("a.rules", R"([[rules]]
id = "flip"
enabled = false
on = { op = "blob.get" }
do = { body = { flip_bit = 9 } })",
                                                         R"([[client]]
enable = ["flip"]
do = "pull"
ref = "{registry}/lib/app:1.0"
expect = { result = "fail", fired = { flip = 1 } }
[[client]]
disable = ["flip"]
do = "pull"
ref = "{registry}/lib/app:1.0")")}});
  EXPECT_EQ(RunWith(suite, Honest).cases[0].verdict, Verdict::kPass);
}

TEST(RunSuite, FillsPlaceholdersAndWritesTheImportersFiles) {
  const Suite suite = SuiteOf({{"a/resolve.toml", R"(fixture = 1
id = "a.resolve"
blobs.layer = { layer = "1KiB" }
[[client]]
do = "resolve"
files = { "spin.toml" = "{registry} {digest:layer}", "css/a.css" = "a {}" }
[client.expect]
assets = { "site/a.css" = "a {}" }
lock = { from = "{registry}" }
)"}});
  const report::Run run = RunWith(suite, [](const Task& task, Registry& registry) {
    SystemFileSystem files;
    EXPECT_EQ(
        files.Read(task.input / "spin.toml", 1000),
        registry.Authority() + " " + registry.scenario().content.DigestOfName("layer")->ToString());
    Store(task.output / client::kAssetsName / "site/a.css", "a {}");
    Store(task.output / client::kLockName, "{\"from\":\"" + registry.Authority() + "\"}");
    return Came(Outcome::kOk);
  });
  EXPECT_EQ(run.cases[0].verdict, Verdict::kPass);
}

// What the lock must not say is as much an expectation as what it must.
TEST(RunSuite, SeesWhatMustNotBeInALock) {
  const Suite suite = SuiteOf({{"a/resolve.toml", R"(fixture = 1
id = "a.resolve"
[[client]]
do = "resolve"
files = { "spin.toml" = "" }
[client.expect]
lock = { env = { absent = true }, list = [ { inner = { absent = true } } ] }
)"}});
  const auto verdict_of = [&](std::string lock) {
    const report::Run run = RunWith(suite, [&](const Task& task, Registry&) {
      Store(task.output / client::kLockName, lock);
      return Came(Outcome::kOk);
    });
    return run.cases[0].findings.empty() ? "" : run.cases[0].findings[0].seen;
  };
  EXPECT_EQ(verdict_of(R"({"list":[]})"), "`lock.list` has 0 items, not 1");
  EXPECT_EQ(verdict_of(R"({"list":[{}]})"), "");
  EXPECT_EQ(verdict_of(R"({"list":[{"inner":null}]})"), "`lock.list[0].inner` is there");
  EXPECT_EQ(verdict_of(R"({"env":{},"list":[{}]})"), "`lock.env` is there");
}

TEST(RunSuite, FindsALoginAtAnotherHostAndShowsItNowhere) {
  const Suite suite = SuiteOf({{"a/login.toml", R"(fixture = 1
id = "a.login"
hosts.registry = {}
hosts.other = { name = "localhost" }
blobs.layer = { layer = "1KiB" }
[[client]]
do = "pull"
ref = "{registry}/lib/app:1.0"
login = { user = "alice", password = "correct-horse-battery" }
[expect]
result = "any"
)"}});
  const report::Run run = RunWith(suite, [](const Task& task, Registry& registry) {
    mockregistry::api::Request request;
    request.method = "GET";
    request.target = "/?password=" + task.login->password;
    request.host = "other";
    const auto plan = registry.Exchange(request);
    registry.Complete(plan, 0, "complete");
    Attempt attempt = Came(Outcome::kFailed);
    attempt.err = "could not log in with " + task.login->password;
    return attempt;
  });
  EXPECT_EQ(run.cases[0].verdict, Verdict::kLeak);
  EXPECT_EQ(run.cases[0].exchanges[0].target, "/?password=<password>");
  EXPECT_EQ(run.cases[0].steps[0].err, "could not log in with <password>");
}

TEST(RunSuite, GivesAStepTheTimeThatItsCaseAllows) {
  const Suite suite =
      SuiteOf({{"a/slow.toml", CaseText("a.slow", "", "[expect]\ntime = \"<=90s\"")},
               {"a/usual.toml", CaseText("a.usual", "", "[expect]\ntime = \"<=1s\"")}});
  std::vector<Duration> budgets;
  RunWith(suite, [&](const Task& task, Registry&) {
    budgets.push_back(task.budget);
    return Came(Outcome::kOk);
  });
  EXPECT_THAT(budgets, ElementsAre(std::chrono::seconds(90), kDefaultBudget));
}

// Which of many cases end first is up to the machine; what is reported, and in which order, is not.
TEST(RunSuite, ReportsTheSameWhateverTheJobs) {
  std::vector<SuiteFile> files{{"a/honest.toml", kHonest}};
  for (int i = 0; i < 20; ++i) {
    const std::string id = fmt::format("b.case-{}", i);
    std::string text = i % 2 == 0 ? kHostile : kHonest;
    text.replace(text.find(i % 2 == 0 ? "a.hostile" : "a.honest"), i % 2 == 0 ? 9 : 8, id);
    files.push_back({fmt::format("b/case-{}.toml", i), text});
  }
  const Suite suite = SuiteOf(files);
  const auto verdicts = [&](std::size_t jobs) {
    RunOptions options;
    options.jobs = jobs;
    std::vector<std::string> lines;
    for (const CaseReport& report : RunWith(suite, IgnoresDigests, options).cases) {
      lines.push_back(fmt::format("{} {}", report.id, judge::VerdictName(report.verdict)));
    }
    return lines;
  };
  const std::vector<std::string> alone = verdicts(1);
  EXPECT_EQ(alone.size(), 21U);
  EXPECT_EQ(verdicts(8), alone);
}

TEST(RunSuite, WhatIsNotAlwaysTheSameIsFlaky) {
  const Suite suite = SuiteOf({{"a/honest.toml", kHonest}});
  int calls = 0;
  RunOptions options;
  options.repeat = 3;
  const report::Run run = RunWith(
      suite,
      [&](const Task& task, Registry& registry) {
        return ++calls == 2 ? FailsAtEverything(task, registry) : Honest(task, registry);
      },
      options);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(run.cases[0].verdict, Verdict::kFlaky);
  EXPECT_EQ(run.cases[0].reason, "of 3 runs: 2 pass, 1 fail");
  EXPECT_THAT(FindingsOf(run.cases[0]), testing::Contains("result")) << "of the run that failed";
  EXPECT_THAT(run.header.options, ElementsAre("--repeat 3"));
}

TEST(RunSuite, TheSeedShufflesTheOrderAndNotTheReport) {
  std::vector<SuiteFile> files;
  for (int i = 0; i < 10; ++i) {
    files.push_back({fmt::format("a/c{}.toml", i), CaseText(fmt::format("a.c{}", i), "", "")});
  }
  const Suite suite = SuiteOf(files);
  const auto begun = [&](std::optional<std::uint64_t> seed) {
    std::vector<std::string> order;
    RunOptions options;
    options.seed = seed;
    const report::Run run = RunWith(
        suite,
        [&](const Task& task, Registry& registry) {
          order.push_back(registry.scenario().fixture.id);
          return Honest(task, registry);
        },
        options);
    EXPECT_TRUE(std::ranges::is_sorted(run.cases, {}, &CaseReport::id));
    return order;
  };
  EXPECT_TRUE(std::ranges::is_sorted(begun(std::nullopt)));
  EXPECT_EQ(begun(7), begun(7));
  EXPECT_NE(begun(7), begun(8));
}

TEST(RunSuite, LaysWhatIsKnownOverTheVerdicts) {
  const Suite suite = TwoCases();
  KnownCases known;
  known.file = "known.toml";
  known.failing = {{.id = "a.hostile", .reason = "careless", .at = {.line = 3, .column = 1}}};
  RunOptions options;
  options.known = &known;
  const report::Run failing = RunWith(suite, IgnoresDigests, options);
  EXPECT_EQ(failing.cases[1].verdict, Verdict::kXfail);
  EXPECT_EQ(report::ExitStatus(failing.summary), 0);
  const report::Run passing = RunWith(suite, Honest, options);
  EXPECT_EQ(passing.cases[1].verdict, Verdict::kXpass);
  EXPECT_EQ(report::ExitStatus(passing.summary), 1);
}

TEST(RunSuite, AShouldWithinAMustCaseWeighsLessUnlessStrict) {
  const Suite suite = SuiteOf({{"a/lenient.toml", CaseText("a.lenient", "", R"([expect]
requests = [ { on = { op = "blob.get" }, count = "2", level = "SHOULD" } ])")}});
  RunOptions options;
  const report::Run usual = RunWith(suite, Honest, options);
  EXPECT_EQ(usual.cases[0].verdict, Verdict::kPassNonstrict);
  EXPECT_THAT(FindingsOf(usual.cases[0]), ElementsAre("requests"));
  EXPECT_EQ(report::ExitStatus(usual.summary), 0);
  options.strictness = judge::Strictness::kStrict;
  EXPECT_EQ(RunWith(suite, Honest, options).cases[0].verdict, Verdict::kFail);
}

TEST(RunSuite, AnEmptyShardIsARunWithoutCases) {
  RunOptions options;
  options.selection.shard = {.number = 2, .count = 2};
  const report::Run run = RunWith(TwoCases(), Honest, options);
  EXPECT_THAT(run.cases, IsEmpty());
  EXPECT_THAT(run.header.options, ElementsAre("--shard 2/2"));
}

// A client that looks past its proxy would ask whoever has these names in the world.
TEST(Runner, NeverRunsAClientWithoutProxyWhereAHostHasAName) {
  constexpr std::string_view kCase = R"(
fixture = 1
id      = "a.named"
title   = "A name"
HOSTS
[[client]]
do  = "pull"
ref = "{registry}/lib/app:1.0"
[expect]
result = "any"
total_requests = "<=1"
)";
  struct Row {
    const char* hosts;
    std::vector<std::string> capabilities;
    bool is_run;
  };
  const std::vector<Row> rows = {
      {"hosts.registry = {}", {}, true},
      {"hosts.registry = { names = [\"registry.example\"] }", {}, false},
      {"hosts.registry = { names = [\"registry.example\"] }", {"tls"}, false},
      {"hosts.registry = { names = [\"registry.example\"] }", {"proxy"}, true},
      {"hosts.registry = {}\nhosts.cdn = { names = [\"cdn.example\"] }", {}, false},
      {"hosts.registry = { tls = true }", {"proxy"}, false},
      {"hosts.registry = { tls = true }", {"tls"}, true},
      {"hosts.registry = { tls = true, names = [\"registry.example\"] }", {"tls"}, false},
      {"hosts.registry = { tls = true, names = [\"registry.example\"] }", {"tls", "proxy"}, true},
  };
  for (const Row& row : rows) {
    std::string text(kCase);
    text.replace(text.find("HOSTS"), 5, row.hosts);
    ChoosyClient client(row.capabilities);
    report::Collector collector;
    ASSERT_TRUE(RunSuite(SuiteOf({{"a/named.toml", text}}), {}, client, collector).has_value());
    EXPECT_EQ(client.runs, row.is_run ? 1 : 0) << row.hosts;
    if (!row.is_run) {
      EXPECT_EQ(collector.run().cases.at(0).verdict, Verdict::kUnsupported) << row.hosts;
    }
  }
}

TEST(Runner, TellsTheClientHowToReachTheHosts) {
  const auto task_of = [](std::string_view hosts, std::string_view step) {
    const std::string text = fmt::format(R"(
fixture = 1
id      = "a.told"
title   = "What it is told"
{}
[[client]]
do  = "pull"
{}
[expect]
result = "any"
total_requests = "<=1"
)",
                                         hosts, step);
    ChoosyClient client({"tls", "proxy"});
    report::Collector collector;
    EXPECT_TRUE(RunSuite(SuiteOf({{"a/told.toml", text}}), {}, client, collector).has_value());
    EXPECT_EQ(client.runs, 1) << text;
    return client.last;
  };
  const std::string pull = "ref = \"{registry}/lib/app:1.0\"\n";
  const Task plain = task_of("hosts.registry = {}", pull);
  EXPECT_TRUE(plain.plain_http);
  EXPECT_EQ(plain.ca_file, "");
  EXPECT_EQ(plain.proxy, "");
  const Task tls = task_of("hosts.registry = { tls = true }", pull);
  EXPECT_FALSE(tls.plain_http);
  EXPECT_NE(tls.ca_file, "");
  EXPECT_EQ(tls.proxy, "");
  const Task named = task_of("hosts.registry = { names = [\"registry.example\"] }", pull);
  EXPECT_FALSE(named.plain_http) << "nobody said that it may be asked in clear text";
  EXPECT_EQ(named.reference, "registry.example/lib/app:1.0");
  EXPECT_THAT(named.proxy, testing::StartsWith("http://127.0.0.1:"));
  EXPECT_TRUE(
      task_of("hosts.registry = { names = [\"registry.example\"] }", pull + "insecure = true")
          .plain_http);
  const Task hub = task_of("hosts.registry = { tls = true, names = [\"registry-1.docker.io\"] }",
                           "ref = \"alpine\"\nproxy_login = { user = \"u\", password = \"p@ss\" }");
  EXPECT_EQ(hub.reference, "alpine");
  EXPECT_FALSE(hub.plain_http);
  EXPECT_THAT(hub.proxy, testing::StartsWith("http://u:p%40ss@127.0.0.1:"));
}

}  // namespace
}  // namespace pullproof::conformance
