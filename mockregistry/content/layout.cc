#include "mockregistry/content/layout.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/document.h"
#include "mockregistry/content/content.h"
#include "mockregistry/content/layout_files.h"
#include "oci/digest.h"
#include "oci/manifest.h"
#include "oci/media_type.h"
#include "oci/reference.h"

namespace pullproof::mockregistry::content {
namespace {

constexpr std::string_view kRefName = "org.opencontainers.image.ref.name";
constexpr std::size_t kShownDigits = 12;
constexpr std::string_view kDockerLayerGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip";
constexpr std::string_view kLayerZstd = "application/vnd.oci.image.layer.v1.tar+zstd";

// Docker has no type of its own for zstd.
std::string_view LayerTypeOf(const ByteSource& layer) {
  constexpr std::size_t kMagic = 4;
  std::string head(std::min<std::uint64_t>(layer.size(), kMagic), '\0');
  layer.Read(0, head);
  if (head.starts_with("\x1F\x8B")) return kDockerLayerGzip;
  if (head == "\x28\xB5\x2F\xFD") return kLayerZstd;
  return oci::media::kDockerLayer;
}

class LayoutReader {
 public:
  LayoutReader(Fixture& fixture, std::size_t repository, LayoutFiles& files, Diagnostics& problems)
      : fixture_(fixture),
        name_(fixture.repositories[repository].first),
        repository_(fixture.repositories[repository].second),
        layout_(*repository_.layout),
        files_(files),
        problems_(problems) {}

  void Read() {
    if (const Bytes version = ReadFile("oci-layout")) {
      ReadOci(ReadAll(*version));
    } else if (const Bytes list = ReadFile("manifest.json")) {
      ReadDocker(ReadAll(*list));
    } else if (!failed_) {
      Report(fmt::format("`{}` has neither `oci-layout` nor `manifest.json`", layout_.name),
             "it must be an OCI image layout, or what `docker save` writes: a directory or a tar");
    }
    std::ranges::stable_sort(repository_.tags, {}, &std::pair<std::string, NameRef>::first);
  }

 private:
  void Report(std::string message, std::string hint = {}) {
    failed_ = true;
    problems_.Report("content.layout", layout_.at, std::move(message), std::move(hint));
  }

  // Null when it is not there, or cannot be read, which was reported.
  Bytes ReadFile(const std::string& path) {
    Result<Bytes> bytes = files_.Read(path);
    if (bytes) return *std::move(bytes);
    failed_ = true;
    problems_.Report(bytes.error().id, layout_.at, bytes.error().message, bytes.error().hint);
    return nullptr;
  }

  [[nodiscard]] std::string NameOf(const oci::Digest& digest) const {
    return fmt::format("{}@{}", name_, digest.hex().substr(0, kShownDigits));
  }

  // --- What both sorts have ---

  bool HasRoom(std::size_t present, std::size_t most, std::string_view what) {
    if (present < most) return true;
    failed_ = true;
    problems_.Report("content.too-many", layout_.at,
                     fmt::format("more than {} {} with those of `{}`", most, what, layout_.name));
    return false;
  }

  // Its name; nullopt when there is no room for it.
  std::optional<std::string> AddBlob(const oci::Digest& digest, Bytes bytes,
                                     const std::string& media_type) {
    if (const auto known = names_.find(digest.ToString()); known != names_.end()) {
      return known->second;
    }
    if (!HasRoom(fixture_.blobs.size(), kMaxBlobs, "blobs")) return std::nullopt;
    std::string name = NameOf(digest);
    names_.emplace(digest.ToString(), name);
    fixture_.blobs.emplace_back(name, BlobSpec{HeldBlob{std::move(bytes)}, layout_.at, media_type});
    return name;
  }

  void AddTag(std::string_view tag, const std::string& manifest) {
    const auto same = [tag](const auto& known) { return known.first == tag; };
    if (tag.empty() || std::ranges::any_of(repository_.tags, same)) return;
    repository_.tags.push_back({std::string(tag), {manifest, layout_.at}});
  }

