#include "mockregistry/script/rule.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::mockregistry::script {
namespace {

constexpr std::array<std::pair<std::string_view, Pick::Kind>, 4> kCountedKinds{{
    {"first", Pick::Kind::kFirst},
    {"nth", Pick::Kind::kNth},
    {"every", Pick::Kind::kEvery},
    {"from", Pick::Kind::kFrom},
}};

constexpr std::array<std::pair<std::string_view, Pick::Per>, 3> kPers{{
    {"rule", Pick::Per::kRule},
    {"content", Pick::Per::kContent},
    {"connection", Pick::Per::kConnection},
}};

using enum api::Operation;
constexpr OperationSet kListings{kTagsList, kReferrersList, kCatalog};
constexpr OperationSet kTokens{kToken};
constexpr OperationSet kManifestReads{kManifestGet, kManifestHead};
constexpr OperationSet kHeads{kManifestHead, kBlobHead};

// A number between 0 and 1, whole ones included.
std::optional<double> ChanceOf(const Node& value) {
  double chance = std::numeric_limits<double>::quiet_NaN();
  if (const double* real = value.real()) chance = *real;
  if (const std::int64_t* whole = value.integer()) chance = static_cast<double>(*whole);
  if (!(chance >= 0 && chance <= 1)) return std::nullopt;
  return chance;
}

Pick ReadPick(const Node& node, const std::string& rule, Diagnostics& problems) {
  Pick pick;
  TableReader reader(node, fmt::format("`pick` of {}", rule), problems);
  int kinds = 0;
  for (const auto& [name, kind] : kCountedKinds) {
    kinds += static_cast<int>(reader.Has(name));
    if (const auto n = reader.OptionalInteger(name, 1)) {
      pick.kind = kind;
      pick.n = static_cast<std::uint64_t>(*n);
    }
  }
  if (const Node* value = reader.Get("chance")) {
    ++kinds;
    pick.kind = Pick::Kind::kChance;
    if (const std::optional<double> chance = ChanceOf(*value)) {
      pick.chance = *chance;
    } else {
      problems.Report("script.pick", value->at(),
                      fmt::format("`chance` of {} must be a number from 0 to 1", reader.what()));
    }
  }
  pick.per = reader.Enum<Pick::Per>("per", kPers, pick.per);
  if (kinds != 1 && node.table() != nullptr) {
    problems.Report("script.pick", node.at(),
                    fmt::format("{} has {} of `first`, `nth`, `every`, `from` and `chance`",
                                reader.what(), kinds == 0 ? "none" : "several"),
                    "a rule without `pick` fires for every request that it matches");
  }
  reader.Finish();
  return pick;
}

// The place of each name, for messages: `name` is one string or an array of them.
void CheckMatcherNames(const Matcher& on, const Node& node, const std::string& rule,
                       const Vocabulary& vocabulary, Diagnostics& problems) {
  if (const Node* name = node.Find("name")) {
    const Node::Array* items = name->array();
    for (std::size_t i = 0; i < on.names().size(); ++i) {
      vocabulary.CheckContent(on.names()[i], items != nullptr ? (*items)[i].at() : name->at(),
                              fmt::format("`on.name` of {}", rule), problems);
    }
  }
  if (on.host()) {
    vocabulary.CheckHost(*on.host(), node.Find("host")->at(), fmt::format("`on.host` of {}", rule),
                         problems);
  }
}

// True if anything of it shows in an answer without a body.
bool ShowsInHead(const BodyFault& body) {
  const bool is_tidy = body.cut && body.cut->ending == Cut::Ending::kTidy;
  return body.swap || body.append || is_tidy || body.length || body.framing;
}

// True if one of the manifests that the rule may meet has the child.
bool HasChild(const content::Content& content, const Matcher& on, std::string_view child) {
  return std::ranges::any_of(content.manifests, [&](const content::StoredManifest& manifest) {
    const bool is_meant =
        on.names().empty() || std::ranges::find(on.names(), manifest.name) != on.names().end();
    return is_meant && std::ranges::find(manifest.children, child) != manifest.children.end();
  });
}

// False if the rule names manifests, and none of them is JSON.
bool MeetsJson(const content::Content& content, const Matcher& on) {
  return on.names().empty() || std::ranges::any_of(on.names(), [&](const std::string& name) {
           const content::StoredManifest* manifest = content.FindManifest(name);
           return manifest != nullptr && ParseJson(manifest->bytes, name).has_value();
         });
}

// An effect that can never show would count as a fault that fired, and the case would pass for
// nothing.
void CheckEffectFitsOperations(const Rule& rule, const Node& node, const std::string& what,
                               const Vocabulary& vocabulary, Diagnostics& problems) {
  const auto report = [&](std::string_view member, std::string_view why) {
    problems.Report("script.no-effect", node.Find("do")->Find(member)->at(),
                    fmt::format("`{}` of {} changes nothing: {}", member, what, why));
  };
  const Effect& effect = rule.effect;
  const OperationSet operations = rule.on.operations();
  if (effect.list && !operations.Overlaps(kListings)) {
    report("list", "the rule matches no tags.list, referrers.list or catalog");
  }
  if (effect.token && !operations.Overlaps(kTokens)) report("token", "the rule matches no token");
  if (effect.descriptor) {
    if (!operations.Overlaps(kManifestReads)) {
      report("descriptor", "the rule matches no manifest.get or manifest.head");
    } else if (vocabulary.HasContent(effect.descriptor->of) &&
               !HasChild(vocabulary.content(), rule.on, effect.descriptor->of)) {
      report("descriptor", fmt::format("no manifest that the rule matches refers to `{}`",
                                       effect.descriptor->of));
    }
  }
  if (effect.mutate && !operations.Overlaps(kManifestReads)) {
    report("mutate", "the rule matches no manifest.get or manifest.head");
  } else if (effect.mutate && !MeetsJson(vocabulary.content(), rule.on)) {
    report("mutate", "no manifest that the rule matches by name is JSON");
  }
  if (effect.body && kHeads.Includes(operations) && !ShowsInHead(*effect.body)) {
    report("body", "the rule matches only HEAD, whose answers have none");
  }
}

// A connection that is refused, or a handshake that fails, has no request yet.
void CheckOpening(const Rule& rule, const Node& on, const std::string& what,
                  Diagnostics& problems) {
  if (!rule.effect.opening) return;
  if (!rule.on.AsksOnlyHost()) {
    problems.Report(
        "script.too-early", on.at(),
        fmt::format("`conn` of {} acts before any request, when only `host` is known", what),
        "leave everything but `host` out of `on`");
  }
  if (rule.pick.per == Pick::Per::kContent) {
    problems.Report("script.too-early", on.at(),
                    fmt::format("`conn` of {} acts before any content is asked for", what),
                    "count per rule or per connection");
  }
}

Rule ReadRule(const Node& node, std::size_t index, const Vocabulary& vocabulary,
              Diagnostics& problems) {
  Rule rule;
  rule.at = node.at();
  const Node* id = node.Find("id");
  const bool has_id = id != nullptr && id->string() != nullptr && !id->string()->empty();
  const std::string what =
      has_id ? fmt::format("rule `{}`", *id->string()) : fmt::format("rules[{}]", index);
  TableReader reader(node, what, problems);
  rule.id = reader.RequiredString("id");
  if (id != nullptr && id->string() != nullptr && !has_id) {
    problems.Report("script.id", id->at(), fmt::format("the id of {} is empty", what));
  }
  rule.enabled = reader.Bool("enabled", rule.enabled);
  const Node* on = reader.Required("on");
  std::optional<Matcher> matcher;
  if (on != nullptr) matcher = Matcher::Read(*on, fmt::format("`on` of {}", what), problems);
  if (matcher) {
    rule.on = *std::move(matcher);
    CheckMatcherNames(rule.on, *on, what, vocabulary, problems);
  }
  if (const Node* pick = reader.Get("pick")) rule.pick = ReadPick(*pick, what, problems);
  rule.when = reader.StringMap("when");
  rule.then = reader.StringMap("then");
  if (const Node* effect = reader.Required("do")) {
    rule.effect = ReadEffect(*effect, what, vocabulary, problems);
    CheckEffectFitsOperations(rule, node, what, vocabulary, problems);
    if (matcher) CheckOpening(rule, *on, what, problems);
  }
  rule.why = reader.String("why");
  reader.Finish();
  return rule;
}

void CheckIds(std::span<const Rule> rules, Diagnostics& problems) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto earlier = rules.first(i);
    if (rules[i].id.empty() ||
        std::ranges::find(earlier, rules[i].id, &Rule::id) == earlier.end()) {
      continue;
    }
    problems.Report("script.id", rules[i].at, fmt::format("there are two rules `{}`", rules[i].id),
                    "`fired` and `enable` tell rules apart by their ids");
  }
}

