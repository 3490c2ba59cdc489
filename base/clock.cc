#include "base/clock.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace pullproof {
namespace {

constexpr std::array<std::pair<std::string_view, Duration>, 3> kUnits{{
    {"us", std::chrono::microseconds(1)},
    {"ms", std::chrono::milliseconds(1)},
    {"s", std::chrono::seconds(1)},
}};
constexpr Duration kLongest = std::chrono::hours(1);

}  // namespace

Result<Duration> ParseDuration(std::string_view text) {
  std::uint64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [after, failure] = std::from_chars(text.data(), end, count);
  if (failure == std::errc{}) {
    const std::string_view suffix(after, end);
    for (const auto& [name, unit] : kUnits) {
      if (suffix == name && count <= static_cast<std::uint64_t>(kLongest / unit)) {
        return unit * static_cast<Duration::rep>(count);
      }
    }
  }
  return Fail("duration.syntax", fmt::format("`{}` is no duration of up to an hour", text), {},
              "write a whole number with us, ms or s: \"950ms\"");
}

Duration SystemClock::Now() const { return std::chrono::steady_clock::now().time_since_epoch(); }

std::chrono::system_clock::time_point SystemClock::Wall() const {
  return std::chrono::system_clock::now();
}

void SystemClock::Sleep(Duration duration) {
  if (duration > Duration::zero()) std::this_thread::sleep_for(duration);
}

ManualClock::ManualClock()
    : start_(std::chrono::sys_days{std::chrono::year{2026} / std::chrono::January / 1}) {}

Duration ManualClock::Now() const {
  const std::scoped_lock lock(mutex_);
  return now_;
}

std::chrono::system_clock::time_point ManualClock::Wall() const {
  return start_ + std::chrono::duration_cast<std::chrono::system_clock::duration>(Now());
}

void ManualClock::Advance(Duration duration) {
  const std::scoped_lock lock(mutex_);
  if (duration > Duration::zero()) now_ += duration;
}

}  // namespace pullproof
