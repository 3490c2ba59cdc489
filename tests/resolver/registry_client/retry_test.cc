#include "resolver/registry_client/retry.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>

#include <gtest/gtest.h>

#include "resolver/registry_client/retry_after.h"

namespace pullproof::resolver::registry_client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// 1994-11-06T08:49:37Z, the date of RFC 9110's examples
constexpr std::chrono::sys_seconds kExample{seconds(784111777)};

TEST(ParseHttpDate, ReadsTheThreeForms) {
  for (const char* text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994"}) {
    EXPECT_EQ(ParseHttpDate(text, kExample), kExample) << text;
  }
}

TEST(ParseHttpDate, TwoDigitsMeanTheNearestCentury) {
  const auto now = std::chrono::sys_days(std::chrono::year{2026} / 1 / 1) + seconds(0);
  const auto year = [&](const char* text) {
    return static_cast<int>(std::chrono::year_month_day(
                                std::chrono::floor<std::chrono::days>(*ParseHttpDate(text, now)))
                                .year());
  };
  EXPECT_EQ(year("Sunday, 06-Nov-76 08:49:37 GMT"), 2076);
  EXPECT_EQ(year("Sunday, 06-Nov-77 08:49:37 GMT"), 1977);
}

TEST(ParseHttpDate, RefusesWhatIsNone) {
  for (const char* text : {"", "soon", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
                           "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
                           "Sun, 06 Nov 99999 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT x",
                           "Sun, 4294967302 Nov 1994 08:49:37 GMT"}) {
    EXPECT_EQ(ParseHttpDate(text, kExample), std::nullopt) << text;
  }
}

TEST(ParseRetryAfter, ReadsNumbersAndDates) {
  const std::chrono::system_clock::time_point now = kExample;
  EXPECT_EQ(ParseRetryAfter("4", now), seconds(4));
  EXPECT_EQ(ParseRetryAfter(" 120 ", now), seconds(120));
  EXPECT_EQ(ParseRetryAfter("Sun, 06 Nov 1994 08:49:41 GMT", now), seconds(4));
  const seconds year = std::chrono::hours(24 * 365);
  EXPECT_EQ(ParseRetryAfter("99999999999999999999", now), year);
  EXPECT_EQ(ParseRetryAfter("Sun, 06 Nov 9999 08:49:41 GMT", now), year);
}

TEST(ParseRetryAfter, NothingUsable) {
  for (const char* text : {"", "0", "-5", "+5", "4.5", "soon", "5 s", "0x5",
                           "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1993 08:49:37 GMT"}) {
    EXPECT_EQ(ParseRetryAfter(text, kExample), std::nullopt) << text;
  }
}

TEST(Jitter, StaysInItsRangeAndVaries) {
  Jitter jitter(1);
  double low = 1;
  double high = 0;
  for (int i = 0; i < 1000; ++i) {
    const double value = jitter.Next();
    low = std::min(low, value);
    high = std::max(high, value);
  }
  EXPECT_GE(low, 0.0);
  EXPECT_LT(low, 0.05);
  EXPECT_GT(high, 0.95);
  EXPECT_LT(high, 1.0);
}

TEST(Jitter, DiffersBySeed) { EXPECT_NE(Jitter(1).Next(), Jitter(2).Next()); }

class RetrierTest : public testing::Test {
 protected:
  static Failure Transient(std::optional<Duration> retry_after = {}) {
    return {.error = {"registry.server-error", "down", "", ""},
            .status = 503,
            .transient = true,
            .retry_after = retry_after};
  }

  ManualClock clock_;
  Jitter jitter_{7};
  Retrier retrier_{clock_, jitter_, DeadlineFor(clock_)};
};

TEST_F(RetrierTest, GapsGrowAndEnd) {
  Duration last{};
  Duration shortest = kFirstBackoff / 2;
  for (int i = 1; i < kMaxTries; ++i) {
    const Duration before = clock_.Now();
    ASSERT_TRUE(retrier_.WaitAfter(Transient()));
    const Duration gap = clock_.Now() - before;
    EXPECT_GE(gap, shortest);
    EXPECT_LT(gap, shortest * 2);
    EXPECT_GE(gap, last);
    last = gap;
    shortest *= 2;
  }
  const auto end = retrier_.WaitAfter(Transient());
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error(), (Error{"registry.server-error", "down (tried 5 times)", "", ""}));
}

TEST_F(RetrierTest, WhatIsNotTransientEndsAtOnce) {
  Failure failure = Transient();
  failure.transient = false;
  EXPECT_EQ(retrier_.WaitAfter(failure).error(), failure.error);
  EXPECT_EQ(clock_.Now(), Duration::zero());
}

TEST_F(RetrierTest, WaitsAsLongAsIsAsked) {
  ASSERT_TRUE(retrier_.WaitAfter(Transient(seconds(4))));
  EXPECT_EQ(clock_.Now(), seconds(4));
}

