// What a 401 demands, of all that its challenges offer.
// Spec: RFC 9110 section 11.6.1; RFC 7617 (Basic); RFC 6750 and distribution's token.md (Bearer).
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_DEMAND_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_DEMAND_H_

#include <variant>

#include "base/error.h"
#include "oci/headers.h"
#include "resolver/registry_client/endpoint.h"
#include "resolver/registry_client/token.h"

namespace pullproof::resolver::registry_client {

struct BasicDemand {};
using Demand = std::variant<BasicDemand, TokenRequest>;

// Bearer where it is offered, since it works without credentials too; else Basic. Errors:
//  * registry.unauthorized: no challenge, or only schemes that nobody here speaks
//  * challenge.syntax: no challenge that can be read
//  * auth.realm: the token service is no absolute http or https URL, carries a user, is asked in
//    clear text for a registry that is not, or stands at a link-local address
// Pure.
Result<Demand> ReadDemand(const oci::Headers& refusal, const Endpoint& endpoint);

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_DEMAND_H_
