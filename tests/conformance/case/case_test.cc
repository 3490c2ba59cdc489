#include "conformance/case/case.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::conformance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kHead = R"(
fixture = 1
id      = "a.b"
title   = "A case"
twin    = "a.benign"
hosts.registry  = {}
hosts.cdn       = { name = "localhost" }
blobs.layer     = { layer = "1KiB" }
manifests.app   = { image = { layers = ["layer"] } }
repos."lib/app" = { tags = { "1.0" = "app" } }
[[rules]]
id = "flip"
on = { op = "blob.get" }
do = { body = { flip_bit = 1 } }
)";

constexpr std::string_view kPull = R"(
[[client]]
do  = "pull"
ref = "{registry}/lib/app:1.0"
)";

struct Outcome {
  std::optional<Case> read;
  std::vector<std::string> errors;    // ids
  std::vector<std::string> warnings;  // ids
  std::vector<std::string> hints;
};

Outcome Read(const std::string& text) {
  Diagnostics problems("case.toml");
  Outcome outcome{ReadCase(text, "case.toml", "", problems), {}, {}, {}};
  for (const Diagnostic& problem : problems.all()) {
    (problem.severity == Severity::kError ? outcome.errors : outcome.warnings)
        .push_back(problem.id);
    if (!problem.hint.empty()) outcome.hints.push_back(problem.hint);
  }
  return outcome;
}

Outcome ReadWith(std::string_view rest) { return Read(fmt::format("{}{}{}", kHead, kPull, rest)); }

TEST(ReadCase, ReadsEveryExpectation) {
  const Outcome outcome = ReadWith(R"(
[expect]
result         = "fail"
error          = ["digest_mismatch", "size_mismatch"]
stored         = { whole = ["app"], absent = ["layer"] }
fired          = { flip = "1.." }
requests       = [
  { id = "blobs", on = { op = "blob.get", name = "layer" }, count = "1..5", level = "INFO", note = "seen" },
  { on = { op = "manifest.*" } },
]
never          = [ { on = { op = "token" }, why = "nobody asked" } ]
order          = ["manifest.get", "blobs", "flip"]
gap            = [ { after = "flip", before = "next:blob.get", min = "950ms", max = "2s" } ]
no_secret_to   = ["cdn"]
sent_bytes     = { layer = "<=150%", level = "INFO" }
total_requests = "<=40"
time           = "<=5s"
rss            = "<=512MiB"
)");
  ASSERT_THAT(outcome.errors, IsEmpty());
  EXPECT_THAT(outcome.warnings, IsEmpty());
  const Expectation& expect = outcome.read->expect;
  EXPECT_EQ(expect.result, Wanted::kFail);
  EXPECT_THAT(expect.error, ElementsAre("digest_mismatch", "size_mismatch"));
  EXPECT_THAT(expect.whole, ElementsAre("app"));
  EXPECT_THAT(expect.absent, ElementsAre("layer"));
  ASSERT_EQ(expect.fired.size(), 1U);
  EXPECT_EQ(expect.fired[0].second, (CountRange{.low = 1, .high = std::nullopt}));
  ASSERT_EQ(expect.requests.size(), 2U);
  EXPECT_EQ(expect.requests[0].description, "op blob.get, name layer");
  EXPECT_EQ(expect.requests[0].count, (CountRange{.low = 1, .high = 5}));
  EXPECT_EQ(expect.requests[0].level, Level::kInfo);
  EXPECT_EQ(expect.requests[1].count, (CountRange{.low = 1, .high = std::nullopt}));
  ASSERT_EQ(expect.never.size(), 1U);
  EXPECT_EQ(expect.never[0].why, "nobody asked");
  ASSERT_EQ(expect.order.size(), 3U);
  EXPECT_EQ(expect.order[0].kind, Event::Kind::kOperation);
  EXPECT_EQ(expect.order[1].kind, Event::Kind::kExpectation);
  EXPECT_EQ(expect.order[2].kind, Event::Kind::kRule);
  ASSERT_EQ(expect.gaps.size(), 1U);
  EXPECT_TRUE(expect.gaps[0].next);
  EXPECT_EQ(expect.gaps[0].min, std::chrono::milliseconds(950));
  EXPECT_EQ(expect.gaps[0].max, std::chrono::seconds(2));
  EXPECT_THAT(expect.no_secret_to, ElementsAre("cdn"));
  EXPECT_EQ(expect.sent_bytes[0].limit.value, 150U);
  EXPECT_EQ(expect.sent_bytes_level, Level::kInfo);
  EXPECT_EQ(expect.total_requests->value, 40U);
  EXPECT_EQ(expect.time->value, 5'000'000'000U);
  EXPECT_EQ(expect.memory->value, std::uint64_t{512} << 20U);
}

TEST(ReadCase, ReadsSteps) {
  const Outcome outcome = Read(fmt::format("{}{}", kHead, R"(
[[client]]
do       = "pull"
ref      = "{registry}/lib/app@{digest:app}"
platform = "linux/arm64"
login    = { user = "alice", password = "secret" }
disable  = ["flip"]
needs    = "platform"

[[client]]
do     = "list-tags"
ref    = "{registry}/lib/app"
enable = ["flip"]
fresh  = true
expect = { result = "ok", tags = { count = 1, first = "1.0", last = "1.0" }, fired = { flip = "0.." } }
)"));
  ASSERT_THAT(outcome.errors, IsEmpty());
  const std::vector<Step>& steps = outcome.read->steps;
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].verb, client::Verb::kPull);
  EXPECT_EQ(steps[0].platform, "linux/arm64");
  EXPECT_EQ(steps[0].login->password, "secret");
  EXPECT_THAT(steps[0].disable, ElementsAre("flip"));
  EXPECT_THAT(steps[0].needs, ElementsAre("platform"));
  EXPECT_FALSE(steps[0].fresh);
  EXPECT_EQ(steps[1].verb, client::Verb::kListTags);
  EXPECT_TRUE(steps[1].fresh);
  EXPECT_EQ(steps[1].expect.tags->count, 1U);
}

