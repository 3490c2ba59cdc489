#include "resolver/sources/wasm_pkg_config.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/table_reader.h"
#include "base/text.h"

namespace pullproof::resolver::sources {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kBuiltIn{{
    {"wasi", "wasi.dev"},
    {"ba", "bytecodealliance.org"},
}};

RegistryMetadata ReadMetadata(const Node& node, const std::string& what, Diagnostics& problems) {
  TableReader reader(node, what, problems);
  RegistryMetadata metadata;
  metadata.preferred_protocol = reader.OptionalString("preferredProtocol");
  if (const Node* oci = reader.Get("oci")) {
    TableReader oci_reader(*oci, "`oci` of " + what, problems);
    metadata.has_oci = true;
    metadata.oci_registry = oci_reader.OptionalString("registry");
    metadata.namespace_prefix = oci_reader.String("namespacePrefix");
  }
  // The names that came before, which still win where they stand.
  if (auto registry = reader.OptionalString("ociRegistry")) {
    metadata.has_oci = true;
    metadata.oci_registry = std::move(registry);
  }
  if (auto prefix = reader.OptionalString("ociNamespacePrefix")) {
    metadata.has_oci = true;
    metadata.namespace_prefix = *std::move(prefix);
  }
  return metadata;
}

class ConfigReader {
 public:
  explicit ConfigReader(Diagnostics& problems) : problems_(problems) {}

  WasmPkgConfig Read(const Node& document) {
    TableReader reader(document, "the configuration", problems_);
    WasmPkgConfig config;
    config.default_registry = reader.OptionalString("default_registry");
    ReadMappings(reader, "namespace_registries", config.namespaces);
    ReadMappings(reader, "package_registry_overrides", config.packages);
    for (const Node::Member& registry : reader.Table("registry")) {
      config.registries.emplace(registry.name, ReadSettings(registry));
    }
    reader.Finish();
    return config;
  }

 private:
  void ReadMappings(TableReader& reader, std::string_view name,
                    std::map<std::string, RegistryMapping>& mappings) {
    for (const Node::Member& member : reader.Table(name)) {
      if (const std::string* registry = member.value.string()) {
        mappings.emplace(member.name, RegistryMapping{*registry, std::nullopt});
        continue;
      }
      const std::string what = fmt::format("`{}.{}`", name, member.name);
      TableReader mapping(member.value, what, problems_);
      RegistryMapping read;
      read.registry = mapping.RequiredString("registry");
      if (const Node* metadata = mapping.Required("metadata")) {
        read.metadata = ReadMetadata(*metadata, "`metadata` of " + what, problems_);
      }
      mappings.emplace(member.name, std::move(read));
    }
  }

  RegistrySettings ReadSettings(const Node::Member& member) {
    const std::string what = fmt::format("registry \"{}\"", member.name);
    TableReader reader(member.value, what, problems_);
    RegistrySettings settings;
    const auto alias = reader.OptionalString("type");
    settings.backend = reader.OptionalString("default");
    if (!settings.backend) settings.backend = alias;
    if (settings.backend && *settings.backend != "oci" && *settings.backend != "local") {
      problems_.Report("package.config",
                       reader.PositionOf(reader.Has("default") ? "default" : "type"),
                       fmt::format("{} has the unknown backend \"{}\"", what, *settings.backend),
                       "there are \"oci\" and \"local\"");
    }
    if (const Node* oci = reader.Get("oci")) ReadOci(*oci, what, settings);
    if (const Node* local = reader.Get("local")) {
      TableReader local_reader(*local, "`local` of " + what, problems_);
      settings.local_root = local_reader.RequiredString("root");
    }
    return settings;
  }

