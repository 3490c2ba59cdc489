// The names in `dependencies`, and the rules about them that hold for a component as a whole.
// Source: Spin, crates/manifest/src/schema/v2.rs and normalize.rs.
#ifndef PULLPROOF_RESOLVER_MANIFEST_DEPENDENCY_H_
#define PULLPROOF_RESOLVER_MANIFEST_DEPENDENCY_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/table_reader.h"
#include "resolver/manifest/manifest.h"
#include "resolver/manifest/semver.h"

namespace pullproof::resolver::manifest {

// "ns:pkg[/interface][@version]", or a plain kebab-case word.
struct DependencyName {
  std::string package;  // empty for a plain name
  std::optional<std::string> interface;
  std::optional<Version> version;
};

// Errors: spin.id, semver.syntax. Pure.
Result<DependencyName> ParseDependencyName(std::string_view name);

// Two names that one import could match are refused: of one package, unless both name interfaces
// that differ, or both name versions that are not compatible. Names that do not parse are passed
// over. Error: spin.dependency. Pure.
Result<void> CheckDisjoint(std::span<const std::string_view> names);

// Folds `dependencies_inherit_configuration` into the dependencies, and replaces
// `{ component = … }` by that component's source. Then checks every rule. `trigger` dependencies
// are replaced likewise. Reports spin.dependency, semver.requirement. Pure.
void NormaliseDependencies(Manifest& manifest, Diagnostics& problems);

}  // namespace pullproof::resolver::manifest

#endif  // PULLPROOF_RESOLVER_MANIFEST_DEPENDENCY_H_
