#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "mockregistry/content/make.h"
#include "oci/digest.h"
#include "oci/media_type.h"

namespace pullproof::mockregistry::content {
namespace {

Node Text(std::string_view text) { return Node(std::string(text)); }

void Add(Node::Table& table, std::string_view name, Node value) {
  table.push_back({std::string(name), {}, std::move(value)});
}

Node Annotations(const std::vector<std::pair<std::string, std::string>>& annotations) {
  Node::Table table;
  for (const auto& [key, value] : annotations) Add(table, key, Text(value));
  return Node(std::move(table));
}

Node PlatformNode(const oci::Platform& platform) {
  Node::Table table;
  Add(table, "architecture", Text(platform.architecture));
  Add(table, "os", Text(platform.os));
  if (!platform.variant.empty()) Add(table, "variant", Text(platform.variant));
  if (!platform.os_version.empty()) Add(table, "os.version", Text(platform.os_version));
  return Node(std::move(table));
}

Node::Table Descriptor(std::string_view type, std::string_view digest, Node size) {
  Node::Table table;
  Add(table, "mediaType", Text(type));
  Add(table, "digest", Text(digest));
  Add(table, "size", std::move(size));
  return table;
}

// The true descriptor of the entry's content, with what the entry states in its place.
Node::Table EntryDescriptor(const EntrySpec& entry, std::string_view type, const Catalog& catalog) {
  const Known& known = catalog.Of(entry.ref);
  Node::Table table = Descriptor(entry.type ? std::string_view(*entry.type) : type,
                                 entry.digest ? *entry.digest : known.digest,
                                 entry.size ? Node(*entry.size) : Node(known.size));
  if (!entry.annotations.empty()) Add(table, "annotations", Annotations(entry.annotations));
  if (entry.platform) Add(table, "platform", PlatformNode(*entry.platform));
  return table;
}

Node Entry(const EntrySpec& entry, bool docker, const Catalog& catalog) {
  std::string_view type = catalog.Of(entry.ref).media_type;
  if (docker && type == oci::media::kImageLayer) type = oci::media::kDockerLayer;
  return Node(EntryDescriptor(entry, type, catalog));
}

// The default config, with the stated members laid over it.
Node Config(const ImageSpec& image, const Catalog& catalog) {
  Node::Array layers;
  for (const EntrySpec& layer : image.layers) layers.push_back(Text(catalog.Of(layer.ref).digest));
  Node::Table rootfs;
  Add(rootfs, "type", Text("layers"));
  Add(rootfs, "diff_ids", Node(std::move(layers)));
  Node::Table members;
  Add(members, "architecture", Text("amd64"));
  Add(members, "os", Text("linux"));
  Add(members, "rootfs", Node(std::move(rootfs)));
  Node config(std::move(members));
  if (!image.config) return config;
  const Node stated = Substitute(*image.config, catalog);
  for (const Node::Member& member : *stated.table()) {
    if (Node* existing = config.Find(member.name)) {
      *existing = member.value;
    } else {
      config.table()->push_back(member);
    }
  }
  return config;
}

std::string_view ConfigType(const ImageSpec& image) {
  if (image.config_type) return *image.config_type;
  return image.docker ? oci::media::kDockerConfig : oci::media::kImageConfig;
}

void AddCommon(Node::Table& table, const ManifestSpec& manifest, const Catalog& catalog) {
  Add(table, "schemaVersion", Node(std::int64_t{2}));
  const auto* image = std::get_if<ImageSpec>(&manifest.kind);
  if (image == nullptr || image->state_type) Add(table, "mediaType", Text(MediaTypeOf(manifest)));
  if (manifest.artifact_type) Add(table, "artifactType", Text(*manifest.artifact_type));
  if (!manifest.annotations.empty()) Add(table, "annotations", Annotations(manifest.annotations));
  if (manifest.subject) {
    const Known& subject = catalog.Of(manifest.subject->name);
    Add(table, "subject", Node(Descriptor(subject.media_type, subject.digest, Node(subject.size))));
  }
}

// What is made here has no fractions, the only thing that has no canonical form.
std::string CanonicalTable(Node::Table table) { return *CanonicalJson(Node(std::move(table))); }

std::optional<MadeManifest> MakeImage(const ManifestSpec& manifest, const ImageSpec& image,
                                      const Catalog& catalog, Diagnostics& problems) {
  MadeManifest made;
  made.config_type = ConfigType(image);
  Node::Table config;
  if (image.config_blob) {
    const Known& known = catalog.Of(image.config_blob->name);
    config = Descriptor(made.config_type, known.digest, Node(known.size));
  } else {
    made.config = Canonical(Config(image, catalog), problems);
    if (!made.config) return std::nullopt;
    config = Descriptor(made.config_type, oci::Digest::Of(*made.config).ToString(),
                        Node(std::uint64_t{made.config->size()}));
  }
  Node::Table table;
  AddCommon(table, manifest, catalog);
  Add(table, "config", Node(std::move(config)));
  Node::Array layers;
  for (const EntrySpec* layer : LayersOf(image, catalog)) {
    layers.push_back(Entry(*layer, image.docker, catalog));
  }
  Add(table, "layers", Node(std::move(layers)));
  made.bytes = CanonicalTable(std::move(table));
  return made;
}

MadeManifest MakeIndex(const ManifestSpec& manifest, const IndexSpec& index,
                       const Catalog& catalog) {
  Node::Table table;
  AddCommon(table, manifest, catalog);
  Node::Array entries;
  for (const EntrySpec& entry : index.manifests) {
    entries.push_back(Entry(entry, index.docker, catalog));
  }
  Add(table, "manifests", Node(std::move(entries)));
  return {.bytes = CanonicalTable(std::move(table)), .config_type = {}, .config = {}};
}

}  // namespace

std::vector<const EntrySpec*> LayersOf(const ImageSpec& image, const Catalog& catalog) {
  std::vector<const EntrySpec*> layers;
  std::unordered_set<std::string_view> seen;
  for (const EntrySpec& layer : image.layers) {
    const Known& known = catalog.Of(layer.ref);
    if (layer.unless_inline && known.size <= kMaxSpinInline) continue;
    // What is not made yet has no digest that could be the same.
    if (image.distinct && known.bytes != nullptr && !seen.insert(known.digest).second) continue;
    layers.push_back(&layer);
  }
  return layers;
}

std::optional<MadeManifest> MakeManifest(const ManifestSpec& manifest, const Catalog& catalog,
                                         Diagnostics& problems) {
  if (const auto* image = std::get_if<ImageSpec>(&manifest.kind)) {
    return MakeImage(manifest, *image, catalog, problems);
  }
  if (const auto* index = std::get_if<IndexSpec>(&manifest.kind)) {
    return MakeIndex(manifest, *index, catalog);
  }
  return MadeManifest{
      .bytes = std::get<RawSpec>(manifest.kind).bytes, .config_type = {}, .config = {}};
}

std::string_view MediaTypeOf(const ManifestSpec& manifest) {
  if (manifest.media_type) return *manifest.media_type;
  if (const auto* image = std::get_if<ImageSpec>(&manifest.kind)) {
    return image->docker ? oci::media::kDockerManifest : oci::media::kImageManifest;
  }
  if (const auto* index = std::get_if<IndexSpec>(&manifest.kind)) {
    return index->docker ? oci::media::kDockerManifestList : oci::media::kImageIndex;
  }
  return oci::media::kImageManifest;
}

std::string DescriptorJson(const EntrySpec& entry, std::string_view artifact_type,
                           const Catalog& catalog) {
  Node::Table table = EntryDescriptor(entry, catalog.Of(entry.ref).media_type, catalog);
  if (!artifact_type.empty()) Add(table, "artifactType", Text(artifact_type));
  return CanonicalTable(std::move(table));
}

std::string ConfigName(std::string_view manifest) { return fmt::format("{}.config", manifest); }

}  // namespace pullproof::mockregistry::content