TEST_F(RetrierTest, WaitsNoLessThanItsOwnBackoff) {
  ASSERT_TRUE(retrier_.WaitAfter(Transient(Duration(1))));
  EXPECT_GE(clock_.Now(), kFirstBackoff / 2);
}

TEST_F(RetrierTest, GivesUpWhenAskedForTooMuch) {
  const auto end = retrier_.WaitAfter(Transient(std::chrono::hours(24)));
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().message,
            "down; the next try is due in 86400 s, and only 60 s are waited for it");
  EXPECT_EQ(end.error().hint, "try again in 86400 s");
  EXPECT_EQ(clock_.Now(), Duration::zero());
}

TEST_F(RetrierTest, BoundsAllWaitsTogether) {
  ASSERT_TRUE(retrier_.WaitAfter(Transient(seconds(40))));
  EXPECT_FALSE(retrier_.WaitAfter(Transient(seconds(40))));
  EXPECT_EQ(clock_.Now(), seconds(40));
}

TEST_F(RetrierTest, ProgressBuysTriesButNotForEver) {
  int tries = 1;
  while (true) {
    retrier_.NoteProgress();
    if (!retrier_.WaitAfter(Transient())) break;
    ++tries;
  }
  EXPECT_EQ(tries, kMaxTriesInAll);
}

TEST_F(RetrierTest, ASilentServerIsAskedTwice) {
  const Failure silent{.error = {"transport.timeout", "nothing arrived", {}, {}},
                       .status = 0,
                       .transient = true,
                       .retry_after = {}};
  ASSERT_TRUE(retrier_.WaitAfter(silent));
  EXPECT_EQ(retrier_.WaitAfter(silent).error().message, "nothing arrived (tried 2 times)");
}

TEST_F(RetrierTest, OneThatServesCrumbsBetweenSilencesThreeTimes) {
  const Failure silent{.error = {"transport.timeout", "nothing more", {}, {}},
                       .status = 200,
                       .transient = true,
                       .retry_after = {}};
  for (int i = 1; i < kMaxSilencesInAll; ++i) {
    retrier_.NoteProgress();
    ASSERT_TRUE(retrier_.WaitAfter(silent)) << i;
  }
  retrier_.NoteProgress();
  EXPECT_FALSE(retrier_.WaitAfter(silent));
}

TEST_F(RetrierTest, NoTryBeginsAfterTheDeadline) {
  clock_.Advance(kMaxOperationTime - seconds(4));
  ASSERT_TRUE(retrier_.WaitAfter(Transient(seconds(2))));
  const auto end = retrier_.WaitAfter(Transient(seconds(2)));
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().message, "down (tried 2 times, and the time for it is over)");
}

TEST(Deadline, GrowsWithTheContent) {
  ManualClock clock;
  EXPECT_EQ(DeadlineFor(clock).Left(clock), kMaxOperationTime);
  EXPECT_EQ(DeadlineFor(clock, 10 * kSlowestTransfer).Left(clock), kMaxOperationTime + seconds(10));
  EXPECT_LT(DeadlineFor(clock, std::numeric_limits<std::uint64_t>::max()).Left(clock),
            std::chrono::hours(24 * 366));
  const Deadline deadline = DeadlineFor(clock);
  clock.Advance(2 * kMaxOperationTime);
  EXPECT_EQ(deadline.Left(clock), Duration::zero());
  EXPECT_EQ(Deadline{}.Left(clock), Duration::max());
}

TEST(Retrier, WhereNobodyListensIsTriedTwice) {
  const Failure refused{.error = {"transport.connect", "refused", {}, {}},
                        .status = 0,
                        .transient = true,
                        .retry_after = {}};
  const auto tries = [&](const std::function<void(Retrier&)>& before) {
    ManualClock clock;
    Jitter jitter(1);
    Retrier retrier(clock, jitter, DeadlineFor(clock));
    before(retrier);
    int count = 1;
    while (retrier.WaitAfter(refused)) ++count;
    EXPECT_LT(clock.Now(), std::chrono::seconds(20));
    return count;
  };
  EXPECT_EQ(tries([](Retrier&) {}), kMaxFirstContacts);
  // It was there a moment ago: it may be back in a moment.
  EXPECT_EQ(tries([](Retrier& retrier) { retrier.NoteProgress(); }), kMaxTries);
  EXPECT_EQ(tries([](Retrier& retrier) {
              static_cast<void>(retrier.WaitAfter({.error = {"transport.closed", "", {}, {}},
                                                   .status = 0,
                                                   .transient = true,
                                                   .retry_after = {}}));
            }),
            kMaxTries - 1);
}

}  // namespace
}  // namespace pullproof::resolver::registry_client
