#include "base/clock.h"

#include <gtest/gtest.h>

namespace pullproof {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ParseDuration, TakesAWholeNumberWithItsUnit) {
  EXPECT_EQ(ParseDuration("250us"), Duration(std::chrono::microseconds(250)));
  EXPECT_EQ(ParseDuration("950ms"), Duration(milliseconds(950)));
  EXPECT_EQ(ParseDuration("3600s"), Duration(seconds(3600)));
  EXPECT_EQ(ParseDuration("0s"), Duration(0));
}

TEST(ParseDuration, RefusesEverythingElse) {
  for (const std::string_view bad :
       {"", "s", "1", "1 s", "-1s", "1.5s", "1m", "1h", "1S", "3601s", "99999999999s", "1ss"}) {
    const auto duration = ParseDuration(bad);
    ASSERT_FALSE(duration) << bad;
    EXPECT_EQ(duration.error().id, "duration.syntax");
  }
}

TEST(ManualClock, StandsStillUntilItIsMoved) {
  ManualClock clock;
  const auto wall = clock.Wall();
  EXPECT_EQ(clock.Now(), Duration(0));
  clock.Advance(milliseconds(5));
  clock.Sleep(seconds(2));
  clock.Sleep(-seconds(1));
  EXPECT_EQ(clock.Now(), Duration(milliseconds(2005)));
  EXPECT_EQ(clock.Wall() - wall, milliseconds(2005));
}

TEST(SystemClock, NeverGoesBack) {
  SystemClock clock;
  const Duration before = clock.Now();
  clock.Sleep(Duration(-1));
  EXPECT_GE(clock.Now(), before);
}

}  // namespace
}  // namespace pullproof
