#include "mockregistry/content/content.h"

#include <fmt/format.h>

namespace pullproof::mockregistry::content {

void Content::BuildIndex() {
  // The first of several wins, so that a digest has one name.
  const auto index = [](const auto& things, Places& by_name, Places& by_hex) {
    by_name.clear();
    by_hex.clear();
    for (std::size_t i = 0; i < things.size(); ++i) {
      by_name.try_emplace(things[i].name, i);
      by_hex.try_emplace(things[i].digest.hex(), i);
    }
  };
  index(blobs, blob_by_name_, blob_by_hex_);
  index(manifests, manifest_by_name_, manifest_by_hex_);
}

const Blob* Content::FindBlob(std::string_view name) const {
  const auto found = blob_by_name_.find(name);
  return found != blob_by_name_.end() ? &blobs[found->second] : nullptr;
}

const StoredManifest* Content::FindManifest(std::string_view name) const {
  const auto found = manifest_by_name_.find(name);
  return found != manifest_by_name_.end() ? &manifests[found->second] : nullptr;
}

std::optional<oci::Digest> Content::DigestOfName(std::string_view name) const {
  if (const Blob* blob = FindBlob(name)) return blob->digest;
  if (const StoredManifest* manifest = FindManifest(name)) return manifest->digest;
  return std::nullopt;
}

std::string Content::NameOf(const oci::Digest& digest) const {
  if (const auto blob = blob_by_hex_.find(digest.hex()); blob != blob_by_hex_.end()) {
    return blobs[blob->second].name;
  }
  const auto manifest = manifest_by_hex_.find(digest.hex());
  return manifest != manifest_by_hex_.end() ? manifests[manifest->second].name : std::string();
}

std::string DigestListing(const Fixture& fixture, const Content& content) {
  constexpr std::size_t kShownDigits = 12;
  std::string listing = fmt::format("## {}\n", fixture.id);
  for (const auto& [name, spec] : fixture.blobs) {
    const Blob& blob = *content.FindBlob(name);
    listing +=
        fmt::format("  blob     {:<10} {} {}\n", name, blob.digest.ToString(), blob.bytes->size());
  }
  for (const StoredManifest& manifest : content.manifests) {
    listing += fmt::format("  manifest {:<10} {} {}", manifest.name, manifest.digest.ToString(),
                           manifest.bytes.size());
    if (manifest.hashes_to != manifest.digest) {
      listing +=
          fmt::format("   LIE: hashes to {}:{}", oci::AlgorithmName(manifest.hashes_to.algorithm()),
                      manifest.hashes_to.hex().substr(0, kShownDigits));
    }
    listing += '\n';
  }
  return listing;
}

}  // namespace pullproof::mockregistry::content
