#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "base/document.h"
#include "oci/manifest.h"
#include "oci/media_type.h"
#include "resolver/artifact/index.h"
#include "resolver/cache/cache.h"
#include "resolver/lock/json_writer.h"
#include "resolver/resolver.h"
#include "resolver/sources/download.h"
#include "resolver/sources/parallel.h"
#include "resolver/time_limit.h"

namespace pullproof::resolver {
namespace {

namespace fs = std::filesystem;
using registry_client::FetchedManifest;

// Larger than any image by orders of magnitude; it keeps the sum of promised sizes from wrapping.
constexpr std::uint64_t kMaxImageBytes = std::uint64_t{1} << 40;
// Index entries that may have to be looked into before one has the platform.
constexpr int kMaxManifests = 64;

constexpr std::string_view kRefName = "org.opencontainers.image.ref.name";

// Finds the image for a platform behind a reference.
class ImageFinder {
 public:
  ImageFinder(registry_client::RegistryClient& client, const PullOptions& options)
      : client_(client),
        reference_(options.reference),
        platform_(options.platform.value_or(oci::Platform{"amd64", "linux", {}, {}})) {}

  Result<FetchedManifest> Find() {
    PULLPROOF_ASSIGN_OR_RETURN(FetchedManifest top, client_.GetManifest(reference_));
    return Descend(std::move(top), 0);
  }

 private:
  Result<FetchedManifest> Descend(FetchedManifest fetched, int depth) {
    const auto* index = std::get_if<oci::Index>(&fetched.manifest);
    if (index == nullptr) return fetched;
    if (depth >= artifact::kMaxIndexDepth) return artifact::FailTooDeep(reference_.ToString());
    for (const oci::Descriptor& entry : artifact::PlatformCandidates(*index, platform_)) {
      if (++manifests_ > kMaxManifests) {
        return Fail("limit.manifests",
                    fmt::format("no image for {} among the first {} entries", platform_.ToString(),
                                kMaxManifests),
                    reference_.ToString(), "name the manifest itself by its digest");
      }
      PULLPROOF_ASSIGN_OR_RETURN(FetchedManifest child, client_.GetManifest(reference_, entry));
      auto found = Descend(std::move(child), depth + 1);
      if (found || found.error().id != "index.no-platform") return found;
    }
    return artifact::FailNoPlatform(*index, platform_, reference_.ToString());
  }

  registry_client::RegistryClient& client_;
  const oci::Reference& reference_;
  const oci::Platform platform_;
  int manifests_ = 0;
};

// An OCI image layout on disk. Spec: image-spec, image-layout.md.
class Layout {
 public:
  Layout(FileSystem& files, fs::path root) : files_(files), root_(std::move(root)) {}

  [[nodiscard]] fs::path BlobPath(const oci::Digest& digest) const {
    return root_ / "blobs" / oci::AlgorithmName(digest.algorithm()) / digest.hex();
  }

  Result<std::unique_ptr<PendingFile>> Begin(const oci::Digest& digest) {
    const fs::path path = BlobPath(digest);
    PULLPROOF_RETURN_IF_ERROR(files_.CreateDirectories(path.parent_path()));
    return files_.Create(path);
  }

  Result<void> Put(const oci::Digest& digest, std::string_view bytes) {
    PULLPROOF_ASSIGN_OR_RETURN(const auto file, Begin(digest));
    PULLPROOF_RETURN_IF_ERROR(file->Append(bytes));
    return file->Commit();
  }

  // Names the image in index.json, beside what is named there already. An entry of the same name,
  // or a nameless one of the same digest, is replaced.
  Result<void> Name(const FetchedManifest& image, const std::optional<std::string>& name) {
    PULLPROOF_ASSIGN_OR_RETURN(Node::Array entries, Entries());
    const std::string digest = image.digest.ToString();
    std::erase_if(entries, [&](const Node& entry) {
      const std::optional<std::string> other = NameOf(entry);
      const Node* other_digest = entry.Find("digest");
      const bool same_digest = other_digest != nullptr && other_digest->string() != nullptr &&
                               *other_digest->string() == digest;
      return other == name && (name.has_value() || same_digest);
    });
    entries.push_back(Entry(image, name));
    Node::Table index;
    index.push_back({"schemaVersion", {}, Node(std::int64_t{2})});
    index.push_back({"mediaType", {}, Node(std::string(oci::media::kImageIndex))});
    index.push_back({"manifests", {}, Node(std::move(entries))});
    PULLPROOF_ASSIGN_OR_RETURN(const std::string text,
                               lock::WriteJson(Node(std::move(index)), lock::Style::kPretty));
    PULLPROOF_RETURN_IF_ERROR(
        WriteFile(files_, root_ / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})"));
    return WriteFile(files_, root_ / "index.json", text);
  }

