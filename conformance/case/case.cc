#include "conformance/case/case.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "conformance/case/anchors.h"
#include "conformance/case/placeholder.h"
#include "oci/reference.h"

namespace pullproof::conformance {
namespace {

using client::Verb;
using mockregistry::Scenario;

constexpr std::array<std::pair<std::string_view, Verb>, 10> kVerbs{{
    {"pull", Verb::kPull},
    {"push", Verb::kPush},
    {"copy", Verb::kCopy},
    {"list-tags", Verb::kListTags},
    {"referrers", Verb::kReferrers},
    {"resolve", Verb::kResolve},
    {"delete", Verb::kDelete},
    {"mount", Verb::kMount},
    {"login", Verb::kLogin},
    {"unpack", Verb::kUnpack},
}};

constexpr std::array<std::pair<std::string_view, Step::Trust>, 3> kTrusts{{
    {"hosts", Step::Trust::kHosts},
    {"another", Step::Trust::kAnother},
    {"broken", Step::Trust::kBroken},
}};

constexpr std::string_view kManifestFile = "spin.toml";

// Relative, without empty, `.` or `..` segments: it stays below the directory that it is put into.
bool IsSafePath(std::string_view path) {
  if (path.empty() || path.find('\\') != std::string_view::npos ||
      path.find('\0') != std::string_view::npos) {
    return false;
  }
  return std::ranges::none_of(Split(path, '/'), [](std::string_view segment) {
    return segment.empty() || segment == "." || segment == "..";
  });
}

class StepReader {
 public:
  StepReader(const Node& node, std::size_t number, const Scenario& scenario, Diagnostics& problems)
      : what_(fmt::format("step {}", number)),
        reader_(node, what_, problems),
        scenario_(scenario),
        problems_(problems) {}

  Step Read() {
    if (reader_.Required("do") != nullptr) {
      step_.verb = reader_.Enum<Verb>("do", kVerbs, Verb::kPull);
    }
    step_.reference = reader_.String("ref");
    step_.to = reader_.String("to");
    step_.platform = reader_.String("platform");
    step_.recursive = reader_.Bool("recursive", false);
    step_.strict = reader_.Bool("strict", false);
    step_.fresh = reader_.Bool("fresh", false);
    step_.insecure = reader_.Bool("insecure", false);
    step_.trust = reader_.Enum<Step::Trust>("trust", kTrusts, Step::Trust::kHosts);
    step_.needs = reader_.OneOrManyStrings("needs");
    step_.files = reader_.StringMap("files");
    step_.login = ReadLogin("login");
    step_.proxy_login = ReadLogin("proxy_login");
    step_.enable = ReadRules("enable");
    step_.disable = ReadRules("disable");
    if (const Node* expect = reader_.Get("expect")) {
      step_.expect =
          ReadExpectation(*expect, fmt::format("`expect` of {}", what_), scenario_, problems_);
    }
    reader_.Finish();
    CheckVerb();
    if (CheckPlaceholders("ref", step_.reference)) CheckHost("ref", step_.reference);
    if (CheckPlaceholders("to", step_.to)) CheckHost("to", step_.to);
    CheckNetwork();
    for (const auto& [path, text] : step_.files) CheckPlaceholders("files", text);
    if (step_.expect.lock) CheckLock(*step_.expect.lock);
    return std::move(step_);
  }

 private:
  std::optional<client::Login> ReadLogin(std::string_view member) {
    const Node* node = reader_.Get(member);
    if (node == nullptr) return std::nullopt;
    TableReader reader(*node, fmt::format("`{}` of {}", member, what_), problems_);
    client::Login login{reader.RequiredString("user"), reader.RequiredString("password")};
    reader.Finish();
    return login;
  }

  // A client asks whomever a reference names: it may name nobody but the case's own hosts.
  void CheckHost(std::string_view member, std::string_view reference) {
    if (reference.empty() || reference.starts_with("{registry}") ||
        reference.starts_with("{host:") || NamesHost(reference)) {
      return;
    }
    problems_.Report(
        "case.outside-host", reader_.PositionOf(member),
        fmt::format("`{}` of {} names a registry that is none of the case's hosts", member, what_),
        "begin with {registry} or {host:ID}, or give a host that name: hosts.registry = { names = "
        "[…] }");
  }

  [[nodiscard]] bool NamesHost(std::string_view reference) const {
    const Result<oci::Reference> parsed = oci::Reference::Parse(reference);
    if (!parsed) return false;
    const std::string& domain = parsed->domain();
    const std::string host = domain == "docker.io" ? "registry-1.docker.io" : domain;
    return std::ranges::any_of(scenario_.hosts, [&](const mockregistry::Host& candidate) {
      return std::ranges::find(candidate.names, host) != candidate.names.end();
    });
  }

