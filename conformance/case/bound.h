// The bounds that expectations state as short texts: "1..5" for counts, "<=5s" for amounts.
// Format: docs/cases.md "Bounds".
#ifndef PULLPROOF_CONFORMANCE_CASE_BOUND_H_
#define PULLPROOF_CONFORMANCE_CASE_BOUND_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace pullproof::conformance {

// How often something may happen, both ends included.
struct CountRange {
  std::uint64_t low = 0;
  std::optional<std::uint64_t> high;  // absent: any number

  // "3" is exactly three, "1..5", "1.." at least one. Error: bound.syntax.
  static Result<CountRange> Parse(std::string_view text);
  [[nodiscard]] bool Contains(std::uint64_t count) const;
  // "exactly 3", "1 to 5", "at least 1", "any number of"
  [[nodiscard]] std::string ToString() const;

  bool operator==(const CountRange&) const = default;
};

// An amount that must not be passed, in one direction.
struct Limit {
  enum class Unit { kCount, kBytes, kTime, kPercent };
  enum class Direction { kAtMost, kAtLeast };
  Direction direction = Direction::kAtMost;
  Unit unit = Unit::kCount;
  std::uint64_t value = 0;  // bytes, nanoseconds, hundredths of a whole, or a plain number

  // "<=5s", "<=512MiB", "<=150%", ">=2". Error: bound.syntax.
  static Result<Limit> Parse(std::string_view text);
  // `seen` in the unit of the limit.
  [[nodiscard]] bool Allows(std::uint64_t seen) const;
  // "at most 5 s", "at least 150 %"
  [[nodiscard]] std::string ToString() const;

  bool operator==(const Limit&) const = default;
};

// "5 s", "950 ms", "1.25 s": at most three digits after the point, in the largest unit that fits.
std::string FormatDuration(Duration duration);
// "512 MiB", "67073 bytes": the largest unit that divides it.
std::string FormatBytes(std::uint64_t bytes);

}  // namespace pullproof::conformance

#endif  // PULLPROOF_CONFORMANCE_CASE_BOUND_H_
