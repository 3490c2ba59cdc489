#include "mockregistry/content/file_blob.h"

#include <algorithm>

#include <fmt/format.h>

namespace pullproof::mockregistry::content {
namespace {

namespace fs = std::filesystem;

bool StaysInside(const fs::path& path) {
  return !path.empty() && path.is_relative() &&
         std::ranges::none_of(path, [](const fs::path& part) { return part == ".."; });
}

}  // namespace

Result<void> CheckBeside(const std::string& path) {
  if (StaysInside(fs::path(path))) return {};
  return Fail("content.file-outside", fmt::format("file `{}` leaves the fixture's directory", path),
              {}, "name a file beside the fixture, or below its directory");
}

Result<std::string> ReadBeside(FileSystem& files, const fs::path& directory,
                               const std::string& path, std::uint64_t max_bytes) {
  const fs::path relative(path);
  PULLPROOF_RETURN_IF_ERROR(CheckBeside(path));
  fs::path way = directory;
  FileInfo info{};
  for (const fs::path& part : relative) {
    way /= part;
    const Result<FileInfo> found = files.Stat(way);
    if (!found) {
      return Fail("content.file", fmt::format("file `{}`: {}", path, found.error().message));
    }
    info = *found;
    if (info.kind == FileInfo::Kind::kSymlink) {
      return Fail("content.file-outside",
                  fmt::format("file `{}` passes through a link, which may lead anywhere", path), {},
                  "put the file itself beside the fixture");
    }
  }
  if (info.kind != FileInfo::Kind::kRegular) {
    return Fail("content.file", fmt::format("file `{}` is not a regular file", path));
  }
  Result<std::string> bytes = files.Read(way, max_bytes);
  if (!bytes)
    return Fail("content.file", fmt::format("file `{}`: {}", path, bytes.error().message));
  return bytes;
}

}  // namespace pullproof::mockregistry::content
