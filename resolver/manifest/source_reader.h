// Reads the `source` of a component and the values of `dependencies`: tables without a tag, told
// apart by the one key that only they have.
#ifndef PULLPROOF_RESOLVER_MANIFEST_SOURCE_READER_H_
#define PULLPROOF_RESOLVER_MANIFEST_SOURCE_READER_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/table_reader.h"
#include "resolver/manifest/manifest.h"

namespace pullproof::resolver::manifest {

// `what` names the table in messages: "`source` of component `a`". Nullopt after a complaint.
std::optional<Source> ReadSource(const Node& node, const std::string& what, Diagnostics& problems);

// The members of a `dependencies` table. `owner` names the table that holds it.
std::vector<Dependency> ReadDependencies(TableReader& owner);
// One dependency of a trigger; it has no name of its own.
std::optional<Dependency> ReadTriggerDependency(const Node& node, const std::string& what,
                                                Diagnostics& problems);

}  // namespace pullproof::resolver::manifest

#endif  // PULLPROOF_RESOLVER_MANIFEST_SOURCE_READER_H_
