#include "mockregistry/store/budget.h"

namespace pullproof::mockregistry::store {

Reservation::~Reservation() {
  if (budget_ != nullptr) budget_->used_.fetch_sub(bytes_, std::memory_order_relaxed);
}

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  std::swap(budget_, other.budget_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

std::optional<Reservation> Budget::Take(std::uint64_t bytes) {
  std::uint64_t used = used_.load(std::memory_order_relaxed);
  do {
    if (bytes > limit_ - used) return std::nullopt;
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  return Reservation(shared_from_this(), bytes);
}

content::Bytes Hold(content::Bytes bytes, Reservation reservation) {
  struct Held {
    content::Bytes bytes;
    Reservation reservation;
  };
  const auto held = std::make_shared<Held>(std::move(bytes), std::move(reservation));
  return {held, held->bytes.get()};
}

}  // namespace pullproof::mockregistry::store
