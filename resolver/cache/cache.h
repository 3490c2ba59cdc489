// Content by digest, shared between runs and between processes. An entry has its final name only
// when it is whole and verified, and is hashed again before it is used, so that neither a crash nor
// a flipped bit is ever served.
//
// The layout is Spin's (<root>/registry/{wasm,data,manifests}); manifests are kept by digest, as a
// plain file beside Spin's own directories, which are named after registries.
#ifndef PULLPROOF_RESOLVER_CACHE_CACHE_H_
#define PULLPROOF_RESOLVER_CACHE_CACHE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "oci/digest.h"

namespace pullproof::resolver::cache {

enum class Shelf : std::uint8_t { kWasm, kData, kManifests };

// Whether the file is there and its bytes are the content. Thread-safe. Errors: file.* (but for
// file.not-found).
Result<bool> IsIntact(FileSystem& files, const std::filesystem::path& path,
                      const oci::Digest& digest, std::optional<std::uint64_t> size = std::nullopt);

// Thread-safe, and safe beside other processes with the same root.
class Cache {
 public:
  // The file system is not owned. Nothing is created before the first write.
  Cache(FileSystem& files, std::filesystem::path root);

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

  // A whole entry. Errors: digest.mismatch, file.*.
  Result<void> Put(Shelf shelf, const oci::Digest& digest, std::string_view bytes) const;

 private:
  FileSystem& files_;
  std::filesystem::path root_;
};

}  // namespace pullproof::resolver::cache

#endif  // PULLPROOF_RESOLVER_CACHE_CACHE_H_