  void ReadOci(const Node& node, const std::string& owner, RegistrySettings& settings) {
    const std::string what = "`oci` of " + owner;
    TableReader reader(node, what, problems_);
    settings.has_oci = true;
    const std::string protocol = reader.String("protocol", "https");
    settings.plain_http = protocol == "http";
    if (protocol != "http" && protocol != "https") {
      problems_.Report("package.config", reader.PositionOf("protocol"),
                       fmt::format("`protocol` of {} is \"{}\", neither http nor https", what,
                                   Printable(protocol)));
    }
    // Whom to trust is one decision for all connections, and not made here.
    if (reader.Bool("accept_invalid_certificates", false)) {
      problems_.Report("package.config", reader.PositionOf("accept_invalid_certificates"),
                       fmt::format("{} wants certificates not to be checked", what),
                       "name the authority that signed them to the resolver instead");
    }
    const Node* const roots = reader.Get("extra_root_certificates");
    const bool has_none =
        roots == nullptr || (roots->array() != nullptr && roots->array()->empty());
    if (!has_none) {
      problems_.Report(
          "package.config", roots->at(),
          fmt::format("{} has `extra_root_certificates`, which are not used here", what),
          "name the authority's certificate by --ca-file or SSL_CERT_FILE instead");
    }
    if (const Node* auth = reader.Get("auth")) settings.credentials = ReadAuth(*auth, what);
  }

  // No value is ever part of a message here: it is a secret.
  std::optional<credentials::Credential> ReadAuth(const Node& node, const std::string& owner) {
    if (const std::string* encoded = node.string()) {
      const auto pair = Base64Decode(*encoded);
      const std::size_t colon = pair ? pair->find(':') : std::string::npos;
      if (colon == std::string::npos) {
        problems_.Report("package.config", node.at(),
                         fmt::format("`auth` of {} is not the base64 of USER:PASSWORD", owner));
        return std::nullopt;
      }
      return credentials::Credential{.user = pair->substr(0, colon),
                                     .password = pair->substr(colon + 1)};
    }
    TableReader reader(node, "`auth` of " + owner, problems_);
    credentials::Credential credential;
    credential.user = reader.RequiredString("username");
    credential.password = reader.RequiredString("password");
    return credential;
  }

  Diagnostics& problems_;
};

}  // namespace

Result<RegistryMapping> WasmPkgConfig::RegistryOf(std::string_view package) const {
  const std::string_view label = package.substr(0, package.find(':'));
  if (const auto own = packages.find(std::string(package)); own != packages.end()) {
    return own->second;
  }
  if (const auto own = namespaces.find(std::string(label)); own != namespaces.end()) {
    return own->second;
  }
  if (default_registry) return RegistryMapping{*default_registry, std::nullopt};
  for (const auto& [name, registry] : kBuiltIn) {
    if (name == label) return RegistryMapping{std::string(registry), std::nullopt};
  }
  return Fail("package.registry",
              fmt::format("No default registry specified for wasm-pkg-loader. Create a default "
                          "config, or set `registry` for package \"{}\"",
                          package),
              {}, "in wasm-pkg/config.toml: default_registry = \"…\"");
}

Result<WasmPkgConfig> ReadWasmPkgConfig(std::string_view text, std::string_view name) {
  PULLPROOF_ASSIGN_OR_RETURN(const Node document, ParseToml(text, name));
  Diagnostics problems{std::string(name)};
  WasmPkgConfig config = ConfigReader(problems).Read(document);
  if (!problems.HasErrors()) return config;
  Error error = problems.FirstError();
  error.id = "package.config";
  return std::unexpected(std::move(error));
}

Result<RegistryMetadata> ReadRegistryMetadata(std::string_view json, std::string_view name) {
  DocumentLimits limits;
  limits.max_bytes = kMaxMetadataBytes;
  PULLPROOF_ASSIGN_OR_RETURN(const Node document, ParseJson(json, name, limits));
  Diagnostics problems{std::string(name)};
  RegistryMetadata metadata = ReadMetadata(document, "the registry's metadata", problems);
  if (!problems.HasErrors()) return metadata;
  Error error = problems.FirstError();
  error.id = "package.metadata";
  return std::unexpected(std::move(error));
}

}  // namespace pullproof::resolver::sources
