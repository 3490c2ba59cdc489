#include "mockregistry/journal/journal.h"

#include <algorithm>
#include <utility>

namespace pullproof::mockregistry::journal {

std::uint64_t Journal::Append(Entry entry) {
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
  {
    const std::lock_guard lock(mutex_);
    // Numbers in the ring are consecutive.
    if (entries_.empty() || number < entries_.front().number || number > last_number_) return;
    change(entries_[number - entries_.front().number]);
  }
  changed_.notify_all();
}

std::vector<Entry> Journal::Snapshot() const {
  const std::lock_guard lock(mutex_);
  return {entries_.begin(), entries_.end()};
}

std::size_t Journal::Count(const std::function<bool(const Entry&)>& matches) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::ranges::count_if(entries_, std::cref(matches)));
}

std::uint64_t Journal::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

bool Journal::Wait(std::size_t count, const std::function<bool(const Entry&)>& matches,
                   Duration timeout) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [&] {
    return static_cast<std::size_t>(std::ranges::count_if(entries_, std::cref(matches))) >= count;
  });
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
