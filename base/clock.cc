#include "base/clock.h"

#include <thread>

namespace pullproof {

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
