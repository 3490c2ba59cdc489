// A resolved application as the OCI artifact that Spin publishes: one layer for each Wasm and each
// file, or an archive a component where that would be too many, and the lock as the last one.
// Source: Spin, crates/oci/src/client.rs; the manifest is written as rust-oci-client does, in
// canonical JSON and without a mediaType.
#ifndef PULLPROOF_RESOLVER_PUBLISH_BUILD_ARTIFACT_H_
#define PULLPROOF_RESOLVER_PUBLISH_BUILD_ARTIFACT_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "oci/descriptor.h"
#include "resolver/lock/locked_app.h"

namespace pullproof::resolver::publish {

// Content of at most so many bytes stands in the lock itself: registries choke on blobs of none or
// one byte.
inline constexpr std::size_t kMaxInlineBytes = 128;
// With the lock 500: some registries take no more in one manifest.
inline constexpr std::size_t kMaxContentLayers = 499;
// One blob is held in memory while it is sent. Components are megabytes.
inline constexpr std::uint64_t kMaxBlobBytes = std::uint64_t{1} << 30;
// All files of one component that has to be archived, likewise.
inline constexpr std::uint64_t kMaxArchivedBytes = std::uint64_t{1} << 30;
// As many as resolving takes.
inline constexpr std::size_t kMaxPublishedFiles = 100'000;

struct BuildOptions {
  std::map<std::string, std::string> annotations;  // an empty value makes none
  // org.opencontainers.image.{authors,title,description,version} out of the application.
  bool default_annotations = true;
  bool archive_files = false;  // also when there are few
};

// A blob of the artifact, and where its bytes are now.
struct Blob {
  oci::Descriptor descriptor;
  std::variant<std::filesystem::path, std::string> from;
  std::string mount_from;  // a repository of the same registry that may have it; empty: none
};

struct BuiltArtifact {
  std::string manifest;     // its media type is media::kImageManifest
  std::vector<Blob> blobs;  // each digest once: Wasm, files, lock, config
  std::string lock;
};

// Builds the artifact of an application that was resolved on this machine: sources are file URLs,
// and files are one directory, mounted at "/". `registry` is the domain that it will be pushed to:
// components that came from there are marked to be mounted. The same input makes the same bytes.
// Errors: publish.content (a component that names no file of this machine), artifact.not-wasm,
// dependency.unsupported, limit.files, limit.bytes, archive.write, file.*, json.number.
Result<BuiltArtifact> BuildArtifact(lock::LockedApp app, const std::string& registry,
                                    FileSystem& files, const BuildOptions& options);

}  // namespace pullproof::resolver::publish

#endif  // PULLPROOF_RESOLVER_PUBLISH_BUILD_ARTIFACT_H_
