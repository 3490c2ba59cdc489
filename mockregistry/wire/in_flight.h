// Counts exchanges that are under way, so that a server can let them end before it stops.
#ifndef PULLPROOF_MOCKREGISTRY_WIRE_IN_FLIGHT_H_
#define PULLPROOF_MOCKREGISTRY_WIRE_IN_FLIGHT_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "base/clock.h"

namespace pullproof::mockregistry::wire {

// Thread-safe. Begin and End cost an atomic operation as long as nobody waits.
class InFlight {
 public:
  void Begin() { count_.fetch_add(1); }
  void End() {
    if (count_.fetch_sub(1) > 1 || !awaited_.load()) return;
    {
      const std::lock_guard lock(mutex_);
    }
    changed_.notify_all();
  }
  // False when some are still under way after `timeout` of real time.
  bool AwaitNone(Duration timeout) {
    std::unique_lock lock(mutex_);
    awaited_.store(true);
    return changed_.wait_for(lock, timeout, [this] { return count_.load() == 0; });
  }

 private:
  std::atomic<std::int64_t> count_ = 0;
  std::atomic<bool> awaited_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace pullproof::mockregistry::wire

#endif  // PULLPROOF_MOCKREGISTRY_WIRE_IN_FLIGHT_H_
