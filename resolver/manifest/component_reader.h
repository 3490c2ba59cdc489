// Reads one `[component.ID]` table, or a component that stands inside a trigger.
#ifndef PULLPROOF_RESOLVER_MANIFEST_COMPONENT_READER_H_
#define PULLPROOF_RESOLVER_MANIFEST_COMPONENT_READER_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/table_reader.h"
#include "resolver/manifest/manifest.h"

namespace pullproof::resolver::manifest {

// The id is not checked here: an inline component has none yet. `what` names the table.
Component ReadComponent(const Node& node, std::string id, const std::string& what,
                        Diagnostics& problems);

// The `targets` of an application or a component.
std::vector<Target> ReadTargets(TableReader& reader);

}  // namespace pullproof::resolver::manifest

#endif  // PULLPROOF_RESOLVER_MANIFEST_COMPONENT_READER_H_
