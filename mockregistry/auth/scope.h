// Scopes: what a token may be used for, and what a request needs.
// Spec: distribution, docs/spec/auth/scope.md.
#ifndef PULLPROOF_MOCKREGISTRY_AUTH_SCOPE_H_
#define PULLPROOF_MOCKREGISTRY_AUTH_SCOPE_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "mockregistry/api/route.h"

namespace pullproof::mockregistry::auth {

struct Scope {
  std::string type;  // "repository", "registry"
  std::string name;  // "team/app", "catalog"
  std::vector<std::string> actions;

  [[nodiscard]] std::string ToString() const;  // "repository:team/app:pull,push"
  bool operator==(const Scope&) const = default;
};

// A copy across repositories needs two; a token request is never longer than some lines.
inline constexpr std::size_t kMaxScopes = 64;

// The scopes between the blanks of one `scope` parameter. The name may hold colons (a host's port).
// Errors: auth.scope (not TYPE:NAME:ACTIONS, or more than kMaxScopes).
Result<std::vector<Scope>> ParseScopes(std::string_view text);

// "a b": the form of a challenge and of an OAuth2 answer.
std::string JoinScopes(std::span<const Scope> scopes);

// What a token must cover for this route: pull for reads, pull and push for uploads and manifest
// PUT, delete for deletes, registry:catalog:* for the catalog; a mount also needs pull on the
// repository that it takes from. Empty where any valid token will do (ping, unknown routes).
std::vector<Scope> ScopesFor(const api::Route& route);

// True if one of the scopes allows every action of `needed`; `*` allows all.
bool Covers(std::span<const Scope> granted, const Scope& needed);

}  // namespace pullproof::mockregistry::auth

#endif  // PULLPROOF_MOCKREGISTRY_AUTH_SCOPE_H_
