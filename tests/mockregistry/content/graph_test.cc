#include "mockregistry/content/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::mockregistry::content {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(DependencyGroups, WhatIsNeededComesFirst) {
  EXPECT_THAT(DependencyGroups({}), IsEmpty());
  EXPECT_THAT(DependencyGroups({{1, 2}, {2}, {}}),
              ElementsAre(ElementsAre(2), ElementsAre(1), ElementsAre(0)));
  EXPECT_THAT(DependencyGroups({{}, {0}, {1, 1}}),
              ElementsAre(ElementsAre(0), ElementsAre(1), ElementsAre(2)));
}

TEST(DependencyGroups, WhatDependsOnItselfIsOneGroup) {
  // 0 -> {1 <-> 2 -> 3}, 3 -> 1; 4 -> 4
  EXPECT_THAT(DependencyGroups({{1}, {2}, {1, 3}, {1}, {4}}),
              ElementsAre(ElementsAre(1, 2, 3), ElementsAre(0), ElementsAre(4)));
}

TEST(DependencyGroups, ALongChainNeedsNoStack) {
  constexpr std::size_t kLength = 100'000;
  Edges chain(kLength);
  for (std::size_t i = 0; i + 1 < kLength; ++i) chain[i] = {i + 1};
  const auto groups = DependencyGroups(chain);
  ASSERT_EQ(groups.size(), kLength);
  EXPECT_THAT(groups.front(), ElementsAre(kLength - 1));
}

TEST(CycleIn, NamesTheWayAround) {
  const Edges edges{{1}, {2}, {1, 3}, {1}, {4}, {}};
  EXPECT_THAT(CycleIn(std::vector<std::size_t>{1, 2, 3}, edges), ElementsAre(1, 2, 1));
  EXPECT_THAT(CycleIn(std::vector<std::size_t>{4}, edges), ElementsAre(4, 4));
  EXPECT_THAT(CycleIn(std::vector<std::size_t>{0}, edges), IsEmpty());
  EXPECT_THAT(CycleIn(std::vector<std::size_t>{5}, edges), IsEmpty());
}

// The first member may lead into a circle that it is not part of.
TEST(CycleIn, LeavesOutWhatLeadsToTheCircle) {
  const Edges edges{{1}, {2}, {3, 0}, {2}};
  EXPECT_THAT(CycleIn(std::vector<std::size_t>{0, 1, 2, 3}, edges), ElementsAre(2, 3, 2));
}

}  // namespace
}  // namespace pullproof::mockregistry::content
