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

// One `[[component]]` of version 1, which has its trigger in it.
struct ComponentV1 {
  Component component;  // with its id as written
  Node::Table trigger;
};
ComponentV1 ReadComponentV1(const Node& node, Diagnostics& problems);

// The `targets` of an application or a component.
std::vector<Target> ReadTargets(TableReader& reader);

}  // namespace pullproof::resolver::manifest

#endif  // PULLPROOF_RESOLVER_MANIFEST_COMPONENT_READER_H_
