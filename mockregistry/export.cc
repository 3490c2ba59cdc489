#include "mockregistry/export.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"
#include "mockregistry/content/byte_source.h"
#include "mockregistry/content/tar.h"
#include "oci/digest.h"
#include "oci/manifest.h"
#include "oci/media_type.h"

namespace pullproof::mockregistry {
namespace {

namespace fs = std::filesystem;

void Add(Node::Table& table, std::string_view name, Node value) {
  table.push_back({std::string(name), {}, std::move(value)});
}

Node Text(std::string_view text) { return Node(std::string(text)); }

// What is made here has no fractions, which alone have no canonical form.
std::string Canonical(Node node) { return *CanonicalJson(node); }

Result<void> Exists(const fs::path& path, std::string_view hint) {
  return Fail("export.exists", "there is something already", path.string(), std::string(hint));
}

Result<void> WriteBytes(FileSystem& files, const fs::path& path, const content::ByteSource& bytes) {
  PULLPROOF_ASSIGN_OR_RETURN(const std::unique_ptr<PendingFile> file, files.Create(path));
  Result<void> written;
  content::ForEachChunk(bytes, [&](std::string_view piece) {
    if (written) written = file->Append(piece);
  });
  PULLPROOF_RETURN_IF_ERROR(written);
  return file->Commit();
}

// --- OCI image layouts ---

Node EntryOf(const content::StoredManifest& manifest, std::string_view tag) {
  Node::Table table;
  Add(table, "mediaType", Text(manifest.media_type));
  Add(table, "digest", Text(manifest.hashes_to.ToString()));
  Add(table, "size", Node(std::uint64_t{manifest.bytes.size()}));
  if (!tag.empty()) {
    Node::Table annotations;
    Add(annotations, "org.opencontainers.image.ref.name", Text(tag));
    Add(table, "annotations", Node(std::move(annotations)));
  }
  return Node(std::move(table));
}

class LayoutWriter {
 public:
  LayoutWriter(const content::Content& content, const content::Repository& repository,
               const fs::path& directory, FileSystem& files)
      : content_(content), repository_(repository), directory_(directory), files_(files) {}

  Result<void> Write() {
    PULLPROOF_RETURN_IF_ERROR(files_.CreateDirectories(directory_ / "blobs" / "sha256"));
    for (const std::string& name : repository_.blobs) {
      const content::Blob& blob = *content_.FindBlob(name);
      PULLPROOF_RETURN_IF_ERROR(WriteContent(blob.digest, *blob.bytes));
    }
    for (const std::string& name : repository_.manifests) {
      const content::StoredManifest& manifest = *content_.FindManifest(name);
      PULLPROOF_RETURN_IF_ERROR(
          WriteContent(manifest.hashes_to, *content::FromString(manifest.bytes)));
    }
    PULLPROOF_RETURN_IF_ERROR(
        WriteFile(files_, directory_ / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})"));
    return WriteFile(files_, directory_ / "index.json", Index());
  }

 private:
  Result<void> WriteContent(const oci::Digest& digest, const content::ByteSource& bytes) {
    return WriteBytes(
        files_,
        directory_ / "blobs" / std::string(oci::AlgorithmName(digest.algorithm())) / digest.hex(),
        bytes);
  }

  [[nodiscard]] std::string Index() const {
    std::set<std::string_view> referred;
    for (const std::string& name : repository_.manifests) {
      for (const std::string& child : content_.FindManifest(name)->children) referred.insert(child);
    }
    Node::Array entries;
    for (const auto& [tag, name] : repository_.tags) {
      entries.push_back(EntryOf(*content_.FindManifest(name), tag));
      referred.insert(name);
    }
    for (const std::string& name : repository_.manifests) {
      if (!referred.contains(name)) entries.push_back(EntryOf(*content_.FindManifest(name), {}));
    }
    Node::Table index;
    Add(index, "schemaVersion", Node(std::int64_t{2}));
    Add(index, "mediaType", Text(oci::media::kImageIndex));
    Add(index, "manifests", Node(std::move(entries)));
    return Canonical(Node(std::move(index)));
  }

