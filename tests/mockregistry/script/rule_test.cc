#include "mockregistry/script/rule.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/mockregistry/script/script_fixture.h"

namespace pullproof::mockregistry::script {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(ReadRulesTest, NoRulesIsFine) {
  const Script script = ReadScript("");
  EXPECT_THAT(script.rules, IsEmpty());
  EXPECT_THAT(script.complaints, IsEmpty());
}

TEST(ReadRulesTest, ReadsEveryMember) {
  const Script script = ReadScript(R"(
[[rules]]
id = "cut"
enabled = false
why = "connections break"
on = { op = "blob.get", name = "layer" }
pick = { first = 2, per = "content" }
when = { phase = "" }
then = { phase = "1" }
do = { wait = "10ms", status = 206 }
)");
  EXPECT_THAT(script.complaints, IsEmpty());
  ASSERT_EQ(script.rules.size(), 1);
  const Rule& rule = script.rules.front();
  EXPECT_EQ(rule.id, "cut");
  EXPECT_FALSE(rule.enabled);
  EXPECT_EQ(rule.why, "connections break");
  EXPECT_EQ(rule.at, (Position{2, 1}));
  EXPECT_THAT(rule.on.names(), ElementsAre("layer"));
  EXPECT_EQ(rule.pick.kind, Pick::Kind::kFirst);
  EXPECT_EQ(rule.pick.n, 2);
  EXPECT_EQ(rule.pick.per, Pick::Per::kContent);
  EXPECT_THAT(rule.when, ElementsAre(Pair("phase", "")));
  EXPECT_THAT(rule.then, ElementsAre(Pair("phase", "1")));
  EXPECT_EQ(rule.effect.status, 206);
}

TEST(ReadRulesTest, DefaultsAreOnAndAlways) {
  const Rule rule = ReadOne("on = {}, do = { status = 500 }");
  EXPECT_TRUE(rule.enabled);
  EXPECT_TRUE(rule.pick.IsAlways());
  EXPECT_EQ(rule.pick.per, Pick::Per::kRule);
}

struct PickCase {
  const char* name;
  std::string_view pick;
  Pick::Kind kind;
  std::uint64_t n;
  double chance;
  bool is_always;
};

class ReadPickTest : public testing::TestWithParam<PickCase> {};

TEST_P(ReadPickTest, ReadsOneKind) {
  const Pick pick =
      ReadOne(fmt::format("on = {{}}, pick = {{ {} }}, do = {{ status = 500 }}", GetParam().pick))
          .pick;
  EXPECT_EQ(pick.kind, GetParam().kind);
  EXPECT_EQ(pick.n, GetParam().n);
  EXPECT_EQ(pick.chance, GetParam().chance);
  EXPECT_EQ(pick.IsAlways(), GetParam().is_always);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, ReadPickTest,
    testing::Values(PickCase{"First", "first = 1", Pick::Kind::kFirst, 1, 0, false},
                    PickCase{"Nth", "nth = 1", Pick::Kind::kNth, 1, 0, false},
                    PickCase{"EveryOne", "every = 1", Pick::Kind::kEvery, 1, 0, true},
                    PickCase{"EveryTwo", "every = 2", Pick::Kind::kEvery, 2, 0, false},
                    PickCase{"FromOne", "from = 1", Pick::Kind::kFrom, 1, 0, true},
                    PickCase{"FromTwo", "from = 2", Pick::Kind::kFrom, 2, 0, false},
                    PickCase{"Chance", "chance = 0.25", Pick::Kind::kChance, 0, 0.25, false},
                    PickCase{"Certain", "chance = 1", Pick::Kind::kChance, 0, 1, true}),
    [](const auto& test) { return test.param.name; });

// --- Complaints
// -------------------------------------------------------------------------------------

struct ComplaintCase {
  const char* name;
  std::string_view toml;
  std::string_view complaint;
};

class RuleComplaintTest : public testing::TestWithParam<ComplaintCase> {};

TEST_P(RuleComplaintTest, SaysWhatAndWhere) {
  EXPECT_THAT(ReadScript(GetParam().toml).complaints, ElementsAre(GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    Rules, RuleComplaintTest,
    testing::Values(
        ComplaintCase{
            "NoArray", "rules = 3",
            "case.toml:1:9: error: `rules` must be an array, not an integer [model.kind]"},
        ComplaintCase{"NoTable", "rules = [3]",
                      "case.toml:1:10: error: rules[0] must be a table, not an integer "
                      "[model.kind]"},
        ComplaintCase{"NoId", "rules = [{ on = {}, do = { status = 500 } }]",
                      "case.toml:1:10: error: rules[0] has no `id` [model.missing-member]"},
        ComplaintCase{"EmptyId", R"(rules = [{ id = "", on = {}, do = { status = 500 } }])",
                      "case.toml:1:17: error: the id of rules[0] is empty [script.id]"},
        ComplaintCase{"NoOn", R"(rules = [{ id = "r", do = { status = 500 } }])",
                      "case.toml:1:10: error: rule `r` has no `on` [model.missing-member]"},
        ComplaintCase{"NoDo", R"(rules = [{ id = "r", on = {} }])",
                      "case.toml:1:10: error: rule `r` has no `do` [model.missing-member]"},
        ComplaintCase{"UnknownMember",
                      R"(rules = [{ id = "r", on = {}, enable = true, do = { status = 500 } }])",
                      "case.toml:1:31: error: rule `r` has an unknown member `enable` "
                      "[model.unknown-member]\n  did you mean `enabled`?"},
        ComplaintCase{"TwoRules", R"(rules = [
  { id = "r", on = { op = "ping" }, do = { status = 500 } },
  { id = "r", on = { op = "token" }, do = { status = 500 } }])",
                      "case.toml:3:3: error: there are two rules `r` [script.id]\n"
                      "  `fired` and `enable` tell rules apart by their ids"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Picks, RuleComplaintTest,
    testing::Values(
        ComplaintCase{"None",
                      R"(rules = [{ id = "r", on = {}, pick = {}, do = { status = 500 } }])",
                      "case.toml:1:38: error: `pick` of rule `r` has none of `first`, `nth`, "
                      "`every`, `from` and `chance` [script.pick]\n"
                      "  a rule without `pick` fires for every request that it matches"},
        ComplaintCase{
            "Several",
            R"(rules = [{ id = "r", on = {}, pick = { nth = 1, chance = 0.5 }, do = { status = 500 } }])",
            "case.toml:1:38: error: `pick` of rule `r` has several of `first`, `nth`, `every`, "
            "`from` and `chance` [script.pick]\n"
            "  a rule without `pick` fires for every request that it matches"},
        ComplaintCase{
            "Zero", R"(rules = [{ id = "r", on = {}, pick = { nth = 0 }, do = { status = 500 } }])",
            "case.toml:1:46: error: `nth` of `pick` of rule `r` is 0, outside 1 to "
            "9223372036854775807 [model.range]"},
        ComplaintCase{
            "Chance",
            R"(rules = [{ id = "r", on = {}, pick = { chance = 1.5 }, do = { status = 500 } }])",
            "case.toml:1:49: error: `chance` of `pick` of rule `r` must be a number from 0 to 1 "
            "[script.pick]"},
        ComplaintCase{
            "NotANumber",
            R"(rules = [{ id = "r", on = {}, pick = { chance = nan }, do = { status = 500 } }])",
            "case.toml:1:49: error: `chance` of `pick` of rule `r` must be a number from 0 to 1 "
            "[script.pick]"},
        ComplaintCase{
            "Per",
            R"(rules = [{ id = "r", on = {}, pick = { nth = 1, per = "conection" }, do = { status = 500 } }])",
            "case.toml:1:55: error: `per` of `pick` of rule `r` cannot be `conection` "
            "[model.unknown-value]\n  did you mean `connection`?"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Names, RuleComplaintTest,
    testing::Values(
        ComplaintCase{"Content",
                      R"(rules = [{ id = "r", on = { name = "leyer" }, do = { status = 500 } }])",
                      "case.toml:1:36: error: `on.name` of rule `r` names `leyer`, which this "
                      "fixture does not have [script.unknown-name]\n  did you mean `layer`?"},
        ComplaintCase{
            "SecondOfTwo",
            R"(rules = [{ id = "r", on = { name = ["layer", "ap"] }, do = { status = 500 } }])",
            "case.toml:1:46: error: `on.name` of rule `r` names `ap`, which this fixture does not "
            "have [script.unknown-name]\n  did you mean `app`?"},
        ComplaintCase{"Host",
                      R"(rules = [{ id = "r", on = { host = "cnd" }, do = { status = 500 } }])",
                      "case.toml:1:36: error: `on.host` of rule `r` is `cnd`, no host of this "
                      "fixture [script.unknown-host]\n  expected one of: registry, cdn"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Effects, RuleComplaintTest,
    testing::Values(
        ComplaintCase{
            "List",
            R"(rules = [{ id = "r", on = { op = "blob.*" }, do = { list = { page = 1 } } }])",
            "case.toml:1:60: error: `list` of rule `r` changes nothing: the rule matches no "
            "tags.list, referrers.list or catalog [script.no-effect]"},
        ComplaintCase{
            "Token",
            R"(rules = [{ id = "r", on = { op = "ping" }, do = { token = { field = "none" } } }])",
            "case.toml:1:59: error: `token` of rule `r` changes nothing: the rule matches no token "
            "[script.no-effect]"},
        ComplaintCase{
            "Descriptor",
            R"(rules = [{ id = "r", on = { op = "blob.get" }, do = { descriptor = { of = "layer", size = 1 } } }])",
            "case.toml:1:68: error: `descriptor` of rule `r` changes nothing: the rule matches no "
            "manifest.get or manifest.head [script.no-effect]"},
        ComplaintCase{
            "NoChild",
            R"(rules = [{ id = "r", on = { op = "manifest.*" }, do = { descriptor = { of = "other", size = 1 } } }])",
            "case.toml:1:70: error: `descriptor` of rule `r` changes nothing: no manifest that the "
            "rule matches refers to `other` [script.no-effect]"},
        ComplaintCase{
            "NoChildOfThatManifest",
            R"(rules = [{ id = "r", on = { name = "multi" }, do = { descriptor = { of = "layer", size = 1 } } }])",
            "case.toml:1:67: error: `descriptor` of rule `r` changes nothing: no manifest that the "
            "rule matches refers to `layer` [script.no-effect]"},
        ComplaintCase{
            "BodyOfHead",
            R"(rules = [{ id = "r", on = { op = "blob.head" }, do = { body = { flip_bit = 1 } } }])",
            "case.toml:1:63: error: `body` of rule `r` changes nothing: the rule matches only "
            "HEAD, whose answers have none [script.no-effect]"}),
    [](const auto& test) { return test.param.name; });

TEST(ReadRulesTest, EffectsThatShowInHeadAreFine) {
  for (const std::string_view body :
       {"swap = \"other\"", "append = \"x\"", "cut = { at = 1, end = \"tidy\" }", "length = 3",
        "length = \"omit\"", "length = \"chunked\""}) {
    ReadOne(fmt::format("on = {{ op = \"blob.head\" }}, do = {{ body = {{ {} }} }}", body));
  }
}

TEST(ReadRulesTest, EveryMistakeIsReported) {
  EXPECT_EQ(ReadScript(R"(rules = [
    { id = "a", on = { op = "blob.gett", host = "x" }, do = { status = 1 } },
    { id = "b", do = {} }])")
                .complaints.size(),
            4);
}

TEST(ReadRulesTest, BoundsTheirNumber) {
  std::string toml = "rules = [";
  for (std::size_t i = 0; i <= kMaxRules; ++i) toml += "{},";
  EXPECT_THAT(ReadScript(toml + "]").complaints,
              ElementsAre("case.toml:1:9: error: 1001 rules, more than 1000 "
                          "[script.too-many-rules]"));
}

// --- Rules that cannot fire
// -------------------------------------------------------------------------

struct ReachCase {
  const char* name;
  std::string_view first;  // between the braces of the two rules, without id and do
  std::string_view second;
  bool reachable;
};

class ReachableTest : public testing::TestWithParam<ReachCase> {};

TEST_P(ReachableTest, WarnsOnlyWhenItIsCertain) {
  const Script script =
      ReadScript(fmt::format("rules = [\n{{ id = \"a\", do = {{ status = 500 }}, {} }},\n"
                             "{{ id = \"b\", do = {{ status = 501 }}, {} }}]",
                             GetParam().first, GetParam().second));
  if (GetParam().reachable) {
    EXPECT_THAT(script.complaints, IsEmpty());
  } else {
    EXPECT_THAT(script.complaints,
                ElementsAre("case.toml:3:1: warning: rule `b` cannot fire: rule `a` takes every "
                            "request that it matches [script.unreachable]\n"
                            "  put it before `a`, or disable that one in the step that needs it"));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Pairs, ReachableTest,
    testing::Values(ReachCase{"Equal", R"(on = { op = "blob.get" })", R"(on = { op = "blob.get" })",
                              false},
                    ReachCase{"Wider", R"(on = { op = "blob.*" })",
                              R"(on = { op = "blob.get", name = "layer" })", false},
                    ReachCase{"Narrower", R"(on = { op = "blob.get", name = "layer" })",
                              R"(on = { op = "blob.get" })", true},
                    ReachCase{"OnlySometimes", R"(on = { op = "blob.get" }, pick = { first = 3 })",
                              R"(on = { op = "blob.get" })", true},
                    ReachCase{"FromTheFirst", R"(on = { op = "blob.get" }, pick = { from = 1 })",
                              R"(on = { op = "blob.get" })", false},
                    ReachCase{"Disabled", R"(on = { op = "blob.get" }, enabled = false)",
                              R"(on = { op = "blob.get" })", true},
                    ReachCase{"SecondDisabled", R"(on = { op = "blob.get" })",
                              R"(on = { op = "blob.get" }, enabled = false)", false},
                    ReachCase{"OnlyInAState", R"(on = { op = "blob.get" }, when = { x = "" })",
                              R"(on = { op = "blob.get" })", true}),
    [](const auto& test) { return test.param.name; });

TEST(ReadRulesTest, AStateThatNoRuleLeavesIsAWarning) {
  EXPECT_THAT(ReadScript(R"(rules = [
{ id = "a", on = { op = "ping" }, when = { phse = "1" }, then = { phase = "1" }, do = { status = 500 } }])")
                  .complaints,
              ElementsAre("case.toml:2:1: warning: rule `a` waits for phse = `1`, which no rule "
                          "sets [script.unreachable]\n  did you mean `phase`?"));
  EXPECT_THAT(ReadScript(R"(rules = [
{ id = "a", on = { op = "ping" }, when = { phase = "2" }, then = { phase = "1" }, do = { status = 500 } }])")
                  .complaints,
              ElementsAre("case.toml:2:1: warning: rule `a` waits for phase = `2`, which no rule "
                          "sets [script.unreachable]"));
  EXPECT_THAT(ReadScript(R"(rules = [
{ id = "a", on = { op = "ping" }, when = { phase = "2" }, do = { status = 500 } }])")
                  .complaints,
              ElementsAre("case.toml:2:1: warning: rule `a` waits for phase = `2`, which no rule "
                          "sets [script.unreachable]"));
}

TEST(ReadRulesTest, JsonIsReadAlike) {
  const Node document =
      ParseJson(
          R"([{"id":"r","on":{"op":["blob.get"]},"pick":{"nth":2},"do":{"body":{"flip_bt":3}}}])",
          "case.json")
          .value();
  Diagnostics problems("case.json");
  ReadRules(document, SomeContent(), SomeHosts(), problems);
  ASSERT_EQ(problems.all().size(), 1);
  EXPECT_EQ(FormatDiagnostic(problems, problems.all().front()),
            "case.json:1:68: error: `body` of rule `r` has an unknown member `flip_bt` "
            "[model.unknown-member]\n  did you mean `flip_bit`?");
}

}  // namespace
}  // namespace pullproof::mockregistry::script
