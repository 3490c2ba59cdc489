#include "resolver/artifact/package.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"
#include "oci/media_type.h"
#include "resolver/artifact/list_some.h"
#include "resolver/artifact/path.h"
#include "resolver/manifest/outbound_host.h"

namespace pullproof::resolver::artifact {
namespace {

constexpr std::string_view kModuleHint =
    "for one Wasm module write { reference, digest = \"sha256:…\" } with the digest of its layer, "
    "or "
    "{ registry, package, version }";

// What the lock says about one piece of content, and what it is.
struct NamedContent {
  const lock::ContentReference* content;
  std::string what;
};

std::vector<NamedContent> AllContents(const lock::LockedApp& app) {
  std::vector<NamedContent> contents;
  for (const lock::LockedComponent& component : app.components) {
    contents.push_back(
        {&component.source.content, fmt::format("the Wasm of component `{}`", component.id)});
    for (const auto& [dependency_name, dependency] : component.dependencies) {
      contents.push_back(
          {&dependency.source.content,
           fmt::format("dependency `{}` of component `{}`", dependency_name, component.id)});
    }
    for (const lock::LockedFile& file : component.files) {
      contents.push_back({&file.content, fmt::format("the file \"{}\" of component `{}`", file.path,
                                                     component.id)});
    }
  }
  return contents;
}

PackagedContent Carry(const lock::ContentReference& content) {
  if (content.digest) return {*content.digest, content.inline_bytes};
  return {oci::Digest::Of(*content.inline_bytes), content.inline_bytes};
}

// Old locks have a list of http hosts beside, which Spin converts when the app starts, and ignores
// where it is bad.
std::vector<std::string> OutboundHosts(const lock::LockedComponent& component) {
  std::vector<std::string> hosts = component.MetadataStrings("allowed_outbound_hosts");
  const auto old = manifest::ConvertHttpHosts(component.MetadataStrings("allowed_http_hosts"));
  if (old) hosts.insert(hosts.end(), old->begin(), old->end());
  return hosts;
}

Result<std::vector<PackagedFile>> Files(const lock::LockedComponent& component,
                                        std::string_view name) {
  std::map<std::string, PackagedContent> files;
  for (const lock::LockedFile& file : component.files) {
    PULLPROOF_RETURN_IF_ERROR(CheckRelativePath(file.path, name));
    PackagedContent content = Carry(file.content);
    const auto [entry, fresh] = files.emplace(file.path, content);
    if (!fresh && entry->second.digest != content.digest) {
      return Fail("path.clash",
                  fmt::format("component `{}` has two files \"{}\"", component.id, file.path),
                  std::string(name));
    }
  }
  std::vector<PackagedFile> sorted;
  for (auto& [path, content] : files) sorted.push_back({path, std::move(content)});
  std::vector<std::string_view> paths;
  for (const PackagedFile& file : sorted) paths.push_back(file.path);
  if (const auto clash = FindPathClash(paths)) {
    return Fail("path.clash",
                fmt::format("\"{}\" of component `{}` is a file, and the directory of \"{}\"",
                            clash->file, component.id, clash->inside),
                std::string(name));
  }
  return sorted;
}

std::vector<std::string> TriggerTypes(const lock::LockedApp& app, std::string_view id) {
  std::set<std::string> types;
  for (const lock::LockedTrigger& trigger : app.triggers) {
    const Node* component = trigger.config.Find("component");
    if (component == nullptr || component->string() == nullptr || *component->string() != id) {
      continue;
    }
    types.insert(trigger.type);
  }
  return {types.begin(), types.end()};
}

Result<void> CheckComposed(const lock::LockedComponent& component, std::string_view name) {
  if (!component.trigger_dependencies.empty()) {
    return Fail(
        "artifact.uncomposed",
        fmt::format("component `{}` needs `{}` of its trigger, which was not composed into it",
                    component.id, component.trigger_dependencies.begin()->first),
        std::string(name), "its author must push it composed, which is Spin's default");
  }
  return {};
}

}  // namespace

bool IsWasmType(std::string_view media_type) {
  return media_type == oci::media::kWasmLayer || media_type == oci::media::kWasm;
}

const oci::Descriptor* FindLayer(const oci::Manifest& manifest, const oci::Digest& digest) {
  const auto layer = std::ranges::find(manifest.layers, digest, &oci::Descriptor::digest);
  return layer == manifest.layers.end() ? nullptr : &*layer;
}

std::vector<oci::Descriptor> ArchiveLayers(const oci::Manifest& manifest) {
  std::vector<oci::Descriptor> archives;
  std::ranges::copy_if(manifest.layers, std::back_inserter(archives), [](const auto& layer) {
    return layer.media_type == oci::media::kWasmBundle;
  });
  return archives;
}

Result<LockPlace> FindLock(const oci::Manifest& manifest, std::string_view name) {
  const oci::Descriptor* lock = nullptr;
  for (const oci::Descriptor& layer : manifest.layers) {
    if (layer.media_type != oci::media::kSpinLock) continue;
    if (lock != nullptr) {
      return Fail("artifact.two-locks", "the artifact has two lock layers", std::string(name),
                  "nobody can say which of them was meant; push the application again");
    }
    lock = &layer;
  }
  if (lock != nullptr) return LockPlace{*lock, true};
  if (manifest.config.media_type == oci::media::kWasmConfig) {
    return Fail("artifact.not-spin", "a Wasm package, not a Spin application: it has no components",
                std::string(name), std::string(kModuleHint));
  }
  return LockPlace{manifest.config, manifest.config.media_type == oci::media::kSpinLock};
}

Result<void> CheckIsLock(std::string_view bytes, std::string_view name) {
  DocumentLimits limits;
  limits.max_bytes = lock::kMaxLockBytes;
  const auto config = ParseJson(bytes, name, limits);
  if (config && config->Find("spin_lock_version") != nullptr) return {};
  return Fail("artifact.not-spin",
              "not a Spin application: it has neither a lock layer nor a lock as its config",
              std::string(name), std::string(kModuleHint));
}

Result<ModuleLayer> FindModule(const oci::Manifest& manifest, const oci::Digest& digest,
                               std::string_view name) {
  // De-duplicated pushes aside, two layers may have one digest: any that says Wasm will do.
  const oci::Descriptor* found = nullptr;
  std::vector<std::string> modules;
  for (const oci::Descriptor& layer : manifest.layers) {
    const bool is_wasm = IsWasmType(layer.media_type);
    if (is_wasm) modules.push_back(layer.digest.ToString());
    if (layer.digest != digest) continue;
    if (is_wasm) return ModuleLayer{layer, true};
    found = &layer;
  }
  if (found != nullptr) return ModuleLayer{*found, false};
  return Fail("artifact.foreign-digest",
              fmt::format("no layer of the artifact has the digest {}", digest.ToString()),
              std::string(name), fmt::format("its Wasm layers: {}", ListSome(modules)));
}

Result<oci::Descriptor> FindPackageLayer(const oci::Manifest& manifest, std::string_view name) {
  const auto refuse = [&](std::string message, std::string hint = {}) {
    return Fail("package.artifact", std::move(message), std::string(name), std::move(hint));
  };
  if (manifest.layers.empty()) return refuse("Returned manifest had no layers");
  if (manifest.config.media_type != oci::media::kWasmConfig) {
    const bool is_app = std::ranges::any_of(manifest.layers, [](const oci::Descriptor& layer) {
      return layer.media_type == oci::media::kSpinLock;
    });
    return refuse(fmt::format("Wasm components must have a config of type '{}', found '{}'",
                              oci::media::kWasmConfig, manifest.config.media_type),
                  is_app ? "it is a Spin application: write { reference, id } for one of its "
                           "components"
                         : "it was not published as a Wasm package");
  }
  if (manifest.layers.size() != 1) {
    return refuse(fmt::format("Wasm components must have exactly one layer, found {}",
                              manifest.layers.size()));
  }
  if (manifest.layers.front().media_type != oci::media::kWasm) {
    return refuse(fmt::format("Wasm components must have a layer of type '{}', found '{}'",
                              oci::media::kWasm, manifest.layers.front().media_type));
  }
  return manifest.layers.front();
}

Result<void> CheckIsSource(const lock::LockedApp& app, const oci::Digest& digest,
                           std::string_view name) {
  if (std::ranges::any_of(app.components, [&](const lock::LockedComponent& component) {
        return component.source.content.digest == digest ||
               std::ranges::any_of(component.dependencies, [&](const auto& dependency) {
                 return dependency.second.source.content.digest == digest;
               });
      })) {
    return {};
  }
  return Fail(
      "artifact.not-wasm",
      fmt::format("the layer {} is not Wasm, by its type or by the lock", digest.ToString()),
      std::string(name), "`digest` names the Wasm layer");
}

std::unexpected<Error> FailForeign(const oci::Digest& digest, std::string_view name) {
  return Fail("artifact.foreign-digest",
              fmt::format("the lock names {}, which is nowhere in the artifact", digest.ToString()),
              std::string(name), "a package may only use content of its own");
}

Result<std::set<oci::Digest>> CheckContents(const lock::LockedApp& app,
                                            const oci::Manifest& manifest, std::string_view name) {
  std::set<oci::Digest> layers;
  for (const oci::Descriptor& layer : manifest.layers) layers.insert(layer.digest);
  const bool has_archives = !ArchiveLayers(manifest).empty();
  std::set<oci::Digest> archived;
  for (const auto& [content, what] : AllContents(app)) {
    if (content->inline_bytes) {
      if (!content->digest) continue;
      if (oci::Digest::Of(*content->inline_bytes, content->digest->algorithm()) ==
          *content->digest) {
        continue;
      }
      return Fail("artifact.inline-mismatch",
                  fmt::format("the inline bytes of {} do not hash to their digest", what),
                  std::string(name), "the package is damaged, or it lies");
    }
    if (!content->digest) {
      return Fail("artifact.no-digest", fmt::format("{} has no digest", what), std::string(name),
                  "the application was pushed with a file that only its author has");
    }
    if (layers.contains(*content->digest)) continue;
    if (!has_archives) return FailForeign(*content->digest, name);
    archived.insert(*content->digest);
  }
  return archived;
}

Result<PackagedComponent> SelectComponent(const lock::LockedApp& app, std::string_view id,
                                          std::string_view name) {
  const lock::LockedComponent* found = nullptr;
  std::vector<std::string> ids;
  for (const lock::LockedComponent& component : app.components) {
    ids.push_back(component.id);
    if (component.id != id) continue;
    if (found != nullptr) {
      return Fail("artifact.duplicate-component",
                  fmt::format("the application has two components `{}`", id), std::string(name));
    }
    found = &component;
  }
  if (found == nullptr) {
    const std::vector<std::string_view> candidates(ids.begin(), ids.end());
    const auto closest = ClosestTo(id, candidates);
    return Fail("artifact.unknown-component",
                fmt::format("the application has no component `{}`, but {}", id, ListSome(ids)),
                std::string(name), closest ? fmt::format("did you mean `{}`?", *closest) : "");
  }
  PULLPROOF_RETURN_IF_ERROR(CheckComposed(*found, name));
  PackagedComponent component{.id = found->id,
                              .description = found->MetadataString("description"),
                              .wasm = Carry(found->source.content),
                              .files = {},
                              .environment = found->environment,
                              .variables = found->config,
                              .allowed_outbound_hosts = OutboundHosts(*found),
                              .key_value_stores = found->MetadataStrings("key_value_stores"),
                              .sqlite_databases = found->MetadataStrings("databases"),
                              .ai_models = found->MetadataStrings("ai_models"),
                              .trigger_types = TriggerTypes(app, id),
                              .app_variables = app.variables,
                              .dependencies = {}};
  for (const auto& [dependency_name, dependency] : found->dependencies) {
    component.dependencies.emplace(dependency_name,
                                   PackagedDependency{Carry(dependency.source.content),
                                                      dependency.export_name, dependency.inherits});
  }
  PULLPROOF_ASSIGN_OR_RETURN(component.files, Files(*found, name));
  return component;
}

}  // namespace pullproof::resolver::artifact
