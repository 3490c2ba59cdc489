#include "mockregistry/script/matcher.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/mockregistry/script/script_fixture.h"

namespace pullproof::mockregistry::script {
namespace {

using testing::ElementsAre;

Matcher Read(std::string_view on) {
  const Node document = ParseToml(fmt::format("on = {{ {} }}", OneLine(on)), "case.toml").value();
  Diagnostics problems("case.toml");
  auto matcher = Matcher::Read(*document.Find("on"), "`on`", problems);
  EXPECT_TRUE(matcher.has_value()) << on;
  return *std::move(matcher);
}

// A request that asks for the end of a layer, with everything that a matcher can look at.
Subject ASubject(const oci::Headers& headers) {
  return {.operation = "blob.get",
          .host = "registry",
          .repository = "lib/app",
          .reference = "sha256:ab",
          .name = "layer",
          .method = "GET",
          .target =
              "/v2/lib/app/blobs/sha256:ab?sig=abc%2F123&scope=repository%3Aa%3Apull&"
              "scope=b+c&empty&n%61me=x",
          .headers = &headers};
}

const oci::Headers& SomeHeaders() {
  static const oci::Headers headers{{"Accept", "application/json"},
                                    {"accept", "text/plain"},
                                    {"Range", "bytes=5-"},
                                    {"Authorization", "bearer abc"}};
  return headers;
}

struct MatchCase {
  const char* name;
  std::string_view on;
  bool matches;
};

class MatcherTest : public testing::TestWithParam<MatchCase> {};

TEST_P(MatcherTest, LooksAtTheRequest) {
  EXPECT_EQ(Read(GetParam().on).Matches(ASubject(SomeHeaders())), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(
    Operations, MatcherTest,
    testing::Values(MatchCase{"Empty", "", true}, MatchCase{"One", R"(op = "blob.get")", true},
                    MatchCase{"Other", R"(op = "blob.head")", false},
                    MatchCase{"Family", R"(op = "blob.*")", true},
                    MatchCase{"OtherFamily", R"(op = "manifest.*")", false},
                    MatchCase{"Several", R"(op = ["ping", "blob.get"])", true},
                    MatchCase{"SeveralOthers", R"(op = ["ping", "upload.*"])", false},
                    MatchCase{"Star", R"(op = "*")", true}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Places, MatcherTest,
    testing::Values(MatchCase{"Host", R"(host = "registry")", true},
                    MatchCase{"OtherHost", R"(host = "cdn")", false},
                    MatchCase{"Repo", R"(repo = "lib/app")", true},
                    MatchCase{"OtherRepo", R"(repo = "lib")", false},
                    MatchCase{"RepoGlob", R"(repo = { glob = "lib/*" })", true},
                    MatchCase{"RepoRe", R"(repo = { re = "[a-z]+/app" })", true},
                    MatchCase{"RepoPresent", R"(repo = { present = true })", true},
                    MatchCase{"RepoAbsent", R"(repo = { present = false })", false},
                    MatchCase{"Ref", R"(ref = "sha256:ab")", true},
                    MatchCase{"RefGlob", R"(ref = { glob = "sha512:*" })", false},
                    MatchCase{"Name", R"(name = "layer")", true},
                    MatchCase{"OtherName", R"(name = "app")", false},
                    MatchCase{"Names", R"(name = ["app", "layer"])", true},
                    MatchCase{"Method", R"(method = "GET")", true},
                    MatchCase{"MethodHasCase", R"(method = "get")", false},
                    MatchCase{"Path", R"(path = "/v2/lib/app/blobs/sha256:ab")", true},
                    MatchCase{"PathHasNoQuery", R"(path = { glob = "*sig=*" })", false},
                    MatchCase{"All", R"(op = "blob.get", host = "registry", name = "layer",
                                        method = "GET", range = "any", auth = "bearer")",
                              true},
                    MatchCase{"AllButOne", R"(op = "blob.get", host = "registry", name = "layer",
                                              method = "GET", range = "any", auth = "basic")",
                              false}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Headers, MatcherTest,
    testing::Values(
        MatchCase{"AnyLine", R"(header = { Accept = "text/plain" })", true},
        MatchCase{"AnyCase", R"(header = { aCCEPT = "application/json" })", true},
        MatchCase{"NotJoined", R"(header = { Accept = { glob = "*json, text*" } })", false},
        MatchCase{"Present", R"(header = { Range = { present = true } })", true},
        MatchCase{"NotAbsent", R"(header = { Range = { present = false } })", false},
        MatchCase{"Absent", R"(header = { Cookie = { present = false } })", true},
        MatchCase{"AbsentIsNoText", R"(header = { Cookie = { glob = "*" } })", false},
        MatchCase{"EveryHeader", R"(header = { Accept = "text/plain", Range = "x" })", false}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Queries, MatcherTest,
    testing::Values(MatchCase{"AsWritten", R"(query = { sig = "abc%2F123" })", true},
                    MatchCase{"Decoded", R"(query = { sig = "abc/123" })", true},
                    MatchCase{"DecodedGlob", R"(query = { scope = { glob = "repository:a:*" } })",
                              true},
                    MatchCase{"AnyOfSeveral", R"(query = { scope = "b c" })", true},
                    MatchCase{"PlusAsWritten", R"(query = { scope = "b+c" })", true},
                    MatchCase{"OtherValue", R"(query = { sig = "abc" })", false},
                    MatchCase{"EmptyValue", R"(query = { empty = "" })", true},
                    MatchCase{"DecodedName", R"(query = { name = "x" })", true},
                    MatchCase{"NamesHaveCase", R"(query = { Sig = { present = true } })", false},
                    MatchCase{"Present", R"(query = { empty = { present = true } })", true},
                    MatchCase{"Absent", R"(query = { last = { present = false } })", true},
                    MatchCase{"NotAbsent", R"(query = { sig = { present = false } })", false}),
    [](const auto& test) { return test.param.name; });

struct HeaderCase {
  const char* name;
  const char* value;          // null: no header
  std::string_view matching;  // kinds, each with a blank behind it
};

class RangeTest : public testing::TestWithParam<HeaderCase> {};

TEST_P(RangeTest, IsOneOfTheKinds) {
  oci::Headers headers;
  if (GetParam().value != nullptr) headers.Add("range", GetParam().value);
  std::string matching;
  for (const std::string_view kind : {"none", "any", "from>0", "suffix", "multi"}) {
    const Matcher matcher = Read(fmt::format("range = \"{}\"", kind));
    if (matcher.Matches(ASubject(headers))) matching += std::string(kind) + " ";
  }
  EXPECT_EQ(matching, GetParam().matching);
}

INSTANTIATE_TEST_SUITE_P(Headers, RangeTest,
                         testing::Values(HeaderCase{"Absent", nullptr, "none "},
                                         HeaderCase{"FromTheStart", "bytes=0-", "any "},
                                         HeaderCase{"FromTheMiddle", "bytes=5-9", "any from>0 "},
                                         HeaderCase{"Suffix", "bytes=-5", "any suffix "},
                                         HeaderCase{"Several", "bytes=5-6,8-9", "any multi "},
                                         HeaderCase{"Bad", "bytes=x", "any "}),
                         [](const auto& test) { return test.param.name; });

class AuthTest : public testing::TestWithParam<HeaderCase> {};

TEST_P(AuthTest, IsOneOfTheSchemes) {
  oci::Headers headers;
  if (GetParam().value != nullptr) headers.Add("AUTHORIZATION", GetParam().value);
  std::string matching;
  for (const std::string_view kind : {"none", "basic", "bearer"}) {
    const Matcher matcher = Read(fmt::format("auth = \"{}\"", kind));
    if (matcher.Matches(ASubject(headers))) matching += std::string(kind) + " ";
  }
  EXPECT_EQ(matching, GetParam().matching);
}

INSTANTIATE_TEST_SUITE_P(Headers, AuthTest,
                         testing::Values(HeaderCase{"Absent", nullptr, "none "},
                                         HeaderCase{"Basic", "Basic YTpi", "basic "},
                                         HeaderCase{"Bearer", "BEARER x", "bearer "},
                                         HeaderCase{"Other", "Digest x", ""}),
                         [](const auto& test) { return test.param.name; });

TEST(MatcherSubjectTest, AnEmptySubjectHasNothing) {
  const Subject nothing;
  EXPECT_TRUE(Read("").Matches(nothing));
  EXPECT_TRUE(Read(R"(op = "*")").Matches(nothing));
  EXPECT_FALSE(Read(R"(op = "blob.*")").Matches(nothing));
  EXPECT_TRUE(Read(R"(repo = { present = false }, ref = { present = false })").Matches(nothing));
  EXPECT_TRUE(Read(R"(path = { present = false })").Matches(nothing));
  EXPECT_TRUE(Read(R"(range = "none", auth = "none")").Matches(nothing));
  EXPECT_FALSE(Read(R"(header = { Accept = { present = true } })").Matches(nothing));
  EXPECT_FALSE(Read(R"(name = "layer")").Matches(nothing));
}

TEST(MatcherSubjectTest, TellsItsNamesAndHost) {
  const Matcher matcher = Read(R"(name = ["a", "b"], host = "cdn", op = "blob.*")");
  EXPECT_THAT(matcher.names(), ElementsAre("a", "b"));
  EXPECT_EQ(matcher.host(), "cdn");
  EXPECT_EQ(matcher.operations(), OperationSet::Parse("blob.*"));
  EXPECT_EQ(Read("").host(), std::nullopt);
}

struct InclusionCase {
  const char* name;
  std::string_view wide;
  std::string_view narrow;
  bool includes;
};

class InclusionTest : public testing::TestWithParam<InclusionCase> {};

TEST_P(InclusionTest, IsCertainOrFalse) {
  EXPECT_EQ(Read(GetParam().wide).Includes(Read(GetParam().narrow)), GetParam().includes);
}

INSTANTIATE_TEST_SUITE_P(
    Matchers, InclusionTest,
    testing::Values(
        InclusionCase{"EmptyIncludesAll", "", R"(op = "blob.get", name = "layer")", true},
        InclusionCase{"NotTheOtherWayRound", R"(op = "blob.get")", "", false},
        InclusionCase{"Operations", R"(op = "blob.*")", R"(op = ["blob.get", "blob.head"])", true},
        InclusionCase{"MoreOperations", R"(op = "blob.get")", R"(op = "blob.*")", false},
        InclusionCase{"Hosts", R"(host = "cdn")", R"(host = "cdn")", true},
        InclusionCase{"OtherHosts", R"(host = "cdn")", R"(host = "registry")", false},
        InclusionCase{"AnyHost", R"(host = "cdn")", "", false},
        InclusionCase{"FewerNames", R"(name = ["a", "b"])", R"(name = "b")", true},
        InclusionCase{"MoreNames", R"(name = "b")", R"(name = ["a", "b"])", false},
        InclusionCase{"AnyName", R"(name = "b")", "", false},
        InclusionCase{"GlobOfText", R"(repo = { glob = "lib/*" })", R"(repo = "lib/a")", true},
        InclusionCase{"ReOfText", R"(repo = { re = "lib/." })", R"(repo = "lib/a")", true},
        InclusionCase{"GlobOfOtherText", R"(repo = { glob = "lib/*" })", R"(repo = "x")", false},
        InclusionCase{"SameGlob", R"(repo = { glob = "l*" })", R"(repo = { glob = "l*" })", true},
        InclusionCase{"OtherGlob", R"(repo = { glob = "l*" })", R"(repo = { glob = "li*" })",
                      false},
        InclusionCase{"SameRe", R"(repo = { re = "l+" })", R"(repo = { re = "l+" })", true},
        InclusionCase{"GlobAndRe", R"(repo = { glob = "l+" })", R"(repo = { re = "l+" })", false},
        InclusionCase{"PresentOfGlob", R"(ref = { present = true })", R"(ref = { glob = "*" })",
                      true},
        InclusionCase{"PresentOfAbsent", R"(ref = { present = true })",
                      R"(ref = { present = false })", false},
        InclusionCase{"AbsentOfAbsent", R"(ref = { present = false })",
                      R"(ref = { present = false })", true},
        InclusionCase{"AbsentOfGlob", R"(ref = { present = false })", R"(ref = { glob = "*" })",
                      false},
        InclusionCase{"GlobOfPresent", R"(ref = { glob = "*" })", R"(ref = { present = true })",
                      false},
        InclusionCase{"Headers", R"(header = { Accept = { glob = "*" } })",
                      R"(header = { accept = "a", Range = "b" })", true},
        InclusionCase{"OtherHeaders", R"(header = { Accept = "a" })", R"(header = { Range = "b" })",
                      false},
        InclusionCase{"Queries", R"(query = { n = "1" })", R"(query = { n = "1", last = "a" })",
                      true},
        InclusionCase{"OtherQueries", R"(query = { n = "1" })", R"(query = { n = "2" })", false},
        InclusionCase{"Range", R"(range = "any")", R"(range = "suffix")", true},
        InclusionCase{"RangeNone", R"(range = "any")", R"(range = "none")", false},
        InclusionCase{"RangeAbsent", R"(range = "any")", "", false},
        InclusionCase{"RangeOther", R"(range = "multi")", R"(range = "suffix")", false},
        InclusionCase{"Auth", R"(auth = "basic")", R"(auth = "basic")", true},
        InclusionCase{"AuthOther", R"(auth = "basic")", R"(auth = "bearer")", false},
        InclusionCase{"Method", R"(method = "GET")", R"(method = "HEAD")", false},
        InclusionCase{"Path", R"(path = { glob = "/v2/*" })", R"(path = "/v2/")", true}),
    [](const auto& test) { return test.param.name; });

struct ComplaintCase {
  const char* name;
  std::string_view on;
  std::string_view complaint;
};

class MatcherComplaintTest : public testing::TestWithParam<ComplaintCase> {};

TEST_P(MatcherComplaintTest, SaysWhatAndWhere) {
  EXPECT_THAT(ComplaintsAboutOn(GetParam().on), ElementsAre(GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    Tables, MatcherComplaintTest,
    testing::Values(
        ComplaintCase{"Operation", R"(op = "blob.gett")",
                      "case.toml:1:13: error: `on` of rule `r` has no operation `blob.gett` "
                      "[script.operation]\n  did you mean `blob.get`?"},
        ComplaintCase{"NoOperation", "op = []",
                      "case.toml:1:13: error: `op` of `on` of rule `r` names no operation "
                      "[script.operation]\n  leave it out to mean every operation"},
        ComplaintCase{"Member", R"(nam = "layer")",
                      "case.toml:1:8: error: `on` of rule `r` has an unknown member `nam` "
                      "[model.unknown-member]\n  did you mean `name`?"},
        ComplaintCase{"Range", R"(range = "form>0")",
                      "case.toml:1:16: error: `range` of `on` of rule `r` cannot be `form>0` "
                      "[model.unknown-value]\n  did you mean `from>0`?"},
        ComplaintCase{"Auth", R"(auth = "beerer")",
                      "case.toml:1:15: error: `auth` of `on` of rule `r` cannot be `beerer` "
                      "[model.unknown-value]\n  did you mean `bearer`?"},
        ComplaintCase{"Kind", "repo = 3",
                      "case.toml:1:15: error: `repo` of `on` of rule `r` must be a string or a "
                      "table, not an integer [model.kind]"},
        ComplaintCase{"NoKind", "repo = {}",
                      "case.toml:1:15: error: `repo` of `on` of rule `r` has none of `glob`, `re` "
                      "and `present` [script.matcher]\n"
                      "  write a string, or a table with exactly one of them"},
        ComplaintCase{
            "TwoKinds", R"(ref = { glob = "a", re = "a" })",
            "case.toml:1:14: error: `ref` of `on` of rule `r` has several of `glob`, `re` "
            "and `present` [script.matcher]\n"
            "  write a string, or a table with exactly one of them"},
        ComplaintCase{"BackReference", R"(header = { Accept = { re = '(a)\1' } })",
                      "case.toml:1:35: error: the expression `(a)\\1` has a back-reference, which "
                      "can take for ever to match [script.expression]"},
        ComplaintCase{"Query", "query = { n = 3 }",
                      "case.toml:1:22: error: `query.n` of `on` of rule `r` must be a string or a "
                      "table, not an integer [model.kind]"},
        ComplaintCase{"Present", R"(path = { present = "yes" })",
                      "case.toml:1:27: error: `present` of `path` of `on` of rule `r` must be true "
                      "or false, not a string [model.kind]"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace pullproof::mockregistry::script
