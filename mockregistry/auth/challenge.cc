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

std::vector<std::string> Challenges(const Policy& policy, std::string_view realm_url,
                                    std::span<const Scope> scopes, std::string_view error) {
  if (policy.challenges.empty()) {
    return {policy.scheme == Policy::Scheme::kBasic
                ? BasicChallenge(policy)
                : BearerChallenge(policy, realm_url, scopes, error)};
  }
  std::vector<std::string> challenges;
  for (const std::string& wording : policy.challenges) {
    std::string challenge = wording;
    const auto fill = [&challenge](std::string_view placeholder, std::string_view value) {
      const std::size_t at = challenge.find(placeholder);
      if (at == std::string::npos) return;
      // A repository's name is whatever the client wrote.
      challenge.replace(at, placeholder.size(), oci::IsHeaderValue(value) ? value : "");
    };
    fill("{realm}", realm_url);
    fill("{service}", policy.service);
    fill("{scope}", JoinScopes(scopes));
    challenges.push_back(std::move(challenge));
  }
  return challenges;
}

api::Response Unauthorized(const api::Request& request, std::vector<std::string> challenges,
                           std::string_view message) {
  constexpr int kUnauthorized = 401;
  api::Response response = api::ErrorResponse("UNAUTHORIZED", message, kUnauthorized);
  for (std::string& challenge : challenges) {
    response.headers.Add("WWW-Authenticate", std::move(challenge));
  }
  response.head_only = request.method == "HEAD";
  return response;
}

}  // namespace pullproof::mockregistry::auth
