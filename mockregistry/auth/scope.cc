#include "mockregistry/auth/scope.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"

namespace pullproof::mockregistry::auth {
namespace {

constexpr std::string_view kRepository = "repository";

// RFC 6749 section 3.3: printable ASCII without blank, quote and backslash.
bool IsScopeText(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; });
}

Result<Scope> ParseScope(std::string_view text) {
  const std::size_t first = text.find(':');
  const std::size_t last = text.rfind(':');
  if (!IsScopeText(text) || first == std::string_view::npos || first == last || first == 0 ||
      last == first + 1) {
    return Fail("auth.scope", fmt::format("`{}` is no scope", Printable(text)), {},
                "write TYPE:NAME:ACTION,…, as in repository:team/app:pull");
  }
  Scope scope{.type = std::string(text.substr(0, first)),
              .name = std::string(text.substr(first + 1, last - first - 1)),
              .actions = {}};
  for (const std::string_view action : Split(text.substr(last + 1), ',')) {
    if (!action.empty()) scope.actions.emplace_back(action);
  }
  return scope;
}

std::vector<Scope> Repository(std::string_view name, std::vector<std::string> actions) {
  return {
      {.type = std::string(kRepository), .name = std::string(name), .actions = std::move(actions)}};
}

}  // namespace

std::string Scope::ToString() const {
  return fmt::format("{}:{}:{}", type, name, fmt::join(actions, ","));
}

Result<std::vector<Scope>> ParseScopes(std::string_view text) {
  std::vector<Scope> scopes;
  for (const std::string_view part : Split(text, ' ')) {
    if (part.empty()) continue;
    if (scopes.size() == kMaxScopes) {
      return Fail("auth.scope", fmt::format("more than {} scopes in one request", kMaxScopes));
    }
    PULLPROOF_ASSIGN_OR_RETURN(Scope scope, ParseScope(part));
    scopes.push_back(std::move(scope));
  }
  return scopes;
}

std::string JoinScopes(std::span<const Scope> scopes) {
  std::string text;
  for (const Scope& scope : scopes) {
    if (!text.empty()) text += ' ';
    text += scope.ToString();
  }
  return text;
}

std::vector<Scope> ScopesFor(const api::Route& route) {
  using enum api::Operation;
  switch (route.operation) {
    case kUnknown:
    case kPing:
    case kToken:
      return {};
    case kManifestGet:
    case kManifestHead:
    case kBlobGet:
    case kBlobHead:
    case kTagsList:
    case kReferrersList:
      return Repository(route.repository, {"pull"});
    case kManifestDelete:
    case kBlobDelete:
      return Repository(route.repository, {"delete"});
    case kManifestPut:
    case kUploadStart:
    case kUploadPatch:
    case kUploadPut:
    case kUploadGet:
    case kUploadDelete:
      return Repository(route.repository, {"pull", "push"});
    case kUploadMount: {
      std::vector<Scope> scopes = Repository(route.repository, {"pull", "push"});
      if (const auto from = route.Query("from"); from && *from != route.repository) {
        scopes.push_back(Repository(*from, {"pull"}).front());
      }
      return scopes;
    }
    case kCatalog:
      return {{.type = "registry", .name = "catalog", .actions = {"*"}}};
  }
  return {};
}

bool Covers(std::span<const Scope> granted, const Scope& needed) {
  const auto allows = [&needed](const std::string& action) {
    return [&needed, &action](const Scope& scope) {
      return scope.type == needed.type && scope.name == needed.name &&
             std::ranges::any_of(scope.actions, [&action](const std::string& allowed) {
               return allowed == action || allowed == "*";
             });
    };
  };
  return std::ranges::all_of(needed.actions, [&](const std::string& action) {
    return std::ranges::any_of(granted, allows(action));
  });
}

}  // namespace pullproof::mockregistry::auth
