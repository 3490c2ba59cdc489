// What a server asks for when it answers 401.
// Spec: RFC 9110 section 11.6.1 (WWW-Authenticate); distribution, docs/spec/auth/token.md.
#ifndef PULLPROOF_OCI_CHALLENGE_H_
#define PULLPROOF_OCI_CHALLENGE_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace pullproof::oci {

struct Challenge {
  std::string scheme;   // in lower case: "bearer"
  std::string token68;  // for schemes that carry one opaque value (Negotiate); else empty
  std::vector<std::pair<std::string, std::string>> parameters;  // names in lower case, unquoted

  // The first parameter of that (lower-case) name.
  [[nodiscard]] std::optional<std::string> Find(std::string_view name) const;
};

// All challenges of one header value; a server may send several in one line or on several lines.
// Blanks around `=` are accepted, quoted pairs are resolved, commas inside quotes separate nothing.
// Errors: challenge.syntax (an unterminated quote, a parameter before any scheme, over 8 KiB).
Result<std::vector<Challenge>> ParseChallenges(std::string_view value);

// `name="value"` with quotes and backslashes escaped.
std::string QuotedParameter(std::string_view name, std::string_view value);

}  // namespace pullproof::oci

#endif  // PULLPROOF_OCI_CHALLENGE_H_
