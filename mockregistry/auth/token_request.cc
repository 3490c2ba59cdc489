#include "mockregistry/auth/token_request.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "mockregistry/api/route.h"
#include "oci/media_type.h"

namespace pullproof::mockregistry::auth {
namespace {

constexpr std::string_view kFormType = "application/x-www-form-urlencoded";

using Parameters = std::vector<std::pair<std::string, std::string>>;

// The first value of that name; empty when there is none.
std::string Value(const Parameters& parameters, std::string_view name) {
  const auto found = std::ranges::find(
      parameters, name, [](const auto& pair) { return std::string_view(pair.first); });
  return found == parameters.end() ? std::string() : found->second;
}

// `scope` may be repeated, and each one may hold several.
Result<std::vector<Scope>> ReadScopes(const Parameters& parameters) {
  std::string all;
  for (const auto& [name, value] : parameters) {
    if (name == "scope") all += value + ' ';
  }
  return ParseScopes(all);
}

Result<std::string> Need(const Parameters& form, std::string_view name) {
  std::string value = Value(form, name);
  if (value.empty()) return Fail("invalid_request", fmt::format("`{}` is missing", name));
  return value;
}

bool IsForm(const api::Request& request) {
  const auto type = oci::MediaType::Parse(request.headers.Find("Content-Type").value_or(""));
  return type.has_value() && *type == kFormType;
}

Result<void> ReadGrant(const Parameters& form, TokenRequest& request) {
  PULLPROOF_ASSIGN_OR_RETURN(const std::string type, Need(form, "grant_type"));
  if (type == "password") {
    request.grant_type = TokenRequest::GrantType::kPassword;
    PULLPROOF_ASSIGN_OR_RETURN(request.user, Need(form, "username"));
    PULLPROOF_ASSIGN_OR_RETURN(request.password, Need(form, "password"));
    return {};
  }
  if (type == "refresh_token") {
    request.grant_type = TokenRequest::GrantType::kRefreshToken;
    PULLPROOF_ASSIGN_OR_RETURN(request.refresh_token, Need(form, "refresh_token"));
    return {};
  }
  return Fail("unsupported_grant_type",
              fmt::format("grant_type is `{}`, not password or refresh_token", Printable(type)));
}

}  // namespace

Result<TokenRequest> ReadTokenQuery(const Parameters& parameters) {
  TokenRequest request;
  request.service = Value(parameters, "service");
  request.wants_refresh_token = Value(parameters, "offline_token") == "true";
  PULLPROOF_ASSIGN_OR_RETURN(request.scopes, ReadScopes(parameters));
  return request;
}

Result<TokenRequest> ReadTokenForm(const api::Request& request) {
  if (!IsForm(request)) {
    return Fail("invalid_request", fmt::format("the body is not {}", kFormType));
  }
  if (request.body.size() > kMaxForm) {
    return Fail("invalid_request", fmt::format("a form of {} bytes", request.body.size()));
  }
  const Parameters form = api::ParseQuery(request.body);
  TokenRequest read;
  PULLPROOF_RETURN_IF_ERROR(ReadGrant(form, read));
  PULLPROOF_RETURN_IF_ERROR(Need(form, "client_id"));
  read.service = Value(form, "service");
  read.wants_refresh_token = Value(form, "access_type") == "offline";
  Result<std::vector<Scope>> scopes = ReadScopes(form);
  if (!scopes) return Fail("invalid_scope", scopes.error().message);
  read.scopes = *std::move(scopes);
  return read;
}

}  // namespace pullproof::mockregistry::auth
