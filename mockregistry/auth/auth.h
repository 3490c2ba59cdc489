// Who may do what: challenges, and the token service behind them.
// Spec: RFC 7617 (Basic); distribution, docs/spec/auth/token.md and oauth.md (Bearer).
#ifndef PULLPROOF_MOCKREGISTRY_AUTH_AUTH_H_
#define PULLPROOF_MOCKREGISTRY_AUTH_AUTH_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/table_reader.h"
#include "mockregistry/api/message.h"
#include "mockregistry/api/route.h"

namespace pullproof::mockregistry::auth {

// How a token answer looks, and how long its token lives. Uses are counted, time is not watched:
// a fixture says "good for two requests", never "good for two seconds".
struct TokenShape {
  enum class Field { kToken, kAccessToken, kBoth, kNone };
  Field field = Field::kToken;
  std::optional<std::uint64_t> valid_uses;         // absent: for ever
  std::optional<std::uint64_t> claims_expires_in;  // seconds, as `expires_in`; absent: not claimed
};

// The table `auth.<host>` of a fixture.
struct Policy {
  enum class Scheme { kBasic, kBearer };
  std::string host;  // that asks for authentication
  Scheme scheme = Scheme::kBearer;
  std::string realm;    // Bearer: the host with the token service; itself unless stated
  std::string service;  // may be empty
  std::vector<std::pair<std::string, std::string>> users;  // user, password
  std::vector<std::string> anonymous;  // actions allowed without credentials: pull, push, delete
  TokenShape token;
};

// Reads the table `auth`. `hosts` are the ids of the fixture's hosts; a null node gives none.
std::vector<Policy> ReadPolicies(const Node& node, std::span<const std::string> hosts,
                                 Diagnostics& problems);

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
  // is what this route needs, or 403 DENIED for a valid token that does not cover it. Counts one
  // use of the token. Requests to the token endpoint are never refused here.
  std::optional<api::Response> Check(const api::Request& request, const api::Route& route);

  // The token endpoint of the request's host (GET with Basic or without credentials, POST as
  // OAuth2 form with password or refresh_token). 404 when that host is no realm. `shape` replaces
  // the policy's when a rule says so.
  api::Response Token(const api::Request& request, const api::Route& route,
                      const std::optional<TokenShape>& shape = std::nullopt);

  // Everything that must not turn up anywhere else, so far.
  [[nodiscard]] std::vector<Secret> Secrets() const;
  // Forgets every token that was issued.
  void Reset();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pullproof::mockregistry::auth

#endif  // PULLPROOF_MOCKREGISTRY_AUTH_AUTH_H_
