// A spin.toml of version 1, read as what Spin upgrades it to.
// Source: Spin, crates/manifest/src/compat.rs.
#ifndef PULLPROOF_RESOLVER_MANIFEST_MANIFEST_V1_H_
#define PULLPROOF_RESOLVER_MANIFEST_MANIFEST_V1_H_

#include <vector>

#include "base/table_reader.h"
#include "resolver/manifest/manifest.h"
#include "resolver/manifest/normalise.h"

namespace pullproof::resolver::manifest {

// Reads everything but the version and `variables`, which are the same in both. Every component has
// one trigger of the app's only type. A second component of one id takes the place of the first
// one, as in Spin; that is a warning, spin.duplicate-component.
std::vector<TriggerDraft> ReadV1(TableReader& reader, Manifest& manifest);

}  // namespace pullproof::resolver::manifest

#endif  // PULLPROOF_RESOLVER_MANIFEST_MANIFEST_V1_H_