  // --- OCI image layouts ---

  void ReadOci(const std::string& version) {
    const Result<Node> marker = ParseJson(version, "oci-layout");
    const Node* stated = marker ? marker->Find("imageLayoutVersion") : nullptr;
    const std::string* text = stated != nullptr ? stated->string() : nullptr;
    if (text == nullptr || !text->starts_with("1.")) {
      Report(fmt::format("`{}` is no OCI image layout of version 1: see its oci-layout",
                         layout_.name));
      return;
    }
    const Bytes bytes = ReadFile("index.json");
    if (bytes == nullptr) {
      if (!failed_) Report(fmt::format("`{}` has no index.json", layout_.name));
      return;
    }
    const auto index = oci::ParseManifest(ReadAll(*bytes), oci::media::kImageIndex, "index.json");
    if (!index) {
      Report(fmt::format("index.json of `{}`: {}", layout_.name, index.error().message));
      return;
    }
    for (const oci::Descriptor& entry : std::get<oci::Index>(*index).manifests) {
      const auto tag = entry.annotations.find(std::string(kRefName));
      Add(entry, tag != entry.annotations.end() ? TagIn(tag->second) : std::string_view());
    }
    // Children wait their turn, so that no chain of indexes deepens the stack.
    while (!waiting_.empty() && !failed_) {
      const oci::Descriptor next = std::move(waiting_.back());
      waiting_.pop_back();
      Add(next, {});
    }
    if (!failed_) Connect();
  }

  // The content of that digest; null when it is not there, or was reported.
  Bytes ReadContent(const oci::Digest& digest) {
    // What is served is named by its SHA-256.
    if (digest.algorithm() != oci::Algorithm::kSha256) {
      Report(fmt::format("`{}` names {}", layout_.name, digest.ToString()),
             "only content that is named by its SHA-256 can be served from a layout");
      return nullptr;
    }
    Bytes bytes = ReadFile("blobs/sha256/" + digest.hex());
    if (bytes != nullptr && DigestOf(*bytes) != digest) {
      Report(fmt::format("`{}` has other bytes under {}", layout_.name, digest.ToString()));
      return nullptr;
    }
    return bytes;
  }

  // An entry of an index: a manifest, or any other content.
  void Add(const oci::Descriptor& descriptor, std::string_view tag) {
    if (failed_) return;
    if (!oci::IsImageManifestType(descriptor.media_type) &&
        !oci::IsIndexType(descriptor.media_type)) {
      AddContent(descriptor);
      return;
    }
    const std::string digest = descriptor.digest.ToString();
    if (const auto known = names_.find(digest); known != names_.end()) {
      AddTag(tag, known->second);
      return;
    }
    if (!HasRoom(fixture_.manifests.size(), kMaxManifests, "manifests")) return;
    const Bytes bytes = ReadContent(descriptor.digest);
    if (bytes == nullptr) return;
    std::string text = ReadAll(*bytes);
    const auto manifest = oci::ParseManifest(text, descriptor.media_type, digest);
    if (!manifest) {
      Report(fmt::format("{} in `{}`: {}", digest, layout_.name, manifest.error().message));
      return;
    }
    const std::string name =
        tag.empty() ? NameOf(descriptor.digest) : fmt::format("{}:{}", name_, tag);
    names_.emplace(digest, name);
    ManifestSpec spec;
    spec.kind = RawSpec{std::move(text), {}};
    spec.media_type = descriptor.media_type;
    spec.unprovable = true;
    spec.at = layout_.at;
    Follow(*manifest, fixture_.manifests.size(), spec);
    fixture_.manifests.emplace_back(name, std::move(spec));
    repository_.manifests.push_back({name, layout_.at});
    AddTag(tag, name);
  }

