// Fills in what a manifest may leave out: the ids of triggers, and of components that stand inside
// a trigger. Source: Spin, crates/manifest/src/normalize.rs.
#ifndef PULLPROOF_RESOLVER_MANIFEST_NORMALISE_H_
#define PULLPROOF_RESOLVER_MANIFEST_NORMALISE_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "resolver/manifest/manifest.h"

namespace pullproof::resolver::manifest {

// A component as a trigger names it: by id, or in full.
struct ComponentSpec {
  std::string reference;
  std::optional<Component> in_full;
};

struct TriggerDraft {
  Trigger trigger;  // `component` and `components` are still empty
  std::optional<ComponentSpec> component;
  std::vector<std::pair<std::string, std::vector<ComponentSpec>>> components;
};

// Moves the drafts into `manifest.triggers` and their inline components to the end of
// `manifest.components`. Pure.
void Normalise(std::vector<TriggerDraft> drafts, Manifest& manifest);

}  // namespace pullproof::resolver::manifest

#endif  // PULLPROOF_RESOLVER_MANIFEST_NORMALISE_H_