  void CheckNetwork() {
    const bool has_tls =
        std::ranges::any_of(scenario_.hosts, [](const auto& host) { return host.tls; });
    const auto refuse = [&](bool is_there, std::string_view member, std::string_view needed) {
      if (!is_there) return;
      problems_.Report("case.member-without-effect", reader_.PositionOf(member),
                       fmt::format("`{}` of {} means nothing: {}", member, what_, needed));
    };
    refuse(reader_.Has("trust") && !has_tls, "trust", "no host speaks TLS");
    refuse(step_.proxy_login && !scenario_.HasProxy(), "proxy_login", "no host has names");
    refuse(reader_.Has("insecure") && !scenario_.HasProxy(), "insecure", "no host has names");
  }

  std::vector<std::string> ReadRules(std::string_view member) {
    std::vector<std::string> rules = reader_.Strings(member);
    std::vector<std::string_view> known;
    for (const auto& rule : scenario_.rules) known.push_back(rule.id);
    for (const std::string& rule : rules) {
      if (std::ranges::find(known, rule) != known.end()) continue;
      problems_.Report("case.unknown-rule", reader_.PositionOf(member),
                       fmt::format("there is no rule `{}`", rule), SuggestFrom(rule, known));
    }
    return rules;
  }

  void Require(bool is_there, std::string_view member) {
    if (is_there) return;
    problems_.Report("model.missing-member", reader_.at(),
                     fmt::format("{} has no `{}`", what_, member));
  }

  void Refuse(bool is_there, std::string_view member, std::string_view verb) {
    if (!is_there) return;
    problems_.Report("case.member-of-other-verb", reader_.PositionOf(member),
                     fmt::format("`{}` of {} means something for `{}` only", member, what_, verb));
  }

  void CheckVerb() {
    const bool is_resolve = step_.verb == Verb::kResolve;
    Require(is_resolve || !step_.reference.empty(), "ref");
    Require(step_.verb != Verb::kCopy || !step_.to.empty(), "to");
    Refuse(is_resolve && reader_.Has("ref"), "ref", "pull");
    Refuse(step_.verb != Verb::kCopy && reader_.Has("to"), "to", "copy");
    Refuse(step_.verb != Verb::kReferrers && reader_.Has("recursive"), "recursive", "referrers");
    Refuse(step_.verb != Verb::kResolve && reader_.Has("strict"), "strict", "resolve");
    if (step_.strict) step_.needs.emplace_back(client::kStrictCapability);
    Refuse(!is_resolve && reader_.Has("files"), "files", "resolve");
    Refuse(!is_resolve && (step_.expect.lock || step_.expect.assets), "expect", "resolve");
    Refuse(step_.verb != Verb::kListTags && step_.expect.tags, "expect", "list-tags");
    Refuse(step_.verb != Verb::kReferrers && step_.expect.referrers, "expect", "referrers");
    if (!is_resolve) return;
    if (std::ranges::find(step_.files, kManifestFile,
                          &std::pair<std::string, std::string>::first) == step_.files.end()) {
      problems_.Report("model.missing-member", reader_.at(),
                       fmt::format("{} has no file `{}` to resolve", what_, kManifestFile));
    }
    for (const auto& [path, text] : step_.files) {
      if (IsSafePath(path)) continue;
      problems_.Report("case.unsafe-path", reader_.PositionOf("files"),
                       fmt::format("`{}` does not stay below the importer's directory", path),
                       "write a relative path without `.` and `..`");
    }
  }

  void CheckLock(const Node& node) {
    if (const std::string* text = node.string()) CheckPlaceholders("expect", *text);
    if (const Node::Array* items = node.array()) {
      for (const Node& item : *items) CheckLock(item);
    }
    if (const Node::Table* members = node.table()) {
      for (const Node::Member& member : *members) CheckLock(member.value);
    }
  }

  // Whether all of them can be filled in.
  bool CheckPlaceholders(std::string_view member, std::string_view text) {
    const Result<std::string> filled =
        FillPlaceholders(text, scenario_.content, [&](std::string_view id) {
          // Which port it will be is not known yet, and does not matter here.
          const bool is_host = std::ranges::find(scenario_.hosts, id, &mockregistry::Host::id) !=
                               scenario_.hosts.end();
          return is_host ? "127.0.0.1:1" : std::string();
        });
    if (filled) return true;
    problems_.Report(filled.error().id, reader_.PositionOf(member),
                     fmt::format("in `{}` of {}: {}", member, what_, filled.error().message),
                     filled.error().hint);
    return false;
  }

