// The program as a user runs it: words in, text and exit status out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/document.h"
#include "base/file.h"
#include "conformance/client/process.h"
#include "mockregistry/registry.h"
#include "mockregistry/scenario.h"
#include "oci/digest.h"

namespace pullproof {
namespace {

namespace fs = std::filesystem;
using conformance::client::ProcessResult;
using conformance::client::ProcessSpec;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Outcome {
  int status = -1;
  std::string out;
  std::string err;
};

class CliTest : public testing::Test {
 protected:
  void SetUp() override {
    auto directory = TemporaryDirectory::Create("cli_test");
    ASSERT_TRUE(directory);
    directory_.emplace(*std::move(directory));
  }

  [[nodiscard]] fs::path Path(std::string_view name) const { return directory_->path() / name; }
  std::string Write(std::string_view name, std::string_view text) {
    EXPECT_TRUE(WriteFile(files_, Path(name), text));
    return Path(name).string();
  }

  Outcome Run(std::vector<std::string> words) {
    ProcessSpec spec;
    spec.argv = std::move(words);
    spec.argv.insert(spec.argv.begin(), PULLPROOF_PROGRAM);
    spec.environment = {{"HOME", Path("home").string()}, {"PATH", "/usr/bin:/bin"}};
    spec.directory = directory_->path();
    const auto result = conformance::client::RunProcess(spec);
    EXPECT_TRUE(result);
    if (!result) return {};
    EXPECT_EQ(result->end, ProcessResult::End::kExited);
    return {result->status, result->out.kept, result->err.kept};
  }

