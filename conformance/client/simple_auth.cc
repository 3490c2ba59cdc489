#include "conformance/client/simple_auth.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"

namespace pullproof::conformance::client {
namespace {

// `NAME="VALUE"`, between commas, behind one scheme: what one registry says to one client.
oci::Challenge ReadNaively(std::string_view line) {
  oci::Challenge challenge;
  const std::size_t blank = line.find(' ');
  challenge.scheme = std::string(line.substr(0, blank));
  // Its writer knew two spellings.
  if (challenge.scheme == "Bearer") challenge.scheme = "bearer";
  if (challenge.scheme == "Basic") challenge.scheme = "basic";
  if (blank == std::string_view::npos) return challenge;
  for (const std::string_view part : Split(line.substr(blank + 1), ',')) {
    const std::size_t equals = part.find("=\"");
    if (equals == std::string_view::npos || !part.ends_with('"')) continue;
    const std::string_view name = part.substr(0, equals);
    // Its writer had never seen another.
    if (name != "realm" && name != "service" && name != "scope" && name != "error") return {};
    challenge.parameters.emplace_back(name, part.substr(equals + 2, part.size() - equals - 3));
  }
  return challenge;
}

// What may stand in a header; a token is opaque otherwise.
bool IsToken(std::string_view token) {
  return !token.empty() && std::ranges::all_of(token, [](char c) { return c > ' ' && c <= '~'; });
}

std::string TextMember(const Node& node, std::string_view name) {
  const Node* member = node.Find(name);
  return member != nullptr && member->string() != nullptr ? *member->string() : std::string();
}

// With push where only pull was needed.
std::string Widened(std::string scope) {
  if (scope.ends_with(":pull")) scope += ",push";
  return scope;
}

std::string Narrowed(std::string scope) {
  if (const std::size_t at = scope.find(",push"); at != std::string::npos) scope.erase(at, 5);
  return scope;
}

}  // namespace

SimpleAuth::SimpleAuth(std::optional<Login> login, std::string home,
                       const Misbehaviours& misbehaviours, Fetch fetch)
    : login_(std::move(login)),
      home_(std::move(home)),
      misbehaviours_(misbehaviours),
      fetch_(std::move(fetch)) {}

std::string SimpleAuth::Basic(std::string_view origin) const {
  const bool is_mine = origin == home_ || misbehaviours_.answers_any_challenge;
  if (!login_ || !is_mine) return {};
  return "Basic " + Base64Encode(login_->user + ":" + login_->password);
}

SimpleAuth::Key SimpleAuth::KeyOf(std::string_view origin, const std::string& scope) const {
  return {std::string(origin), misbehaviours_.uses_one_token ? std::string() : scope};
}

Result<std::string> SimpleAuth::HeaderFor(std::string_view origin, const std::string& scope) {
  if (misbehaviours_.believes_short_expiry) {
    if (const auto known = services_.find(origin); known != services_.end()) {
      PULLPROOF_RETURN_IF_ERROR(FetchToken(origin, known->second, scope));
    }
  }
  if (const auto token = tokens_.find(KeyOf(origin, scope)); token != tokens_.end()) {
    return "Bearer " + token->second;
  }
  if (basic_.contains(origin) || misbehaviours_.sends_credentials_unasked) return Basic(origin);
  return std::string();
}

Result<std::vector<oci::Challenge>> SimpleAuth::Read(const oci::Headers& headers) const {
  const std::vector<std::string> lines = headers.All("WWW-Authenticate");
  std::vector<oci::Challenge> challenges;
  if (misbehaviours_.answers_with_basic && !lines.empty()) {
    challenges.push_back({.scheme = "basic", .token68 = {}, .parameters = {}});
    return challenges;
  }
  if (misbehaviours_.reads_challenges_naively) {
    if (!lines.empty()) challenges.push_back(ReadNaively(lines.front()));
    return challenges;
  }
  for (const std::string& line : lines) {
    PULLPROOF_ASSIGN_OR_RETURN(const std::vector<oci::Challenge> more, oci::ParseChallenges(line));
    challenges.insert(challenges.end(), more.begin(), more.end());
  }
  if (misbehaviours_.reads_first_challenge && challenges.size() > 1) challenges.resize(1);
  return challenges;
}

Result<bool> SimpleAuth::Answer(std::string_view origin, const oci::Headers& headers,
                                const std::string& scope) {
  PULLPROOF_ASSIGN_OR_RETURN(const std::vector<oci::Challenge> challenges, Read(headers));
  const auto bearer = std::ranges::find(challenges, "bearer", &oci::Challenge::scheme);
  if (bearer != challenges.end() && !misbehaviours_.knows_basic_only) {
    const bool had_token = tokens_.contains(KeyOf(origin, scope));
    if (had_token && (misbehaviours_.keeps_used_up_token || misbehaviours_.uses_one_token)) {
      return false;
    }
    Service service{.realm = bearer->Find("realm").value_or(""),
                    .service = bearer->Find("service").value_or(""),
                    .scopes = {}};
    const std::string asked = bearer->Find("scope").value_or("");
    for (const std::string_view each : Split(asked, ' ')) {
      if (!each.empty()) service.scopes.emplace_back(each);
    }
    PULLPROOF_RETURN_IF_ERROR(FetchToken(origin, service, scope));
    services_[std::string(origin)] = std::move(service);
    return true;
  }
  if (std::ranges::find(challenges, "basic", &oci::Challenge::scheme) == challenges.end()) {
    return false;
  }
  if (misbehaviours_.knows_bearer_only) return false;
  return !Basic(origin).empty() && basic_.emplace(origin).second;
}

std::string SimpleAuth::UrlOf(const Service& service, const std::string& scope) const {
  std::vector<std::string> scopes = service.scopes;
  if (scopes.empty() && !scope.empty()) scopes.push_back(scope);
  if (misbehaviours_.asks_without_scope) scopes.clear();
  std::string url = service.realm;
  char separator = url.contains('?') && !misbehaviours_.ignores_realm_query ? '&' : '?';
  const auto add = [&](std::string_view name, std::string_view value) {
    if (value.empty() && !misbehaviours_.sends_empty_parameters) return;
    url += fmt::format("{}{}={}", separator, name,
                       misbehaviours_.encodes_nothing ? std::string(value) : PercentEncode(value));
    separator = '&';
  };
  add("service", service.service);
  for (std::string each : scopes) {
    if (misbehaviours_.asks_for_push) each = Widened(std::move(each));
    if (misbehaviours_.pushes_with_pull_scope) each = Narrowed(std::move(each));
    add("scope", each);
  }
  return url;
}

Result<void> SimpleAuth::FetchToken(std::string_view origin, const Service& service,
                                    const std::string& scope) {
  if (service.realm.empty() && misbehaviours_.guesses_realm) {
    Service guessed = service;
    guessed.realm = fmt::format("{}/token", origin);
    return FetchToken(origin, guessed, scope);
  }
  const bool is_http =
      service.realm.starts_with("http://") || service.realm.starts_with("https://");
  if (!is_http) {
    return Fail("auth.realm", "the realm of the challenge is no http URL", service.realm);
  }
  if (origin.starts_with("https://") && service.realm.starts_with("http://") &&
      !misbehaviours_.shows_password_in_clear) {
    return Fail("auth.realm", "the token service of a registry with TLS has none", service.realm);
  }
  const Key key = KeyOf(origin, scope);
  std::string authorization = Basic(origin);
  if (const auto old = tokens_.find(key);
      misbehaviours_.shows_token_to_realm && old != tokens_.end()) {
    authorization = "Bearer " + old->second;
  }
  PULLPROOF_ASSIGN_OR_RETURN(const std::string body, fetch_(UrlOf(service, scope), authorization));
  std::string token;
  const Result<Node> answer = ParseJson(body, "token answer");
  if (answer) {
    token = TextMember(*answer, "token");
    if (token.empty() && !misbehaviours_.reads_token_only) {
      token = TextMember(*answer, "access_token");
    }
  }
  if (misbehaviours_.takes_any_token && token.empty()) token = "whatever";
  if (misbehaviours_.alters_tokens) token = ToLowerAscii(token);
  if (!IsToken(token) && !(misbehaviours_.uses_empty_token && token.empty())) {
    return Fail("auth.token", "the token service sent no token", service.realm);
  }
  tokens_[key] = std::move(token);
  return {};
}

}  // namespace pullproof::conformance::client
