#include "resolver/publish/build_artifact.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"
#include "oci/digest.h"
#include "oci/media_type.h"
#include "oci/reference.h"
#include "resolver/publish/tar_gz.h"

namespace pullproof::resolver::publish {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWasmMagic("\0asm", 4);

// A file's digest and size, and the bytes that are small enough to stand in the lock.
struct Content {
  oci::Digest digest;
  std::uint64_t size = 0;
  std::string head;  // the first kMaxInlineBytes of it

  [[nodiscard]] std::optional<std::string> Inline() const {
    return size <= kMaxInlineBytes ? std::optional(head) : std::nullopt;
  }
};

Result<Content> Examine(FileSystem& files, const fs::path& path) {
  oci::Hasher hasher;
  std::string head;
  std::uint64_t size = 0;
  PULLPROOF_RETURN_IF_ERROR(files.ReadPieces(path, [&](std::string_view piece) -> Result<void> {
    hasher.Update(piece);
    size += piece.size();
    if (head.size() < kMaxInlineBytes) head += piece.substr(0, kMaxInlineBytes - head.size());
    if (size <= kMaxBlobBytes) return {};
    return Fail("limit.bytes", fmt::format("more than {} bytes in one file", kMaxBlobBytes),
                path.string());
  }));
  return Content{.digest = hasher.Finish(), .size = size, .head = std::move(head)};
}

// The path of "file:///abs/path".
Result<fs::path> PathOfUrl(const std::optional<std::string>& url, const std::string& component) {
  constexpr std::string_view kScheme = "file://";
  if (url && url->starts_with(kScheme)) {
    const auto path = PercentDecode(std::string_view(*url).substr(kScheme.size()));
    if (path && path->starts_with('/')) return fs::path(*path);
  }
  return Fail("publish.content",
              fmt::format("component `{}` has content that is no file of this machine", component));
}

oci::Descriptor Describe(std::string_view media_type, oci::Digest digest, std::uint64_t size) {
  return {.media_type = std::string(media_type),
          .digest = std::move(digest),
          .size = size,
          .urls = {},
          .annotations = {},
          .data = {},
          .platform = {},
          .artifact_type = {}};
}

Node DescriptorNode(const oci::Descriptor& descriptor) {
  Node::Table table;
  table.push_back({"mediaType", {}, Node(descriptor.media_type)});
  table.push_back({"digest", {}, Node(descriptor.digest.ToString())});
  table.push_back({"size", {}, Node(descriptor.size)});
  return Node(std::move(table));
}

// "/" ends a directory's name; sorted by bytes.
Result<void> Walk(FileSystem& files, const fs::path& root, const std::string& below,
                  std::vector<std::string>& found) {
  PULLPROOF_ASSIGN_OR_RETURN(const auto names, files.List(root / below));
  for (const std::string& name : names) {
    const std::string path = below.empty() ? name : fmt::format("{}/{}", below, name);
    PULLPROOF_ASSIGN_OR_RETURN(const FileInfo info, files.Stat(root / path));
    if (info.kind == FileInfo::Kind::kDirectory) {
      PULLPROOF_RETURN_IF_ERROR(Walk(files, root, path, found));
    } else if (info.kind == FileInfo::Kind::kRegular) {
      found.push_back(path);
    }
    if (found.size() > kMaxPublishedFiles) {
      return Fail("limit.files", fmt::format("more than {} files", kMaxPublishedFiles),
                  root.string());
    }
  }
  return {};
}

// Config, layers and annotations as rust-oci-client writes them.
Result<std::string> ManifestJson(const oci::Descriptor& config,
                                 const std::vector<oci::Descriptor>& layers,
                                 const std::map<std::string, std::string>& annotations) {
  Node::Array layer_nodes;
  for (const oci::Descriptor& layer : layers) layer_nodes.push_back(DescriptorNode(layer));
  Node::Table manifest;
  manifest.push_back({"schemaVersion", {}, Node(std::int64_t{2})});
  manifest.push_back({"config", {}, DescriptorNode(config)});
  manifest.push_back({"layers", {}, Node(std::move(layer_nodes))});
  if (!annotations.empty()) {
    Node::Table notes;
    for (const auto& [name, value] : annotations) notes.push_back({name, {}, Node(value)});
    manifest.push_back({"annotations", {}, Node(std::move(notes))});
  }
  return CanonicalJson(Node(std::move(manifest)));
}

std::string ConfigJson(const oci::Digest& lock) {
  // The label gives every application a config, and thus an image id, of its own.
  return fmt::format(
      R"({{"architecture":"wasm","os":"Wasip1","config":{{"Labels":)"
      R"({{"com.fermyon.spin.lockedAppDigest":"{}"}}}},"rootfs":{{"type":"layers","diff_ids":[]}}}})",
      lock.ToString());
}

std::string MetadataText(const Node::Table& metadata, std::string_view name) {
  for (const Node::Member& member : metadata) {
    if (member.name != name) continue;
    if (member.value.string() != nullptr) return *member.value.string();
    if (member.value.array() == nullptr) return {};
    std::string joined;
    for (const Node& item : *member.value.array()) {
      if (item.string() == nullptr) continue;
      joined += fmt::format("{}{}", joined.empty() ? "" : ", ", *item.string());
    }
    return joined;
  }
  return {};
}

std::map<std::string, std::string> Annotations(const lock::LockedApp& app,
                                               const BuildOptions& options) {
  std::map<std::string, std::string> annotations = options.annotations;
  if (options.default_annotations) {
    for (const auto& [annotation, member] :
         {std::pair("authors", "authors"), std::pair("title", "name"),
          std::pair("description", "description"), std::pair("version", "version")}) {
      annotations.emplace(fmt::format("org.opencontainers.image.{}", annotation),
                          MetadataText(app.metadata, member));
    }
  }
  std::erase_if(annotations, [](const auto& entry) { return entry.second.empty(); });
  return annotations;
}

class Builder {
 public:
  Builder(lock::LockedApp app, const std::string& registry, FileSystem& files,
          const BuildOptions& options)
      : app_(std::move(app)), registry_(registry), files_(files), options_(options) {}