  const content::Content& content_;
  const content::Repository& repository_;
  const fs::path& directory_;
  FileSystem& files_;
};

// --- Docker archives ---

// Plain or compressed: those who load an archive look at the bytes.
bool IsLayerType(std::string_view type) {
  return type.starts_with(oci::media::kDockerLayer) || type.starts_with(oci::media::kImageLayer);
}

class ArchiveWriter {
 public:
  ArchiveWriter(const content::Content& content, const content::Repository& repository)
      : content_(content), repository_(repository) {}

  Result<content::Bytes> Make() {
    // One image with all its tags, in the order of the first of them.
    std::vector<std::pair<std::string_view, std::vector<std::string_view>>> images;
    for (const auto& [tag, name] : repository_.tags) {
      auto image =
          std::ranges::find(images, std::string_view(name), &decltype(images)::value_type::first);
      if (image == images.end()) image = images.insert(images.end(), {name, {}});
      image->second.push_back(tag);
    }
    if (images.empty()) {
      return Fail(
          "export.no-tag",
          fmt::format("repository `{}` has no tag, and images in a docker archive are found "
                      "by theirs",
                      repository_.name));
    }
    Node::Array list;
    for (const auto& [name, tags] : images) {
      PULLPROOF_ASSIGN_OR_RETURN(Node image, Image(name, tags));
      list.push_back(std::move(image));
    }
    std::vector<content::TarFile> files;
    for (auto& [path, bytes] : files_) files.push_back({path, bytes});
    files.push_back({"manifest.json", content::FromString(Canonical(Node(std::move(list))))});
    return content::MakeTar(std::move(files), {});
  }

 private:
  static std::unexpected<Error> NotAnImage(std::string_view tag, std::string_view why,
                                           std::string hint = {}) {
    return Fail("export.not-an-image", fmt::format("tag `{}` {}", tag, why), {}, std::move(hint));
  }

  Result<Node> Image(std::string_view name, const std::vector<std::string_view>& tags) {
    const content::StoredManifest& stored = *content_.FindManifest(name);
    const auto parsed = oci::ParseManifest(stored.bytes, stored.media_type, name);
    if (!parsed) return NotAnImage(tags.front(), "is no manifest: " + parsed.error().message);
    const auto* manifest = std::get_if<oci::Manifest>(&*parsed);
    if (manifest == nullptr) {
      return NotAnImage(tags.front(), "is an index, and a docker archive holds single images",
                        "write an OCI layout, or other tags: --tag TAG");
    }
    const std::string_view type = manifest->config.media_type;
    if (type != oci::media::kDockerConfig && type != oci::media::kImageConfig) {
      return NotAnImage(tags.front(), fmt::format("has a config of type `{}`", type),
                        "write an OCI layout");
    }
    Node::Table image;
    PULLPROOF_ASSIGN_OR_RETURN(std::string config, Keep(manifest->config, ".json", tags.front()));
    Add(image, "Config", Text(config));
    Node::Array names;
    for (const std::string_view tag : tags) {
      names.push_back(Text(fmt::format("{}:{}", repository_.name, tag)));
    }
    Add(image, "RepoTags", Node(std::move(names)));
    Node::Array layers;
    for (const oci::Descriptor& layer : manifest->layers) {
      if (!IsLayerType(layer.media_type)) {
        return NotAnImage(tags.front(), fmt::format("has a layer of type `{}`", layer.media_type),
                          "write an OCI layout");
      }
      PULLPROOF_ASSIGN_OR_RETURN(std::string path, Keep(layer, ".tar", tags.front()));
      layers.push_back(Text(path));
    }
    Add(image, "Layers", Node(std::move(layers)));
    return Node(std::move(image));
  }

  // The path in the archive of content that a descriptor names.
  Result<std::string> Keep(const oci::Descriptor& descriptor, std::string_view extension,
                           std::string_view tag) {
    const content::Blob* blob = content_.FindBlob(content_.NameOf(descriptor.digest));
    if (blob == nullptr) {
      return NotAnImage(tag, fmt::format("refers to {}, which is not there",
                                         Printable(descriptor.digest.ToString())));
    }
    if (blob->bytes->size() > content::kMaxTarNumber) {
      return NotAnImage(tag, fmt::format("has content of {} bytes, more than a file in a tar",
                                         blob->bytes->size()));
    }
    std::string path = descriptor.digest.hex() + std::string(extension);
    files_.try_emplace(path, blob->bytes);
    return path;
  }

