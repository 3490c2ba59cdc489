#include "mockregistry/auth/auth.h"

#include <algorithm>
#include <mutex>
#include <span>
#include <utility>

#include "base/document.h"
#include "base/text.h"
#include "mockregistry/api/handle.h"
#include "mockregistry/auth/authorization.h"
#include "mockregistry/auth/challenge.h"
#include "mockregistry/auth/scope.h"
#include "mockregistry/auth/token_request.h"
#include "mockregistry/auth/token_table.h"
#include "mockregistry/content/byte_source.h"

namespace pullproof::mockregistry::auth {
namespace {

constexpr int kBadRequest = 400;
constexpr int kNotFound = 404;

bool IsUser(const Policy& policy, const std::string& user, const std::string& password) {
  return std::ranges::find(policy.users, std::pair(user, password)) != policy.users.end();
}

bool IsAnonymousAction(const Policy& policy, const std::string& action) {
  return std::ranges::find(policy.anonymous, action) != policy.anonymous.end();
}

// The part of what is asked for that needs no credentials; the catalog always does.
std::vector<Scope> AnonymousPart(const Policy& policy, std::vector<Scope> asked) {
  std::erase_if(asked, [](const Scope& scope) { return scope.type != "repository"; });
  for (Scope& scope : asked) {
    std::erase_if(scope.actions, [&policy](const std::string& action) {
      return !IsAnonymousAction(policy, action);
    });
  }
  return asked;
}

bool CoversAll(std::span<const Scope> granted, std::span<const Scope> needed) {
  return std::ranges::all_of(needed,
                             [granted](const Scope& scope) { return Covers(granted, scope); });
}

// Adds what is not there yet, in order.
void AddOnce(std::vector<std::string>& hosts, const std::string& host) {
  if (std::ranges::find(hosts, host) == hosts.end()) hosts.push_back(host);
}

// A token must not be kept by anything in between. Spec: RFC 6749 section 5.1.
api::Response JsonResponse(int status, Node::Table members) {
  api::Response response;
  response.status = status;
  response.headers.Add("Content-Type", "application/json");
  response.headers.Add("Cache-Control", "no-store");
  // Canonical JSON fails only for fractions, of which there are none.
  response.body = content::FromString(CanonicalJson(Node(std::move(members))).value());
  return response;
}

Node::Member Text(std::string_view name, std::string_view value) {
  return {std::string(name), {}, Node(std::string(value))};
}

// Spec: RFC 6749 section 5.2.
api::Response OAuthError(std::string_view code, std::string_view description) {
  return JsonResponse(kBadRequest, {Text("error", code), Text("error_description", description)});
}

std::vector<std::string_view> TokenMembers(TokenShape::Field field, bool is_oauth) {
  switch (field) {
    case TokenShape::Field::kToken:
      if (is_oauth) return {"access_token"};
      return {"token"};
    case TokenShape::Field::kAccessToken:
      return {"access_token"};
    case TokenShape::Field::kBoth:
      return {"token", "access_token"};
    case TokenShape::Field::kNone:
      return {};
  }
  return {};
}

}  // namespace

class Authenticator::Impl {
 public:
  Impl(std::vector<Policy> policies, std::uint64_t seed,
       std::function<std::string(std::string_view)> origin)
      : policies_(std::move(policies)),
        origin_(std::move(origin)),
        tokens_(seed, "token"),
        refresh_tokens_(seed, "refresh token") {}

  std::optional<api::Response> Check(const api::Request& request, const api::Route& route) {
    const auto policy = std::ranges::find(policies_, request.host, &Policy::host);
    if (policy == policies_.end() || route.operation == api::Operation::kToken) {
      return std::nullopt;
    }
    const std::vector<Scope> needed = ScopesFor(route);
    return policy->scheme == Policy::Scheme::kBasic ? CheckBasic(*policy, request, needed)
                                                    : CheckBearer(*policy, request, needed);
  }

  api::Response Token(const api::Request& request, const api::Route& route,
                      const std::optional<TokenShape>& shape) {
    if (std::ranges::none_of(policies_,
                             [&](const Policy& p) { return IsRealm(p, request.host); })) {
      return api::ErrorResponse("UNSUPPORTED", "this host has no token service", kNotFound);
    }
    return request.method == "POST" ? AnswerForm(request, shape)
                                    : AnswerQuery(request, route, shape);
  }

