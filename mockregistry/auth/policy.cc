#include "mockregistry/auth/policy.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/text.h"
#include "oci/headers.h"

namespace pullproof::mockregistry::auth {
namespace {

constexpr std::array<std::pair<std::string_view, Policy::Scheme>, 2> kSchemes{{
    {"basic", Policy::Scheme::kBasic},
    {"bearer", Policy::Scheme::kBearer},
}};

constexpr std::array<std::pair<std::string_view, TokenShape::Field>, 4> kFields{{
    {"token", TokenShape::Field::kToken},
    {"access_token", TokenShape::Field::kAccessToken},
    {"both", TokenShape::Field::kBoth},
    {"none", TokenShape::Field::kNone},
}};

enum class Action { kPull, kPush, kDelete };
constexpr std::array<std::pair<std::string_view, Action>, 3> kActions{{
    {"pull", Action::kPull},
    {"push", Action::kPush},
    {"delete", Action::kDelete},
}};

void CheckHost(std::string_view host, std::span<const std::string> hosts, Position at,
               Diagnostics& problems) {
  if (std::ranges::find(hosts, host) != hosts.end()) return;
  const std::vector<std::string_view> known(hosts.begin(), hosts.end());
  problems.Report("auth.unknown-host", at, fmt::format("`{}` is no host of this fixture", host),
                  SuggestFrom(host, known));
}

// RFC 7617 section 2: a colon would end the user's name, and neither part has control characters.
// An empty password cannot be searched for by a leak check.
void CheckUser(const Node::Member& user, Diagnostics& problems) {
  if (user.name.empty() || user.name.contains(':') || !oci::IsHeaderValue(user.name)) {
    problems.Report("auth.user", user.at, fmt::format("`{}` cannot be a user's name", user.name),
                    "it must not be empty and has neither colons nor control characters");
  }
  const std::string* password = user.value.string();
  if (password != nullptr && (password->empty() || !oci::IsHeaderValue(*password))) {
    problems.Report(
        "auth.password", user.value.at(),
        fmt::format("the password of `{}` is empty or has control characters", user.name));
  }
}

std::vector<std::string> ReadAnonymous(TableReader& reader) {
  std::vector<std::string> actions;
  for (const Node& item : reader.Array("anonymous")) {
    if (reader.EnumValue<Action>(item, "anonymous", kActions)) actions.push_back(*item.string());
  }
  return actions;
}

void RefuseForBasic(TableReader& reader) {
  for (const std::string_view name : {"realm", "token"}) {
    if (!reader.Has(name)) continue;
    reader.problems().Report(
        "auth.not-for-basic", reader.PositionOf(name),
        fmt::format("`{}` of {} means nothing with scheme `basic`", name, reader.what()),
        "leave it out, or use scheme = \"bearer\"");
  }
}

Policy ReadPolicy(const Node::Member& member, std::span<const std::string> hosts,
                  Diagnostics& problems) {
  CheckHost(member.name, hosts, member.at, problems);
  Policy policy;
  policy.host = member.name;
  TableReader reader(member.value, fmt::format("`auth.{}`", member.name), problems);
  if (const Node* scheme = reader.Required("scheme")) {
    policy.scheme =
        reader.EnumValue<Policy::Scheme>(*scheme, "scheme", kSchemes).value_or(policy.scheme);
  }
  policy.realm = reader.String("realm", policy.host);
  if (reader.Has("realm")) CheckHost(policy.realm, hosts, reader.PositionOf("realm"), problems);
  policy.service = reader.String("service");
  for (const Node::Member& user : reader.Table("users")) CheckUser(user, problems);
  policy.users = reader.StringMap("users");
  policy.anonymous = ReadAnonymous(reader);
  if (const Node* token = reader.Get("token")) {
    policy.token = ReadTokenShape(*token, fmt::format("`auth.{}.token`", policy.host),
                                  AllowNoField::kNo, problems);
  }
  policy.challenges = reader.Strings("challenges");
  for (const std::string& challenge : policy.challenges) {
    if (oci::IsHeaderValue(challenge)) continue;
    problems.Report("auth.challenge", reader.PositionOf("challenges"),
                    fmt::format("a challenge of {} has control characters", reader.what()));
  }
  if (policy.scheme == Policy::Scheme::kBasic) RefuseForBasic(reader);
  if (policy.users.empty() && policy.anonymous.empty()) {
    problems.Warn("auth.nobody", member.at, fmt::format("`auth.{}` lets nobody in", policy.host),
                  "give it `users` or `anonymous` actions");
  }
  reader.Finish();
  return policy;
}

// The token service tells the hosts that share it apart by `service` alone.
void CheckServices(const std::vector<Policy>& policies, const Node& node, Diagnostics& problems) {
  for (auto policy = policies.begin(); policy != policies.end(); ++policy) {
    if (policy->scheme != Policy::Scheme::kBearer) continue;
    const auto same = std::find_if(policies.begin(), policy, [&policy](const Policy& earlier) {
      return earlier.scheme == Policy::Scheme::kBearer && earlier.realm == policy->realm &&
             earlier.service == policy->service;
    });
    if (same == policy) continue;
    const Node* at = node.Find(policy->host);
    problems.Report("auth.same-service", at->at(),
                    fmt::format("`{}` and `{}` share a realm and have the same `service`",
                                same->host, policy->host),
                    "give each a `service` of its own");
  }
}

}  // namespace

TokenShape ReadTokenShape(const Node& node, std::string what, AllowNoField allow_no_field,
                          Diagnostics& problems) {
  TokenShape shape;
  TableReader reader(node, std::move(what), problems);
  const Names<TokenShape::Field> fields(kFields);
  shape.field = reader.Enum<TokenShape::Field>(
      "field", allow_no_field == AllowNoField::kYes ? fields : fields.first(kFields.size() - 1),
      shape.field);
  if (const auto uses = reader.OptionalInteger("valid_uses", 0)) {
    shape.valid_uses = static_cast<std::uint64_t>(*uses);
  }
  if (const auto text = reader.OptionalString("claims_expires_in")) {
    const Result<Duration> duration = ParseDuration(*text);
    if (!duration || *duration % std::chrono::seconds(1) != Duration::zero()) {
      problems.Report("auth.expires-in", reader.PositionOf("claims_expires_in"),
                      fmt::format("`claims_expires_in` of {} is `{}`, no whole number of seconds",
                                  reader.what(), *text),
                      "write it as in \"300s\"");
    } else {
      shape.claims_expires_in = static_cast<std::uint64_t>(*duration / std::chrono::seconds(1));
    }
  }
  reader.Finish();
  return shape;
}

std::vector<Policy> ReadPolicies(const Node& node, std::span<const std::string> hosts,
                                 Diagnostics& problems) {
  if (node.is_null()) return {};
  std::vector<Policy> policies;
  const Node::Table* members = node.table();
  if (members == nullptr) {
    problems.Report("model.kind", node.at(),
                    fmt::format("`auth` must be a table, not {}", node.KindName()));
    return policies;
  }
  for (const Node::Member& member : *members) {
    policies.push_back(ReadPolicy(member, hosts, problems));
  }
  CheckServices(policies, node, problems);
  return policies;
}

}  // namespace pullproof::mockregistry::auth
