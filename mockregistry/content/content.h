// A fixture turned into bytes: every blob and manifest with its digest, every repository with
// what it serves. The bytes are specified, so that every implementation makes the same ones.
// Format: docs/fixtures.md "Bytes".
#ifndef PULLPROOF_MOCKREGISTRY_CONTENT_CONTENT_H_
#define PULLPROOF_MOCKREGISTRY_CONTENT_CONTENT_H_

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/table_reader.h"
#include "mockregistry/content/byte_source.h"
#include "mockregistry/content/fixture.h"
#include "oci/digest.h"

namespace pullproof::mockregistry::content {

struct Blob {
  std::string name;
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

// Everything that a fixture serves. Immutable after Resolve, hence thread-safe.
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
};

// Makes the bytes. `directory` is where the fixture's file lies, for `file = …`, which may not
// leave it. Reports content.* problems: unknown names, cycles without a lie, lies that are not
// marked, files that cannot be read, bad digests. nullopt when there are errors.
std::optional<Content> Resolve(const Fixture& fixture, const std::filesystem::path& directory,
                               Diagnostics& problems);

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_MOCKREGISTRY_CONTENT_CONTENT_H_
