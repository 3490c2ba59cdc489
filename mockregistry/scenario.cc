#include "mockregistry/scenario.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "mockregistry/content/layout.h"
#include "mockregistry/profile.h"
#include "mockregistry/script/engine.h"

namespace pullproof::mockregistry {
namespace {

constexpr std::string_view kFirstHost = "registry";
// Each host is a listener with a port of its own; real cases need at most four.
constexpr std::size_t kMaxHosts = 16;
// Docker Hub, which has the most, is known by four.
constexpr std::size_t kMaxNames = 16;

constexpr std::array<std::pair<std::string_view, Host::Serves>, 3> kServes{{
    {"all", Host::Serves::kAll},
    {"blobs", Host::Serves::kBlobs},
    {"none", Host::Serves::kNone},
}};

// Names that no resolver ever sends off this machine: 127.0.0.0/8, ::1, localhost and what is below
// it (RFC 6761 section 6.3).
bool IsLoopbackName(std::string_view name) {
  if (name == "localhost" || name == "::1" || name.ends_with(".localhost")) return true;
  return name.starts_with("127.") &&
         name.find_first_not_of("0123456789.") == std::string_view::npos;
}

// A name that DNS could have, in lower case and no address: RFC 1123 section 2.1.
bool IsDnsName(std::string_view name) {
  constexpr std::size_t kMaxName = 253;
  constexpr std::size_t kMaxLabel = 63;
  if (name.size() > kMaxName) return false;
  const std::vector<std::string_view> labels = Split(name, '.');
  const bool is_name = std::ranges::all_of(labels, [](std::string_view label) {
    return !label.empty() && label.size() <= kMaxLabel && !label.starts_with('-') &&
           !label.ends_with('-') &&
           label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
               std::string_view::npos;
  });
  return is_name && labels.back().find_first_not_of("0123456789") != std::string_view::npos;
}

void ReadNames(TableReader& reader, Host& host) {
  host.names = reader.Strings("names");
  const auto report = [&](std::string_view id, std::string message, std::string hint) {
    reader.problems().Report(std::string(id), reader.PositionOf("names"), std::move(message),
                             std::move(hint));
  };
  if (host.names.size() > kMaxNames) {
    report("hosts.too-many", fmt::format("host `{}` has more than {} names", host.id, kMaxNames),
           {});
  }
  for (const std::string& name : host.names) {
    if (IsDnsName(name) && !IsLoopbackName(name)) continue;
    report("hosts.name", fmt::format("`{}` is no name that a proxy would be asked for", name),
           "write a DNS name in lower case, as registry.example; addresses are not allowed");
  }
}

void ReadRejection(TableReader& reader, Host& host) {
  const Node* node = reader.Get("rejects");
  if (node == nullptr) return;
  const std::string what = fmt::format("`rejects` of host `{}`", host.id);
  TableReader rejection(*node, what, reader.problems());
  host.reject_status = static_cast<int>(rejection.Integer("status", host.reject_status, 100, 599));
  // What is left is an ordinary matcher; `status` is not its business.
  Node matcher = *node;
  if (Node::Table* members = matcher.table()) {
    std::erase_if(*members, [](const Node::Member& member) { return member.name == "status"; });
  }
  host.rejects = script::Matcher::Read(matcher, what, reader.problems());
}

Host ReadHost(const Node::Member& member, Diagnostics& problems) {
  Host host;
  host.id = member.name;
  TableReader reader(member.value, fmt::format("host `{}`", host.id), problems);
  host.name = reader.String("name", host.name);
  if (!IsLoopbackName(host.name)) {
    problems.Report("hosts.not-loopback", reader.PositionOf("name"),
                    fmt::format("`{}` could be reached outside of this machine", host.name),
                    "use 127.0.0.1 (or another address of 127.0.0.0/8), ::1, localhost or a name "
                    "below .localhost");
  }
  ReadNames(reader, host);
  host.tls = reader.Bool("tls", host.tls);
  host.serves = reader.Enum<Host::Serves>("serves", kServes, host.serves);
  ReadRejection(reader, host);
  reader.Finish();
  return host;
}

void CheckHosts(const std::vector<Host>& hosts, const Node& node, Diagnostics& problems) {
  std::vector<std::string_view> names;
  for (const Host& host : hosts) {
    const Node* table = node.Find(host.id);
    if (host.id == script::kProxyHost) {
      problems.Report("hosts.reserved", table->at(),
                      "`proxy` is the proxy's own name in rules and in the journal",
                      "call the host something else; the proxy is there when a host has `names`");
    }
    for (const std::string& name : host.names) {
      if (std::ranges::find(names, name) != names.end()) {
        problems.Report("hosts.duplicate-name", table->at(),
                        fmt::format("two hosts are called `{}`", name));
      }
      names.push_back(name);
    }
  }
}

// The registry itself stands first, whether the fixture mentions it or not.
std::vector<Host> ReadHosts(const Node& node, Diagnostics& problems) {
  std::vector<Host> hosts;
  if (const Node::Table* members = node.table()) {
    for (const Node::Member& member : *members) hosts.push_back(ReadHost(member, problems));
  } else if (!node.is_null()) {
    problems.Report("model.kind", node.at(),
                    fmt::format("`hosts` must be a table, not {}", node.KindName()));
  }
  if (hosts.size() > kMaxHosts) {
    problems.Report("hosts.too-many", node.at(), fmt::format("more than {} hosts", kMaxHosts));
  }
  CheckHosts(hosts, node, problems);
  const auto first = std::ranges::find(hosts, kFirstHost, &Host::id);
  if (first == hosts.end()) {
    Host registry;
    registry.id = kFirstHost;
    hosts.insert(hosts.begin(), std::move(registry));
  } else {
    std::rotate(hosts.begin(), first, first + 1);
  }
  return hosts;
}

// A handshake that cannot come would count as a fault that never fired.
void CheckTlsRules(const Scenario& scenario, Diagnostics& problems) {
  for (const script::Rule& rule : scenario.rules) {
    if (!rule.effect.opening || rule.effect.opening == script::Opening::kRefuse) continue;
    const bool has_host = std::ranges::any_of(scenario.hosts, [&](const Host& host) {
      return host.tls && (!rule.on.host() || *rule.on.host() == host.id);
    });
    if (has_host) continue;
    problems.Report("script.no-effect", rule.at,
                    fmt::format("`conn` of rule `{}` changes a handshake, and no host that it "
                                "means speaks TLS",
                                rule.id),
                    "write tls = true in the table of its host");
  }
}

}  // namespace

bool Scenario::HasProxy() const {
  return std::ranges::any_of(hosts, [](const Host& host) { return !host.names.empty(); });
}

std::shared_ptr<const Scenario> LoadScenario(std::string_view text, const std::string& name,
                                             const std::filesystem::path& directory,
                                             Diagnostics& problems) {
  Result<Node> document = ParseDocument(text, name);
  if (!document) {
    problems.Report(std::move(document).error());
    return nullptr;
  }
  return LoadScenario(*std::move(document), directory, problems);
}

std::shared_ptr<const Scenario> LoadScenario(Node document, const std::filesystem::path& directory,
                                             Diagnostics& problems) {
  LayProfileUnder(document, problems);
  auto scenario = std::make_shared<Scenario>();
  scenario->fixture = content::ReadFixture(document, problems);
  scenario->hosts = ReadHosts(scenario->fixture.hosts, problems);
  std::vector<std::string> hosts;
  for (const Host& host : scenario->hosts) hosts.push_back(host.id);
  scenario->auth = auth::ReadPolicies(scenario->fixture.auth, hosts, problems);
  content::AddLayouts(scenario->fixture, directory, problems);
  std::optional<content::Content> content =
      content::Resolve(scenario->fixture, directory, problems);
  // Rules speak of content by name: without content every name would be reported as unknown.
  if (!content) return nullptr;
  scenario->content = *std::move(content);
  if (scenario->HasProxy()) hosts.emplace_back(script::kProxyHost);
  scenario->rules = script::ReadRules(scenario->fixture.rules, scenario->content, hosts, problems);
  CheckTlsRules(*scenario, problems);
  if (problems.HasErrors()) return nullptr;
  return scenario;
}

std::shared_ptr<const Scenario> EmptyScenario() {
  auto scenario = std::make_shared<Scenario>();
  scenario->fixture.id = "empty";
  Host registry;
  registry.id = kFirstHost;
  scenario->hosts.push_back(std::move(registry));
  return scenario;
}

}  // namespace pullproof::mockregistry
