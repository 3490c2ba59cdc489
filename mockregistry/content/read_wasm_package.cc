// Reads `wasm_package = { … }`: one Wasm module or component as an artifact of its own.
// Spec: CNCF TAG Runtime, "Wasm OCI Artifact Layout".
#include <utility>

#include <fmt/format.h>

#include "mockregistry/content/names.h"
#include "mockregistry/content/read.h"
#include "oci/media_type.h"

namespace pullproof::mockregistry::content {
namespace {

// The config must say when it was made; a fixture says the same every time.
constexpr std::string_view kDefaultCreated = "1970-01-01T00:00:00Z";
constexpr std::uint64_t kDefaultWasmData = 1024;

Node Text(std::string_view text) { return Node(std::string(text)); }

void Add(Node::Table& table, std::string_view name, Node value) {
  table.push_back({std::string(name), {}, std::move(value)});
}

Node Texts(const std::vector<std::string>& texts) {
  Node::Array array;
  for (const std::string& text : texts) array.push_back(Text(text));
  return Node(std::move(array));
}

bool IsCoreModule(const ManifestSpec& manifest, const NameRef& wasm) {
  for (const auto& [name, blob] : manifest.brings) {
    const auto* module = std::get_if<WasmBlob>(&blob.kind);
    if (name == wasm.name && module != nullptr) return !module->component;
  }
  return false;
}

NameRef ReadSource(TableReader& reader, const std::string& name, ManifestSpec& manifest) {
  const std::string blob_name = name + ".wasm";
  if (const Node* source = reader.Get("source")) {
    return ReadBrought(*source, blob_name, "`source` of " + reader.what(), oci::media::kWasm,
                       manifest, reader.problems());
  }
  manifest.brings.emplace_back(blob_name, BlobSpec{WasmBlob{true, kDefaultWasmData, {}},
                                                   reader.at(), std::string(oci::media::kWasm)});
  return {blob_name, reader.at()};
}

Node::Table Config(TableReader& reader, const NameRef& wasm, bool core) {
  Node::Table digest;
  Add(digest, "$digest", Text(wasm.name));
  Node::Table config;
  Add(config, "created", Text(reader.String("created", std::string(kDefaultCreated))));
  if (const auto author = reader.OptionalString("author")) Add(config, "author", Text(*author));
  Add(config, "architecture", Text("wasm"));
  Add(config, "os", Text(core ? "wasip1" : "wasip2"));
  Add(config, "layerDigests", Node(Node::Array{Node(std::move(digest))}));
  const std::vector<std::string> exports = reader.Strings("exports");
  const std::vector<std::string> imports = reader.Strings("imports");
  const auto target = reader.OptionalString("target");
  if (core) return config;
  Node::Table component;
  Add(component, "exports", Texts(exports));
  Add(component, "imports", Texts(imports));
  if (target) Add(component, "target", Text(*target));
  Add(config, "component", Node(std::move(component)));
  return config;
}

}  // namespace

void ReadWasmPackage(TableReader& outer, const std::string& name, ManifestSpec& manifest) {
  const Node& node = *outer.Get("wasm_package");
  TableReader reader(node, "`wasm_package` of " + outer.what(), outer.problems());
  if (node.table() == nullptr) return;
  const NameRef wasm = ReadSource(reader, name, manifest);
  Node config(Config(reader, wasm, IsCoreModule(manifest, wasm)));

  ImageSpec stated;
  ReadConfig(reader, stated);
  ImageSpec image;
  image.config_type = stated.config_type.value_or(std::string(oci::media::kWasmConfig));
  if (stated.config) {
    for (const Node::Member& member : *stated.config->table()) {
      if (Node* existing = config.Find(member.name)) {
        *existing = member.value;
      } else {
        config.table()->push_back(member);
      }
    }
  }
  if (stated.config_blob) {
    image.config_blob = stated.config_blob;
  } else {
    manifest.brings.emplace_back(name + ".config",
                                 BlobSpec{JsonBlob{std::move(config)}, reader.at(), {}});
    image.config_blob = NameRef{name + ".config", reader.at()};
  }
  EntrySpec& layer = image.layers.emplace_back();
  layer.ref = wasm.name;
  layer.at = wasm.at;
  layer.type = oci::media::kWasm;
  if (const auto title = reader.OptionalString("title")) {
    layer.annotations.emplace_back("org.opencontainers.image.title", *title);
  }
  if (const Node* layers = reader.Get("layers")) {
    image.layers = ReadEntries(*layers, "layer", reader.what(), reader.problems());
  }
  manifest.annotations = reader.StringMap("annotations");
  manifest.kind = std::move(image);
  reader.Finish();
}

}  // namespace pullproof::mockregistry::content
