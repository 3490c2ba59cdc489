// The first draft of a case, for whoever writes one: short, commented, and right as it stands.
#ifndef PULLPROOF_CONFORMANCE_SKELETON_H_
#define PULLPROOF_CONFORMANCE_SKELETON_H_

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file.h"

namespace pullproof::conformance {

// The text of a case with this id. It passes `check` and can be run at once. Error: suite.id when
// the id is not AREA.NAME, words of lower-case letters and digits with hyphens between them.
Result<std::string> SkeletonOf(std::string_view id);

// Writes it to AREA/NAME.toml below `directory`, whole or not at all, and says where. Errors:
// suite.id; suite.exists when there is such a file already; those of FileSystem.
Result<std::filesystem::path> WriteSkeleton(FileSystem& files,
                                            const std::filesystem::path& directory,
                                            std::string_view id);

}  // namespace pullproof::conformance

#endif  // PULLPROOF_CONFORMANCE_SKELETON_H_
