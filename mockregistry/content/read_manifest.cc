#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "mockregistry/content/names.h"
#include "mockregistry/content/read.h"
#include "oci/digest.h"
#include "oci/headers.h"

namespace pullproof::mockregistry::content {
namespace {

// Every descriptor of the manifest repeats its type.
constexpr std::size_t kMaxTypeBytes = 1024;

EntrySpec ReadEntry(const Node& node, const std::string& what, Diagnostics& problems) {
  EntrySpec entry;
  entry.at = node.at();
  if (const std::string* name = node.string()) {
    entry.ref = *name;
    return entry;
  }
  if (node.table() == nullptr) {
    problems.Report("model.kind", node.at(),
                    fmt::format("{} must be a name or a table, not {}", what, node.KindName()));
    return entry;
  }
  TableReader reader(node, what, problems);
  entry.ref = reader.RequiredString("ref");
  entry.at = reader.PositionOf("ref");
  entry.type = reader.OptionalString("type");
  entry.annotations = reader.StringMap("annotations");
  entry.size = reader.OptionalInteger("size");
  entry.digest = reader.OptionalString("digest");
  if (const auto text = reader.OptionalString("platform")) {
    if (Result<oci::Platform> platform = oci::Platform::Parse(*text)) {
      entry.platform = *std::move(platform);
    } else {
      problems.Report("content.platform", reader.PositionOf("platform"),
                      fmt::format("`platform` of {}: {}", what, platform.error().message),
                      "linux/amd64, linux/arm/v7");
    }
  }
  reader.Finish();
  return entry;
}

// The members that images and indexes share. An image may state them inside `image` too.
void ReadCommon(TableReader& reader, ManifestSpec& manifest, bool& docker) {
  if (auto type = reader.OptionalString("artifactType")) manifest.artifact_type = std::move(type);
  if (auto map = reader.StringMap("annotations"); !map.empty()) {
    manifest.annotations = std::move(map);
  }
  if (const auto subject = reader.OptionalString("subject")) {
    manifest.subject = NameRef{*subject, reader.PositionOf("subject")};
  }
  docker = reader.Bool("docker", docker);
}

void ReadImage(TableReader& reader, const std::string& /*name*/, ManifestSpec& manifest) {
  ImageSpec image;
  ReadCommon(reader, manifest, image.docker);
  TableReader table(*reader.Get("image"), "`image` of " + reader.what(), reader.problems());
  ReadCommon(table, manifest, image.docker);
  ReadConfig(table, image);
  if (const Node* layers = table.Required("layers")) {
    image.layers = ReadEntries(*layers, "layer", reader.what(), reader.problems());
  }
  table.Finish();
  manifest.kind = std::move(image);
}

void ReadIndex(TableReader& reader, const std::string& /*name*/, ManifestSpec& manifest) {
  IndexSpec index;
  ReadCommon(reader, manifest, index.docker);
  index.manifests = ReadEntries(*reader.Get("index"), "entry", reader.what(), reader.problems());
  manifest.kind = std::move(index);
}

void ReadRaw(TableReader& reader, const std::string& /*name*/, ManifestSpec& manifest) {
  manifest.unprovable = true;
  manifest.media_type = reader.OptionalString("type");
  if (manifest.media_type &&
      (manifest.media_type->size() > kMaxTypeBytes || !oci::IsHeaderValue(*manifest.media_type))) {
    reader.problems().Report("content.type", reader.PositionOf("type"),
                             fmt::format("`type` of {} cannot stand in a header", reader.what()),
                             "to send a broken header, use a rule");
  }
  manifest.kind = RawSpec{reader.String("raw")};
}

void ReadLie(TableReader& reader, ManifestSpec& manifest) {
  const Node* node = reader.Get("lie");
  if (node == nullptr) return;
  manifest.has_lie = true;
  TableReader lie(*node, "`lie` of " + reader.what(), reader.problems());
  lie.String("why");
  manifest.served_at = lie.OptionalString("served_at");
  if (manifest.served_at) {
    if (const Result<oci::Digest> digest = oci::Digest::Parse(*manifest.served_at); !digest) {
      reader.problems().Report(
          "content.served-at", lie.PositionOf("served_at"),
          fmt::format("`served_at` of {}: {}", reader.what(), digest.error().message),
          "a manifest is asked for by sha256:, sha384: or sha512: and lower-case digits");
    }
  }
  lie.Finish();
}

using KindReader = void (*)(TableReader&, const std::string&, ManifestSpec&);
constexpr std::array<std::pair<std::string_view, KindReader>, 5> kKinds{{
    {"image", &ReadImage},
    {"index", &ReadIndex},
    {"raw", &ReadRaw},
    {"spin", &ReadSpin},
    {"wasm_package", &ReadWasmPackage},
}};

}  // namespace

void ReadConfig(TableReader& reader, ImageSpec& image) {
  image.config_type = reader.OptionalString("config_type");
  const Node* config = reader.Get("config");
  if (config == nullptr) return;
  if (const std::string* name = config->string()) {
    image.config_blob = NameRef{*name, config->at()};
  } else if (config->table() != nullptr) {
    CheckValues(*config, reader.problems());
    image.config = *config;
  } else {
    reader.ReportKind(*config, "config", "a table, or the name of a blob");
  }
}

std::vector<EntrySpec> ReadEntries(const Node& node, std::string_view noun, const std::string& of,
                                   Diagnostics& problems) {
  std::vector<EntrySpec> entries;
  const Node::Array* items = node.array();
  if (items == nullptr) {
    problems.Report(
        "model.kind", node.at(),
        fmt::format("every {} of {} must stand in one array, not {}", noun, of, node.KindName()));
    return entries;
  }
  for (const Node& item : *items) {
    entries.push_back(
        ReadEntry(item, fmt::format("{} {} of {}", noun, entries.size(), of), problems));
  }
  return entries;
}

ManifestSpec ReadManifest(const Node::Member& member, const std::string& what,
                          Diagnostics& problems) {
  const Node& node = member.value;
  ManifestSpec manifest;
  manifest.at = node.at();
  TableReader reader(node, what, problems);
  if (node.table() == nullptr) return manifest;
  std::string_view found;
  for (const auto& [name, read] : kKinds) {
    if (!reader.Has(name)) continue;
    if (!found.empty()) {
      problems.Report(
          "content.manifest-kind", reader.PositionOf(name),
          fmt::format("{} has both `{}` and `{}`", what, found, name),
          "one manifest is an image, an index, raw bytes, a Spin application or a package");
      return manifest;
    }
    found = name;
    read(reader, member.name, manifest);
  }
  if (found.empty()) {
    problems.Report("content.manifest-kind", node.at(),
                    fmt::format("{} does not say what it is", what),
                    "give it `image`, `index`, `raw`, `spin` or `wasm_package`");
    return manifest;
  }
  ReadLie(reader, manifest);
  reader.Finish();
  return manifest;
}

}  // namespace pullproof::mockregistry::content