  [[nodiscard]] std::vector<Secret> Secrets() const {
    std::vector<Secret> secrets;
    for (const Policy& policy : policies_) AddPasswords(policy, secrets);
    const std::scoped_lock lock(mutex_);
    tokens_.ForEach([&](const std::string& token, const Grant& grant) {
      secrets.push_back({token, "token", HostsOfRealm(grant.policy->realm)});
    });
    refresh_tokens_.ForEach([&](const std::string& token, const Grant& grant) {
      secrets.push_back({token, "refresh token", {grant.policy->realm}});
    });
    return secrets;
  }

  void Reset() {
    const std::scoped_lock lock(mutex_);
    tokens_.Clear();
    refresh_tokens_.Clear();
  }

 private:
  static bool IsRealm(const Policy& policy, std::string_view host) {
    return policy.scheme == Policy::Scheme::kBearer && policy.realm == host;
  }

  // --- Requests to a registry ---

  static std::optional<api::Response> CheckBasic(const Policy& policy, const api::Request& request,
                                                 std::span<const Scope> needed) {
    const std::optional<std::string> header = request.headers.Find("Authorization");
    if (!header) {
      const std::vector<Scope> asked(needed.begin(), needed.end());
      if (!policy.anonymous.empty() && CoversAll(AnonymousPart(policy, asked), needed)) {
        return std::nullopt;
      }
      return Unauthorized(request, Challenges(policy, "", needed, ""), "authentication required");
    }
    if (NameOfUser(policy, *header)) return std::nullopt;
    return Unauthorized(request, Challenges(policy, "", needed, ""), "wrong user or password");
  }

  std::optional<api::Response> CheckBearer(const Policy& policy, const api::Request& request,
                                           std::span<const Scope> needed) {
    const auto refuse = [&](std::string_view error, std::string_view message) {
      const std::string realm = origin_(policy.realm) + std::string(api::kTokenPath);
      return Unauthorized(request, Challenges(policy, realm, needed, error), message);
    };
    const std::optional<std::string> header = request.headers.Find("Authorization");
    const Authorization authorization = ParseAuthorization(header ? *header : std::string_view());
    if (!authorization.Is("Bearer")) return refuse("", "authentication required");

    const std::scoped_lock lock(mutex_);
    Grant* grant = tokens_.Find(authorization.credential);
    if (grant == nullptr || grant->policy != &policy) {
      return refuse("invalid_token", "the token was not issued for this registry");
    }
    if (grant->uses_left == 0U) return refuse("invalid_token", "the token has expired");
    if (!CoversAll(grant->scopes, needed)) {
      return refuse("insufficient_scope", "the token does not cover this request");
    }
    if (grant->uses_left) --*grant->uses_left;
    return std::nullopt;
  }

  // The user whose Basic credentials the header holds, if they are right.
  static std::optional<std::string> NameOfUser(const Policy& policy, std::string_view header) {
    const Authorization authorization = ParseAuthorization(header);
    if (!authorization.Is("Basic")) return std::nullopt;
    const std::optional<UserPassword> pair = DecodeBasic(authorization.credential);
    if (!pair || !IsUser(policy, pair->user, pair->password)) return std::nullopt;
    return pair->user;
  }

  // --- Requests to a token service ---

  // Of the hosts that use this realm, the one that the client means; null when there is none.
  [[nodiscard]] const Policy* PolicyFor(std::string_view realm, std::string_view service) const {
    const Policy* fallback = nullptr;
    for (const Policy& policy : policies_) {
      if (!IsRealm(policy, realm)) continue;
      if (policy.service == service) return &policy;
      const bool is_open = service.empty() || policy.service.empty();
      if (fallback == nullptr && is_open) fallback = &policy;
    }
    return fallback;
  }

  api::Response AnswerQuery(const api::Request& request, const api::Route& route,
                            const std::optional<TokenShape>& shape) {
    const Result<TokenRequest> asked = ReadTokenQuery(route.query);
    if (!asked) return api::ErrorResponse("UNSUPPORTED", asked.error().message, kBadRequest);
    const Policy* policy = PolicyFor(request.host, asked->service);
    if (policy == nullptr) {
      return api::ErrorResponse("UNSUPPORTED", "unknown service", kBadRequest);
    }
    const std::optional<std::string> header = request.headers.Find("Authorization");
    if (!header) {
      if (policy->anonymous.empty()) {
        return Unauthorized(request, {BasicChallenge(*policy)}, "authentication required");
      }
      return Issue(*policy, "", *asked, shape, /*is_oauth=*/false);
    }
    const std::optional<std::string> user = NameOfUser(*policy, *header);
    if (!user) return Unauthorized(request, {BasicChallenge(*policy)}, "wrong user or password");
    return Issue(*policy, *user, *asked, shape, /*is_oauth=*/false);
  }

