#include "resolver/sources/parallel.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace pullproof::resolver::sources {

Result<void> ForEachParallel(std::size_t count, std::size_t max_threads,
                             const std::function<Result<void>(std::size_t)>& job) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  std::map<std::size_t, Error> errors;  // by index
  const auto work = [&] {
    while (!failed) {
      const std::size_t index = next.fetch_add(1);
      if (index >= count) return;
      auto result = job(index);
      if (result) continue;
      const std::scoped_lock lock(mutex);
      errors.emplace(index, std::move(result).error());
      failed = true;
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < std::min(count, max_threads); ++i) {
      try {
        helpers.emplace_back(work);
      } catch (const std::system_error&) {
        break;  // no more threads to be had: those that there are do the work
      }
    }
    work();
  }
  if (errors.empty()) return {};
  return std::unexpected(std::move(errors.begin()->second));
}

}  // namespace pullproof::resolver::sources
