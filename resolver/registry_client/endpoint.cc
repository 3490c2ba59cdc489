#include "resolver/registry_client/endpoint.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "resolver/transport/address.h"

namespace pullproof::resolver::registry_client {

Url Endpoint::At(std::string_view rest) const {
  return base.WithTarget(fmt::format("/v2/{}/{}", repository, rest));
}

Result<Endpoint> EndpointOf(const oci::Reference& reference,
                            std::span<const std::string> plain_http) {
  const std::string& domain = reference.domain();
  const std::string host = domain == "docker.io" ? "registry-1.docker.io" : domain;
  PULLPROOF_ASSIGN_OR_RETURN(Url secure, Url::Parse(fmt::format("https://{}/", host)));
  const bool plain = std::ranges::find(plain_http, domain) != plain_http.end() ||
                     transport::IsLoopbackHost(secure.host());
  if (!plain) {
    return Endpoint{.registry = domain, .repository = reference.path(), .base = std::move(secure)};
  }
  PULLPROOF_ASSIGN_OR_RETURN(Url clear, Url::Parse(fmt::format("http://{}/", host)));
  return Endpoint{.registry = domain, .repository = reference.path(), .base = std::move(clear)};
}

}  // namespace pullproof::resolver::registry_client
