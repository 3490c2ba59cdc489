#include "resolver/inspect.h"

#include <memory>
#include <set>
#include <utility>

#include "base/document.h"
#include "oci/media_type.h"
#include "resolver/cache/cache.h"
#include "resolver/sources/artifacts.h"

namespace pullproof::resolver {
namespace {

// A package's config is some hundred bytes; one with every import of a large world is kilobytes.
constexpr std::uint64_t kMaxConfigBytes = std::uint64_t{1} << 20;

std::string TextOf(const Node::Table& table, std::string_view name) {
  for (const Node::Member& member : table) {
    if (member.name == name && member.value.string() != nullptr) return *member.value.string();
  }
  return {};
}

std::vector<std::string> TextsOf(const Node* list) {
  std::vector<std::string> texts;
  if (list == nullptr || list->array() == nullptr) return texts;
  for (const Node& item : *list->array()) {
    if (item.string() != nullptr) texts.push_back(*item.string());
  }
  return texts;
}

void ReadApplication(const lock::LockedApp& app, const std::string& name, Inspection& inspection) {
  inspection.name = TextOf(app.metadata, "name");
  inspection.version = TextOf(app.metadata, "version");
  inspection.description = TextOf(app.metadata, "description");
  std::set<std::string> seen;
  for (const lock::LockedComponent& component : app.components) {
    if (!seen.insert(component.id).second) continue;
    auto packaged = artifact::SelectComponent(app, component.id, name);
    if (packaged) {
      inspection.components.push_back(*std::move(packaged));
    } else {
      inspection.unusable.push_back(std::move(packaged).error());
    }
  }
}

// Spec: CNCF TAG Runtime, "Wasm OCI artifact".
Result<void> ReadPackage(std::string_view config, const std::string& name, Inspection& inspection) {
  PULLPROOF_ASSIGN_OR_RETURN(const Node root, ParseJson(config, name));
  if (root.table() == nullptr) return {};
  for (const Node::Member& member : *root.table()) {
    if (member.value.string() != nullptr) inspection.package[member.name] = *member.value.string();
  }
  if (const Node* component = root.Find("component")) {
    inspection.package_exports = TextsOf(component->Find("exports"));
    inspection.package_imports = TextsOf(component->Find("imports"));
  }
  return {};
}

}  // namespace

std::vector<oci::Descriptor> Inspection::WasmLayers() const {
  std::vector<oci::Descriptor> layers;
  std::set<oci::Digest> seen;
  for (const oci::Descriptor& layer : manifest.layers) {
    if (artifact::IsWasmType(layer.media_type) && seen.insert(layer.digest).second) {
      layers.push_back(layer);
    }
  }
  return layers;
}

std::optional<std::uint64_t> Inspection::SizeOf(const oci::Digest& layer_digest) const {
  const oci::Descriptor* layer = artifact::FindLayer(manifest, layer_digest);
  return layer == nullptr ? std::nullopt : std::optional(layer->size);
}

Result<Inspection> Inspect(const InspectOptions& options, const Environment& environment) {
  using sources::Artifacts;
  const cache::Cache cache(*environment.files, options.cache);
  std::unique_ptr<registry_client::RegistryClient> client;
  if (!options.offline) {
    client = std::make_unique<registry_client::RegistryClient>(
        *environment.transport, *environment.clock, environment.registries);
  }
  const Artifacts artifacts(client.get(), cache);
  const std::string name = options.reference.ToString();
  PULLPROOF_ASSIGN_OR_RETURN(auto top,
                             artifacts.Open(options.reference, Artifacts::Contents::kManifestOnly));
  Inspection inspection{.digest = top.digest, .manifest = std::move(top.manifest)};
  if (inspection.manifest.config.media_type == oci::media::kWasmConfig) {
    inspection.kind = Inspection::Kind::kWasmPackage;
    if (client == nullptr) return inspection;  // its config is in no cache, and only informs
    PULLPROOF_ASSIGN_OR_RETURN(
        const std::string config,
        client->GetBlobBytes(options.reference, inspection.manifest.config, kMaxConfigBytes));
    PULLPROOF_RETURN_IF_ERROR(ReadPackage(config, name, inspection));
    return inspection;
  }
  // By its digest the manifest comes out of the cache.
  PULLPROOF_ASSIGN_OR_RETURN(const auto whole,
                             artifacts.Open(options.reference.WithDigest(inspection.digest),
                                            Artifacts::Contents::kWithLock));
  ReadApplication(*whole.app, name, inspection);
  return inspection;
}

}  // namespace pullproof::resolver
