// The Link header, as far as paging needs it.
// Spec: RFC 8288 section 3; distribution-spec, "Listing Tags".
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_LINK_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_LINK_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace pullproof::resolver::registry_client {

// The target of the first link whose relation is (among others) "next", as written; nullopt when
// there is none. `value` is all Link lines joined by commas. A link about another resource
// (`anchor`) does not count. Error: link.syntax: a listing must not end early because a link could
// not be read. Pure.
Result<std::optional<std::string>> NextLink(std::string_view value);

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_LINK_H_
