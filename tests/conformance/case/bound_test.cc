#include "conformance/case/bound.h"

#include <chrono>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::conformance {
namespace {

using namespace std::chrono_literals;

struct RangeCase {
  std::string_view name;
  std::string_view text;
  std::uint64_t low;
  std::optional<std::uint64_t> high;
  std::string_view words;
};

class CountRangeParses : public testing::TestWithParam<RangeCase> {};

TEST_P(CountRangeParses, AndSaysItInWords) {
  const Result<CountRange> range = CountRange::Parse(GetParam().text);
  ASSERT_TRUE(range.has_value());
  EXPECT_EQ(range->low, GetParam().low);
  EXPECT_EQ(range->high, GetParam().high);
  EXPECT_EQ(range->ToString(), GetParam().words);
}

INSTANTIATE_TEST_SUITE_P(All, CountRangeParses,
                         testing::Values(RangeCase{"Exact", "3", 3, 3, "exactly 3"},
                                         RangeCase{"Zero", "0", 0, 0, "exactly 0"},
                                         RangeCase{"Range", "1..5", 1, 5, "1 to 5"},
                                         RangeCase{"Open", "1..", 1, std::nullopt, "at least 1"},
                                         RangeCase{"Any", "0..", 0, std::nullopt, "any number of"}),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(CountRange, ContainsBothEnds) {
  const CountRange range{.low = 1, .high = 5};
  EXPECT_FALSE(range.Contains(0));
  EXPECT_TRUE(range.Contains(1));
  EXPECT_TRUE(range.Contains(5));
  EXPECT_FALSE(range.Contains(6));
  EXPECT_TRUE((CountRange{.low = 2, .high = std::nullopt}.Contains(1'000'000)));
}

TEST(CountRange, RefusesWhatIsNoCount) {
  for (const std::string_view text :
       {"", "..", "..5", "5..1", "1...", "1..x", "-1", "1.5", " 1", "99999999999999999999999"}) {
    const Result<CountRange> range = CountRange::Parse(text);
    ASSERT_FALSE(range.has_value()) << text;
    EXPECT_EQ(range.error().id, "bound.syntax") << text;
  }
}

struct LimitCase {
  std::string_view name;
  std::string_view text;
  Limit limit;
  std::string_view words;
};

class LimitParses : public testing::TestWithParam<LimitCase> {};

TEST_P(LimitParses, AndSaysItInWords) {
  const Result<Limit> limit = Limit::Parse(GetParam().text);
  ASSERT_TRUE(limit.has_value());
  EXPECT_EQ(*limit, GetParam().limit);
  EXPECT_EQ(limit->ToString(), GetParam().words);
}

constexpr Limit::Direction kAtMost = Limit::Direction::kAtMost;
constexpr Limit::Direction kAtLeast = Limit::Direction::kAtLeast;
constexpr std::uint64_t kNanosecondsIn5s = 5'000'000'000;

INSTANTIATE_TEST_SUITE_P(
    All, LimitParses,
    testing::Values(
        LimitCase{"Count", "<=40", {kAtMost, Limit::Unit::kCount, 40}, "at most 40"},
        LimitCase{"Least", ">=2", {kAtLeast, Limit::Unit::kCount, 2}, "at least 2"},
        LimitCase{"Time", "<=5s", {kAtMost, Limit::Unit::kTime, kNanosecondsIn5s}, "at most 5 s"},
        LimitCase{"Short", "<=950ms", {kAtMost, Limit::Unit::kTime, 950'000'000}, "at most 950 ms"},
        LimitCase{
            "Bytes", "<=512MiB", {kAtMost, Limit::Unit::kBytes, 512U << 20U}, "at most 512 MiB"},
        LimitCase{"Percent", "<=150%", {kAtMost, Limit::Unit::kPercent, 150}, "at most 150 %"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Limit, RefusesWhatIsNoLimit) {
  for (const std::string_view text :
       {"", "5s", "<5s", "=5", "<=", "<=x", "<=%", "<=5h", "<=-1", "<=2000000000s"}) {
    const Result<Limit> limit = Limit::Parse(text);
    ASSERT_FALSE(limit.has_value()) << text;
    EXPECT_EQ(limit.error().id, "bound.syntax") << text;
  }
}

TEST(Limit, AllowsTheBoundItself) {
  const Limit most{kAtMost, Limit::Unit::kCount, 40};
  EXPECT_TRUE(most.Allows(40));
  EXPECT_FALSE(most.Allows(41));
  const Limit least{kAtLeast, Limit::Unit::kCount, 2};
  EXPECT_TRUE(least.Allows(2));
  EXPECT_FALSE(least.Allows(1));
}

TEST(FormatDuration, TakesTheLargestUnitThatFits) {
  EXPECT_EQ(FormatDuration(0ns), "0 us");
  EXPECT_EQ(FormatDuration(-1s), "0 us");
  EXPECT_EQ(FormatDuration(1500ns), "1.5 us");
  EXPECT_EQ(FormatDuration(12ms), "12 ms");
  EXPECT_EQ(FormatDuration(1250ms), "1.25 s");
  EXPECT_EQ(FormatDuration(90s), "90 s");
}

TEST(FormatBytes, TakesTheLargestUnitThatDivides) {
  EXPECT_EQ(FormatBytes(0), "0 bytes");
  EXPECT_EQ(FormatBytes(1), "1 byte");
  EXPECT_EQ(FormatBytes(1536), "1536 bytes");
  EXPECT_EQ(FormatBytes(2048), "2 KiB");
  EXPECT_EQ(FormatBytes(std::uint64_t{3} << 30), "3 GiB");
}

}  // namespace
}  // namespace pullproof::conformance
