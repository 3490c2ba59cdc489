#include "mockregistry/store/budget.h"

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace pullproof::mockregistry::store {
namespace {

TEST(Budget, TakesUpToItsLimitAndNoByteMore) {
  const auto budget = std::make_shared<Budget>(10);
  const auto seven = budget->Take(7);
  ASSERT_TRUE(seven.has_value());
  EXPECT_EQ(budget->used(), 7U);
  EXPECT_FALSE(budget->Take(4).has_value());
  EXPECT_EQ(budget->used(), 7U);
  EXPECT_TRUE(budget->Take(3).has_value());
  EXPECT_FALSE(budget->Take(UINT64_MAX).has_value());
}

TEST(Budget, GetsEverythingBackOnce) {
  const auto budget = std::make_shared<Budget>(10);
  {
    auto reservation = *budget->Take(6);
    const Reservation moved = std::move(reservation);
    Reservation assigned;
    assigned = *budget->Take(2);
    EXPECT_EQ(budget->used(), 8U);
  }
  EXPECT_EQ(budget->used(), 0U);
}

TEST(Budget, ReplacingAReservationGivesTheOldOneBack) {
  const auto budget = std::make_shared<Budget>(10);
  Reservation held = *budget->Take(6);
  held = *budget->Take(3);
  EXPECT_EQ(budget->used(), 3U);
}

TEST(Budget, HeldBytesKeepTheirRoomWhileSomebodyReadsThem) {
  const auto budget = std::make_shared<Budget>(10);
  std::optional<content::Bytes> bytes = Hold(content::FromString("hello"), *budget->Take(5));
  const content::Bytes reader = *bytes;
  bytes.reset();
  EXPECT_EQ(budget->used(), 5U);
  EXPECT_EQ(content::ReadAll(*reader), "hello");
}

TEST(Budget, OutlivesItsOwner) {
  auto budget = std::make_shared<Budget>(10);
  const auto reservation = budget->Take(5);
  budget.reset();
  EXPECT_TRUE(reservation.has_value());  // its destructor still has somebody to give back to
}

TEST(Budget, NeverGivesOutMoreThanItHasUnderContention) {
  constexpr std::uint64_t kLimit = 100;
  const auto budget = std::make_shared<Budget>(kLimit);
  std::atomic<int> refused = 0;
  std::vector<std::vector<Reservation>> taken(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : taken) {
      threads.emplace_back([&budget, &refused, &mine] {
        for (int i = 0; i < 50; ++i) {
          if (auto one = budget->Take(1)) {
            mine.push_back(*std::move(one));
          } else {
            ++refused;
          }
        }
      });
    }
  }
  EXPECT_EQ(budget->used(), kLimit);
  EXPECT_EQ(refused, 100);
}

}  // namespace
}  // namespace pullproof::mockregistry::store
