#include "mockregistry/journal/journal.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::mockregistry::journal {
namespace {

using std::chrono_literals::operator""s;
using ::testing::ElementsAre;
using ::testing::Field;

Entry Get(std::string target) {
  Entry entry;
  entry.method = "GET";
  entry.target = std::move(target);
  return entry;
}

bool Any(const Entry&) { return true; }
bool Ended(const Entry& entry) { return !entry.ending.empty(); }

TEST(JournalTest, NumbersEntriesInOrderOfArrival) {
  Journal journal;
  EXPECT_EQ(journal.Append(Get("/a")), 1U);
  EXPECT_EQ(journal.Append(Get("/b")), 2U);
  EXPECT_THAT(journal.Snapshot(), ElementsAre(Field(&Entry::number, 1), Field(&Entry::number, 2)));
}

TEST(JournalTest, CompleteChangesTheEntryOfThatNumberOnly) {
  Journal journal;
  journal.Append(Get("/a"));
  journal.Append(Get("/b"));
  journal.Complete(2, [](Entry& entry) { entry.ending = "complete"; });
  EXPECT_THAT(journal.Snapshot(),
              ElementsAre(Field(&Entry::ending, ""), Field(&Entry::ending, "complete")));
}

TEST(JournalTest, CompleteOfAnUnknownNumberChangesNothing) {
  Journal journal(2);
  const auto fail = [](Entry&) { FAIL() << "called for an entry that is not there"; };
  journal.Complete(1, fail);
  for (int i = 0; i < 3; ++i) journal.Append(Get("/"));
  journal.Complete(0, fail);
  journal.Complete(1, fail);
  journal.Complete(4, fail);
}

TEST(JournalTest, RingLetsTheOldestGoAndCountsThem) {
  Journal journal(2);
  for (int i = 0; i < 5; ++i) journal.Append(Get("/"));
  EXPECT_THAT(journal.Snapshot(), ElementsAre(Field(&Entry::number, 4), Field(&Entry::number, 5)));
  EXPECT_EQ(journal.dropped(), 3U);
  EXPECT_EQ(journal.Count(Any), 2U);
}

TEST(JournalTest, KeepsOnlyTheBeginningOfALargeBody) {
  Journal journal;
  Entry entry = Get("/");
  entry.request_body = std::string(kMaxKeptBody + 1, 'x');
  journal.Append(entry);
  EXPECT_EQ(journal.Snapshot().front().request_body, std::string(kMaxKeptBody, 'x'));
}

TEST(JournalTest, CountsWhatMatches) {
  Journal journal;
  journal.Append(Get("/a"));
  journal.Append(Get("/b"));
  journal.Append(Get("/a"));
  EXPECT_EQ(journal.Count([](const Entry& entry) { return entry.target == "/a"; }), 2U);
}

TEST(JournalTest, ClearForgetsEntriesButNotTheNumbers) {
  Journal journal(1);
  journal.Append(Get("/a"));
  journal.Append(Get("/b"));
  journal.Clear();
  EXPECT_EQ(journal.Count(Any), 0U);
  EXPECT_EQ(journal.dropped(), 0U);
  EXPECT_EQ(journal.Append(Get("/c")), 3U);
}

TEST(JournalTest, WaitReturnsAtOnceWhenEnoughMatch) {
  Journal journal;
  journal.Append(Get("/"));
  EXPECT_TRUE(journal.Wait(1, Any, 0s));
}

TEST(JournalTest, WaitEndsWithItsTimeout) {
  const Journal journal;
  EXPECT_FALSE(journal.Wait(1, Any, 0s));
}

TEST(JournalTest, WaitEndsWithItsClock) {
  const Journal journal;
  ManualClock clock;
  // Moved for as long as it takes: a single step could fall before the wait reads the clock.
  const std::jthread mover([&](const std::stop_token& waited) {
    while (!waited.stop_requested()) clock.Advance(1s);
  });
  EXPECT_FALSE(journal.Wait(1, Any, {.timeout = 3599s, .clock = &clock, .stop = nullptr}));
}

TEST(JournalTest, WaitOnAClockIsWokenByAnEntry) {
  Journal journal;
  ManualClock clock;
  std::jthread writer([&] { journal.Append(Get("/")); });
  EXPECT_TRUE(journal.Wait(1, Any, {.timeout = 1s, .clock = &clock, .stop = nullptr}));
}

TEST(JournalTest, WaitEndsWhenItIsStopped) {
  const Journal journal;
  std::atomic<bool> stop = false;
  std::jthread stopper([&] {
    stop = true;
    journal.Wake();
  });
  EXPECT_FALSE(journal.Wait(1, Any, {.timeout = 60s, .clock = nullptr, .stop = &stop}));
}

TEST(JournalTest, FindsTheLastThatMatchInOrder) {
  Journal journal;
  for (const char* target : {"/a", "/b", "/a", "/a"}) journal.Append(Get(target));
  const auto is_a = [](const Entry& entry) { return entry.target == "/a"; };
  EXPECT_THAT(journal.Find(is_a, 2),
              ElementsAre(Field(&Entry::number, 3), Field(&Entry::number, 4)));
  EXPECT_EQ(journal.Find(is_a).size(), 3U);
}

TEST(JournalTest, WithoutCapacityKeepsNothing) {
  Journal journal(0);
  EXPECT_FALSE(journal.keeps());
  EXPECT_EQ(journal.Append(Get("/")), 0U);
  EXPECT_EQ(journal.Count(Any), 0U);
}

TEST(JournalTest, SinkIsGivenWhatIsOver) {
  Journal journal(1);
  std::vector<std::string> seen;
  journal.SetSink([&seen](const Entry& entry) { seen.push_back(entry.target); });
  journal.Append(Get("/under-way"));
  const std::uint64_t number = journal.Append(Get("/over"));
  journal.Complete(number, [](Entry& entry) { entry.ending = "complete"; });
  EXPECT_THAT(seen, ElementsAre("/over"));
}

TEST(JournalTest, WaitIsWokenByAnEntry) {
  Journal journal;
  std::latch waiting(1);
  std::jthread writer([&] {
    waiting.wait();
    journal.Append(Get("/"));
  });
  const auto matches = [&, told = false](const Entry&) mutable {
    if (!told) waiting.count_down();
    told = true;
    return true;
  };
  journal.Append(Get("/first"));  // its look at this one tells the writer to go on
  EXPECT_TRUE(journal.Wait(2, matches, 60s));
}

TEST(JournalTest, WaitIsWokenByACompletion) {
  Journal journal;
  const std::uint64_t number = journal.Append(Get("/"));
  std::latch waiting(1);
  std::jthread writer([&] {
    waiting.wait();
    journal.Complete(number, [](Entry& entry) { entry.ending = "complete"; });
  });
  const auto matches = [&, told = false](const Entry& entry) mutable {
    if (!told) waiting.count_down();
    told = true;
    return Ended(entry);
  };
  EXPECT_TRUE(journal.Wait(1, matches, 60s));
}

TEST(JournalTest, ManyThreadsLoseNothing) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kEach = 500;
  Journal journal;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (std::size_t n = 0; n < kEach; ++n) {
          const std::uint64_t number = journal.Append(Get("/"));
          journal.Complete(number, [](Entry& entry) { entry.ending = "complete"; });
        }
      });
    }
  }
  EXPECT_EQ(journal.Count(Ended), kThreads * kEach);
  const std::vector<Entry> entries = journal.Snapshot();
  for (std::size_t i = 0; i < entries.size(); ++i) EXPECT_EQ(entries[i].number, i + 1);
}

}  // namespace
}  // namespace pullproof::mockregistry::journal
