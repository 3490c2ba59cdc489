#include "mockregistry/scenario.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "mockregistry/profile.h"

namespace pullproof::mockregistry {
namespace {

constexpr std::string_view kFirstHost = "registry";
// Each host is a listener with a port of its own; real cases need at most four.
constexpr std::size_t kMaxHosts = 16;

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
  host.serves = reader.Enum<Host::Serves>("serves", kServes, host.serves);
  ReadRejection(reader, host);
  reader.Finish();
  return host;
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

}  // namespace

std::shared_ptr<const Scenario> LoadScenario(std::string_view text, const std::string& name,
                                             const std::filesystem::path& directory,
                                             Diagnostics& problems) {
  Result<Node> document = ParseDocument(text, name);
  if (!document) {
    problems.Report(std::move(document).error());
    return nullptr;
  }
  LayProfileUnder(*document, problems);
  auto scenario = std::make_shared<Scenario>();
  scenario->fixture = content::ReadFixture(*document, problems);
  scenario->hosts = ReadHosts(scenario->fixture.hosts, problems);
  std::vector<std::string> hosts;
  for (const Host& host : scenario->hosts) hosts.push_back(host.id);
  scenario->auth = auth::ReadPolicies(scenario->fixture.auth, hosts, problems);
  std::optional<content::Content> content =
      content::Resolve(scenario->fixture, directory, problems);
  // Rules speak of content by name: without content every name would be reported as unknown.
  if (!content) return nullptr;
  scenario->content = *std::move(content);
  scenario->rules = script::ReadRules(scenario->fixture.rules, scenario->content, hosts, problems);
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
