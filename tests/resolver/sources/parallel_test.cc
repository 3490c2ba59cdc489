#include "resolver/sources/parallel.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

#include <gtest/gtest.h>

namespace pullproof::resolver::sources {
namespace {

TEST(ForEachParallelTest, DoesEveryJobOnce) {
  std::vector<std::atomic<int>> done(100);
  ASSERT_TRUE(ForEachParallel(100, 4, [&](std::size_t i) -> Result<void> {
                ++done[i];
                return {};
              }).has_value());
  for (const auto& count : done) EXPECT_EQ(count, 1);
}

TEST(ForEachParallelTest, NothingToDoIsDone) {
  EXPECT_TRUE(ForEachParallel(0, 4, [](std::size_t) -> Result<void> {
                return Fail("x", "y");
              }).has_value());
}

TEST(ForEachParallelTest, KeepsToItsThreads) {
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  ASSERT_TRUE(ForEachParallel(200, 3, [&](std::size_t) -> Result<void> {
                const int now = ++running;
                int seen = most;
                while (now > seen && !most.compare_exchange_weak(seen, now)) {
                }
                --running;
                return {};
              }).has_value());
  EXPECT_LE(most, 3);
}

TEST(ForEachParallelTest, RunsSideBySide) {
  // Each of the two waits for the other: on one thread this would never end.
  std::mutex mutex;
  std::condition_variable both;
  int arrived = 0;
  ASSERT_TRUE(ForEachParallel(2, 2, [&](std::size_t) -> Result<void> {
                std::unique_lock lock(mutex);
                ++arrived;
                both.notify_all();
                both.wait(lock, [&] { return arrived == 2; });
                return {};
              }).has_value());
}

TEST(ForEachParallelTest, StopsAtTheFirstError) {
  int done = 0;
  const auto result = ForEachParallel(100, 1, [&](std::size_t i) -> Result<void> {
    ++done;
    if (i == 3) return Fail("test.failed", "three");
    return {};
  });
  EXPECT_EQ(result.error().id, "test.failed");
  EXPECT_EQ(done, 4);
}

}  // namespace
}  // namespace pullproof::resolver::sources
