// Where packages are looked for: wasm-pkg's config.toml, and what a registry says about itself
// (/.well-known/wasm-pkg/registry.json).
// Source: wasm-pkg-tools 0.11 and 0.16, crates/wasm-pkg-common/src.
#ifndef PULLPROOF_RESOLVER_SOURCES_WASM_PKG_CONFIG_H_
#define PULLPROOF_RESOLVER_SOURCES_WASM_PKG_CONFIG_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/document.h"
#include "base/error.h"
#include "resolver/credentials/source.h"

namespace pullproof::resolver::sources {

// A registry's document about itself has three members; 64 KiB is a thousand times that.
inline constexpr std::size_t kMaxMetadataBytes = std::size_t{64} << 10;

// How a registry's packages map to OCI repositories.
struct RegistryMetadata {
  std::optional<std::string> preferred_protocol;
  bool has_oci = false;
  std::optional<std::string> oci_registry;
  std::string namespace_prefix;
};

// A registry's name, and perhaps what would otherwise be asked of it.
struct RegistryMapping {
  std::string registry;
  std::optional<RegistryMetadata> metadata;
};

struct RegistrySettings {
  std::optional<std::string> backend;  // "oci" or "local"; absent: by what is configured
  bool has_oci = false;
  std::optional<credentials::Credential> credentials;
  bool plain_http = false;
  std::optional<std::string> local_root;
};

struct WasmPkgConfig {
  std::optional<std::string> default_registry;
  std::map<std::string, RegistryMapping> namespaces;  // by label
  std::map<std::string, RegistryMapping> packages;    // by "ns:name"
  std::map<std::string, RegistrySettings> registries;

  // For a package "ns:name": its own mapping, its namespace's, the default, or one that wasm-pkg
  // has built in. Error: package.registry when there is none.
  [[nodiscard]] Result<RegistryMapping> RegistryOf(std::string_view package) const;
};

// An empty text is an empty configuration. Errors: package.config (what is wrong in it, by its
// place), toml.*, limit.*. Pure.
Result<WasmPkgConfig> ReadWasmPkgConfig(std::string_view text, std::string_view name);

// Errors: json.*, limit.*, package.metadata. Pure.
Result<RegistryMetadata> ReadRegistryMetadata(std::string_view json, std::string_view name);

}  // namespace pullproof::resolver::sources

#endif  // PULLPROOF_RESOLVER_SOURCES_WASM_PKG_CONFIG_H_