void CheckReachable(std::span<const Rule> rules, Diagnostics& problems) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = rules[i];
    // One without a position stands in a profile: whoever writes a rule over it means to.
    if (rule.at.line == 0) continue;
    const auto earlier = rules.first(i);
    const auto taker = std::ranges::find_if(earlier, [&rule](const Rule& other) {
      // Rules for requests and rules for what comes before them do not see each other, nor do those
      // for hosts and those for the proxy.
      return other.enabled && other.when.empty() && other.pick.IsAlways() &&
             other.effect.opening.has_value() == rule.effect.opening.has_value() &&
             (rule.on.host() != kProxyHost || other.on.host()) && other.on.Includes(rule.on);
    });
    if (taker == earlier.end()) continue;
    problems.Warn(
        "script.unreachable", rule.at,
        fmt::format("rule `{}` cannot fire: rule `{}` takes every request that it matches", rule.id,
                    taker->id),
        fmt::format("put it before `{}`, or disable that one in the step that needs it",
                    taker->id));
  }
}

// Every state that some rule leaves. Those of `when` must be among them, or be the one at the
// start.
void CheckStates(std::span<const Rule> rules, Diagnostics& problems) {
  std::vector<std::pair<std::string, std::string>> reached;
  for (const Rule& rule : rules) {
    reached.insert(reached.end(), rule.then.begin(), rule.then.end());
  }
  std::vector<std::string_view> keys;
  for (const auto& [key, value] : reached) keys.push_back(key);
  for (const Rule& rule : rules) {
    for (const auto& wanted : rule.when) {
      const auto& [key, value] = wanted;
      if (value.empty() || std::ranges::find(reached, wanted) != reached.end()) continue;
      const bool is_known = std::ranges::find(keys, key) != keys.end();
      problems.Warn(
          "script.unreachable", rule.at,
          fmt::format("rule `{}` waits for {} = `{}`, which no rule sets", rule.id, key, value),
          is_known || keys.empty() ? "" : SuggestFrom(key, keys));
    }
  }
}

}  // namespace

