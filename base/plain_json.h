// The quick way through JSON as programs write it: ASCII, no escapes, whole numbers. Registries'
// manifests and locks are nothing else, and reading them was the costliest part of a pull.
//
// It accepts less than JSON, and never anything else: what it does not take, right or wrong, is for
// ParseJson (base/document.h) to judge and to complain about.
#ifndef PULLPROOF_BASE_PLAIN_JSON_H_
#define PULLPROOF_BASE_PLAIN_JSON_H_

#include <optional>
#include <string_view>

#include "base/document.h"

namespace pullproof {

// The same tree, with the same positions, as ParseJson would give; nullopt for a text that is no
// JSON, is not plain, has a member twice or is beyond a limit. Thread-safe.
std::optional<Node> ParsePlainJson(std::string_view text, const DocumentLimits& limits);

}  // namespace pullproof

#endif  // PULLPROOF_BASE_PLAIN_JSON_H_