  std::string what_;
  TableReader reader_;
  const Scenario& scenario_;
  Diagnostics& problems_;
  Step step_;
};

std::vector<Step> ReadSteps(const Scenario& scenario, Diagnostics& problems) {
  const Node& client = scenario.fixture.client;
  const Node::Array* items = client.array();
  if (items == nullptr || items->empty()) {
    problems.Report("case.no-steps", client.at(), "nothing is asked of the client",
                    "add a step: [[client]] with `do` and `ref`");
    return {};
  }
  std::vector<Step> steps;
  for (const Node& item : *items) {
    steps.push_back(StepReader(item, steps.size() + 1, scenario, problems).Read());
  }
  return steps;
}

void CheckTwin(const Case& read, Diagnostics& problems) {
  const Position at = read.scenario->fixture.expect.at();
  if (read.IsHostile() && read.twin().empty()) {
    problems.Warn("case.no-twin", at,
                  "every step must fail, so a client that fails at everything would pass",
                  "name a benign case that must pass too: twin = \"…\"");
  }
  if (!read.twin().empty() && read.twin() == read.id()) {
    problems.Report("case.no-twin", at, "a case cannot be its own twin");
  }
}

bool Enables(const Step& step, const std::string& rule) {
  return std::ranges::find(step.enable, rule) != step.enable.end();
}

bool Watches(const Expectation& expect, const std::string& rule) {
  const bool in_fired =
      std::ranges::any_of(expect.fired, [&](const auto& fired) { return fired.first == rule; });
  const auto is_rule = [&](const Event& event) {
    return event.kind == Event::Kind::kRule && event.name == rule;
  };
  return in_fired || std::ranges::any_of(expect.order, is_rule);
}

void CheckRules(const Case& read, Diagnostics& problems) {
  for (const auto& rule : read.scenario->rules) {
    if (!rule.enabled && std::ranges::none_of(read.steps, [&](const Step& step) {
          return Enables(step, rule.id);
        })) {
      problems.Report("case.rule-never-enabled", rule.at,
                      fmt::format("rule `{}` is off and no step turns it on", rule.id),
                      fmt::format("add enable = [\"{}\"] to a step", rule.id));
      continue;
    }
    if (Watches(read.expect, rule.id) || std::ranges::any_of(read.steps, [&](const Step& step) {
          return Watches(step.expect, rule.id);
        })) {
      continue;
    }
    problems.Warn("case.rule-unwatched", rule.at,
                  fmt::format("nothing would notice if rule `{}` never fired", rule.id),
                  fmt::format("add it to expect.fired: fired = {{ {} = \"1..\" }}", rule.id));
  }
}

// Results of the whole case mean every step that states none of its own.
void CheckWholeExpectation(const Case& read, Diagnostics& problems) {
  const auto has = [&](Verb verb) {
    return std::ranges::any_of(read.steps, [&](const Step& step) { return step.verb == verb; });
  };
  const auto refuse = [&](bool is_there, std::string_view member, std::string_view verb) {
    if (!is_there) return;
    problems.Report("case.member-of-other-verb", read.scenario->fixture.expect.at(),
                    fmt::format("`expect.{}` needs a step that does `{}`", member, verb));
  };
  refuse(read.expect.tags && !has(Verb::kListTags), "tags", "list-tags");
  refuse(read.expect.referrers && !has(Verb::kReferrers), "referrers", "referrers");
  if (read.expect.lock || read.expect.assets) {
    problems.Report("case.member-of-other-verb", read.scenario->fixture.expect.at(),
                    "a lock and assets are what one step brings, not the whole case",
                    "move them to the `expect` of the step that resolves");
  }
}

}  // namespace

std::vector<std::string> Case::NeedsOf(const Step& step) const {
  std::vector<std::string> needs = scenario->fixture.needs;
  needs.insert(needs.end(), step.needs.begin(), step.needs.end());
  const auto add = [&](std::string_view need) {
    if (std::ranges::find(needs, need) == needs.end()) needs.emplace_back(need);
  };
  if (std::ranges::any_of(scenario->hosts, [](const auto& host) { return host.tls; })) {
    add(client::kTlsCapability);
  }
  if (scenario->HasProxy()) add(client::kProxyCapability);
  return needs;
}

Wanted Case::WantedOf(const Step& step) const {
  return step.expect.result.value_or(expect.result.value_or(Wanted::kOk));
}

bool Case::IsHostile() const {
  return std::ranges::all_of(steps,
                             [this](const Step& step) { return WantedOf(step) == Wanted::kFail; });
}

std::optional<Case> ReadCase(std::string_view text, const std::string& name,
                             const std::filesystem::path& directory, Diagnostics& problems) {
  Case read;
  read.file = name;
  read.scenario = mockregistry::LoadScenario(text, name, directory, problems);
  if (read.scenario == nullptr) return std::nullopt;
  CheckAnchors(read.scenario->fixture.spec, text, problems);
  read.steps = ReadSteps(*read.scenario, problems);
  if (const Node& expect = read.scenario->fixture.expect; !expect.is_null()) {
    read.expect = ReadExpectation(expect, "`expect`", *read.scenario, problems);
  }
  if (!read.steps.empty()) {
    CheckTwin(read, problems);
    CheckWholeExpectation(read, problems);
  }
  CheckRules(read, problems);
  if (problems.HasErrors()) return std::nullopt;
  return read;
}

}  // namespace pullproof::conformance