  SystemFileSystem files_;
  std::optional<TemporaryDirectory> directory_;
};

TEST_F(CliTest, HelpTeachesAndMisuseIsStatusTwo) {
  const Outcome help = Run({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.out,
              AllOf(HasSubstr("pullproof test --client skopeo"), HasSubstr("Exit status")));
  for (const std::string command : {"serve", "record", "check", "list", "explain", "test", "smoke",
                                    "report", "resolve", "push", "inspect", "add", "reference"}) {
    EXPECT_THAT(help.out, HasSubstr("  " + command));
    EXPECT_EQ(Run({command, "--help"}).status, 0) << command;
  }
  EXPECT_EQ(Run({}).status, 2);
  EXPECT_EQ(Run({"tset"}).status, 2);
  EXPECT_EQ(Run({"test", "--no-such-flag"}).status, 2);
  EXPECT_THAT(Run({"--version"}).out, StartsWith("pullproof "));
}

TEST_F(CliTest, ReferenceTakesReferencesApart) {
  const Outcome text = Run({"reference", "alpine", "localhost:5000/a/b:v1"});
  EXPECT_EQ(text.status, 0);
  EXPECT_EQ(text.out,
            "domain=docker.io path=library/alpine tag=latest\n"
            "domain=localhost:5000 path=a/b tag=v1\n");
  const std::string digest = "sha256:" + std::string(64, 'a');
  EXPECT_EQ(Run({"reference", "--json", "alpine@" + digest}).out,
            R"({"input":"alpine@)" + digest +
                R"(","domain":"docker.io","path":"library/alpine","digest":")" + digest + "\"}\n");
  const Outcome bad = Run({"reference", "alpine", "Alpine"});
  EXPECT_EQ(bad.status, 1);
  EXPECT_THAT(bad.out, HasSubstr("library/alpine"));
  EXPECT_THAT(bad.err, AllOf(HasSubstr("[reference.uppercase]"), HasSubstr("`alpine`")));
}

TEST_F(CliTest, CheckPointsAtMistakes) {
  const std::string fixture =
      "fixture = 1\nid = \"a\"\nblobs.b = \"x\"\n[[rules]]\nid = \"r\"\non = { op = \"blob.get\" "
      "}\n";
  const Outcome misspelt =
      Run({"check", Write("f.toml", fixture + "do = { body = { flip_bt = 1 } }\n")});
  EXPECT_EQ(misspelt.status, 2);
  EXPECT_THAT(misspelt.err,
              AllOf(HasSubstr("f.toml:7:17: error:"), HasSubstr("did you mean `flip_bit`?")));
  const Outcome broken = Run({"check", Write("g.toml", "fixture = 1\nid = \n")});
  EXPECT_EQ(broken.status, 2);
  EXPECT_THAT(broken.err, HasSubstr("g.toml:2:6: error:"));
  const Outcome absent = Run({"check", Path("absent.toml").string()});
  EXPECT_EQ(absent.status, 2);
  EXPECT_THAT(absent.err, HasSubstr("[file.not-found]"));
}

TEST_F(CliTest, CheckSpeaksJson) {
  const std::string name = Write("f.toml", "fixture = 1\nid = \"a\"\nblbs = {}\n");
  const Outcome json = Run({"check", "--format", "json", name});
  EXPECT_EQ(json.status, 2);
  EXPECT_EQ(json.err, "");
  const auto line = ParseJson(json.out, "stdout");
  ASSERT_TRUE(line) << json.out;
  EXPECT_EQ(*line->Find("errors")->integer(), 1);
  EXPECT_EQ(*line->Find("warnings")->integer(), 0);
  const Node& file = line->Find("files")->array()->front();
  EXPECT_EQ(*file.Find("file")->string(), name);
  const Node& diagnostic = file.Find("diagnostics")->array()->front();
  EXPECT_EQ(*diagnostic.Find("id")->string(), "model.unknown-member");
  EXPECT_EQ(*diagnostic.Find("severity")->string(), "error");
  EXPECT_EQ(*diagnostic.Find("line")->integer(), 3);
  EXPECT_EQ(*diagnostic.Find("column")->integer(), 1);
  EXPECT_THAT(*diagnostic.Find("hint")->string(), HasSubstr("`blobs`"));
  EXPECT_EQ(Run({"check", "--format", "json", "--print", "digests", name}).status, 2);
}

// What SARIF 2.1.0 demands of a log (3.13, 3.14, 3.18, 3.19, 3.27 to 3.30), as far as we use it.
TEST_F(CliTest, CheckSpeaksSarif) {
  const std::string bad = Write("a b.toml", "fixture = 1\nid = \"a\"\nblbs = {}\nblubs = 1\n");
  const std::string good = Write("g.toml", "fixture = 1\nid = \"a\"\n");
  const Outcome sarif =
      Run({"check", "--format", "sarif", bad, good, Path("absent.toml").string()});
  EXPECT_EQ(sarif.status, 2);
  const auto log = ParseJson(sarif.out, "stdout");
  ASSERT_TRUE(log) << sarif.out;
  EXPECT_EQ(*log->Find("version")->string(), "2.1.0");
  ASSERT_EQ(log->Find("runs")->array()->size(), 1U);
  const Node& run = log->Find("runs")->array()->front();
  const Node& driver = *run.Find("tool")->Find("driver");
  EXPECT_EQ(*driver.Find("name")->string(), "pullproof");
  const Node::Array& rules = *driver.Find("rules")->array();
  const Node::Array& results = *run.Find("results")->array();
  ASSERT_EQ(results.size(), 3U);
  for (const Node& result : results) {
    const auto index = static_cast<std::size_t>(*result.Find("ruleIndex")->integer());
    ASSERT_LT(index, rules.size());
    EXPECT_EQ(*rules[index].Find("id")->string(), *result.Find("ruleId")->string());
    EXPECT_EQ(*result.Find("level")->string(), "error");
    EXPECT_FALSE(result.Find("message")->Find("text")->string()->empty());
  }
  const auto physical = [](const Node& result) {
    return *result.Find("locations")->array()->front().Find("physicalLocation");
  };
  const Node first = physical(results.front());
  EXPECT_THAT(*first.Find("artifactLocation")->Find("uri")->string(),
              AllOf(StartsWith("file:///"), EndsWith("/a%20b.toml")));
  EXPECT_EQ(*first.Find("region")->Find("startLine")->integer(), 3);
  EXPECT_EQ(*first.Find("region")->Find("startColumn")->integer(), 1);
  EXPECT_EQ(physical(results.back()).Find("region"), nullptr);
  const auto clean = ParseJson(Run({"check", "--format", "sarif", good}).out, "stdout");
  ASSERT_TRUE(clean);
  EXPECT_TRUE(clean->Find("runs")->array()->front().Find("results")->array()->empty());
}

TEST_F(CliTest, ListShowsProfilesWithTheirSources) {
  const Outcome profiles = Run({"list", "--profiles"});
  EXPECT_EQ(profiles.status, 0);
  EXPECT_THAT(profiles.out, AllOf(HasSubstr("ghcr  GitHub Container Registry\n"),
                                  HasSubstr("    https://github.com/")));
}

TEST_F(CliTest, CheckPrintsDigests) {
  const Outcome digests = Run({"check", "--print", "digests",
                               Write("f.toml", "fixture = 1\nid = \"a\"\nblobs.b = \"hello\"\n")});
  EXPECT_EQ(digests.status, 0);
  EXPECT_THAT(
      digests.out,
      AllOf(StartsWith("## a\n"),
            HasSubstr("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 5")));
}

TEST_F(CliTest, ServeAnnouncesItselfAndStops) {
  const Outcome served = Run({"serve", "--timeout", "1ms"});
  EXPECT_EQ(served.status, 0);
  const auto line = ParseJson(served.out, "stdout");
  ASSERT_TRUE(line) << served.out;
  EXPECT_THAT(*line->Find("listening")->string(), StartsWith("http://127.0.0.1:"));
  EXPECT_GT(*line->Find("pid")->integer(), 0);
  EXPECT_EQ(line->Find("registries")->array()->size(), 1U);
  EXPECT_EQ(Run({"serve", "--timeout", "soon"}).status, 2);
  EXPECT_EQ(Run({"serve", Write("f.toml", "fixture = 2\n")}).status, 2);
}

TEST_F(CliTest, ListAndExplainShowTheSuite) {
  const Outcome list = Run({"list", "--run", "digest.*"});
  EXPECT_EQ(list.status, 0);
  EXPECT_THAT(list.out, AllOf(HasSubstr("digest.blob-mismatch"), Not(HasSubstr("redir."))));
  EXPECT_THAT(Run({"list", "--clients"}).out,
              AllOf(StartsWith("builtin\n"), HasSubstr("\nskopeo\n")));
  const Outcome explained = Run({"explain", "digest.blob-mismatch"});
  EXPECT_EQ(explained.status, 0);
  EXPECT_THAT(explained.out,
              AllOf(StartsWith("digest.blob-mismatch  (MUST)\n"),
                    HasSubstr("Benign twin: digest.honest"), HasSubstr("flip_bit = 4096")));
  const Outcome slip = Run({"explain", "digest.blob-mismatc"});
  EXPECT_EQ(slip.status, 2);
  EXPECT_THAT(slip.err, HasSubstr("did you mean `digest.blob-mismatch`?"));
}

TEST_F(CliTest, TestJudgesAndReportRenders) {
  const std::string lines = Path("run.jsonl").string();
  const Outcome good = Run(
      {"test", "--run", "digest.honest", "--report", lines, "--junit", Path("junit.xml").string()});
  EXPECT_EQ(good.status, 0) << good.out << good.err;
  EXPECT_THAT(good.out, HasSubstr("digest.honest"));
  EXPECT_THAT(*files_.Read(Path("junit.xml"), 1 << 20), HasSubstr("<testsuite"));
  const Outcome table = Run({"report", lines});
  EXPECT_EQ(table.status, 0);
  EXPECT_THAT(table.out, HasSubstr("digest.honest"));
  EXPECT_THAT(Run({"report", lines, "--format", "junit"}).out, HasSubstr("<testsuite"));
  EXPECT_EQ(Run({"report", Write("bad.jsonl", "{}\n")}).status, 2);
}

TEST_F(CliTest, TestCatchesAClientThatIgnoresDigests) {
  const Outcome bad =
      Run({"test", "--client", "mutant:ignores-digests", "--run", "digest.blob-mismatch"});
  EXPECT_EQ(bad.status, 1);
  EXPECT_THAT(bad.out, AllOf(HasSubstr("fail"), HasSubstr("rule `flip`"),
                             HasSubstr("pullproof test --client mutant:ignores-digests --run "
                                       "digest.blob-mismatch")));
}

TEST_F(CliTest, TestSaysWhatItCannotRun) {
  EXPECT_EQ(Run({"test", "--run", "no.such.case"}).status, 2);
  const Outcome unknown = Run({"test", "--client", "skopoe"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.err, HasSubstr("skopeo"));
  EXPECT_EQ(Run({"test", "--run", "digest.honest", "--report", "/dev/full/x"}).status, 3);
}

TEST_F(CliTest, ResolveWritesALockOrNothing) {
  ASSERT_TRUE(files_.CreateDirectories(Path("app")));
  Write("app/a.wasm", std::string_view("\0asm\x0d\0\x01\0", 8));
  const std::string manifest = Write("app/spin.toml",
                                     "spin_manifest_version = 2\n[application]\nname = \"a\"\n"
                                     "[[trigger.http]]\nroute = \"/\"\ncomponent = \"a\"\n"
                                     "[component.a]\nsource = \"a.wasm\"\n");
  const Outcome good = Run({"resolve", manifest});
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_THAT(*files_.Read(Path("app/spin.lock"), 1 << 20), HasSubstr("\"spin_lock_version\": 0"));

  const std::string remote =
      Write("app/remote.toml",
            "spin_manifest_version = 2\n[application]\nname = \"a\"\n[trigger]\n[component.a]\n"
            "source = { reference = \"127.0.0.1:1/a/b:1\", id = \"x\" }\n");
  const Outcome unreachable = Run({"resolve", remote, "-o", Path("app/new.lock").string()});
  EXPECT_EQ(unreachable.status, 1);
  EXPECT_THAT(unreachable.err, HasSubstr("127.0.0.1:1"));
  EXPECT_FALSE(fs::exists(Path("app/new.lock")));
}

// Two clients, from the runs to one page; shards, a baseline and a list of known failures.
TEST_F(CliTest, ReportsOfSeveralRunsAreComparedAndShown) {
  const std::string good = Path("good.jsonl").string();
  const std::string bad = Path("bad.jsonl").string();
  const std::string known = Path("known.toml").string();
  const std::vector<std::string> test = {"test", "--in-process", "--run", "digest.blob-mismatch"};
  const auto run = [&](std::vector<std::string> more) {
    std::vector<std::string> words = test;
    words.insert(words.end(), more.begin(), more.end());
    return Run(words);
  };
  EXPECT_EQ(run({"--report", good}).status, 0);
  EXPECT_EQ(
      run({"--client", "mutant:ignores-digests", "--report", bad, "--write-known-failing", known})
          .status,
      1);
  const Outcome listed = run({"--client", "mutant:ignores-digests", "--known-failing", known});
  EXPECT_EQ(listed.status, 0) << listed.err;
  EXPECT_THAT(listed.out, HasSubstr("1 xfail"));
  const Outcome wrong_client = run({"--known-failing", known});
  EXPECT_EQ(wrong_client.status, 2);
  EXPECT_THAT(wrong_client.err, HasSubstr("known.toml:4:10: error: the list is of"));

  const std::string page = Path("matrix.html").string();
  EXPECT_EQ(Run({"report", good, bad, "--format", "html", "-o", page}).status, 1);
  EXPECT_THAT(*files_.Read(page, 1 << 24),
              HasSubstr("mutant:ignores-digests, digest.blob-mismatch"));
  EXPECT_THAT(Run({"report", good, bad}).err, HasSubstr("[report.one-run]"));
  const Outcome worse = Run({"report", bad, "--baseline", good});
  EXPECT_EQ(worse.status, 1);
  EXPECT_THAT(worse.out, HasSubstr("broken  digest.blob-mismatch: pass -> fail"));
  EXPECT_EQ(Run({"report", bad, "--baseline", bad}).status, 0);
  const Outcome withheld = Run({"report", bad, "--withhold", "mutant:*:digest.*"});
  EXPECT_EQ(withheld.status, 0);
  EXPECT_THAT(withheld.out, AllOf(HasSubstr("withheld"), Not(HasSubstr("flip"))));
}

TEST_F(CliTest, SmokeSaysWhetherAClientCanBeDriven) {
  const Outcome good = Run({"smoke", "--client", "builtin"});
  EXPECT_EQ(good.status, 0);
  EXPECT_THAT(good.out, HasSubstr("It can be driven."));
  const std::string profile = Write("mine.toml", R"(client = 1
name = "mine"
title = "not there"
requires = "no-such-client"
install = "make it"
tried = "untried: there is none"
[verbs.pull]
commands = [["no-such-client", "{ref}"]]
)");
  const Outcome bad = Run({"smoke", "--client", profile});
  EXPECT_EQ(bad.status, 3);
  EXPECT_THAT(bad.out, HasSubstr("make it"));
  EXPECT_THAT(Run({"smoke", "--client", "adapter:/bin/false"}).err, HasSubstr("[adapter.start]"));
}

TEST_F(CliTest, ShardsMergeIntoTheWholeRun) {
  std::vector<std::string> merge = {"report", "--merge", "--format", "jsonl"};
  for (const std::string shard : {"1/2", "2/2"}) {
    merge.push_back(Path(shard.substr(0, 1)).string());
    EXPECT_EQ(
        Run({"test", "--in-process", "--run", "tags.*", "--shard", shard, "--report", merge.back()})
            .status,
        0);
  }
  const Outcome merged = Run(merge);
  EXPECT_EQ(merged.status, 0) << merged.err;
  EXPECT_THAT(merged.out, AllOf(HasSubstr("\"tags.loop\""), HasSubstr("\"tags.pages\"")));
  EXPECT_THAT(Run({"test", "--shard", "3/2"}).err, HasSubstr("[shard.syntax]"));
}

TEST_F(CliTest, PushInspectAddAndResolve) {
  auto registry = mockregistry::Registry::Start(mockregistry::EmptyScenario());
  ASSERT_TRUE(registry);
  const std::string reference = (*registry)->Authority() + "/apps/shop:1.0";
  ASSERT_TRUE(files_.CreateDirectories(Path("shop")));
  ASSERT_TRUE(files_.CreateDirectories(Path("mine")));
  const std::string wasm = std::string("\0asm\x0d\0\x01\0", 8) + std::string(5000, 'w');
  Write("shop/a.wasm", wasm);
  const std::string shop = Write(
      "shop/spin.toml",
      "spin_manifest_version = 2\n[application]\nname = \"shop\"\n[[trigger.http]]\nroute = \"/\"\n"
      "component = \"site\"\n[component.site]\nsource = \"a.wasm\"\nkey_value_stores = "
      "[\"default\"]\n");
  const std::string head =
      "spin_manifest_version = 2\n[application]\nname = \"mine\"\n[[trigger.http]]\nroute = \"/\"\n"
      "component = \"site\" # mine\n";
  const std::string mine = Write("mine/spin.toml", head);

  const Outcome pushed = Run({"push", shop, reference});
  ASSERT_EQ(pushed.status, 0) << pushed.err;
  ASSERT_THAT(pushed.out, StartsWith(reference + "@sha256:"));
  const std::string pinned = pushed.out.substr(0, pushed.out.size() - 1);
  const Outcome again = Run({"push", shop, reference, "--json"});
  EXPECT_THAT(again.out, AllOf(HasSubstr(R"("state":"existed")"), HasSubstr(R"("uploaded":0)"),
                               HasSubstr(R"({"event":"done")")));
  EXPECT_EQ(again.err, "");

  const Outcome text = Run({"inspect", reference});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_THAT(text.out,
              AllOf(HasSubstr("a Spin application: shop"), HasSubstr("stores       default"),
                    HasSubstr(oci::Digest::Of(wasm).ToString() + " (5008 bytes)")));
  const Outcome json = Run({"inspect", "--json", reference});
  const auto document = ParseJson(json.out, "inspect");
  ASSERT_TRUE(document.has_value()) << json.out;
  EXPECT_EQ(*document->Find("kind")->string(), "spin-application");

  const Outcome added = Run({"add", reference, "-f", mine});
  EXPECT_EQ(added.status, 0) << added.err;
  EXPECT_THAT(added.out, AllOf(HasSubstr(pinned), HasSubstr("key_value_stores = [\"default\"]")));
  EXPECT_THAT(*files_.Read(Path("mine/spin.toml"), 1 << 20),
              StartsWith(head + "\n[component.site]\n"));
  EXPECT_EQ(Run({"add", reference, "-f", mine}).status, 1);

  const Outcome resolved = Run({"resolve", mine, "--json"});
  EXPECT_EQ(resolved.status, 0) << resolved.err;
  EXPECT_THAT(resolved.out,
              AllOf(StartsWith(R"({"event":"resolving","manifest":)"),
                    HasSubstr(R"({"event":"layer-done","repository":"apps/shop","digest":")" +
                              oci::Digest::Of(wasm).ToString() + R"(","bytes":5008,"size":5008})"),
                    HasSubstr(R"({"event":"warning","id":"merge.unstated-stores")"),
                    HasSubstr(R"({"event":"done","lock":)")));
  EXPECT_THAT(Run({"resolve", mine, "--offline", "--locked"}).out, "");
}

TEST_F(CliTest, PushAndAddRefuseWhatIsWrong) {
  EXPECT_EQ(Run({"push", "spin.toml"}).status, 2);
  EXPECT_EQ(Run({"push", Path("absent.toml").string(), "127.0.0.1:1/a:1"}).status, 1);
  EXPECT_EQ(Run({"push", "spin.toml", "Upper/a:1"}).status, 1);
  EXPECT_EQ(Run({"push", "spin.toml", "127.0.0.1:1/a:1", "--annotation", "x"}).status, 2);
  EXPECT_EQ(Run({"inspect", "Upper"}).status, 1);
  EXPECT_EQ(Run({"add", "127.0.0.1:1/a:1", "--id", "x", "--digest", "sha256:y"}).status, 2);
  EXPECT_EQ(Run({"add", "127.0.0.1:1/a:1", "--digest", "sha256:y"}).status, 1);
}

}  // namespace
}  // namespace pullproof
