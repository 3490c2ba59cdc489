// A fixture turned into bytes: every blob and manifest with its digest, every repository with
// what it serves. The bytes are specified, so that every implementation makes the same ones.
// Format: docs/fixtures.md "Bytes".
#ifndef PULLPROOF_MOCKREGISTRY_CONTENT_CONTENT_H_
#define PULLPROOF_MOCKREGISTRY_CONTENT_CONTENT_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/table_reader.h"
#include "mockregistry/content/byte_source.h"
#include "mockregistry/content/fixture.h"
#include "mockregistry/content/text_hash.h"
#include "oci/digest.h"

namespace pullproof::mockregistry::content {

// Bounds of one fixture. Each leaves an order of magnitude above what any case needs.

// A case about listings needs a thousand manifests; names are held in memory, with their bytes.
inline constexpr std::size_t kMaxBlobs = 10'000;
inline constexpr std::size_t kMaxManifests = 10'000;
inline constexpr std::size_t kMaxRepositories = 10'000;
// Tag ranges make many out of one line: paging at 10,000 a page takes more than one page.
inline constexpr std::size_t kMaxTags = 100'000;
// Every byte is hashed once when the fixture is loaded, at about one second a GiB; 100 GiB is the
// largest blob that a case about size may want, and takes a minute or two.
inline constexpr std::uint64_t kMaxContentBytes = std::uint64_t{128} << 30;
// Above this, loading is slow enough to be felt: `check` warns.
inline constexpr std::uint64_t kLargeContentBytes = std::uint64_t{4} << 30;
// Text, files, JSON and manifests lie in memory; random bytes and zeros do not.
inline constexpr std::uint64_t kMaxMemoryBytes = std::uint64_t{256} << 20;
// The size of a section in WebAssembly is a number of 32 bits; this is more than any module has.
inline constexpr std::uint64_t kMaxWasmData = std::uint64_t{1} << 30;
// A name is a word in a script, not a text.
inline constexpr std::size_t kMaxNameBytes = 128;

struct Blob {
  std::string name;  // of a config that was made for manifest `m`: "m.config"
  std::string media_type;
  oci::Digest digest;
  Bytes bytes;
};

struct StoredManifest {
  std::string name;
  std::string media_type;
  oci::Digest digest;  // under which it is served
  std::string bytes;
  oci::Digest hashes_to;              // differs from `digest` only for a marked lie
  std::vector<std::string> children;  // names of the manifests, blobs and configs that it refers to
  std::optional<std::string> subject;
};

struct Repository {
  std::string name;
  std::vector<std::pair<std::string, std::string>> tags;  // sorted by tag; tag -> manifest name
  std::vector<std::string> manifests;  // everything that is served: reachable from tags, or listed
  std::vector<std::string> blobs;
};

// Everything that a fixture serves. Immutable after Resolve, hence thread-safe. Lookups are hashed
// and know what was there at the last call of BuildIndex.
struct Content {
  std::vector<Blob> blobs;  // in the order of the file, then the configs that were made
  std::vector<StoredManifest> manifests;
  std::vector<Repository> repositories;
  // Per manifest name, the referrers that the API lists, as canonical JSON descriptors.
  std::vector<std::pair<std::string, std::vector<std::string>>> referrers;

  [[nodiscard]] const Blob* FindBlob(std::string_view name) const;
  [[nodiscard]] const StoredManifest* FindManifest(std::string_view name) const;
  // The digest of a blob or manifest of that name.
  [[nodiscard]] std::optional<oci::Digest> DigestOfName(std::string_view name) const;
  // The name of the blob or manifest with that digest, blobs first; empty when there is none.
  [[nodiscard]] std::string NameOf(const oci::Digest& digest) const;

  // Makes the lookups see `blobs` and `manifests` as they are now; Resolve has called it.
  void BuildIndex();

 private:
  // Places in the vectors; they stay right when a Content is copied or moved.
  using Places = TextMap<std::size_t>;
  Places blob_by_name_;
  Places manifest_by_name_;
  Places blob_by_hex_;  // the length of the hexadecimal part tells the algorithm
  Places manifest_by_hex_;
};

// Makes the bytes. `directory` is where the fixture's file lies, for `file = …`, which may not
// leave it; `files` is what it is read through (null: the system's). nullopt when there are errors,
// also those that reading the fixture left in `problems`.
//
// Errors: content.unknown-name, content.not-a-manifest, content.duplicate-name, content.cycle
// (content that must contain its own digest), content.unmarked-lie, content.fraction,
// content.file-outside, content.file, content.size, content.too-many. Warnings:
// content.needless-lie, content.gzip-type, content.large.
std::optional<Content> Resolve(const Fixture& fixture, const std::filesystem::path& directory,
                               Diagnostics& problems, FileSystem* files = nullptr);

// What `check --print digests` prints, one line for each blob and manifest that the fixture names:
//   ## ID
//     blob     NAME       DIGEST SIZE
//     manifest NAME       DIGEST SIZE   LIE: hashes to sha256:TWELVE DIGITS
// `content` is what `fixture` resolved to.
std::string DigestListing(const Fixture& fixture, const Content& content);

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_MOCKREGISTRY_CONTENT_CONTENT_H_
