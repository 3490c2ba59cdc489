// Content by digest, shared between runs and between processes. An entry has its final name only
// when it is whole and verified, and is verified again before it is used, so that neither a crash
// nor a flipped bit is ever served.
//
// Verified again means hashed, but for large entries: once such a one was found intact, its size,
// its times and its inode are noted (<root>/verified/), and as long as they stay the same it is
// taken for untouched. A note counts only when it is younger than the last change of the entry by
// more than a clock's tick, or a change in the same tick would go unseen. Whoever copies an entry
// hashes what it copies anyway; Trust::kNothing (--paranoid) hashes here, too.
//
// The layout is Spin's (<root>/registry/{wasm,data,manifests}); manifests are kept by digest, as a
// plain file beside Spin's own directories, which are named after registries.
#ifndef PULLPROOF_RESOLVER_CACHE_CACHE_H_
#define PULLPROOF_RESOLVER_CACHE_CACHE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/file_batch.h"
#include "oci/digest.h"

namespace pullproof::resolver::cache {

enum class Shelf : std::uint8_t { kWasm, kData, kManifests };

// "<root>/registry/wasm" and so on. Pure.
std::filesystem::path DirectoryOf(const std::filesystem::path& root, Shelf shelf);

// Below the root: held shared by whoever uses the cache, and alone by whoever takes things away.
inline constexpr std::string_view kLockName = "lock";
// Below this, hashing costs less than reading a note does.
inline constexpr std::uint64_t kNotedFrom = std::uint64_t{1} << 20;

enum class Trust : std::uint8_t { kNotes, kNothing };

// Whether the file is there and its bytes are the content. Thread-safe. Errors: file.* (but for
// file.not-found).
Result<bool> IsIntact(FileSystem& files, const std::filesystem::path& path,
                      const oci::Digest& digest, std::optional<std::uint64_t> size = std::nullopt);

// Thread-safe, and safe beside other processes with the same root. Destroyed, it commits what was
// kept, as far as that goes.
class Cache {
 public:
  // The file system is not owned. Nothing is created before the first write.
  Cache(FileSystem& files, std::filesystem::path root, Trust trust = Trust::kNotes);
  ~Cache();
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  // Where the content is, or would be: "<root>/registry/wasm/sha256:…".
  [[nodiscard]] std::filesystem::path PathOf(Shelf shelf, const oci::Digest& digest) const;

  // Whether the content is there, whole. An entry that does not hash to its name counts as absent;
  // the next write replaces it. Errors: file.* (but for file.not-found).
  Result<bool> Has(Shelf shelf, const oci::Digest& digest) const;

  // The bytes, verified; nullopt when they are absent in the sense of Has, or larger than
  // `max_bytes`.
  Result<std::optional<std::string>> Read(Shelf shelf, const oci::Digest& digest,
                                          std::uint64_t max_bytes) const;

  // Starts an entry. The caller verifies the bytes before Commit. Errors: file.*.
  Result<std::unique_ptr<PendingFile>> Begin(Shelf shelf, const oci::Digest& digest) const;

  // Takes an entry that is complete and verified. It is there for this object at once, and for
  // others after Flush at the latest: entries are committed together. Errors: file.*.
  Result<void> Keep(Shelf shelf, const oci::Digest& digest,
                    std::unique_ptr<PendingFile> entry) const;
  // The same, of bytes that are still to be verified. Also error: digest.mismatch.
  Result<void> Keep(Shelf shelf, const oci::Digest& digest, std::string_view bytes) const;
  // Whoever reads entries by their path calls this first. Errors: file.*.
  Result<void> Flush() const;

  // A whole entry, committed at once. Errors: digest.mismatch, file.*.
  Result<void> Put(Shelf shelf, const oci::Digest& digest, std::string_view bytes) const;

 private:
  // Holds the cache from the first use on, so that nothing is taken away before this is gone. A
  // cache that cannot be written to is used without: nothing can be taken away there, either.
  Result<void> Hold() const;
  // Commits what waits, if this is among it.
  Result<void> FlushIfKept(const std::filesystem::path& path) const;
  [[nodiscard]] std::filesystem::path NoteOf(Shelf shelf, const oci::Digest& digest) const;
  Result<bool> IsNoted(const std::filesystem::path& note, const FileInfo& entry) const;

  FileSystem& files_;
  std::filesystem::path root_;
  Trust trust_;
  mutable std::mutex mutex_;
  mutable bool held_ = false;
  mutable std::unique_ptr<FileLock> lock_;
  // Entries that were kept and are not committed yet; the lock before them is given back last.
  mutable std::mutex batch_mutex_;
  mutable std::set<std::filesystem::path> kept_;
  mutable FileBatch batch_;
};

}  // namespace pullproof::resolver::cache

#endif  // PULLPROOF_RESOLVER_CACHE_CACHE_H_
