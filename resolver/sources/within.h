// Whether one place is inside another.
#ifndef PULLPROOF_RESOLVER_SOURCES_WITHIN_H_
#define PULLPROOF_RESOLVER_SOURCES_WITHIN_H_

#include <algorithm>
#include <filesystem>

namespace pullproof::resolver::sources {

// True if `path` is `directory` or below it. Both must be absolute and without links and dots.
inline bool IsWithin(const std::filesystem::path& path, const std::filesystem::path& directory) {
  return std::ranges::mismatch(directory, path).in1 == directory.end();
}

}  // namespace pullproof::resolver::sources

#endif  // PULLPROOF_RESOLVER_SOURCES_WITHIN_H_
