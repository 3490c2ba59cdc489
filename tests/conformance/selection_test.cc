#include "conformance/selection.h"

#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/conformance/small_suite.h"

namespace pullproof::conformance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> IdsOf(const Suite& suite, const Selection& selection) {
  const auto places = Select(suite, selection);
  EXPECT_TRUE(places) << Describe(places.error());
  std::vector<std::string> ids;
  for (const std::size_t place : places.value_or(std::vector<std::size_t>{})) {
    ids.push_back(suite.cases[place].id());
  }
  return ids;
}

TEST(Select, TakesATwinAlongWhateverItsLevel) {
  Selection selection;
  selection.run = {"a.hostile"};
  EXPECT_THAT(IdsOf(SmallSuite(), selection), ElementsAre("a.honest", "a.hostile"));
}

TEST(Select, ByLevelMeansThatAndAbove) {
  const Suite suite = SmallSuite();
  Selection selection;
  EXPECT_THAT(IdsOf(suite, selection), ElementsAre("a.honest", "a.hostile", "b.info", "b.should"));
  selection.level = Level::kShould;
  EXPECT_THAT(IdsOf(suite, selection), ElementsAre("a.honest", "a.hostile", "b.should"));
  selection.level = Level::kMust;
  EXPECT_THAT(IdsOf(suite, selection), ElementsAre("a.honest", "a.hostile"));
}

// Together the shards are the suite, and none of them has a case without its twin.
TEST(Select, ShardsShareTheSuiteAndKeepTwinsTogether) {
  const Suite suite = SmallSuite();
  for (std::size_t count = 1; count <= 5; ++count) {
    std::multiset<std::string> all;
    for (std::size_t number = 1; number <= count; ++number) {
      Selection selection;
      selection.shard = {.number = number, .count = count};
      const std::vector<std::string> ids = IdsOf(suite, selection);
      all.insert(ids.begin(), ids.end());
      EXPECT_EQ(std::ranges::count(ids, "a.hostile"), std::ranges::count(ids, "a.honest"));
    }
    EXPECT_THAT(all, ElementsAre("a.honest", "a.hostile", "b.info", "b.should")) << count;
  }
}

TEST(Select, MoreShardsThanCasesAreNoError) {
  Selection selection;
  selection.shard = {.number = 5, .count = 5};
  EXPECT_THAT(IdsOf(SmallSuite(), selection), IsEmpty());
}

TEST(Shard, IsNumberOfCount) {
  EXPECT_EQ(Shard::Parse("2/5")->number, 2U);
  EXPECT_EQ(Shard::Parse("2/5")->count, 5U);
  for (const std::string_view text :
       {"", "2", "0/5", "6/5", "1/0", "-1/5", "1/5x", " 1/5", "1/1001", "1/99999999999999999999"}) {
    EXPECT_EQ(Shard::Parse(text).error().id, "shard.syntax") << text;
  }
}

}  // namespace
}  // namespace pullproof::conformance