 private:
  // What index.json lists now. It is checked, but what it says beyond that is kept as it is.
  Result<Node::Array> Entries() {
    const fs::path path = root_ / "index.json";
    auto bytes = files_.Read(path, oci::kMaxManifestBytes);
    if (!bytes && bytes.error().id == "file.not-found") return Node::Array{};
    if (!bytes) return std::unexpected(std::move(bytes).error());
    PULLPROOF_RETURN_IF_ERROR(oci::ParseManifest(*bytes, oci::media::kImageIndex, path.string()));
    PULLPROOF_ASSIGN_OR_RETURN(Node document, ParseJson(*bytes, path.string()));
    Node* manifests = document.Find("manifests");
    if (manifests == nullptr || manifests->array() == nullptr) return Node::Array{};
    return std::move(*manifests->array());
  }

  static std::optional<std::string> NameOf(const Node& entry) {
    const Node* annotations = entry.Find("annotations");
    const Node* name = annotations == nullptr ? nullptr : annotations->Find(kRefName);
    if (name == nullptr || name->string() == nullptr) return std::nullopt;
    return *name->string();
  }

  static Node Entry(const FetchedManifest& image, const std::optional<std::string>& name) {
    Node::Table entry;
    const auto& manifest = std::get<oci::Manifest>(image.manifest);
    entry.push_back({"mediaType", {}, Node(manifest.media_type)});
    entry.push_back({"digest", {}, Node(image.digest.ToString())});
    entry.push_back({"size", {}, Node(static_cast<std::int64_t>(image.bytes.size()))});
    if (!manifest.artifact_type.empty()) {
      entry.push_back({"artifactType", {}, Node(manifest.artifact_type)});
    }
    if (name) {
      Node::Table annotations;
      annotations.push_back({std::string(kRefName), {}, Node(*name)});
      entry.push_back({"annotations", {}, Node(std::move(annotations))});
    }
    return Node(std::move(entry));
  }

  FileSystem& files_;
  fs::path root_;
};

// Config and layers, each digest once.
Result<std::vector<oci::Descriptor>> BlobsOf(const oci::Manifest& manifest,
                                             const std::string& name) {
  std::vector<oci::Descriptor> all{manifest.config};
  std::ranges::copy(manifest.layers, std::back_inserter(all));
  std::vector<oci::Descriptor> blobs;
  std::set<oci::Digest> seen;
  std::uint64_t total = 0;
  for (oci::Descriptor& blob : all) {
    if (!seen.insert(blob.digest).second) continue;
    if (blob.size > kMaxImageBytes - total) {
      return Fail("limit.image", fmt::format("more than {} bytes in one image", kMaxImageBytes),
                  name, "the sizes in the manifest add up to this");
    }
    total += blob.size;
    blobs.push_back(std::move(blob));
  }
  return blobs;
}

// A blob that is there already is kept; a damaged one is fetched anew.
Result<void> FetchBlob(registry_client::RegistryClient& client, const oci::Reference& reference,
                       const oci::Descriptor& blob, FileSystem& files, Layout& layout) {
  PULLPROOF_ASSIGN_OR_RETURN(
      const bool has, cache::IsIntact(files, layout.BlobPath(blob.digest), blob.digest, blob.size));
  if (has) return {};
  PULLPROOF_ASSIGN_OR_RETURN(const auto file, sources::Download(client, reference, blob, [&] {
                               return layout.Begin(blob.digest);
                             }));
  return file->Commit();
}

}  // namespace

Result<void> Pull(const PullOptions& options, const Environment& environment) {
  TimeLimitTransport transport(*environment.transport, *environment.clock, options.max_time);
  registry_client::RegistryClient client(transport, *environment.clock, environment.registries);
  PULLPROOF_ASSIGN_OR_RETURN(const FetchedManifest image, ImageFinder(client, options).Find());
  PULLPROOF_ASSIGN_OR_RETURN(const auto blobs, BlobsOf(std::get<oci::Manifest>(image.manifest),
                                                       options.reference.ToString()));
  Layout layout(*environment.files, options.layout);
  PULLPROOF_RETURN_IF_ERROR(environment.files->CreateDirectories(options.layout));
  PULLPROOF_RETURN_IF_ERROR(
      sources::ForEachParallel(blobs.size(), sources::kMaxTransfers, [&](std::size_t i) {
        return FetchBlob(client, options.reference, blobs[i], *environment.files, layout);
      }));
  PULLPROOF_RETURN_IF_ERROR(layout.Put(image.digest, image.bytes));
  return layout.Name(image, options.reference.tag());
}

}  // namespace pullproof::resolver
