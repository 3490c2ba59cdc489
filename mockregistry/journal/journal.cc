#include "mockregistry/journal/journal.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace pullproof::mockregistry::journal {
namespace {

// How soon a clock that was moved by hand is noticed.
constexpr std::chrono::milliseconds kClockSlice{5};

}  // namespace

std::uint64_t Journal::Append(Entry entry) {
  if (!keeps()) return 0;
  entry.request_body.resize(std::min(entry.request_body.size(), kMaxKeptBody));
  Entry oldest;  // destroyed after the lock is released: freeing its strings is most of the work
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = ++last_number_;
    entry.number = number;
    if (entries_.size() >= capacity_ && !entries_.empty()) {
      oldest = std::move(entries_.front());
      entries_.pop_front();
      ++dropped_;
    }
    entries_.push_back(std::move(entry));
  }
  changed_.notify_all();
  return number;
}

void Journal::Complete(std::uint64_t number, const std::function<void(Entry&)>& change) {
  std::optional<Entry> ended;
  {
    const std::lock_guard lock(mutex_);
    // Numbers in the ring are consecutive.
    if (entries_.empty() || number < entries_.front().number || number > last_number_) return;
    Entry& entry = entries_[number - entries_.front().number];
    change(entry);
    if (sink_) ended = entry;
  }
  changed_.notify_all();
  if (!ended) return;
  const std::lock_guard lock(sink_mutex_);
  sink_(*ended);
}

std::vector<Entry> Journal::Snapshot() const {
  const std::lock_guard lock(mutex_);
  return {entries_.begin(), entries_.end()};
}

std::vector<Entry> Journal::Find(const Predicate& matches, std::size_t limit) const {
  std::vector<Entry> found;
  const std::lock_guard lock(mutex_);
  for (auto entry = entries_.rbegin(); entry != entries_.rend() && found.size() < limit; ++entry) {
    if (matches(*entry)) found.push_back(*entry);
  }
  std::ranges::reverse(found);
  return found;
}

std::size_t Journal::Count(const Predicate& matches) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::ranges::count_if(entries_, std::cref(matches)));
}

std::uint64_t Journal::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

bool Journal::Wait(std::size_t count, const Predicate& matches, const Patience& patience) const {
  const auto is_over = [&] {
    return static_cast<std::size_t>(std::ranges::count_if(entries_, std::cref(matches))) >= count;
  };
  const auto is_stopped = [&] { return patience.stop != nullptr && patience.stop->load(); };
  const auto done = [&] { return is_stopped() || is_over(); };
  std::unique_lock lock(mutex_);
  if (patience.clock == nullptr) {
    return changed_.wait_for(lock, patience.timeout, done) && !is_stopped();
  }
  const Duration deadline = patience.clock->Now() + patience.timeout;
  while (!done()) {
    if (patience.clock->Now() >= deadline) return false;
    changed_.wait_for(lock, kClockSlice);
  }
  return !is_stopped();
}

void Journal::Wake() const {
  // Whoever has looked at its `stop` is waiting by now.
  {
    const std::lock_guard lock(mutex_);
  }
  changed_.notify_all();
}

void Journal::Clear() {
  std::deque<Entry> forgotten;  // destroyed after the lock is released
  {
    const std::lock_guard lock(mutex_);
    forgotten.swap(entries_);
    dropped_ = 0;
  }
  changed_.notify_all();
}

}  // namespace pullproof::mockregistry::journal
