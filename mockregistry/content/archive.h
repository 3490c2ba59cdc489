// The files of a tar archive that somebody else made, held in memory.
#ifndef PULLPROOF_MOCKREGISTRY_CONTENT_ARCHIVE_H_
#define PULLPROOF_MOCKREGISTRY_CONTENT_ARCHIVE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "mockregistry/content/byte_source.h"
#include "mockregistry/content/text_hash.h"

namespace pullproof::mockregistry::content {

// An archive of `docker save` has up to three entries for each layer, and images have some
// hundreds.
inline constexpr std::size_t kMaxArchiveEntries = 50'000;

// True if the bytes begin as a tar archive does, plain or compressed with gzip or zstd. Some 300 of
// them are enough.
bool LooksLikeArchive(std::string_view bytes);

class Archive {
 public:
  // Reads a tar archive (ustar, pax or GNU), plain or compressed with gzip or zstd. Kept are
  // regular files and links inside the archive, of which the last of one path wins; everything else
  // in it is skipped. Nothing is written anywhere. Errors: content.layout for what is no archive or
  // broken, for a path or link that leaves it, and for more than `max_bytes` of files or
  // kMaxArchiveEntries.
  static Result<Archive> Read(std::string_view bytes, std::uint64_t max_bytes);

  // The file of that path (without "./" in front), through links; null when there is none.
  [[nodiscard]] Bytes Find(std::string_view path) const;
  [[nodiscard]] std::uint64_t size() const { return size_; }  // bytes, of all files

 private:
  struct Entry {
    Bytes file;        // null for a link
    std::string link;  // the path of what it leads to
  };

  TextMap<Entry> entries_;
  std::uint64_t size_ = 0;
};

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_MOCKREGISTRY_CONTENT_ARCHIVE_H_
