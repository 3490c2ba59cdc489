// What lies on disk below a directory, with the digest of every file.
#ifndef PULLPROOF_CONFORMANCE_JUDGE_TREE_H_
#define PULLPROOF_CONFORMANCE_JUDGE_TREE_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "oci/digest.h"

namespace pullproof::conformance::judge {

struct StoredFile {
  std::string path;  // below the tree's directory, with slashes
  FileInfo::Kind kind = FileInfo::Kind::kRegular;
  std::uint64_t size = 0;  // bytes, of a regular file
  // Of a regular file.
  std::optional<oci::Digest> sha256 = {};
  // The digest that the file's name promises, and whether its bytes keep that promise.
  std::optional<oci::Digest> named = {};
  bool is_as_named = true;

  bool operator==(const StoredFile&) const = default;
};

using Tree = std::vector<StoredFile>;  // sorted by path; directories are not listed

// A client that fills the disk must not take the harness with it: far more than any case stores.
inline constexpr std::size_t kMaxTreeFiles = 100'000;
inline constexpr std::uint64_t kMaxTreeBytes = std::uint64_t{4} << 30;
inline constexpr std::size_t kMaxTreeDepth = 128;

// Lists the tree without following links; a directory that is not there is an empty tree. What lies
// below the directories `except` (paths like those of the result) is left out.
// Errors: those of FileSystem, limit.files, limit.bytes, limit.depth.
Result<Tree> ListTree(FileSystem& files, const std::filesystem::path& directory,
                      std::span<const std::string> except = {});

// The digest that a path promises for its bytes: `…blobs/ALGORITHM/HEX` (image-spec,
// image-layout.md) or a last segment `ALGORITHM:HEX`, as caches have it.
std::optional<oci::Digest> DigestNamedBy(std::string_view path);

// What changed from one listing to another, one sentence a file: "`x` was created".
std::vector<std::string> DescribeChanges(const Tree& before, const Tree& after);

}  // namespace pullproof::conformance::judge

#endif  // PULLPROOF_CONFORMANCE_JUDGE_TREE_H_
