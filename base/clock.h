// Time comes in from outside. Code that waits or measures takes a Clock&; tests pass a ManualClock
// and never sleep.
#ifndef PULLPROOF_BASE_CLOCK_H_
#define PULLPROOF_BASE_CLOCK_H_

#include <chrono>
#include <mutex>
#include <string_view>

#include "base/error.h"

namespace pullproof {

using Duration = std::chrono::nanoseconds;

// "250us", "950ms", "30s": a whole number with its unit, up to an hour, which bounds every wait
// that a file can ask for. Error: duration.syntax.
Result<Duration> ParseDuration(std::string_view text);

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // Time since an arbitrary start; never goes backwards.
  [[nodiscard]] virtual Duration Now() const = 0;
  // The calendar, for HTTP dates and report stamps.
  [[nodiscard]] virtual std::chrono::system_clock::time_point Wall() const = 0;
  // Returns after `duration`; at once if it is not positive.
  virtual void Sleep(Duration duration) = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Duration Now() const override;
  [[nodiscard]] std::chrono::system_clock::time_point Wall() const override;
  void Sleep(Duration duration) override;
};

// Stands still until it is told to move. Sleep() moves it forward by the whole duration and
// returns at once, so that waiting code runs at full speed and sees the time that it waited.
class ManualClock final : public Clock {
 public:
  // Starts at 2026-01-01T00:00:00Z.
  ManualClock();

  [[nodiscard]] Duration Now() const override;
  [[nodiscard]] std::chrono::system_clock::time_point Wall() const override;
  void Sleep(Duration duration) override { Advance(duration); }
  void Advance(Duration duration);

 private:
  mutable std::mutex mutex_;
  Duration now_{};
  std::chrono::system_clock::time_point start_;
};

}  // namespace pullproof

#endif  // PULLPROOF_BASE_CLOCK_H_
