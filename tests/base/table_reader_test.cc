#include "base/table_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace pullproof {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

enum class Colour { kRed, kBlue };
constexpr std::array<std::pair<std::string_view, Colour>, 2> kColours{
    {{"red", Colour::kRed}, {"blue", Colour::kBlue}}};

std::vector<std::string> Ids(const Diagnostics& problems) {
  std::vector<std::string> ids;
  for (const Diagnostic& problem : problems.all()) ids.push_back(problem.id);
  return ids;
}

TEST(TableReader, ReadsEveryKind) {
  const auto root = ParseToml(
      "s = \"x\"\nb = true\ni = 7\none = \"a\"\nmany = [\"a\", \"b\"]\nc = \"blue\"\n"
      "[m]\nz = \"1\"\na = \"2\"\n",
      "f.toml");
  ASSERT_TRUE(root);
  Diagnostics problems("f.toml");
  TableReader reader(*root, "the test", problems);
  EXPECT_EQ(reader.RequiredString("s"), "x");
  EXPECT_EQ(reader.Bool("b", false), true);
  EXPECT_EQ(reader.Integer("i", 0, 0, 10), 7);
  EXPECT_EQ(reader.Integer("absent", 3), 3);
  EXPECT_THAT(reader.OneOrManyStrings("one"), ElementsAre("a"));
  EXPECT_THAT(reader.OneOrManyStrings("many"), ElementsAre("a", "b"));
  EXPECT_EQ(reader.Enum<Colour>("c", kColours, Colour::kRed), Colour::kBlue);
  EXPECT_THAT(reader.StringMap("m"), ElementsAre(Pair("z", "1"), Pair("a", "2")));
  reader.Finish();
  EXPECT_THAT(problems.all(), IsEmpty());
}

TEST(TableReader, CollectsEveryComplaintWithItsPlace) {
  const auto root =
      ParseToml("s = 1\ni = 99\nc = \"blu\"\nflip_bt = 2\nl = [\"a\", 3]\n", "f.toml");
  ASSERT_TRUE(root);
  Diagnostics problems("f.toml");
  TableReader reader(*root, "the test", problems);
  EXPECT_EQ(reader.String("s", "d"), "d");
  EXPECT_EQ(reader.Integer("i", 5, 0, 10), 5);
  EXPECT_EQ(reader.Enum<Colour>("c", kColours, Colour::kRed), Colour::kRed);
  EXPECT_THAT(reader.Strings("l"), ElementsAre("a"));
  reader.RequiredString("missing");
  reader.Integer("flip_bit", 0);
  reader.Finish();
  EXPECT_THAT(Ids(problems),
              ElementsAre("model.kind", "model.range", "model.unknown-value", "model.kind",
                          "model.missing-member", "model.unknown-member"));
  EXPECT_EQ(FormatDiagnostic(problems, problems.all()[2]),
            "f.toml:3:5: error: `c` of the test cannot be `blu` [model.unknown-value]\n"
            "  did you mean `blue`?");
  EXPECT_EQ(FormatDiagnostic(problems, problems.all()[5]),
            "f.toml:4:1: error: the test has an unknown member `flip_bt` [model.unknown-member]\n"
            "  did you mean `flip_bit`?");
  EXPECT_EQ(problems.FirstError().where, "f.toml:1:5");
}

TEST(TableReader, OfSomethingElseGivesDefaults) {
  const Node number(std::int64_t{7});
  Diagnostics problems("f");
  TableReader reader(number, "the test", problems);
  EXPECT_EQ(reader.RequiredString("s"), "");
  EXPECT_THAT(reader.Table("t"), IsEmpty());
  reader.Finish();
  EXPECT_THAT(Ids(problems), ElementsAre("model.kind"));
}

TEST(Diagnostics, TakesAParsersErrorWithItsPosition) {
  Diagnostics problems("dir/f.toml");
  problems.Report(ParseToml("a = 1\nb =\n", "dir/f.toml").error());
  EXPECT_EQ(problems.all()[0].id, "toml.syntax");
  EXPECT_EQ(problems.all()[0].at.line, 2U);
  problems.Report(Error{"x.y", "elsewhere", "other:1:2", "do"});
  EXPECT_EQ(problems.all()[1].at, Position{});
}

TEST(Diagnostics, WarningsAreNoErrors) {
  Diagnostics problems("f");
  problems.Warn("a.b", {1, 2}, "odd");
  EXPECT_FALSE(problems.HasErrors());
  EXPECT_EQ(FormatDiagnostic(problems, problems.all()[0]), "f:1:2: warning: odd [a.b]");
}

TEST(ParseDocument, GoesByTheName) {
  EXPECT_TRUE(ParseDocument("a = 1", "x.toml"));
  EXPECT_TRUE(ParseDocument(R"({"a":1})", "x.json"));
  EXPECT_FALSE(ParseDocument("a = 1", "x.json"));
}

}  // namespace
}  // namespace pullproof
