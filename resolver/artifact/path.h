// Paths that come from outside and become names on this machine.
#ifndef PULLPROOF_RESOLVER_ARTIFACT_PATH_H_
#define PULLPROOF_RESOLVER_ARTIFACT_PATH_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "base/error.h"

namespace pullproof::resolver::artifact {

// What Linux takes as one path, and more directories than any web site nests.
inline constexpr std::size_t kMaxPathBytes = 4096;
inline constexpr std::size_t kMaxPathSegments = 100;

// Accepts plain names between single slashes. Refused: absolute paths, empty segments, `.` and
// `..`, backslashes, control characters, drive letters, a slash at the end, bytes that are not
// UTF-8, more than the bounds above. Pure. Error: path.unsafe; `where` is `place`.
Result<void> CheckRelativePath(std::string_view path, std::string_view place);

// One path that is a file and also the directory of another.
struct PathClash {
  std::string_view file;
  std::string_view inside;
};
// The first clash among the paths, which must be sorted by bytes. Pure.
std::optional<PathClash> FindPathClash(std::span<const std::string_view> sorted);

}  // namespace pullproof::resolver::artifact

#endif  // PULLPROOF_RESOLVER_ARTIFACT_PATH_H_
