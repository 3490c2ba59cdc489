// Many small jobs on a few threads.
#ifndef PULLPROOF_RESOLVER_SOURCES_PARALLEL_H_
#define PULLPROOF_RESOLVER_SOURCES_PARALLEL_H_

#include <cstddef>
#include <functional>

#include "base/error.h"

namespace pullproof::resolver::sources {

// How many transfers run at a time. Registries limit connections of one client to some tens; 16 is
// what Spin uses, and fills a gigabit line with layers of a megabyte.
inline constexpr std::size_t kMaxTransfers = 16;

// And at the least, where there are so many: waits for distant servers overlap.
inline constexpr std::size_t kMinTransfers = 4;

// Runs job(0) … job(count - 1), at most `max_threads` at a time, and returns when all that were
// started have ended. After an error no further job is started. The result is the error of the
// lowest index among those that failed. `job` must be thread-safe.
Result<void> ForEachParallel(std::size_t count, std::size_t max_threads,
                             const std::function<Result<void>(std::size_t)>& job);

}  // namespace pullproof::resolver::sources

#endif  // PULLPROOF_RESOLVER_SOURCES_PARALLEL_H_
