// What a component of a package may bring into the app that imports it.
#ifndef PULLPROOF_RESOLVER_MANIFEST_INHERITANCE_H_
#define PULLPROOF_RESOLVER_MANIFEST_INHERITANCE_H_

#include <array>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>

namespace pullproof::resolver::manifest {

enum class Inheritable : std::uint8_t {
  kFiles,
  kEnvironment,
  kVariables,
  kAllowedOutboundHosts,
  kKeyValueStores,
  kSqliteDatabases,
  kAiModels,
};

inline constexpr std::array<std::pair<std::string_view, Inheritable>, 7> kInheritableNames{{
    {"files", Inheritable::kFiles},
    {"environment", Inheritable::kEnvironment},
    {"variables", Inheritable::kVariables},
    {"allowed_outbound_hosts", Inheritable::kAllowedOutboundHosts},
    {"key_value_stores", Inheritable::kKeyValueStores},
    {"sqlite_databases", Inheritable::kSqliteDatabases},
    {"ai_models", Inheritable::kAiModels},
}};

constexpr std::string_view InheritableName(Inheritable kind) {
  return kInheritableNames.at(static_cast<std::size_t>(kind)).first;
}

// Data is bytes whose author is the package; authority is access to something of the importer's.
constexpr bool IsAuthority(Inheritable kind) { return kind >= Inheritable::kAllowedOutboundHosts; }

using InheritedKinds = std::set<Inheritable>;

}  // namespace pullproof::resolver::manifest

#endif  // PULLPROOF_RESOLVER_MANIFEST_INHERITANCE_H_
