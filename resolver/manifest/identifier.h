// The grammars of the names in a spin.toml. All functions are pure.
// Source: Spin, crates/serde/src/id.rs; the sentences are the ones that Spin gives.
#ifndef PULLPROOF_RESOLVER_MANIFEST_IDENTIFIER_H_
#define PULLPROOF_RESOLVER_MANIFEST_IDENTIFIER_H_

#include <string_view>

#include "base/error.h"

namespace pullproof::resolver::manifest {

// Words of letters and digits between hyphens, each starting with a letter and in one case:
// "static-files", "KV-explorer2". The id of a component. Error: spin.id.
Result<void> CheckKebabId(std::string_view id);
// The same with underscores, all in lower case: the name of a variable. Error: spin.id.
Result<void> CheckLowerSnakeId(std::string_view id);
// Either of the two delimiters: the label of a key-value store or a database. Error: spin.id.
Result<void> CheckStoreLabel(std::string_view label);
// "namespace:name", each of lower-case words between hyphens. Error: spin.id.
Result<void> CheckPackageName(std::string_view name);

}  // namespace pullproof::resolver::manifest

#endif  // PULLPROOF_RESOLVER_MANIFEST_IDENTIFIER_H_
