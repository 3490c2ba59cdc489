// Archive layers: the files of a component as one gzip-compressed tar.
#ifndef PULLPROOF_RESOLVER_ARTIFACT_ARCHIVE_H_
#define PULLPROOF_RESOLVER_ARTIFACT_ARCHIVE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace pullproof::resolver::artifact {

struct ArchiveLimits {
  // Spin falls back to archives above 499 files; 100,000 is a large web site with its sources.
  std::size_t max_entries = 100'000;
  // One file is held in memory. Assets that a component serves are megabytes, not gigabytes.
  std::uint64_t max_file_bytes = std::uint64_t{256} << 20;
  // A gzip stream can grow a thousandfold: this ends a bomb after seconds.
  std::uint64_t max_total_bytes = std::uint64_t{2} << 30;
};

// An archive is read from memory, so this bounds the compressed layer too.
inline constexpr std::uint64_t kMaxArchiveBytes = std::uint64_t{256} << 20;

// Calls `take` with the path and the bytes of every regular file, in the order of the archive; its
// error ends the reading and is returned. Directories are passed over. A leading `./` is no part
// of a path. `name` is the reference or digest, for errors. Thread-safe.
// Errors: archive.syntax (no archive, or a damaged one); archive.entry (a link, a device, a FIFO);
// path.unsafe; limit.archive.
Result<void> ReadArchive(
    std::string_view bytes, std::string_view name, const ArchiveLimits& limits,
    const std::function<Result<void>(std::string_view path, std::string_view bytes)>& take);

}  // namespace pullproof::resolver::artifact

#endif  // PULLPROOF_RESOLVER_ARTIFACT_ARCHIVE_H_
