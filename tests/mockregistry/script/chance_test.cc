#include "mockregistry/script/chance.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::mockregistry::script {
namespace {

constexpr std::uint64_t kSeed = 42;

// The numbers were computed by another program from the definition in the header.
TEST(HappensTest, IsSpecified) {
  std::vector<std::uint64_t> happened;
  for (std::uint64_t n = 1; n <= 20; ++n) {
    if (Happens(0.5, kSeed, "flaky", n, "")) happened.push_back(n);
  }
  EXPECT_THAT(happened, testing::ElementsAre(3, 4, 6, 7, 10, 11, 14, 15, 20));
  // 0.8261966094909147…
  EXPECT_FALSE(Happens(0.8261966, kSeed, "flaky", 1, ""));
  EXPECT_TRUE(Happens(0.8261967, kSeed, "flaky", 1, ""));
}

TEST(HappensTest, DependsOnSeedRuleAndContent) {
  EXPECT_FALSE(Happens(0.5, kSeed, "flaky", 1, ""));
  EXPECT_TRUE(Happens(0.5, kSeed + 1, "flaky", 1, ""));  // 0.2415…
  EXPECT_TRUE(Happens(0.5, kSeed, "other", 1, ""));      // 0.4514…
  EXPECT_FALSE(Happens(0.7858, kSeed, "flaky", 1, "layer"));
  EXPECT_TRUE(Happens(0.7859, kSeed, "flaky", 1, "layer"));
}

TEST(HappensTest, NeverAtZeroAndAlwaysAtOne) {
  for (std::uint64_t n = 1; n <= 1'000; ++n) {
    EXPECT_FALSE(Happens(0, kSeed, "flaky", n, ""));
    EXPECT_TRUE(Happens(1, kSeed, "flaky", n, ""));
  }
}

TEST(HappensTest, HasTheShareThatIsAskedFor) {
  int happened = 0;
  for (std::uint64_t n = 1; n <= 10'000; ++n)
    happened += Happens(0.3, kSeed, "flaky", n, "") ? 1 : 0;
  EXPECT_EQ(happened, 2961);
}

}  // namespace
}  // namespace pullproof::mockregistry::script