TEST(ReadCase, AResultOfTheCaseHoldsForStepsWithoutTheirOwn) {
  const Outcome outcome = Read(fmt::format("{}{}", kHead, R"(
[[client]]
do     = "pull"
ref    = "{registry}/lib/app:1.0"
expect = { result = "ok" }
[[client]]
do  = "pull"
ref = "{registry}/lib/app:1.0"
[expect]
result = "fail"
fired  = { flip = 1 }
)"));
  ASSERT_THAT(outcome.errors, IsEmpty());
  EXPECT_EQ(outcome.read->WantedOf(outcome.read->steps[0]), Wanted::kOk);
  EXPECT_EQ(outcome.read->WantedOf(outcome.read->steps[1]), Wanted::kFail);
  EXPECT_FALSE(outcome.read->IsHostile());
}

TEST(ReadCase, ReadsAResolveStep) {
  const Outcome outcome = Read(fmt::format("{}{}", kHead, R"(
[[client]]
do    = "resolve"
files = { "spin.toml" = "source = {{ reference = \"{{registry}}/a:1\" }}", "mine/a.txt" = "a" }
[client.expect]
assets = { "site/a.txt" = "text", "site/b" = { name = "layer" } }
lock   = { components = [ { id = "site", source = { digest = "{digest:layer}" } } ] }
[expect]
fired = { flip = "0.." }
)"));
  ASSERT_THAT(outcome.errors, IsEmpty());
  const Step& step = outcome.read->steps[0];
  EXPECT_EQ(step.files.size(), 2U);
  ASSERT_EQ(step.expect.assets->size(), 2U);
  EXPECT_EQ((*step.expect.assets)[0].text, "text");
  EXPECT_EQ((*step.expect.assets)[1].name, "layer");
  EXPECT_TRUE(step.expect.lock.has_value());
}

TEST(ReadCase, WarnsOfARuleThatNothingWatches) {
  const Outcome outcome = ReadWith("");
  EXPECT_THAT(outcome.errors, IsEmpty());
  EXPECT_THAT(outcome.warnings, ElementsAre("case.rule-unwatched"));
}

TEST(ReadCase, WantsATwinForACaseThatMustFailThroughout) {
  const std::string head(kHead);
  const std::string no_twin =
      std::string(head).erase(head.find("twin"), std::string_view("twin    = \"a.benign\"").size());
  const std::string rest = "[expect]\nresult = \"fail\"\nfired = { flip = 1 }\n";
  EXPECT_THAT(Read(no_twin + std::string(kPull) + rest).warnings, ElementsAre("case.no-twin"));
  const std::string own_twin = std::string(head).replace(head.find("a.benign"), 8, "a.b");
  EXPECT_THAT(Read(own_twin + std::string(kPull) + rest).errors, ElementsAre("case.no-twin"));
  EXPECT_THAT(Read(no_twin + std::string(kPull) + "[expect]\nfired = { flip = 1 }\n").warnings,
              IsEmpty());
}

struct BadCase {
  std::string_view name;
  std::string_view expect;  // the table `expect`, whose rule is watched
  std::string_view error;
  std::string_view hint;  // part of the first one; empty: not looked at
};

class ReadCaseRefuses : public testing::TestWithParam<BadCase> {};

TEST_P(ReadCaseRefuses, AndSaysWhatWasMeant) {
  const Outcome outcome =
      ReadWith(fmt::format("[expect]\nfired.flip = \"0..\"\n{}\n", GetParam().expect));
  EXPECT_FALSE(outcome.read.has_value());
  EXPECT_THAT(outcome.errors, ElementsAre(GetParam().error));
  if (GetParam().hint.empty()) return;
  ASSERT_FALSE(outcome.hints.empty());
  EXPECT_THAT(outcome.hints[0], testing::HasSubstr(GetParam().hint));
}

INSTANTIATE_TEST_SUITE_P(
    All, ReadCaseRefuses,
    testing::Values(
        BadCase{"MisspeltMember", "resullt = \"ok\"", "model.unknown-member", "`result`"},
        BadCase{"UnknownResult", "result = \"okay\"", "model.unknown-value", "ok"},
        BadCase{"UnknownErrorClass", "error = [\"digest_missmatch\"]", "case.unknown-error-class",
                "`digest_mismatch`"},
        BadCase{"UnknownContent", "stored = { whole = [\"layr\"] }", "case.unknown-content",
                "`layer`"},
        BadCase{"Contradiction", "stored = { whole = [\"app\"], absent = [\"app\"] }",
                "case.contradiction", ""},
        BadCase{"UnknownRule", "fired.flop = 1", "case.unknown-rule", "`flip`"},
        BadCase{"BadCount", "requests = [ { on = {}, count = \"many\" } ]", "bound.syntax", ""},
        BadCase{"UnknownContentInMatcher", "never = [ { on = { name = \"layr\" } } ]",
                "case.unknown-content", "`layer`"},
        BadCase{"UnknownHostInMatcher", "never = [ { on = { host = \"cnd\" } } ]",
                "case.unknown-host", "cdn"},
        BadCase{"UnknownOperation", "never = [ { on = { op = \"blob.gte\" } } ]",
                "script.operation", "blob.get"},
        BadCase{"SaysNothing", "requests = [ { on = { op = \"ping\" }, count = \"0..\" } ]",
                "case.cannot-fail", "note"},
        BadCase{"OrderOfOne", "order = [\"flip\"]", "case.cannot-fail", ""},
        BadCase{"UnknownEvent", "order = [\"flip\", \"blob.gett\"]", "case.unknown-event",
                "`blob.get`"},
        BadCase{"GapWithoutBounds", "gap = [ { after = \"flip\", before = \"next:ping\" } ]",
                "case.cannot-fail", ""},
        BadCase{"BadDuration", "gap = [ { after = \"flip\", before = \"ping\", min = \"soon\" } ]",
                "duration.syntax", ""},
        BadCase{"UnknownHost", "no_secret_to = [\"cnd\"]", "case.unknown-host", "cdn"},
        BadCase{"TimeInBytes", "time = \"<=5MiB\"", "bound.unit", "time"},
        BadCase{"NoLimit", "total_requests = \"40\"", "bound.syntax", ""},
        BadCase{"TagsOfAPull", "tags = { count = 1 }", "case.member-of-other-verb", ""},
        BadCase{"LockOfTheWholeCase", "lock = {}", "case.member-of-other-verb", "step"}),
    [](const auto& tested) { return std::string(tested.param.name); });

struct BadStep {
  std::string_view name;
  std::string_view step;
  std::string_view error;
};

class ReadCaseRefusesStep : public testing::TestWithParam<BadStep> {};

TEST_P(ReadCaseRefusesStep, WithAnId) {
  const Outcome outcome = Read(
      fmt::format("{}\n[[client]]\n{}\n[expect]\nfired.flip = \"0..\"\n", kHead, GetParam().step));
  EXPECT_FALSE(outcome.read.has_value());
  EXPECT_THAT(outcome.errors, ElementsAre(GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    All, ReadCaseRefusesStep,
    testing::Values(
        BadStep{"UnknownVerb", "do = \"pul\"\nref = \"{registry}/a:1\"", "model.unknown-value"},
        BadStep{"NoReference", "do = \"pull\"", "model.missing-member"},
        BadStep{"NoDestination", "do = \"copy\"\nref = \"{registry}/a:1\"", "model.missing-member"},
        BadStep{"UnknownRule", "do = \"pull\"\nref = \"{registry}/a:1\"\nenable = [\"flop\"]",
                "case.unknown-rule"},
        BadStep{"UnknownPlaceholder", "do = \"pull\"\nref = \"{regstry}/a:1\"",
                "placeholder.unknown"},
        BadStep{"UnknownDigest", "do = \"pull\"\nref = \"{registry}/a@{digest:nope}\"",
                "placeholder.content"},
        BadStep{"RecursivePull", "do = \"pull\"\nref = \"{registry}/a:1\"\nrecursive = true",
                "case.member-of-other-verb"},
        BadStep{"StrictPull", "do = \"pull\"\nref = \"{registry}/a:1\"\nstrict = true",
                "case.member-of-other-verb"},
        BadStep{"FilesOfAPull", "do = \"pull\"\nref = \"{registry}/a:1\"\nfiles = { a = \"b\" }",
                "case.member-of-other-verb"},
        BadStep{"NothingToResolve", "do = \"resolve\"\nfiles = { a = \"b\" }",
                "model.missing-member"},
        BadStep{"UnsafeFile",
                "do = \"resolve\"\nfiles = { \"spin.toml\" = \"\", \"../x\" = \"b\" }",
                "case.unsafe-path"},
        BadStep{"LoginWithoutPassword",
                "do = \"pull\"\nref = \"{registry}/a:1\"\nlogin = { user = \"a\" }",
                "model.missing-member"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(ReadCase, RefusesAFixtureThatAsksNothing) {
  EXPECT_THAT(Read(std::string(kHead)).errors, ElementsAre("case.no-steps"));
}

TEST(ReadCase, RefusesARuleThatIsNeverOn) {
  const std::string off = std::string(kHead) + "enabled = false\n";
  EXPECT_THAT(Read(off + std::string(kPull)).errors, ElementsAre("case.rule-never-enabled"));
  const std::string on = "enable = [\"flip\"]\n[expect]\nfired.flip = 1\n";
  EXPECT_THAT(Read(off + std::string(kPull) + on).errors, IsEmpty());
}

TEST(ReadCaseHosts, AReferenceNamesNobodyButTheCasesHosts) {
  struct Row {
    const char* hosts;
    const char* step;
    std::vector<std::string> errors;
  };
  const std::vector<Row> rows = {
      {"", "ref = \"{registry}/lib/app\"", {}},
      {"", "ref = \"{registry}/../odd\"", {}},
      {"", "ref = \"registry.example/lib/app\"", {"case.outside-host"}},
      {"", "ref = \"alpine\"", {"case.outside-host"}},
      {"", "ref = \"no reference at all\"", {"case.outside-host"}},
      {"names = [\"registry.example\"]", "ref = \"registry.example/lib/app\"", {}},
      {"names = [\"registry.example\"]", "ref = \"other.example/lib/app\"", {"case.outside-host"}},
      {"names = [\"registry-1.docker.io\"]", "ref = \"alpine\"", {}},
      {"names = [\"registry-1.docker.io\"]", "ref = \"docker.io/library/alpine\"", {}},
      {"", "ref = \"{registry}/a\"\ntrust = \"another\"", {"case.member-without-effect"}},
      {"tls = true", "ref = \"{registry}/a\"\ntrust = \"another\"", {}},
      {"tls = true", "ref = \"{registry}/a\"\ntrust = \"anybody\"", {"model.unknown-value"}},
      {"", "ref = \"{registry}/a\"\ninsecure = true", {"case.member-without-effect"}},
      {"",
       "ref = \"{registry}/a\"\nproxy_login = { user = \"u\", password = \"p\" }",
       {"case.member-without-effect"}},
      {"names = [\"registry.example\"]",
       "ref = \"{registry}/a\"\nproxy_login = { user = \"u\", password = \"p\" }",
       {}},
  };
  for (const Row& row : rows) {
    const std::string text = fmt::format(
        "fixture = 1\nid = \"a.b\"\ntitle = \"A case\"\nhosts.registry = {{ {} }}\n"
        "[[client]]\ndo = \"pull\"\n{}\n",
        row.hosts, row.step);
    EXPECT_EQ(Read(text).errors, row.errors) << text;
  }
}

TEST(ReadCaseHosts, TheProxyCanBeSpokenOfWhereThereIsOne) {
  const auto errors_of = [](std::string_view hosts) {
    return Read(fmt::format("fixture = 1\nid = \"a.b\"\ntitle = \"A case\"\nhosts.registry = {}\n"
                            "[[client]]\ndo = \"pull\"\nref = \"{{registry}}/a\"\n"
                            "[expect]\nnever = [ {{ on = {{ host = \"proxy\" }} }} ]\n",
                            hosts))
        .errors;
  };
  EXPECT_THAT(errors_of("{ names = [\"registry.example\"] }"), IsEmpty());
  EXPECT_THAT(errors_of("{}"), ElementsAre("case.unknown-host"));
}

}  // namespace
}  // namespace pullproof::conformance