  // Takes what the referrers API tells about it, and what it refers to.
  void Follow(const oci::AnyManifest& manifest, std::size_t number, ManifestSpec& spec) {
    std::vector<oci::Digest>& children =
        children_.emplace_back(number, std::vector<oci::Digest>()).second;
    const std::optional<oci::Descriptor>* subject = nullptr;
    const std::map<std::string, std::string>* annotations = nullptr;
    if (const auto* image = std::get_if<oci::Manifest>(&manifest)) {
      // Spec: distribution-spec, Listing Referrers: without a type of its own the config's.
      spec.artifact_type =
          image->artifact_type.empty() ? image->config.media_type : image->artifact_type;
      subject = &image->subject;
      annotations = &image->annotations;
      children.push_back(image->config.digest);
      AddContent(image->config);
      for (const oci::Descriptor& layer : image->layers) {
        children.push_back(layer.digest);
        AddContent(layer);
      }
    } else {
      const auto& index = std::get<oci::Index>(manifest);
      if (!index.artifact_type.empty()) spec.artifact_type = index.artifact_type;
      subject = &index.subject;
      annotations = &index.annotations;
      for (const oci::Descriptor& child : index.manifests) {
        children.push_back(child.digest);
        waiting_.push_back(child);
      }
    }
    spec.annotations.assign(annotations->begin(), annotations->end());
    if (*subject) subjects_.emplace_back(number, (*subject)->digest.ToString());
  }

  // A layout may hold only a part of what its manifests refer to.
  void AddContent(const oci::Descriptor& descriptor) {
    if (failed_ || names_.contains(descriptor.digest.ToString())) return;
    Bytes bytes = ReadContent(descriptor.digest);
    if (bytes == nullptr) return;
    const auto name = AddBlob(descriptor.digest, std::move(bytes), descriptor.media_type);
    if (name) repository_.blobs.push_back({*name, layout_.at});
  }

  // Now that everything has its name.
  void Connect() {
    for (const auto& [number, digests] : children_) {
      auto& refers_to = std::get<RawSpec>(fixture_.manifests[number].second.kind).refers_to;
      for (const oci::Digest& digest : digests) {
        const auto child = names_.find(digest.ToString());
        if (child != names_.end()) refers_to.push_back(child->second);
      }
    }
    for (const auto& [number, digest] : subjects_) {
      const auto subject = names_.find(digest);
      if (subject == names_.end() || !IsManifest(subject->second)) continue;
      fixture_.manifests[number].second.subject = NameRef{subject->second, layout_.at};
    }
  }

  [[nodiscard]] bool IsManifest(std::string_view name) const {
    return std::ranges::any_of(repository_.manifests,
                               [name](const NameRef& ref) { return ref.name == name; });
  }

  // --- Docker archives ---

  void ReadDocker(const std::string& text) {
    const Result<Node> list = ParseJson(text, "manifest.json");
    if (!list || list->array() == nullptr) {
      Report(fmt::format("manifest.json of `{}`: {}", layout_.name,
                         list ? "it is no array" : list.error().message));
      return;
    }
    for (const Node& image : *list->array()) {
      if (!failed_) AddImage(image);
    }
  }

  // The content of a file that the archive names; null when it was reported.
  Bytes ReadNamed(const Node* path) {
    if (path == nullptr || path->string() == nullptr) {
      Report(
          fmt::format("manifest.json of `{}`: an image without `Config`, or whose `Layers` are no "
                      "names of files",
                      layout_.name));
      return nullptr;
    }
    Bytes bytes = ReadFile(*path->string());
    if (bytes == nullptr && !failed_) {
      Report(fmt::format("`{}` has no file `{}`", layout_.name, *path->string()));
    }
    return bytes;
  }