  Result<BuiltArtifact> Run() {
    for (const lock::LockedComponent& component : app_.components) {
      PULLPROOF_ASSIGN_OR_RETURN(Part part, Collect(component));
      parts_.push_back(std::move(part));
    }
    if (options_.archive_files || CountLayers() > kMaxContentLayers) {
      PULLPROOF_RETURN_IF_ERROR(AddLayers(&Builder::AddArchive));
    } else {
      PULLPROOF_RETURN_IF_ERROR(AddLayers(&Builder::AddFiles));
    }
    return Finish();
  }

 private:
  struct File {
    std::string path;
    Content content;
  };
  struct Part {
    fs::path wasm;
    std::optional<Content> wasm_content;
    fs::path root;  // of the files
    std::vector<File> files;
    std::string mount_from;
  };

  Result<Part> Collect(const lock::LockedComponent& component) {
    if (!component.dependencies.empty() || !component.trigger_dependencies.empty()) {
      return Fail(
          "dependency.unsupported",
          fmt::format("component `{}` has dependencies, which are not composed here", component.id),
          {}, "compose them into its Wasm first");
    }
    Part part;
    part.mount_from = MountFrom(component);
    PULLPROOF_ASSIGN_OR_RETURN(part.wasm, PathOfUrl(component.source.content.source, component.id));
    PULLPROOF_ASSIGN_OR_RETURN(part.wasm_content, Examine(files_, part.wasm));
    if (!part.wasm_content->head.starts_with(kWasmMagic)) {
      return Fail("artifact.not-wasm",
                  fmt::format("Component {} source is not a valid .wasm file", component.id),
                  part.wasm.string(), "only compiled Wasm is published");
    }
    if (component.files.empty()) return part;
    if (component.files.size() != 1 || component.files.front().path != "/") {
      return Fail("publish.content",
                  fmt::format("the files of component `{}` are not one mount at /", component.id));
    }
    PULLPROOF_ASSIGN_OR_RETURN(part.root,
                               PathOfUrl(component.files.front().content.source, component.id));
    std::vector<std::string> paths;
    PULLPROOF_RETURN_IF_ERROR(Walk(files_, part.root, {}, paths));
    std::ranges::sort(paths);
    for (std::string& path : paths) {
      PULLPROOF_ASSIGN_OR_RETURN(Content content, Examine(files_, part.root / path));
      part.files.push_back({std::move(path), std::move(content)});
    }
    return part;
  }

  // The repository that a component was pulled from, when it is of the same registry.
  [[nodiscard]] std::string MountFrom(const lock::LockedComponent& component) const {
    const auto source = oci::Reference::Parse(component.MetadataString("source_reference"));
    return source && source->domain() == registry_ ? source->path() : std::string();
  }

