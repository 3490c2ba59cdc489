// Packages by name and version: which registry, which repository, which tag, and in it which layer.
// Source: wasm-pkg-tools, crates/wasm-pkg-client/src.
#ifndef PULLPROOF_RESOLVER_SOURCES_PACKAGES_H_
#define PULLPROOF_RESOLVER_SOURCES_PACKAGES_H_

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "oci/descriptor.h"
#include "oci/digest.h"
#include "oci/reference.h"
#include "resolver/credentials/source.h"
#include "resolver/manifest/semver.h"
#include "resolver/registry_client/registry_client.h"
#include "resolver/sources/wasm_pkg_config.h"
#include "resolver/sources/web.h"
#include "resolver/transport/transport.h"

namespace pullproof::resolver::sources {

struct PackageRequest {
  std::string package;                  // "ns:name", checked
  std::optional<std::string> registry;  // wins over the configuration
  std::variant<manifest::Version, manifest::Requirement> version;
  std::string written;  // the version or requirement, for messages
};

// One release of a package: a layer of a registry, or a file of this machine.
struct Release {
  oci::Reference repository;
  std::optional<oci::Descriptor> layer;
  registry_client::RegistryClient* client = nullptr;  // that the layer is fetched with
  std::filesystem::path file;                         // without a layer
};

// Thread-safe.
class Packages {
 public:
  // Nothing but the configuration is owned.
  Packages(transport::Transport& transport, Clock& clock, FileSystem& files,
           registry_client::Options registries, WasmPkgConfig config);
  ~Packages();

  // The newest release that matches. An exact version is its own tag and needs no list of tags; the
  // list is read over all its pages, and tags that are no versions are passed over.
  // Errors: package.registry, package.version (none matches), package.artifact; those of
  // RegistryClient. `where` is the package or the repository.
  Result<Release> Find(const PackageRequest& request);

  // What was wrong with registries' documents about themselves, which then count as absent: one
  // sentence each, sorted.
  [[nodiscard]] std::vector<std::string> Warnings() const;

 private:
  Result<RegistryMapping> MappingOf(const PackageRequest& request) const;
  Result<RegistryMetadata> MetadataOf(const RegistryMapping& mapping);
  registry_client::RegistryClient* ClientOf(const std::string& registry,
                                            const std::string& oci_host);
  credentials::Source* WithOwn(const std::string& oci_host, const credentials::Credential& own);
  Result<std::string> NewestTag(registry_client::RegistryClient& client,
                                const oci::Reference& repository, const PackageRequest& request);
  Result<Release> FindLocal(const std::string& root, const PackageRequest& request);

  transport::Transport& transport_;
  Clock& clock_;
  FileSystem& files_;
  const registry_client::Options registries_;
  const WasmPkgConfig config_;
  Web web_;
  mutable std::mutex mutex_;
  std::map<std::string, RegistryMetadata> metadata_;           // by registry
  std::vector<std::unique_ptr<credentials::Source>> sources_;  // that clients_ ask
  std::map<std::pair<std::string, std::string>, std::unique_ptr<registry_client::RegistryClient>>
      clients_;  // by registry and OCI host
  std::map<std::string, std::string> warnings_;
};

}  // namespace pullproof::resolver::sources

#endif  // PULLPROOF_RESOLVER_SOURCES_PACKAGES_H_