  const content::Content& content_;
  const content::Repository& repository_;
  std::map<std::string, content::Bytes> files_;
};

}  // namespace

Result<content::Repository> FindRepository(const content::Content& content, std::string_view name) {
  const std::vector<content::Repository>& repositories = content.repositories;
  if (name.empty() && repositories.size() == 1) return repositories.front();
  std::vector<std::string_view> names;
  for (const content::Repository& repository : repositories) names.push_back(repository.name);
  if (name.empty()) {
    return Fail("export.repository",
                fmt::format("the fixture has {} repositories", repositories.size()), {},
                names.empty() ? "" : "say which one: " + SuggestFrom({}, names));
  }
  const auto found = std::ranges::find(repositories, name, &content::Repository::name);
  if (found != repositories.end()) return *found;
  return Fail("export.repository", fmt::format("there is no repository `{}`", name), {},
              SuggestFrom(name, names));
}

Result<content::Repository> OnlyTags(const content::Content& content,
                                     const content::Repository& repository,
                                     std::span<const std::string> tags) {
  content::Repository only;
  only.name = repository.name;
  std::vector<std::string_view> waiting;
  for (const auto& named : repository.tags) {
    if (std::ranges::find(tags, named.first) == tags.end()) continue;
    only.tags.push_back(named);
    waiting.push_back(named.second);
  }
  for (const std::string& tag : tags) {
    const auto is_it = [&tag](const auto& named) { return named.first == tag; };
    if (std::ranges::any_of(only.tags, is_it)) continue;
    std::vector<std::string_view> names;
    for (const auto& named : repository.tags) names.push_back(named.first);
    return Fail("export.unknown-tag",
                fmt::format("repository `{}` has no tag `{}`", repository.name, tag), {},
                SuggestFrom(tag, names));
  }
  std::unordered_set<std::string_view> reached;
  while (!waiting.empty()) {
    const std::string_view name = waiting.back();
    waiting.pop_back();
    if (!reached.insert(name).second) continue;
    const content::StoredManifest* manifest = content.FindManifest(name);
    if (manifest == nullptr) continue;
    waiting.insert(waiting.end(), manifest->children.begin(), manifest->children.end());
  }
  const auto is_reached = [&reached](const std::string& name) { return reached.contains(name); };
  std::ranges::copy_if(repository.manifests, std::back_inserter(only.manifests), is_reached);
  std::ranges::copy_if(repository.blobs, std::back_inserter(only.blobs), is_reached);
  return only;
}

Result<void> ExportLayout(const content::Content& content, const content::Repository& repository,
                          const fs::path& directory, FileSystem& files) {
  const bool is_there = files.Stat(directory).has_value();
  if (is_there) {
    const Result<std::vector<std::string>> names = files.List(directory);
    if (!names || !names->empty()) {
      return Exists(directory, "name a directory that does not exist, or is empty");
    }
  }
  fs::path partial = directory;
  if (!partial.has_filename()) partial = partial.parent_path();  // "out/"
  const fs::path target = partial;
  partial += ".partial";
  PULLPROOF_RETURN_IF_ERROR(files.RemoveAll(partial));
  Result<void> written = LayoutWriter(content, repository, partial, files).Write();
  if (written && is_there) written = files.RemoveAll(target);
  if (written) written = files.Rename(partial, target);
  if (!written) {
    // What went wrong first is what to tell.
    if (const Result<void> removed = files.RemoveAll(partial); !removed) return written;
  }
  return written;
}

Result<void> ExportDockerArchive(const content::Content& content,
                                 const content::Repository& repository, const fs::path& file,
                                 FileSystem& files) {
  if (files.Stat(file)) return Exists(file, "name a file that does not exist");
  PULLPROOF_ASSIGN_OR_RETURN(const content::Bytes archive,
                             ArchiveWriter(content, repository).Make());
  return WriteBytes(files, file, *archive);
}

}  // namespace pullproof::mockregistry
