// What a cache holds, whether it is still what its name says, and what may go.
#ifndef PULLPROOF_RESOLVER_CACHE_INVENTORY_H_
#define PULLPROOF_RESOLVER_CACHE_INVENTORY_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "oci/digest.h"
#include "resolver/cache/cache.h"

namespace pullproof::resolver::cache {

struct Entry {
  Shelf shelf;
  oci::Digest digest;
  std::uint64_t size;    // bytes
  std::int64_t written;  // nanoseconds since 1970
  std::filesystem::path path;
};

// Every entry, by shelf and digest. Files of other names (those that are being written, and Spin's
// directories beside them) are none. Errors: file.*; a cache that does not exist is empty.
Result<std::vector<Entry>> ListEntries(FileSystem& files, const std::filesystem::path& root);

// The entries whose bytes are not those that their names promise, each hashed whole. They are
// never served (Cache looks, too), and `remove` takes them away. Errors: file.*.
Result<std::vector<Entry>> FindDamaged(FileSystem& files, const std::filesystem::path& root,
                                       bool remove);

struct GcOptions {
  std::optional<Duration> max_age = {};         // what was written longer ago goes
  std::optional<std::uint64_t> max_bytes = {};  // then the oldest go until no more is left
  bool dry_run = false;
};
struct GcReport {
  std::vector<Entry> removed;
  std::uint64_t kept_bytes = 0;
  std::size_t unfinished = 0;  // files that killed processes had begun; always removed
};

// Removes entries. Holds the cache alone meanwhile: while any process uses it this fails at once
// (file.locked) and removes nothing, and one that comes while it works waits. Errors: file.*.
Result<GcReport> CollectGarbage(FileSystem& files, const Clock& clock,
                                const std::filesystem::path& root, const GcOptions& options);

}  // namespace pullproof::resolver::cache

#endif  // PULLPROOF_RESOLVER_CACHE_INVENTORY_H_
