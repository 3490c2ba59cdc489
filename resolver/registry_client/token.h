// Tokens: what is asked of a token service, and what it answers.
// Spec: distribution, docs/spec/auth/token.md, oauth.md and scope.md.
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_TOKEN_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_TOKEN_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "resolver/registry_client/url.h"

namespace pullproof::resolver::registry_client {

// A token must fit a header line (servers take 8 to 64 KiB); the rest of an answer is small.
inline constexpr std::size_t kMaxTokenAnswer = std::size_t{128} << 10;
inline constexpr std::size_t kMaxToken = std::size_t{32} << 10;
// token.md: what is assumed without expires_in, and the least that is assumed with it.
inline constexpr std::chrono::seconds kMinTokenLifetime{60};
// No registry gives more; nothing may be kept for ever because a server says so.
inline constexpr std::chrono::seconds kMaxTokenLifetime = std::chrono::hours(24);

struct TokenRequest {
  Url realm;
  std::string service;              // empty when the challenge names none
  std::vector<std::string> scopes;  // "repository:library/alpine:pull"

  // The URL to GET: service and scopes percent-encoded, added to what query the realm has.
  [[nodiscard]] Url ToUrl() const;
  // The body of a POST to the realm that exchanges a refresh token (RFC 6749 section 6;
  // distribution's oauth.md).
  [[nodiscard]] std::string ToForm(std::string_view refresh_token) const;
  bool operator==(const TokenRequest&) const = default;
};

struct Token {
  std::string value;
  std::chrono::seconds lifetime;
  std::string refresh = {};  // to ask for the next one with; empty when there is none
};

// "repository:<name>:pull"
std::string PullScope(std::string_view repository);
// The scopes of a challenge, with every action but pull taken from those of repositories: a client
// that reads has no business with more. `repository`'s own when the challenge names none and the
// repository is not empty.
std::vector<std::string> LeastScopes(std::string_view challenged, std::string_view repository);

// The scopes of a challenge, with pull and the action `also` in the repository's own, and pull of
// `mount_from` unless that is empty.
std::vector<std::string> WriteScopes(std::string_view challenged, std::string_view repository,
                                     std::string_view also, std::string_view mount_from);

// Reads the answer: `token` or, as OAuth2 has it, `access_token`. Error: auth.token (not JSON, no
// token, one that cannot stand in a header). Pure.
Result<Token> ParseToken(std::string_view body);

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_TOKEN_H_