bool Pick::IsAlways() const {
  switch (kind) {
    case Kind::kAlways:
      return true;
    case Kind::kEvery:
    case Kind::kFrom:
      return n == 1;
    case Kind::kChance:
      return chance >= 1;
    case Kind::kFirst:
    case Kind::kNth:
      return false;
  }
  return false;
}

std::vector<Rule> ReadRules(const Node& node, const content::Content& content,
                            std::span<const std::string> hosts, Diagnostics& problems) {
  if (node.is_null()) return {};
  std::vector<Rule> rules;
  const Node::Array* items = node.array();
  if (items == nullptr) {
    problems.Report("model.kind", node.at(),
                    fmt::format("`rules` must be an array, not {}", node.KindName()));
    return rules;
  }
  if (items->size() > kMaxRules) {
    problems.Report("script.too-many-rules", node.at(),
                    fmt::format("{} rules, more than {}", items->size(), kMaxRules));
    return rules;
  }
  const std::size_t before = problems.all().size();
  const Vocabulary vocabulary(content, hosts);
  rules.reserve(items->size());
  for (std::size_t i = 0; i < items->size(); ++i) {
    rules.push_back(ReadRule((*items)[i], i, vocabulary, problems));
  }
  CheckIds(rules, problems);
  // A rule that could not be read matches everything; what it hides would be a false complaint.
  if (problems.all().size() == before) {
    CheckReachable(rules, problems);
    CheckStates(rules, problems);
  }
  return rules;
}

}  // namespace pullproof::mockregistry::script
