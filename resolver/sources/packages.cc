#include "resolver/sources/packages.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "oci/manifest.h"
#include "oci/media_type.h"
#include "resolver/artifact/package.h"
#include "resolver/registry_client/url.h"
#include "resolver/transport/address.h"

namespace pullproof::resolver::sources {
namespace {

using registry_client::RegistryClient;

bool Matches(const PackageRequest& request, const manifest::Version& version) {
  if (const auto* exact = std::get_if<manifest::Version>(&request.version)) {
    return *exact == version;
  }
  return std::get<manifest::Requirement>(request.version).Matches(version);
}

std::unexpected<Error> FailVersion(const PackageRequest& request, const std::string& place,
                                   std::string hint) {
  return Fail("package.version",
              fmt::format("No matching version found for {} {}{}", request.package,
                          std::holds_alternative<manifest::Version>(request.version) ? "=" : "",
                          request.written),
              place, std::move(hint));
}

// "localhost" of "localhost:5000" and of "[::1]:5000" "[::1]".
std::string HostOf(const std::string& registry) {
  const auto url = registry_client::Url::Parse(fmt::format("https://{}/", registry));
  return url ? url->host() : registry;
}

// A registry of the world has no business on this machine or at its metadata service.
Result<void> CheckLeadsOut(const std::string& registry, const std::string& oci_host) {
  const std::string from = HostOf(registry);
  const std::string to = HostOf(oci_host);
  const bool inside = (transport::IsLoopbackHost(to) && !transport::IsLoopbackHost(from)) ||
                      (transport::IsLinkLocalHost(to) && !transport::IsLinkLocalHost(from));
  if (!inside) return {};
  return Fail("package.registry",
              fmt::format("the registry {} says that its packages are at {}", registry, oci_host),
              registry, "a registry may not lead to addresses of your own machine");
}

// The prefix is put before the namespace as it is, not joined by a slash.
Result<oci::Reference> RepositoryOf(const std::string& host, const std::string& prefix,
                                    const std::string& package) {
  const std::size_t colon = package.find(':');
  const std::string text =
      fmt::format("{}/{}{}/{}", host, prefix, package.substr(0, colon), package.substr(colon + 1));
  auto reference = oci::Reference::Parse(text);
  if (reference && reference->domain() == host) return reference;
  return Fail(
      "package.registry",
      fmt::format("the packages of the registry lead to \"{}\", which is no repository", text),
      package, "the registry's name or its metadata is wrong");
}

}  // namespace

Packages::Packages(transport::Transport& transport, Clock& clock, FileSystem& files,
                   registry_client::Options registries, WasmPkgConfig config)
    : transport_(transport),
      clock_(clock),
      files_(files),
      registries_(std::move(registries)),
      config_(std::move(config)),
      web_(transport, clock) {}

Packages::~Packages() = default;

Result<RegistryMapping> Packages::MappingOf(const PackageRequest& request) const {
  if (request.registry) return RegistryMapping{*request.registry, std::nullopt};
  return config_.RegistryOf(request.package);
}

Result<RegistryMetadata> Packages::MetadataOf(const RegistryMapping& mapping) {
  if (mapping.metadata) return *mapping.metadata;
  // One at a time: it is asked once for each registry.
  const std::scoped_lock lock(mutex_);
  if (const auto known = metadata_.find(mapping.registry); known != metadata_.end()) {
    return known->second;
  }
  const bool plain =
      transport::IsLoopbackHost(HostOf(mapping.registry)) ||
      std::ranges::find(registries_.plain_http, mapping.registry) != registries_.plain_http.end();
  const std::string url = fmt::format("{}://{}/.well-known/wasm-pkg/registry.json",
                                      plain ? "http" : "https", mapping.registry);
  const auto text = web_.GetText(url, kMaxMetadataBytes);
  RegistryMetadata metadata;
  if (text) {
    auto read = ReadRegistryMetadata(*text, url);
    if (read) {
      metadata = *std::move(read);
    } else {
      warnings_[mapping.registry] = Describe(read.error());
    }
  } else if (text.error().id != "registry.not-found") {
    warnings_[mapping.registry] = Describe(text.error());
  }
  metadata_.emplace(mapping.registry, metadata);
  return metadata;
}

// The registry's own settings, then whoever one is otherwise. The mutex is held.
credentials::Source* Packages::WithOwn(const std::string& oci_host,
                                       const credentials::Credential& own) {
  sources_.push_back(std::make_unique<credentials::FixedSource>(
      std::map<std::string, credentials::Credential>{{oci_host, own}}));
  if (registries_.credentials == nullptr) return sources_.back().get();
  sources_.push_back(std::make_unique<credentials::SourceChain>(
      std::vector<credentials::Source*>{sources_.back().get(), registries_.credentials}));
  return sources_.back().get();
}

RegistryClient* Packages::ClientOf(const std::string& registry, const std::string& oci_host) {
  const std::scoped_lock lock(mutex_);
  auto& client = clients_[{registry, oci_host}];
  if (client == nullptr) {
    registry_client::Options options = registries_;
    // Settings stand under the registry's name, whatever host it maps to.
    if (const auto settings = config_.registries.find(registry);
        settings != config_.registries.end()) {
      if (settings->second.credentials) {
        options.credentials = WithOwn(oci_host, *settings->second.credentials);
      }
      if (settings->second.plain_http) options.plain_http.push_back(oci_host);
    }
    client = std::make_unique<RegistryClient>(transport_, clock_, std::move(options));
  }
  return client.get();
}

Result<std::string> Packages::NewestTag(RegistryClient& client, const oci::Reference& repository,
                                        const PackageRequest& request) {
  if (const auto* exact = std::get_if<manifest::Version>(&request.version)) {
    return exact->ToString();
  }
  const std::string place = fmt::format("{}/{}", repository.domain(), repository.path());
  PULLPROOF_ASSIGN_OR_RETURN(const auto tags, client.ListTags(repository));
  std::optional<std::pair<manifest::Version, std::string>> newest;
  for (const std::string& tag : tags) {
    auto version = manifest::Version::Parse(tag);
    if (!version || !Matches(request, *version)) continue;
    if (newest && *version < newest->first) continue;
    newest.emplace(*std::move(version), tag);
  }
  if (newest) return std::move(newest->second);
  return FailVersion(request, place,
                     fmt::format("none of its {} tags is such a version", tags.size()));
}

// ROOT/NAMESPACE/NAME/VERSION.wasm
Result<Release> Packages::FindLocal(const std::string& root, const PackageRequest& request) {
  const std::size_t colon = request.package.find(':');
  const std::filesystem::path directory = std::filesystem::path(root) /
                                          request.package.substr(0, colon) /
                                          request.package.substr(colon + 1);
  constexpr std::string_view kSuffix = ".wasm";
  PULLPROOF_ASSIGN_OR_RETURN(const auto names, files_.List(directory));
  std::optional<std::pair<manifest::Version, std::string>> newest;
  for (const std::string& name : names) {
    if (!name.ends_with(kSuffix)) continue;
    auto version =
        manifest::Version::Parse(std::string_view(name).substr(0, name.size() - kSuffix.size()));
    if (!version || !Matches(request, *version)) continue;
    if (newest && *version < newest->first) continue;
    newest.emplace(*std::move(version), name);
  }
  if (!newest) return FailVersion(request, directory.string(), {});
  PULLPROOF_ASSIGN_OR_RETURN(oci::Reference unused, oci::Reference::Parse("localhost/local"));
  return Release{std::move(unused), std::nullopt, nullptr, directory / newest->second};
}

Result<Release> Packages::Find(const PackageRequest& request) {
  PULLPROOF_ASSIGN_OR_RETURN(const RegistryMapping mapping, MappingOf(request));
  const auto found = config_.registries.find(mapping.registry);
  const RegistrySettings settings =
      found == config_.registries.end() ? RegistrySettings{} : found->second;
  const bool only_local = settings.local_root && !settings.has_oci;
  if (settings.backend == "local" || (!settings.backend && only_local)) {
    if (!settings.local_root) {
      return Fail("package.config",
                  fmt::format("registry \"{}\" is local, and has no root", mapping.registry),
                  request.package, "in wasm-pkg/config.toml: local = { root = \"…\" }");
    }
    return FindLocal(*settings.local_root, request);
  }
  PULLPROOF_ASSIGN_OR_RETURN(const RegistryMetadata metadata, MetadataOf(mapping));
  const bool is_oci = settings.backend || settings.has_oci || metadata.has_oci ||
                      metadata.preferred_protocol.value_or("oci") == "oci";
  if (!is_oci) {
    return Fail("package.registry",
                fmt::format("the registry {} speaks \"{}\", which nobody here does",
                            mapping.registry, *metadata.preferred_protocol),
                request.package, "only registries that are OCI ones can be asked");
  }
  const std::string host = metadata.oci_registry.value_or(mapping.registry);
  // What stands in the configuration is the user's own word.
  if (!mapping.metadata) PULLPROOF_RETURN_IF_ERROR(CheckLeadsOut(mapping.registry, host));
  PULLPROOF_ASSIGN_OR_RETURN(const oci::Reference repository,
                             RepositoryOf(host, metadata.namespace_prefix, request.package));
  RegistryClient* const client = ClientOf(mapping.registry, host);
  PULLPROOF_ASSIGN_OR_RETURN(const std::string tag, NewestTag(*client, repository, request));
  const std::string name = fmt::format("{}/{}:{}", repository.domain(), repository.path(), tag);
  PULLPROOF_ASSIGN_OR_RETURN(const auto reference, oci::Reference::Parse(name));
  const auto fetched = client->GetManifest(reference);
  if (!fetched && fetched.error().id == "registry.not-found") {
    return FailVersion(request, name, fetched.error().message);
  }
  if (!fetched) return std::unexpected(fetched.error());
  const auto* image = std::get_if<oci::Manifest>(&fetched->manifest);
  if (image == nullptr || image->media_type != oci::media::kImageManifest) {
    return Fail("package.artifact",
                fmt::format("Wasm components must have a manifest of type '{}', found '{}'",
                            oci::media::kImageManifest, fetched->media_type),
                name);
  }
  PULLPROOF_ASSIGN_OR_RETURN(auto layer, artifact::FindPackageLayer(*image, name));
  return Release{repository, std::move(layer), client, {}};
}

std::vector<std::string> Packages::Warnings() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> warnings;
  for (const auto& [registry, why] : warnings_) {
    warnings.push_back(
        fmt::format("what the registry {} says about itself cannot be used, and is "
                    "taken as nothing: {}",
                    registry, why));
  }
  return warnings;
}

}  // namespace pullproof::resolver::sources
