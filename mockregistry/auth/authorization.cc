#include "mockregistry/auth/authorization.h"

#include "base/error.h"

namespace pullproof::mockregistry::auth {

Authorization ParseAuthorization(std::string_view value) {
  value = Trim(value);
  const std::size_t end = value.find_first_of(" \t");
  if (end == std::string_view::npos) return {.scheme = value, .credential = {}};
  return {.scheme = value.substr(0, end), .credential = Trim(value.substr(end))};
}

std::optional<UserPassword> DecodeBasic(std::string_view credential) {
  const Result<std::string> pair = Base64Decode(credential);
  if (!pair) return std::nullopt;
  const std::size_t colon = pair->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return UserPassword{.user = pair->substr(0, colon), .password = pair->substr(colon + 1)};
}

}  // namespace pullproof::mockregistry::auth
