#include "mockregistry/admin/api.h"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "mockregistry/admin/verbs.h"
#include "mockregistry/api/route.h"
#include "mockregistry/journal/json_writer.h"

namespace pullproof::mockregistry::admin {
namespace {

using Verb = api::Response (*)(const Call&);

constexpr std::array kRoutes = {
    RouteInfo{"GET", "/v1/health"},
    RouteInfo{"POST", "/v1/shutdown"},
    RouteInfo{"GET", "/v1/registries"},
    RouteInfo{"POST", "/v1/registries"},
    RouteInfo{"GET", "/v1/registries/{registry}"},
    RouteInfo{"DELETE", "/v1/registries/{registry}"},
    RouteInfo{"POST", "/v1/registries/{registry}/reset"},
    RouteInfo{"GET", "/v1/registries/{registry}/content"},
    RouteInfo{"GET", "/v1/registries/{registry}/rules"},
    RouteInfo{"POST", "/v1/registries/{registry}/rules"},
    RouteInfo{"PUT", "/v1/registries/{registry}/rules/{rule}"},
    RouteInfo{"PATCH", "/v1/registries/{registry}/rules/{rule}"},
    RouteInfo{"GET", "/v1/registries/{registry}/state"},
    RouteInfo{"PUT", "/v1/registries/{registry}/state"},
    RouteInfo{"GET", "/v1/registries/{registry}/journal"},
    RouteInfo{"DELETE", "/v1/registries/{registry}/journal"},
    RouteInfo{"POST", "/v1/registries/{registry}/journal/query"},
    RouteInfo{"POST", "/v1/registries/{registry}/journal/count"},
    RouteInfo{"POST", "/v1/registries/{registry}/journal/wait"},
    RouteInfo{"GET", "/v1/registries/{registry}/journal/har"},
    RouteInfo{"GET", "/v1/registries/{registry}/journal/unmatched"},
    RouteInfo{"POST", "/v1/registries/{registry}/verify"},
};

// In the order of kRoutes.
constexpr std::array<Verb, kRoutes.size()> kVerbs = {
    Health,         Shutdown,    ListRegistries, CreateRegistry, ShowRegistry, RemoveRegistry,
    ResetRegistry,  ShowContent, ListRules,      AddRule,        ReplaceRule,  EnableRule,
    ShowState,      SetState,    ListEntries,    ClearJournal,   QueryEntries, CountEntries,
    WaitForEntries, ExportHar,   ListUnmatched,  Verify,
};

// What the words in braces stand for; nullopt when the path is not of that form.
struct Captured {
  std::string registry;
  std::string rule;
};
std::optional<Captured> Match(std::string_view form, std::string_view path) {
  const std::vector<std::string_view> words = Split(form, '/');
  const std::vector<std::string_view> given = Split(path, '/');
  if (words.size() != given.size()) return std::nullopt;
  Captured captured;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!words[i].starts_with('{')) {
      if (words[i] != given[i]) return std::nullopt;
      continue;
    }
    const std::optional<std::string> value = PercentDecode(given[i]);
    if (!value || value->empty()) return std::nullopt;
    (words[i] == "{rule}" ? captured.rule : captured.registry) = *value;
  }
  return captured;
}

api::Response NoSuchMethod(std::string_view path) {
  std::string allowed;
  for (const RouteInfo& route : kRoutes) {
    if (!Match(route.path, path)) continue;
    allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", route.method);
  }
  if (allowed.empty()) {
    return Refusal(Error{"admin.not-found", fmt::format("there is no {}", path), {}, {}});
  }
  api::Response answer =
      Refusal(Error{"admin.method", fmt::format("{} takes {}", path, allowed), {}, {}});
  answer.headers.Add("Allow", allowed);
  return answer;
}

}  // namespace

std::span<const RouteInfo> Routes() { return kRoutes; }

api::Response Api::Handle(const api::Request& request) {
  if (const Result<void> allowed = access_.Check(request.headers); !allowed) {
    return Refusal(allowed.error());
  }
  if (request.body.size() > kMaxBody) {
    return Refusal(Error{
        "admin.body-too-large", fmt::format("the body has more than {} bytes", kMaxBody), {}, {}});
  }
  const std::string_view target = request.target;
  const std::size_t mark = target.find('?');
  const std::string_view path = target.substr(0, mark);
  for (std::size_t i = 0; i < kRoutes.size(); ++i) {
    if (kRoutes[i].method != request.method) continue;
    std::optional<Captured> captured = Match(kRoutes[i].path, path);
    if (!captured) continue;
    std::shared_ptr<Tenant> tenant;
    if (!captured->registry.empty()) {
      tenant = house_.Find(captured->registry);
      if (tenant == nullptr) {
        return Refusal(Error{"admin.not-found",
                             fmt::format("there is no registry `{}`", captured->registry),
                             {},
                             "GET /v1/registries lists them"});
      }
    }
    const Call call{.request = request,
                    .query = mark == std::string_view::npos
                                 ? std::vector<std::pair<std::string, std::string>>()
                                 : api::ParseQuery(target.substr(mark + 1)),
                    .tenant = std::move(tenant),
                    .rule = std::move(captured->rule),
                    .house = house_,
                    .shutdown = shutdown_};
    return kVerbs[i](call);
  }
  return NoSuchMethod(path);
}

}  // namespace pullproof::mockregistry::admin