  api::Response AnswerForm(const api::Request& request, const std::optional<TokenShape>& shape) {
    const Result<TokenRequest> asked = ReadTokenForm(request);
    if (!asked) return OAuthError(asked.error().id, asked.error().message);
    const Policy* policy = PolicyFor(request.host, asked->service);
    if (policy == nullptr) return OAuthError("invalid_request", "unknown service");
    if (asked->grant_type == TokenRequest::GrantType::kPassword) {
      if (!IsUser(*policy, asked->user, asked->password)) {
        return OAuthError("invalid_grant", "wrong user or password");
      }
      return Issue(*policy, asked->user, *asked, shape, /*is_oauth=*/true);
    }
    const std::optional<std::string> user = UserOfRefreshToken(*policy, asked->refresh_token);
    if (!user) return OAuthError("invalid_grant", "unknown refresh token");
    return Issue(*policy, *user, *asked, shape, /*is_oauth=*/true);
  }

  std::optional<std::string> UserOfRefreshToken(const Policy& policy, std::string_view token) {
    const std::scoped_lock lock(mutex_);
    const Grant* grant = refresh_tokens_.Find(token);
    if (grant == nullptr || grant->policy != &policy) return std::nullopt;
    return grant->user;
  }

  api::Response Issue(const Policy& policy, const std::string& user, const TokenRequest& asked,
                      const std::optional<TokenShape>& shape, bool is_oauth) {
    const TokenShape& look = shape ? *shape : policy.token;
    const std::vector<Scope> granted =
        user.empty() ? AnonymousPart(policy, asked.scopes) : asked.scopes;
    Node::Table members;
    {
      const std::scoped_lock lock(mutex_);
      const std::string token = tokens_.Issue({&policy, user, granted, look.valid_uses});
      for (const std::string_view name : TokenMembers(look.field, is_oauth)) {
        members.push_back(Text(name, token));
      }
      // There is nobody whom an anonymous refresh token could stand for.
      if (asked.wants_refresh_token && !user.empty()) {
        members.push_back(
            Text("refresh_token", refresh_tokens_.Issue({&policy, user, {}, std::nullopt})));
      }
    }
    if (look.claims_expires_in)
      members.push_back({"expires_in", {}, Node(*look.claims_expires_in)});
    if (is_oauth) members.push_back(Text("scope", JoinScopes(granted)));
    constexpr int kOk = 200;
    return JsonResponse(kOk, std::move(members));
  }

  // --- Secrets ---

  static void AddPasswords(const Policy& policy, std::vector<Secret>& secrets) {
    std::vector<std::string> known_to{policy.host};
    if (policy.scheme == Policy::Scheme::kBearer) AddOnce(known_to, policy.realm);
    for (const auto& [user, password] : policy.users) {
      secrets.push_back({password, "password", known_to});
      secrets.push_back({Base64Encode(user + ":" + password), "user:password in base64", known_to});
    }
  }

  [[nodiscard]] std::vector<std::string> HostsOfRealm(const std::string& realm) const {
    std::vector<std::string> hosts{realm};
    for (const Policy& policy : policies_) {
      if (IsRealm(policy, realm)) AddOnce(hosts, policy.host);
    }
    return hosts;
  }

  const std::vector<Policy> policies_;  // never moves: grants point into it
  const std::function<std::string(std::string_view)> origin_;
  mutable std::mutex mutex_;  // guards both tables
  TokenTable tokens_;
  TokenTable refresh_tokens_;
};

Authenticator::Authenticator(std::vector<Policy> policies, std::uint64_t seed,
                             std::function<std::string(std::string_view)> origin)
    : impl_(std::make_unique<Impl>(std::move(policies), seed, std::move(origin))) {}

Authenticator::~Authenticator() = default;

std::optional<api::Response> Authenticator::Check(const api::Request& request,
                                                  const api::Route& route) {
  return impl_->Check(request, route);
}

api::Response Authenticator::Token(const api::Request& request, const api::Route& route,
                                   const std::optional<TokenShape>& shape) {
  return impl_->Token(request, route, shape);
}

std::vector<Secret> Authenticator::Secrets() const { return impl_->Secrets(); }

void Authenticator::Reset() { impl_->Reset(); }

}  // namespace pullproof::mockregistry::auth
