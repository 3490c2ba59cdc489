// A manifest that says something else about one of its children.
#ifndef PULLPROOF_MOCKREGISTRY_SCRIPT_DESCRIPTOR_LIE_H_
#define PULLPROOF_MOCKREGISTRY_SCRIPT_DESCRIPTOR_LIE_H_

#include <optional>
#include <string>
#include <string_view>

#include "mockregistry/script/effect.h"

namespace pullproof::mockregistry::script {

// `manifest` with the lie told in every descriptor (config, layers, manifests, subject) that has
// the digest `child`, as canonical JSON. nullopt when it is no JSON object, or has no such
// descriptor.
std::optional<std::string> TellLie(std::string_view manifest, std::string_view child,
                                   const DescriptorLie& lie);

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_MOCKREGISTRY_SCRIPT_DESCRIPTOR_LIE_H_
