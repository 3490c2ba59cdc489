#include "resolver/registry_client/token.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"

namespace pullproof::resolver::registry_client {
namespace {

std::unexpected<Error> BadToken(std::string message) {
  return Fail("auth.token", "the token service's answer is of no use: " + std::move(message));
}

// "repository:name:push,pull" -> "repository:name:pull"; anything else stays.
std::string LeastScope(std::string_view scope) {
  const std::size_t colon = scope.rfind(':');
  if (!scope.starts_with("repository:") || colon == std::string_view::npos) {
    return std::string(scope);
  }
  const auto actions = Split(scope.substr(colon + 1), ',');
  if (std::ranges::find(actions, "pull") == actions.end()) return std::string(scope);
  return fmt::format("{}:pull", scope.substr(0, colon));
}

// Visible ASCII: what an Authorization header can carry, and no more is known about it.
bool IsOpaqueToken(std::string_view text) {
  return !text.empty() && text.size() <= kMaxToken &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

std::chrono::seconds Lifetime(const Node* expires_in) {
  if (expires_in == nullptr || expires_in->integer() == nullptr) return kMinTokenLifetime;
  const std::int64_t seconds = *expires_in->integer();
  return std::chrono::seconds(
      std::clamp(seconds, kMinTokenLifetime.count(), kMaxTokenLifetime.count()));
}

}  // namespace

Url TokenRequest::ToUrl() const {
  std::string query;
  const auto add = [&query](std::string_view name, std::string_view value) {
    query += fmt::format("{}{}={}", query.empty() ? "" : "&", name, PercentEncode(value));
  };
  if (!service.empty()) add("service", service);
  for (const std::string& scope : scopes) add("scope", scope);
  return realm.WithQuery(query);
}

std::string TokenRequest::ToForm(std::string_view refresh_token) const {
  std::string form = "grant_type=refresh_token&client_id=pullproof";
  if (!service.empty()) form += fmt::format("&service={}", PercentEncode(service));
  // Unlike in a query, several scopes are one parameter (RFC 6749 section 3.3).
  if (!scopes.empty()) {
    form += fmt::format("&scope={}", PercentEncode(fmt::format("{}", fmt::join(scopes, " "))));
  }
  return form + fmt::format("&refresh_token={}", PercentEncode(refresh_token));
}

std::string PullScope(std::string_view repository) {
  return fmt::format("repository:{}:pull", repository);
}

std::vector<std::string> LeastScopes(std::string_view challenged, std::string_view repository) {
  std::vector<std::string> scopes;
  for (const std::string_view scope : Split(challenged, ' ')) {
    if (!scope.empty()) scopes.push_back(LeastScope(scope));
  }
  if (scopes.empty() && !repository.empty()) scopes.push_back(PullScope(repository));
  return scopes;
}

std::vector<std::string> WriteScopes(std::string_view challenged, std::string_view repository,
                                     std::string_view also, std::string_view mount_from) {
  const std::string own = fmt::format("repository:{}:", repository);
  std::string actions = fmt::format("pull,{}", also);
  std::vector<std::string> others;
  for (const std::string_view scope : Split(challenged, ' ')) {
    if (!scope.starts_with(own)) {
      if (!scope.empty()) others.push_back(LeastScope(scope));
      continue;
    }
    for (const std::string_view action : Split(scope.substr(own.size()), ',')) {
      const auto known = Split(actions, ',');
      if (std::ranges::find(known, action) == known.end()) actions += fmt::format(",{}", action);
    }
  }
  std::vector<std::string> scopes{own + actions};
  if (!mount_from.empty()) scopes.push_back(PullScope(mount_from));
  for (std::string& other : others) {
    if (std::ranges::find(scopes, other) == scopes.end()) scopes.push_back(std::move(other));
  }
  return scopes;
}

Result<Token> ParseToken(std::string_view body) {
  const auto root = ParseJson(body, "token");
  if (!root) return BadToken("it is no JSON (" + root.error().message + ")");
  const Node* value = nullptr;
  for (const std::string_view name : {"token", "access_token"}) {
    const Node* const member = root->Find(name);
    if (value == nullptr && member != nullptr && member->string() != nullptr) value = member;
  }
  if (value == nullptr) return BadToken("it has neither `token` nor `access_token`");
  if (!IsOpaqueToken(*value->string())) {
    return BadToken("its token is empty, too long, or has characters that no header carries");
  }
  const Node* const refresh = root->Find("refresh_token");
  const bool has_refresh =
      refresh != nullptr && refresh->string() != nullptr && refresh->string()->size() <= kMaxToken;
  return Token{.value = *value->string(),
               .lifetime = Lifetime(root->Find("expires_in")),
               .refresh = has_refresh ? *refresh->string() : std::string()};
}

}  // namespace pullproof::resolver::registry_client