  void AddImage(const Node& node) {
    ImageSpec image;
    image.docker = true;
    Bytes config = ReadNamed(node.Find("Config"));
    if (config == nullptr) return;
    const oci::Digest id = DigestOf(*config);
    const auto config_name = AddBlob(id, std::move(config), std::string(oci::media::kDockerConfig));
    if (!config_name) return;
    image.config_blob = NameRef{*config_name, layout_.at};
    const Node* layers = node.Find("Layers");
    if (layers != nullptr && layers->array() != nullptr) {
      for (const Node& layer : *layers->array()) {
        if (!AddLayer(layer, image)) return;
      }
    }
    AddImage(std::move(image), id, TagsOf(node));
  }

  bool AddLayer(const Node& node, ImageSpec& image) {
    const Bytes bytes = ReadNamed(&node);
    if (bytes == nullptr) return false;
    const std::string type(LayerTypeOf(*bytes));
    const auto name = AddBlob(DigestOf(*bytes), bytes, type);
    if (!name) return false;
    EntrySpec entry;
    entry.ref = *name;
    entry.type = type;
    entry.at = layout_.at;
    image.layers.push_back(std::move(entry));
    return true;
  }

  static std::vector<std::string_view> TagsOf(const Node& image) {
    std::vector<std::string_view> tags;
    const Node* names = image.Find("RepoTags");  // null for an image that was saved by its id
    if (names == nullptr || names->array() == nullptr) return tags;
    for (const Node& name : *names->array()) {
      if (const std::string* text = name.string()) tags.push_back(TagIn(*text));
    }
    std::erase(tags, std::string_view());
    return tags;
  }

  void AddImage(ImageSpec image, const oci::Digest& id, const std::vector<std::string_view>& tags) {
    if (!HasRoom(fixture_.manifests.size(), kMaxManifests, "manifests")) return;
    const std::string name = tags.empty() ? fmt::format("{}.manifest", NameOf(id))
                                          : fmt::format("{}:{}", name_, tags.front());
    if (IsManifest(name)) return;  // two images with one tag: the first has it
    ManifestSpec spec;
    spec.kind = std::move(image);
    spec.at = layout_.at;
    fixture_.manifests.emplace_back(name, std::move(spec));
    repository_.manifests.push_back({name, layout_.at});
    for (const std::string_view tag : tags) AddTag(tag, name);
  }

  Fixture& fixture_;
  const std::string name_;
  RepositorySpec& repository_;
  const NameRef layout_;
  LayoutFiles& files_;
  Diagnostics& problems_;
  bool failed_ = false;
  std::map<std::string, std::string> names_;  // by digest, of what was added
  std::vector<oci::Descriptor> waiting_;
  // By the number of a manifest: what it refers to and what it is about, which may be read later.
  std::vector<std::pair<std::size_t, std::vector<oci::Digest>>> children_;
  std::vector<std::pair<std::size_t, std::string>> subjects_;
};

}  // namespace

void AddLayouts(Fixture& fixture, const std::filesystem::path& directory, Diagnostics& problems,
                FileSystem* files) {
  if (problems.HasErrors()) return;
  SystemFileSystem system;
  FileSystem& source = files != nullptr ? *files : system;
  std::uint64_t memory_left = kMaxMemoryBytes;
  for (std::size_t i = 0; i < fixture.repositories.size(); ++i) {
    const std::optional<NameRef>& layout = fixture.repositories[i].second.layout;
    if (!layout) continue;
    const auto opened = LayoutFiles::Open(source, directory, layout->name, memory_left);
    if (!opened) {
      problems.Report(opened.error().id, layout->at, opened.error().message, opened.error().hint);
      continue;
    }
    LayoutReader(fixture, i, **opened, problems).Read();
  }
}

std::string_view TagIn(std::string_view reference) {
  if (oci::IsTag(reference)) return reference;
  const std::size_t colon = reference.rfind(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view tag = reference.substr(colon + 1);
  return oci::IsTag(tag) ? tag : std::string_view();
}

}  // namespace pullproof::mockregistry::content
