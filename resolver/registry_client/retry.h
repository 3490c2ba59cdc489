// When to ask again, how long to wait before, and when to give up.
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_RETRY_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_RETRY_H_

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>

#include "base/clock.h"
#include "base/error.h"

namespace pullproof::resolver::registry_client {

// Tries at one thing before it is given up, when nothing got any further: a server that fails five
// times over 7 seconds is not about to recover.
inline constexpr int kMaxTries = 5;
// Tries while not even a connection was ever made: nobody listens, or nothing is there. One more
// than one, for a server that is being restarted; it would be a long wait for a misspelt port.
inline constexpr int kMaxFirstContacts = 2;
// Tries at one blob whose transfer gets a piece further every time. A registry that hands out
// crumbs must not be able to keep a client for ever.
inline constexpr int kMaxTriesInAll = 16;
// The first wait is between a half and a whole of this, the next ones twice as long each: short
// enough not to be noticed after one dropped packet, long enough for a restarted process.
inline constexpr Duration kFirstBackoff = std::chrono::milliseconds(500);
// Tries at a server that accepts a connection and then says nothing at all: one more may reach
// another machine behind the same name, and each costs the whole idle timeout.
inline constexpr int kMaxSilences = 2;
// Silences of one transfer that got further between them.
inline constexpr int kMaxSilencesInAll = 3;
// What one operation takes in all, every try and wait, and every token for it, included. A server
// that is alive answers a small question in seconds; this leaves room for kMaxWait and for tries.
inline constexpr Duration kMaxOperationTime = std::chrono::minutes(2);
// What a transfer of content may take beyond that: so many bytes a second is less than any line
// that somebody would fetch a component over.
inline constexpr std::uint64_t kSlowestTransfer = std::uint64_t{64} << 10;
// What one operation waits in all, Retry-After included. Whoever is asked for more is better told
// so than left waiting.
inline constexpr Duration kMaxWait = std::chrono::seconds(60);

// Why one try at an operation failed.
struct Failure {
  Error error;
  int status = 0;                       // of the answer; 0 when there was none
  bool transient = false;               // asking again may help
  std::optional<Duration> retry_after;  // what the server asks to wait, more than zero
};
template <typename T>
using Attempt = std::expected<T, Failure>;

// When an operation has to be over, on the clock that its waits go by.
struct Deadline {
  // Zero once it is over.
  [[nodiscard]] Duration Left(const Clock& clock) const {
    return at == Duration::max() ? at : std::max(Duration::zero(), at - clock.Now());
  }

  Duration at = Duration::max();  // as Clock::Now gives it; max: never
};
// From now on, for something of `bytes`.
[[nodiscard]] Deadline DeadlineFor(const Clock& clock, std::uint64_t bytes = 0);

// A failure that asking again does not change.
[[nodiscard]] inline std::unexpected<Failure> Final(Error error) {
  return std::unexpected(
      Failure{.error = std::move(error), .status = 0, .transient = false, .retry_after = {}});
}

// Pseudo-random numbers that keep clients which failed together from coming back together. Not for
// secrets. Thread-safe.
class Jitter {
 public:
  explicit Jitter(std::uint64_t seed) : state_(seed) {}
  // In [0, 1).
  double Next();

 private:
  std::atomic<std::uint64_t> state_;
};

// The tries at one operation. Not thread-safe.
class Retrier {
 public:
  // Nothing is owned. No try begins after the deadline.
  Retrier(Clock& clock, Jitter& jitter, Deadline deadline)
      : clock_(clock), jitter_(jitter), deadline_(deadline) {}

  // Waits for the next try; or gives the error with which the operation ends.
  Result<void> WaitAfter(Failure failure);
  // The last try got further than all before: patience starts anew.
  void NoteProgress() {
    tries_ = 0;
    silences_ = 0;
    contact_ = true;
  }

 private:
  Duration Backoff();

  Clock& clock_;
  Jitter& jitter_;
  const Deadline deadline_;
  int silences_ = 0;  // since there was progress
  int silences_in_all_ = 0;
  int tries_ = 0;  // since there was progress
  int tries_in_all_ = 0;
  bool contact_ = false;  // something answered, at some time
  Duration waited_{};
};

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_RETRY_H_
