// What a client asks of the token endpoint, by query or by form.
// Spec: distribution, docs/spec/auth/token.md (GET) and oauth.md (POST).
#ifndef PULLPROOF_MOCKREGISTRY_AUTH_TOKEN_REQUEST_H_
#define PULLPROOF_MOCKREGISTRY_AUTH_TOKEN_REQUEST_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "mockregistry/api/message.h"
#include "mockregistry/auth/scope.h"

namespace pullproof::mockregistry::auth {

// An OAuth2 form has a refresh token and some scopes: a few KiB.
inline constexpr std::size_t kMaxForm = 64 * 1024;

struct TokenRequest {
  std::string service;  // empty when not stated
  std::vector<Scope> scopes;
  bool wants_refresh_token = false;
  // Of a POST alone.
  enum class GrantType { kPassword, kRefreshToken } grant_type = GrantType::kPassword;
  std::string user;
  std::string password;
  std::string refresh_token;
};

// The parameters of a GET. Error: auth.scope.
Result<TokenRequest> ReadTokenQuery(
    const std::vector<std::pair<std::string, std::string>>& parameters);

// The body of a POST. The error's id is the code that OAuth2 answers with (RFC 6749 section 5.2):
// invalid_request (not a form, too long, a parameter missing), unsupported_grant_type,
// invalid_scope.
Result<TokenRequest> ReadTokenForm(const api::Request& request);

}  // namespace pullproof::mockregistry::auth

#endif  // PULLPROOF_MOCKREGISTRY_AUTH_TOKEN_REQUEST_H_
