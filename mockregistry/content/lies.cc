#include "mockregistry/content/lies.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

#include <fmt/format.h>

#include "oci/media_type.h"

namespace pullproof::mockregistry::content {
namespace {

std::span<const EntrySpec> EntriesOf(const ManifestSpec& manifest) {
  if (const auto* image = std::get_if<ImageSpec>(&manifest.kind)) return image->layers;
  if (const auto* index = std::get_if<IndexSpec>(&manifest.kind)) return index->manifests;
  return {};
}

bool SizeDiffers(const EntrySpec& entry, const Known& known) {
  return entry.size && (*entry.size < 0 || static_cast<std::uint64_t>(*entry.size) != known.size);
}

bool DigestDiffers(const EntrySpec& entry, const Known& known) {
  return entry.digest && *entry.digest != known.digest;
}

void ReportLie(const EntrySpec& entry, const Known& known, Diagnostics& problems) {
  const std::string what =
      SizeDiffers(entry, known)
          ? fmt::format("`{}` has {} bytes, not {}", entry.ref, known.size, *entry.size)
          : fmt::format("`{}` has the digest {}, not {}", entry.ref, known.digest, *entry.digest);
  problems.Report("content.unmarked-lie", entry.at, what,
                  "leave it out and it is right; if it is meant to be wrong, give the manifest "
                  "lie = { why = \"…\" }");
}

using NameSet = std::unordered_set<std::string_view>;

NameSet CompressedTars(const Fixture& fixture) {
  NameSet names;
  for (const auto& [name, blob] : fixture.blobs) {
    const auto* tar = std::get_if<TarBlob>(&blob.kind);
    if (tar != nullptr && tar->gzip) names.insert(name);
  }
  return names;
}

void WarnOfGzip(const EntrySpec& entry, Diagnostics& problems) {
  problems.Warn(
      "content.gzip-type", entry.at,
      fmt::format("layer `{}` is compressed, but its type is that of a plain tar", entry.ref),
      fmt::format("state type = \"{}\"", oci::media::kImageLayerGzip));
}

}  // namespace

void CheckLies(const Fixture& fixture, const Catalog& catalog, const Content& content,
               Diagnostics& problems) {
  const NameSet compressed = CompressedTars(fixture);
  for (std::size_t i = 0; i < fixture.manifests.size(); ++i) {
    const ManifestSpec& manifest = fixture.manifests[i].second;
    bool lies = content.manifests[i].digest != content.manifests[i].hashes_to;
    for (const EntrySpec& entry : EntriesOf(manifest)) {
      const Known& known = catalog.Of(entry.ref);
      const bool wrong = SizeDiffers(entry, known) || DigestDiffers(entry, known);
      if (wrong && !manifest.has_lie) ReportLie(entry, known, problems);
      lies = lies || wrong;
      if (!entry.type && compressed.contains(entry.ref)) WarnOfGzip(entry, problems);
    }
    if (manifest.has_lie && !lies && !manifest.unprovable) {
      problems.Warn("content.needless-lie", manifest.at,
                    fmt::format("manifest `{}` is marked as a lie, and all that it says is true",
                                fixture.manifests[i].first),
                    "take out `lie`, or state what is wrong: `size`, `digest`, `served_at`");
    }
  }
}

}  // namespace pullproof::mockregistry::content
