#include "resolver/registry_client/retry.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace pullproof::resolver::registry_client {

Deadline DeadlineFor(const Clock& clock, std::uint64_t bytes) {
  const std::uint64_t longest = std::chrono::seconds(std::chrono::hours(24 * 365)).count();
  const std::chrono::seconds transfer(std::min(bytes / kSlowestTransfer, longest));
  return {clock.Now() + kMaxOperationTime + transfer};
}

// SplitMix64 (Steele, Lea, Flood 2014): the state is a counter, so one atomic addition is enough.
double Jitter::Next() {
  constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15;
  std::uint64_t z = state_.fetch_add(kStep, std::memory_order_relaxed) + kStep;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  z ^= z >> 31;
  constexpr int kMantissa = 53;
  return static_cast<double>(z >> (64 - kMantissa)) / static_cast<double>(1ULL << kMantissa);
}

// Half of it fixed, half by chance: a gap is never shorter than the one before.
Duration Retrier::Backoff() {
  const Duration whole = kFirstBackoff * (1 << (tries_ - 1));
  const Duration half = whole / 2;
  return half +
         Duration(static_cast<Duration::rep>(jitter_.Next() * static_cast<double>(half.count())));
}

Result<void> Retrier::WaitAfter(Failure failure) {
  ++tries_;
  ++tries_in_all_;
  Error& error = failure.error;
  if (!failure.transient) return std::unexpected(std::move(error));
  contact_ = contact_ || failure.status != 0 || error.id != "transport.connect";
  if (error.id == "transport.timeout") {
    ++silences_;
    ++silences_in_all_;
  }
  const bool is_silent = silences_ >= kMaxSilences || silences_in_all_ >= kMaxSilencesInAll;
  if (is_silent || tries_ >= (contact_ ? kMaxTries : kMaxFirstContacts) ||
      tries_in_all_ >= kMaxTriesInAll) {
    error.message += fmt::format(" (tried {} times)", tries_in_all_);
    return std::unexpected(std::move(error));
  }
  const Duration wait = std::max(Backoff(), failure.retry_after.value_or(Duration::zero()));
  if (waited_ + wait > kMaxWait) {
    const auto asked = std::chrono::ceil<std::chrono::seconds>(wait).count();
    const auto patience = std::chrono::floor<std::chrono::seconds>(kMaxWait - waited_).count();
    error.message += fmt::format("; the next try is due in {} s, and only {} s are waited for it",
                                 asked, patience);
    error.hint = fmt::format("try again in {} s", asked);
    return std::unexpected(std::move(error));
  }
  if (wait >= deadline_.Left(clock_)) {
    error.message += fmt::format(" (tried {} times, and the time for it is over)", tries_in_all_);
    return std::unexpected(std::move(error));
  }
  clock_.Sleep(wait);
  waited_ += wait;
  return {};
}

}  // namespace pullproof::resolver::registry_client
