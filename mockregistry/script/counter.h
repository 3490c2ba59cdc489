// How often something has happened, for each of many keys, in bounded memory.
#ifndef PULLPROOF_MOCKREGISTRY_SCRIPT_COUNTER_H_
#define PULLPROOF_MOCKREGISTRY_SCRIPT_COUNTER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace pullproof::mockregistry::script {

// Not thread-safe.
class KeyedCounter {
 public:
  // Connections and pushed content come without end in a soak run; a case has under a thousand of
  // either. The key that was seen first is forgotten first, and would start again from 1.
  static constexpr std::size_t kCapacity = 10'000;

  // Counts one more for the key and returns the new count: 1, 2, 3 …
  std::uint64_t Next(std::string_view key);
  void Clear();

 private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;
  std::deque<std::string> order_;
};

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_MOCKREGISTRY_SCRIPT_COUNTER_H_