  [[nodiscard]] std::size_t CountLayers() const {
    std::set<oci::Digest> layers;
    for (const Part& part : parts_) {
      layers.insert(part.wasm_content->digest);
      for (const File& file : part.files) {
        if (!file.content.Inline()) layers.insert(file.content.digest);
      }
    }
    return layers.size();
  }

  using AddMethod = Result<void> (Builder::*)(const Part&);
  Result<void> AddLayers(AddMethod add_files) {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const Part& part = parts_[i];
      lock::LockedComponent& component = app_.components[i];
      AddLayer(oci::media::kWasmLayer, *part.wasm_content, part.wasm, part.mount_from);
      component.source = {"application/wasm", ReferenceTo(*part.wasm_content)};
      component.files.clear();
      for (const File& file : part.files) {
        component.files.push_back({file.path, ReferenceTo(file.content)});
      }
      PULLPROOF_RETURN_IF_ERROR((this->*add_files)(part));
    }
    return {};
  }

  static lock::ContentReference ReferenceTo(const Content& content) {
    return {std::nullopt, content.Inline(), content.digest};
  }

  void AddLayer(std::string_view media_type, const Content& content,
                std::variant<fs::path, std::string> from, const std::string& mount_from) {
    if (!known_.insert(content.digest).second) return;
    layers_.push_back(Describe(media_type, content.digest, content.size));
    blobs_.push_back({layers_.back(), std::move(from), mount_from});
  }

  // What stands in the lock needs no layer.
  Result<void> AddFiles(const Part& part) {
    for (const File& file : part.files) {
      if (file.content.Inline()) continue;
      AddLayer(oci::media::kWasmData, file.content, part.root / file.path, part.mount_from);
    }
    return {};
  }

  Result<void> AddArchive(const Part& part) {
    if (part.files.empty()) return {};
    std::uint64_t total = 0;
    for (const File& file : part.files) total += file.content.size;
    if (total > kMaxArchivedBytes) {
      return Fail(
          "limit.bytes",
          fmt::format("{} bytes of files in one archive, more than {}", total, kMaxArchivedBytes),
          part.root.string());
    }
    TarGzWriter writer;
    for (const File& file : part.files) {
      PULLPROOF_ASSIGN_OR_RETURN(const std::string bytes,
                                 files_.Read(part.root / file.path, kMaxBlobBytes));
      PULLPROOF_RETURN_IF_ERROR(writer.Add(file.path, bytes));
    }
    PULLPROOF_ASSIGN_OR_RETURN(std::string archive, writer.Finish());
    const Content content{.digest = oci::Digest::Of(archive), .size = archive.size(), .head = {}};
    AddLayer(oci::media::kWasmBundle, content, std::move(archive), {});
    return {};
  }

  // A lock that is one of the application's own files, too, would be a layer already.
  Result<BuiltArtifact> Finish() {
    std::erase_if(app_.metadata,
                  [](const Node::Member& member) { return member.name == "origin"; });
    BuiltArtifact built;
    PULLPROOF_ASSIGN_OR_RETURN(built.lock, lock::WriteLock(app_, lock::Style::kCompact));
    const oci::Digest lock_digest = oci::Digest::Of(built.lock);
    layers_.push_back(Describe(oci::media::kSpinLock, lock_digest, built.lock.size()));
    if (known_.insert(lock_digest).second) blobs_.push_back({layers_.back(), built.lock, {}});
    std::string config = ConfigJson(lock_digest);
    const oci::Descriptor config_descriptor =
        Describe(oci::media::kImageConfig, oci::Digest::Of(config), config.size());
    blobs_.push_back({config_descriptor, std::move(config), {}});
    PULLPROOF_ASSIGN_OR_RETURN(
        built.manifest, ManifestJson(config_descriptor, layers_, Annotations(app_, options_)));
    built.blobs = std::move(blobs_);
    return built;
  }

  lock::LockedApp app_;
  const std::string& registry_;
  FileSystem& files_;
  const BuildOptions& options_;
  std::vector<Part> parts_;
  std::set<oci::Digest> known_;
  std::vector<oci::Descriptor> layers_;
  std::vector<Blob> blobs_;
};

}  // namespace

Result<BuiltArtifact> BuildArtifact(lock::LockedApp app, const std::string& registry,
                                    FileSystem& files, const BuildOptions& options) {
  return Builder(std::move(app), registry, files, options).Run();
}

}  // namespace pullproof::resolver::publish
