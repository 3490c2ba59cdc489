// Build profiles: what a component changes when one is chosen.
// Source: Spin, crates/manifest/src/normalize.rs.
#ifndef PULLPROOF_RESOLVER_MANIFEST_PROFILE_H_
#define PULLPROOF_RESOLVER_MANIFEST_PROFILE_H_

#include <string_view>

#include "base/table_reader.h"
#include "resolver/manifest/manifest.h"

namespace pullproof::resolver::manifest {

// Lays the profile over every component that has it; the others stay as they are. Its source
// replaces the component's, its environment and dependencies win key by key, its build command
// replaces the command. Reports spin.profile if no component has it. Pure.
void ApplyProfile(Manifest& manifest, std::string_view profile, Diagnostics& problems);

}  // namespace pullproof::resolver::manifest

#endif  // PULLPROOF_RESOLVER_MANIFEST_PROFILE_H_
