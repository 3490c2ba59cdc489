#include "resolver/sources/artifacts.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "oci/media_type.h"
#include "resolver/artifact/archive.h"
#include "resolver/artifact/index.h"
#include "resolver/sources/download.h"
#include "resolver/sources/parallel.h"

namespace pullproof::resolver::sources {
namespace {

using cache::Shelf;

// Content may be named by any of the algorithms: it is hashed by those that are asked for.
std::set<oci::Algorithm> AlgorithmsOf(const std::set<oci::Digest>& digests) {
  std::set<oci::Algorithm> algorithms;
  for (const oci::Digest& digest : digests) algorithms.insert(digest.algorithm());
  return algorithms;
}

// A connection of its own costs more than some tens of kilobytes over one that is open.
std::size_t TransfersFor(std::uint64_t bytes) {
  constexpr std::uint64_t kWorthAConnection = std::uint64_t{64} << 10;
  return static_cast<std::size_t>(
      std::clamp<std::uint64_t>(bytes / kWorthAConnection, kMinTransfers, kMaxTransfers));
}

}  // namespace

Shelf ShelfFor(const oci::Descriptor& layer) {
  return artifact::IsWasmType(layer.media_type) ? Shelf::kWasm : Shelf::kData;
}

std::unexpected<Error> Artifacts::FailOffline(const std::string& what, std::string hint) const {
  return Fail("cache.offline", "not in the cache, and no registry may be asked", what,
              std::move(hint));
}

// A manifest by digest, from the cache; its header is gone, but a digest leaves nothing to choose.
Result<oci::AnyManifest> Artifacts::CachedManifest(const oci::Digest& digest) const {
  PULLPROOF_ASSIGN_OR_RETURN(const auto bytes,
                             cache_.Read(Shelf::kManifests, digest, oci::kMaxManifestBytes));
  if (!bytes) return FailOffline(digest.ToString(), "run once without --offline");
  return oci::ParseManifest(*bytes, {}, digest.ToString());
}

Result<registry_client::FetchedManifest> Artifacts::Keep(
    Result<registry_client::FetchedManifest> fetched) const {
  if (!fetched) return fetched;
  PULLPROOF_RETURN_IF_ERROR(cache_.Keep(Shelf::kManifests, fetched->digest, fetched->bytes));
  return fetched;
}

Result<std::pair<oci::Digest, oci::AnyManifest>> Artifacts::Top(
    const oci::Reference& reference) const {
  if (const auto& digest = reference.digest()) {
    auto cached = CachedManifest(*digest);
    if (cached) return std::pair(*digest, *std::move(cached));
    if (client_ == nullptr || cached.error().id != "cache.offline") {
      return std::unexpected(std::move(cached).error());
    }
  }
  if (client_ == nullptr) {
    return FailOffline(reference.ToString(),
                       "what a tag names now is known to the registry only; pin the digest");
  }
  PULLPROOF_ASSIGN_OR_RETURN(auto fetched, Keep(client_->GetManifest(reference)));
  return std::pair(std::move(fetched.digest), std::move(fetched.manifest));
}

Result<oci::AnyManifest> Artifacts::Child(const oci::Reference& reference,
                                          const oci::Descriptor& descriptor) const {
  auto cached = CachedManifest(descriptor.digest);
  if (cached || client_ == nullptr || cached.error().id != "cache.offline") return cached;
  PULLPROOF_ASSIGN_OR_RETURN(auto fetched, Keep(client_->GetManifest(reference, descriptor)));
  return std::move(fetched.manifest);
}

Result<std::string> Artifacts::Bytes(const oci::Reference& reference,
                                     const oci::Descriptor& descriptor,
                                     std::uint64_t max_bytes) const {
  PULLPROOF_ASSIGN_OR_RETURN(auto cached, cache_.Read(Shelf::kData, descriptor.digest, max_bytes));
  if (cached) return *std::move(cached);
  if (client_ == nullptr) {
    return FailOffline(descriptor.digest.ToString(), "run once without --offline");
  }
  PULLPROOF_ASSIGN_OR_RETURN(std::string bytes,
                             client_->GetBlobBytes(reference, descriptor, max_bytes));
  PULLPROOF_RETURN_IF_ERROR(cache_.Keep(Shelf::kData, descriptor.digest, bytes));
  return bytes;
}

Result<lock::LockedApp> Artifacts::ReadLock(const oci::Reference& reference,
                                            const oci::Manifest& manifest) const {
  const std::string name = reference.ToString();
  PULLPROOF_ASSIGN_OR_RETURN(const auto place, artifact::FindLock(manifest, name));
  PULLPROOF_ASSIGN_OR_RETURN(const std::string bytes,
                             Bytes(reference, place.descriptor, lock::kMaxLockBytes));
  if (!place.certain) PULLPROOF_RETURN_IF_ERROR(artifact::CheckIsLock(bytes, name));
  return lock::ReadLock(bytes, name);
}

// Puts the files that are missing into the cache, out of the archive layers.
Result<void> Artifacts::Unpack(const Artifact& artifact, std::set<oci::Digest> missing) const {
  const std::set<oci::Algorithm> algorithms = AlgorithmsOf(missing);
  const artifact::ArchiveLimits limits;
  for (const oci::Descriptor& layer : artifact::ArchiveLayers(artifact.manifest)) {
    if (missing.empty()) return {};
    PULLPROOF_ASSIGN_OR_RETURN(const std::string bytes,
                               Bytes(artifact.reference, layer, artifact::kMaxArchiveBytes));
    const auto take = [&](std::string_view /*path*/, std::string_view content) -> Result<void> {
      for (const oci::Algorithm algorithm : algorithms) {
        const oci::Digest digest = oci::Digest::Of(content, algorithm);
        if (missing.erase(digest) == 0) continue;
        PULLPROOF_RETURN_IF_ERROR(cache_.Keep(Shelf::kData, digest, content));
      }
      return {};
    };
    PULLPROOF_RETURN_IF_ERROR(artifact::ReadArchive(bytes, layer.digest.ToString(), limits, take));
  }
  if (missing.empty()) return {};
  return artifact::FailForeign(*missing.begin(), artifact.reference.ToString());
}

Result<Artifact> Artifacts::Open(const oci::Reference& reference, Contents contents) const {
  const std::string name = reference.ToString();
  PULLPROOF_ASSIGN_OR_RETURN(auto top, Top(reference));
  oci::AnyManifest manifest = std::move(top.second);
  for (int depth = 0; const oci::Index* index = std::get_if<oci::Index>(&manifest);) {
    if (++depth > artifact::kMaxIndexDepth) return artifact::FailTooDeep(name);
    PULLPROOF_ASSIGN_OR_RETURN(const oci::Descriptor entry, artifact::SelectWasm(*index, name));
    PULLPROOF_ASSIGN_OR_RETURN(manifest, Child(reference, entry));
  }
  Artifact opened{.reference = reference,
                  .digest = std::move(top.first),
                  .manifest = std::get<oci::Manifest>(std::move(manifest)),
                  .app = std::nullopt};
  if (contents == Contents::kManifestOnly) return opened;
  PULLPROOF_ASSIGN_OR_RETURN(lock::LockedApp app, ReadLock(reference, opened.manifest));
  PULLPROOF_ASSIGN_OR_RETURN(auto archived, artifact::CheckContents(app, opened.manifest, name));
  PULLPROOF_RETURN_IF_ERROR(Unpack(opened, std::move(archived)));
  opened.app = std::move(app);
  return opened;
}

Result<oci::Descriptor> Artifacts::Module(const Artifact& artifact,
                                          const oci::Digest& digest) const {
  const std::string name = artifact.reference.ToString();
  PULLPROOF_ASSIGN_OR_RETURN(auto module, artifact::FindModule(artifact.manifest, digest, name));
  if (module.certain) return std::move(module.descriptor);
  // The media type does not say Wasm: then a lock must.
  const auto app = ReadLock(artifact.reference, artifact.manifest);
  if (!app && !app.error().id.starts_with("artifact.")) return std::unexpected(app.error());
  PULLPROOF_RETURN_IF_ERROR(artifact::CheckIsSource(app ? *app : lock::LockedApp{}, digest, name));
  return std::move(module.descriptor);
}

Result<void> Artifacts::FetchOne(const Wanted& wanted) const {
  const oci::Digest& digest = wanted.descriptor.digest;
  PULLPROOF_ASSIGN_OR_RETURN(const bool has, cache_.Has(wanted.shelf, digest));
  if (has) return {};
  registry_client::RegistryClient* const client =
      wanted.client != nullptr ? wanted.client : client_;
  if (client == nullptr) return FailOffline(digest.ToString(), "run once without --offline");
  PULLPROOF_ASSIGN_OR_RETURN(auto file,
                             Download(*client, wanted.repository, wanted.descriptor,
                                      [&] { return cache_.Begin(wanted.shelf, digest); }));
  return cache_.Keep(wanted.shelf, digest, std::move(file));
}

Result<void> Artifacts::Fetch(const std::vector<Wanted>& wanted) const {
  std::uint64_t total = 0;
  for (const Wanted& item : wanted) {
    // Each is compared first, so that the sum cannot wrap.
    if (item.descriptor.size > kMaxFetchBytes - total) {
      return Fail("limit.fetch", fmt::format("more than {} bytes to fetch", kMaxFetchBytes),
                  item.repository.ToString(), "the sizes in the manifest add up to this");
    }
    total += item.descriptor.size;
  }
  PULLPROOF_RETURN_IF_ERROR(ForEachParallel(wanted.size(), TransfersFor(total),
                                            [&](std::size_t i) { return FetchOne(wanted[i]); }));
  return cache_.Flush();
}

}  // namespace pullproof::resolver::sources
