// How much memory clients may fill. Everything that is pushed holds a reservation for as long as
// it, or an answer that is being sent from it, is alive.
#ifndef PULLPROOF_MOCKREGISTRY_STORE_BUDGET_H_
#define PULLPROOF_MOCKREGISTRY_STORE_BUDGET_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "mockregistry/content/byte_source.h"

namespace pullproof::mockregistry::store {

class Budget;

// Bytes taken from a budget, given back on destruction. A default one holds nothing: the fixture's
// own content costs nobody anything.
class Reservation {
 public:
  Reservation() = default;
  ~Reservation();
  Reservation(Reservation&& other) noexcept
      : budget_(std::move(other.budget_)), bytes_(std::exchange(other.bytes_, 0)) {}
  Reservation& operator=(Reservation&& other) noexcept;
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;

 private:
  friend class Budget;
  Reservation(std::shared_ptr<Budget> budget, std::uint64_t bytes)
      : budget_(std::move(budget)), bytes_(bytes) {}

  std::shared_ptr<Budget> budget_;
  std::uint64_t bytes_ = 0;
};

// Thread-safe. Outlives its owner while reservations are alive.
class Budget : public std::enable_shared_from_this<Budget> {
 public:
  explicit Budget(std::uint64_t limit) : limit_(limit) {}

  // nullopt when fewer than `bytes` are left.
  std::optional<Reservation> Take(std::uint64_t bytes);
  [[nodiscard]] std::uint64_t limit() const { return limit_; }
  [[nodiscard]] std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  friend class Reservation;

  const std::uint64_t limit_;
  std::atomic<std::uint64_t> used_ = 0;
};

// The same bytes, which give the reservation back when nobody reads them any more.
content::Bytes Hold(content::Bytes bytes, Reservation reservation);

}  // namespace pullproof::mockregistry::store

#endif  // PULLPROOF_MOCKREGISTRY_STORE_BUDGET_H_
