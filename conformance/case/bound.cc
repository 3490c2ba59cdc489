#include "conformance/case/bound.h"

#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::conformance {
namespace {

std::optional<std::uint64_t> ParseNumber(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string FormatThousandths(std::uint64_t thousandths, std::string_view unit) {
  std::string text = fmt::format("{}.{:03}", thousandths / 1000, thousandths % 1000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return fmt::format("{} {}", text, unit);
}

std::string FormatAmount(Limit::Unit unit, std::uint64_t value) {
  switch (unit) {
    case Limit::Unit::kBytes:
      return FormatBytes(value);
    case Limit::Unit::kTime:
      return FormatDuration(Duration(value));
    case Limit::Unit::kPercent:
      return fmt::format("{} %", value);
    case Limit::Unit::kCount:
      break;
  }
  return fmt::format("{}", value);
}

}  // namespace

Result<CountRange> CountRange::Parse(std::string_view text) {
  const auto bad = [&] {
    return Fail("bound.syntax", fmt::format("`{}` is no count", text), {},
                "write \"3\", \"1..5\" or \"1..\"");
  };
  CountRange range;
  const std::size_t dots = text.find("..");
  const std::optional<std::uint64_t> low = ParseNumber(text.substr(0, dots));
  if (!low) return bad();
  range.low = *low;
  if (dots == std::string_view::npos) {
    range.high = low;
    return range;
  }
  const std::string_view rest = text.substr(dots + 2);
  if (rest.empty()) return range;
  range.high = ParseNumber(rest);
  if (!range.high || *range.high < range.low) return bad();
  return range;
}

bool CountRange::Contains(std::uint64_t count) const {
  return count >= low && (!high || count <= *high);
}

std::string CountRange::ToString() const {
  if (high) {
    return *high == low ? fmt::format("exactly {}", low) : fmt::format("{} to {}", low, *high);
  }
  return low == 0 ? "any number of" : fmt::format("at least {}", low);
}

Result<Limit> Limit::Parse(std::string_view text) {
  Limit limit;
  const auto bad = [&] {
    return Fail("bound.syntax", fmt::format("`{}` is no limit", text), {},
                "write \"<=5s\", \"<=512MiB\", \"<=150%\", \"<=40\" or the same with \">=\"");
  };
  if (text.starts_with(">=")) {
    limit.direction = Direction::kAtLeast;
  } else if (!text.starts_with("<=")) {
    return bad();
  }
  const std::string_view amount = text.substr(2);
  if (const std::optional<std::uint64_t> count = ParseNumber(amount)) {
    limit.value = *count;
    return limit;
  }
  if (const Result<Duration> duration = ParseDuration(amount)) {
    limit.unit = Unit::kTime;
    limit.value = static_cast<std::uint64_t>(duration->count());
    return limit;
  }
  if (amount.ends_with('%')) {
    const std::optional<std::uint64_t> percent = ParseNumber(amount.substr(0, amount.size() - 1));
    if (!percent) return bad();
    limit.unit = Unit::kPercent;
    limit.value = *percent;
    return limit;
  }
  const Result<std::uint64_t> bytes = ParseSize(amount);
  if (!bytes) return bad();
  limit.unit = Unit::kBytes;
  limit.value = *bytes;
  return limit;
}

bool Limit::Allows(std::uint64_t seen) const {
  return direction == Direction::kAtMost ? seen <= value : seen >= value;
}

std::string Limit::ToString() const {
  return fmt::format("{} {}", direction == Direction::kAtMost ? "at most" : "at least",
                     FormatAmount(unit, value));
}

std::string FormatDuration(Duration duration) {
  const std::uint64_t nanoseconds =
      duration < Duration::zero() ? 0 : static_cast<std::uint64_t>(duration.count());
  if (nanoseconds >= 1'000'000'000) return FormatThousandths(nanoseconds / 1'000'000, "s");
  if (nanoseconds >= 1'000'000) return FormatThousandths(nanoseconds / 1'000, "ms");
  return FormatThousandths(nanoseconds, "us");
}

std::string FormatBytes(std::uint64_t bytes) {
  constexpr std::array<std::pair<std::uint64_t, std::string_view>, 3> kUnits{{
      {std::uint64_t{1} << 30, "GiB"},
      {std::uint64_t{1} << 20, "MiB"},
      {std::uint64_t{1} << 10, "KiB"},
  }};
  for (const auto& [size, name] : kUnits) {
    if (bytes != 0 && bytes % size == 0) return fmt::format("{} {}", bytes / size, name);
  }
  return bytes == 1 ? "1 byte" : fmt::format("{} bytes", bytes);
}

}  // namespace pullproof::conformance
