// Where a registry is asked.
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_ENDPOINT_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_ENDPOINT_H_

#include <span>
#include <string>

#include "base/error.h"
#include "oci/reference.h"
#include "resolver/registry_client/retry.h"
#include "resolver/registry_client/url.h"

namespace pullproof::resolver::registry_client {

// One repository at the place where its registry is asked, for one operation.
struct Endpoint {
  std::string registry;    // the domain, as in references: the key of credentials
  std::string repository;  // "library/alpine"
  Url base;                // scheme and host; the path is "/"
  // What tokens are asked for beyond reading: "push", "delete"; empty: nothing.
  std::string also = {};
  std::string mount_from = {};  // a repository that is read too; empty: none
  Deadline deadline = {};       // of the operation: of all requests, tokens and waits for it

  // "/v2/<repository>/<rest>" there.
  [[nodiscard]] Url At(std::string_view rest) const;
};

// Plain http for loopback names and for what `plain_http` lists, https for all others. docker.io
// is a name; the host that answers for it is registry-1.docker.io. Error: url.syntax for a port
// that is none. Pure.
Result<Endpoint> EndpointOf(const oci::Reference& reference,
                            std::span<const std::string> plain_http);

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_ENDPOINT_H_
