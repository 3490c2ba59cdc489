#include "mockregistry/script/counter.h"

namespace pullproof::mockregistry::script {

std::uint64_t KeyedCounter::Next(std::string_view key) {
  const auto found = counts_.find(key);
  if (found != counts_.end()) return ++found->second;
  if (order_.size() == kCapacity) {
    counts_.erase(order_.front());
    order_.pop_front();
  }
  order_.emplace_back(key);
  counts_.emplace(key, 1);
  return 1;
}

void KeyedCounter::Clear() {
  counts_.clear();
  order_.clear();
}

}  // namespace pullproof::mockregistry::script
