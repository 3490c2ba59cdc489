// What stands in an Authorization header.
// Spec: RFC 9110 section 11.6.2, RFC 7617 (Basic), RFC 6750 (Bearer).
#ifndef PULLPROOF_MOCKREGISTRY_AUTH_AUTHORIZATION_H_
#define PULLPROOF_MOCKREGISTRY_AUTH_AUTHORIZATION_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"

namespace pullproof::mockregistry::auth {

// Views into the header's value.
struct Authorization {
  std::string_view scheme;      // as written; compare with Is()
  std::string_view credential;  // without blanks around it; may be empty

  // Schemes are case-insensitive.
  [[nodiscard]] bool Is(std::string_view name) const { return EqualsIgnoreCase(scheme, name); }
};

// Total: a value without a blank is a scheme without a credential.
Authorization ParseAuthorization(std::string_view value);

struct UserPassword {
  std::string user;
  std::string password;
};

// The pair behind a Basic credential; the first colon ends the user. nullopt when it is no base64
// or has no colon.
std::optional<UserPassword> DecodeBasic(std::string_view credential);

}  // namespace pullproof::mockregistry::auth

#endif  // PULLPROOF_MOCKREGISTRY_AUTH_AUTHORIZATION_H_
