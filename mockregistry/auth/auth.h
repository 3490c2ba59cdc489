// Who may do what: challenges, and the token service behind them.
// Spec: RFC 7617 (Basic); distribution, docs/spec/auth/token.md and oauth.md (Bearer).
#ifndef PULLPROOF_MOCKREGISTRY_AUTH_AUTH_H_
#define PULLPROOF_MOCKREGISTRY_AUTH_AUTH_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mockregistry/api/message.h"
#include "mockregistry/api/route.h"
#include "mockregistry/auth/policy.h"

namespace pullproof::mockregistry::auth {

// A secret that was given to a client or that a client was told to use, and the hosts that may see
// it: what a leak check searches for.
struct Secret {
  std::string value;
  std::string kind;  // "password", "token", "refresh token", "user:password in base64"
  std::vector<std::string> known_to;  // hosts
};

// Thread-safe.
class Authenticator {
 public:
  // `origin` gives "http://127.0.0.1:1234" for a host's id. `seed` makes tokens unique to a fixture
  // and repeatable.
  Authenticator(std::vector<Policy> policies, std::uint64_t seed,
                std::function<std::string(std::string_view)> origin);
  ~Authenticator();

  // nullopt: go on. Otherwise the answer that refuses the request: 401 with a challenge whose scope
  // is what this route needs. For Bearer its `error` is invalid_token (unknown, of another host, or
  // used up) or insufficient_scope, as the registry of the distribution project answers. Each
  // request that is let through consumes one use of its token, ping included. Requests to the token
  // endpoint are never refused here.
  std::optional<api::Response> Check(const api::Request& request, const api::Route& route);

  // The token endpoint of the request's host: 404 when that host is no realm.
  //  * GET with Basic, or without credentials where the policy allows anonymous actions. Several
  //    `scope` parameters, each with several scopes; `offline_token=true` adds a refresh token.
  //  * POST, an OAuth2 form with grant_type `password` or `refresh_token`; `access_type=offline`
  //    adds a refresh token.
  // Wrong credentials are 401 (GET) or 400 invalid_grant (POST); a registry's token is no
  // credential here. Users are granted what they ask for, anyone else the anonymous part of it.
  // `service` chooses between hosts that share the realm. `shape` replaces the policy's when a rule
  // says so.
  api::Response Token(const api::Request& request, const api::Route& route,
                      const std::optional<TokenShape>& shape = std::nullopt);

  // Everything that must not turn up anywhere else, so far: passwords and base64 pairs (known to
  // their host and its realm), tokens (to the realm and the hosts that use it), refresh tokens (to
  // the realm alone).
  [[nodiscard]] std::vector<Secret> Secrets() const;
  // Forgets every token that was issued.
  void Reset();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pullproof::mockregistry::auth

#endif  // PULLPROOF_MOCKREGISTRY_AUTH_AUTH_H_
