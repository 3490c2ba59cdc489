#include "mockregistry/auth/challenge.h"

#include <utility>

#include "mockregistry/api/handle.h"
#include "oci/challenge.h"
#include "oci/headers.h"

namespace pullproof::mockregistry::auth {

std::string BasicChallenge(const Policy& policy) {
  return "Basic " +
         oci::QuotedParameter("realm", policy.service.empty() ? policy.host : policy.service);
}

std::string BearerChallenge(const Policy& policy, std::string_view realm_url,
                            std::span<const Scope> scopes, std::string_view error) {
  std::string challenge = "Bearer " + oci::QuotedParameter("realm", realm_url);
  const auto add = [&challenge](std::string_view name, std::string_view value) {
    // A repository's name is whatever the client wrote.
    if (value.empty() || !oci::IsHeaderValue(value)) return;
    challenge += "," + oci::QuotedParameter(name, value);
  };
  add("service", policy.service);
  add("scope", JoinScopes(scopes));
  add("error", error);
  return challenge;
}

api::Response Unauthorized(const api::Request& request, std::string challenge,
                           std::string_view message) {
  constexpr int kUnauthorized = 401;
  api::Response response = api::ErrorResponse("UNAUTHORIZED", message, kUnauthorized);
  response.headers.Add("WWW-Authenticate", std::move(challenge));
  response.head_only = request.method == "HEAD";
  return response;
}

}  // namespace pullproof::mockregistry::auth
