// The answers of a host that wants to know who is asking.
// Spec: RFC 9110 section 11.6.1, RFC 6750 section 3; distribution, docs/spec/auth/token.md.
#ifndef PULLPROOF_MOCKREGISTRY_AUTH_CHALLENGE_H_
#define PULLPROOF_MOCKREGISTRY_AUTH_CHALLENGE_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mockregistry/api/message.h"
#include "mockregistry/auth/policy.h"
#include "mockregistry/auth/scope.h"

namespace pullproof::mockregistry::auth {

// `Basic realm="…"`, the realm being the policy's service or, without one, its host's id.
std::string BasicChallenge(const Policy& policy);

// `Bearer realm="…",service="…",scope="…",error="…"`, parameters without a value, or
// whose value cannot stand in a header, left out.
// `realm_url` is where the token endpoint listens.
std::string BearerChallenge(const Policy& policy, std::string_view realm_url,
                            std::span<const Scope> scopes, std::string_view error);

// What a host says to whoever has no right: the policy's own lines, their placeholders filled in,
// or the usual one.
std::vector<std::string> Challenges(const Policy& policy, std::string_view realm_url,
                                    std::span<const Scope> scopes, std::string_view error);

// 401 UNAUTHORIZED with these challenges, a line each.
api::Response Unauthorized(const api::Request& request, std::vector<std::string> challenges,
                           std::string_view message);

}  // namespace pullproof::mockregistry::auth

#endif  // PULLPROOF_MOCKREGISTRY_AUTH_CHALLENGE_H_
