// Artifacts of registries, through the cache: what is there under a digest is not asked for again.
#ifndef PULLPROOF_RESOLVER_SOURCES_ARTIFACTS_H_
#define PULLPROOF_RESOLVER_SOURCES_ARTIFACTS_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "oci/descriptor.h"
#include "oci/digest.h"
#include "oci/manifest.h"
#include "oci/reference.h"
#include "resolver/artifact/package.h"
#include "resolver/cache/cache.h"
#include "resolver/lock/locked_app.h"
#include "resolver/registry_client/registry_client.h"

namespace pullproof::resolver::sources {

// What one run may fetch: far above any app with all its components, and below what fills a build
// machine's disk. It bounds the sum of the sizes that hostile manifests promise.
inline constexpr std::uint64_t kMaxFetchBytes = std::uint64_t{16} << 30;

// A manifest behind a reference, and what its lock says.
struct Artifact {
  oci::Reference reference;
  oci::Digest digest;                  // of what the reference names: an index's, if it names one
  oci::Manifest manifest;              // of the application or package, through indexes
  std::optional<lock::LockedApp> app;  // only when it was asked for
};

// Bytes to bring into the cache.
struct Wanted {
  oci::Reference repository;
  oci::Descriptor descriptor;
  cache::Shelf shelf;
  registry_client::RegistryClient* client = nullptr;  // not owned; null: that of all
};

// The shelf for a layer of that type.
cache::Shelf ShelfFor(const oci::Descriptor& layer);

// Thread-safe. `where` of an error is the reference or the digest.
// Errors of every method: those of RegistryClient and Cache; cache.offline when it is not in the
// cache and nothing may be asked.
class Artifacts {
 public:
  // Neither is owned. Without a client only the cache is used.
  Artifacts(registry_client::RegistryClient* client, const cache::Cache& cache)
      : client_(client), cache_(cache) {}

  enum class Contents { kManifestOnly, kWithLock };

  // The artifact behind the reference. With its lock everything that the lock names is checked,
  // and files out of archive layers are put into the cache.
  // Errors: artifact.*, lock.*, index.*, archive.*.
  Result<Artifact> Open(const oci::Reference& reference, Contents contents) const;

  // The layer that a module source names. Errors: artifact.foreign-digest, artifact.not-wasm.
  Result<oci::Descriptor> Module(const Artifact& artifact, const oci::Digest& digest) const;

  // Brings everything into the cache, kMinTransfers to kMaxTransfers at a time, and commits it.
  // Error: limit.fetch.
  Result<void> Fetch(const std::vector<Wanted>& wanted) const;

 private:
  Result<oci::AnyManifest> CachedManifest(const oci::Digest& digest) const;
  Result<registry_client::FetchedManifest> Keep(
      Result<registry_client::FetchedManifest> fetched) const;
  Result<std::pair<oci::Digest, oci::AnyManifest>> Top(const oci::Reference& reference) const;
  Result<oci::AnyManifest> Child(const oci::Reference& reference,
                                 const oci::Descriptor& descriptor) const;
  Result<std::string> Bytes(const oci::Reference& reference, const oci::Descriptor& descriptor,
                            std::uint64_t max_bytes) const;
  Result<lock::LockedApp> ReadLock(const oci::Reference& reference,
                                   const oci::Manifest& manifest) const;
  Result<void> Unpack(const Artifact& artifact, std::set<oci::Digest> missing) const;
  Result<void> FetchOne(const Wanted& wanted) const;
  std::unexpected<Error> FailOffline(const std::string& what, std::string hint) const;

  registry_client::RegistryClient* client_;
  const cache::Cache& cache_;
};

}  // namespace pullproof::resolver::sources

#endif  // PULLPROOF_RESOLVER_SOURCES_ARTIFACTS_H_
