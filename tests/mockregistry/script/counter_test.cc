#include "mockregistry/script/counter.h"

#include <gtest/gtest.h>

namespace pullproof::mockregistry::script {
namespace {

TEST(KeyedCounterTest, CountsEachKeyFromOne) {
  KeyedCounter counter;
  EXPECT_EQ(counter.Next("a"), 1);
  EXPECT_EQ(counter.Next("b"), 1);
  EXPECT_EQ(counter.Next("a"), 2);
  EXPECT_EQ(counter.Next(""), 1);
  counter.Clear();
  EXPECT_EQ(counter.Next("a"), 1);
}

TEST(KeyedCounterTest, ForgetsTheKeyThatWasSeenFirst) {
  KeyedCounter counter;
  for (std::size_t i = 0; i < KeyedCounter::kCapacity; ++i) counter.Next(std::to_string(i));
  EXPECT_EQ(counter.Next("0"), 2);
  EXPECT_EQ(counter.Next("one more"), 1);
  EXPECT_EQ(counter.Next("1"), 2);  // still there
  EXPECT_EQ(counter.Next("0"), 1);  // forgotten
}

}  // namespace
}  // namespace pullproof::mockregistry::script
