#include "resolver/manifest/manifest.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "resolver/manifest/component_reader.h"
#include "resolver/manifest/dependency.h"
#include "resolver/manifest/identifier.h"
#include "resolver/manifest/manifest_v1.h"
#include "resolver/manifest/normalise.h"
#include "resolver/manifest/outbound_host.h"
#include "resolver/manifest/profile.h"
#include "resolver/manifest/source_reader.h"
#include "resolver/manifest/template.h"

namespace pullproof::resolver::manifest {
namespace {

// The value as TOML would show it: a string with its quotes.
std::string Rendered(const Node& value) {
  if (const std::string* text = value.string()) return CanonicalJsonString(*text);
  if (const std::int64_t* number = value.integer()) return fmt::format("{}", *number);
  return std::string(value.KindName());
}

enum class Generation { kV1, kV2 };

std::optional<Generation> ReadVersion(TableReader& reader) {
  constexpr std::string_view kName = "spin_manifest_version";
  constexpr std::string_view kAlias = "spin_version";
  const std::string_view name = reader.Has(kName) || !reader.Has(kAlias) ? kName : kAlias;
  const Node* version = reader.Get(name);
  if (version == nullptr) {
    reader.problems().Report("model.missing-member", reader.at(),
                             fmt::format("missing field `{}`", kName),
                             "write `spin_manifest_version = 2` first");
    return std::nullopt;
  }
  if (const std::int64_t* number = version->integer(); number != nullptr && *number == 2) {
    return Generation::kV2;
  }
  if (const std::string* text = version->string(); text != nullptr && *text == "1") {
    return Generation::kV1;
  }
  reader.problems().Report("spin.version", version->at(),
                           fmt::format("invalid manifest version: {}", Rendered(*version)),
                           "write `spin_manifest_version = 2`");
  return std::nullopt;
}

Application ReadApplication(const Node& node, Diagnostics& problems) {
  TableReader reader(node, "[application]", problems);
  Application application;
  application.name = reader.RequiredString("name");
  application.version = reader.String("version");
  application.description = reader.String("description");
  application.authors = reader.Strings("authors");
  application.targets = ReadTargets(reader);
  for (const std::string_view free_form : {"trigger", "tool"}) {
    for (const Node::Member& member : reader.Table(free_form)) {
      if (member.value.table() == nullptr) {
        reader.ReportKind(member.value, fmt::format("{}.{}", free_form, member.name), "a table");
      } else if (free_form == "trigger") {
        application.trigger_settings.push_back(member);
      }
    }
  }
  reader.Finish();
  return application;
}

Variable ReadVariable(const Node::Member& member, Diagnostics& problems) {
  TableReader reader(member.value, fmt::format("variable `{}`", member.name), problems);
  Variable variable;
  variable.name = member.name;
  variable.at = member.at;
  variable.description = reader.String("description");
  variable.default_value = reader.OptionalString("default");
  variable.secret = reader.Bool("secret", false);
  const bool required = reader.Bool("required", false);
  reader.Finish();
  if (auto ok = CheckLowerSnakeId(member.name); !ok) {
    problems.Report("spin.id", member.at,
                    fmt::format("variable `{}`: {}", member.name, ok.error().message));
  }
  if (required == variable.default_value.has_value()) {
    problems.Report(
        "spin.variable", member.at,
        fmt::format("variable `{}` must be `required` OR have a `default`", member.name));
  }
  return variable;
}

ComponentSpec ReadComponentSpec(const Node& node, const std::string& what, Diagnostics& problems) {
  if (const std::string* id = node.string()) {
    if (auto ok = CheckKebabId(*id); !ok) {
      problems.Report("spin.id", node.at(), fmt::format("{}: {}", what, ok.error().message));
    }
    return {*id, std::nullopt};
  }
  return {{}, ReadComponent(node, {}, what, problems)};
}

std::vector<ComponentSpec> ReadComponentSpecs(const Node& node, const std::string& what,
                                              Diagnostics& problems) {
  std::vector<ComponentSpec> specs;
  if (const Node::Array* items = node.array()) {
    for (const Node& item : *items) specs.push_back(ReadComponentSpec(item, what, problems));
  } else {
    specs.push_back(ReadComponentSpec(node, what, problems));
  }
  return specs;
}

void ReadTriggerDependencies(TableReader& reader, Trigger& trigger) {
  for (const Node::Member& role : reader.Table("dependencies")) {
    auto& dependencies =
        trigger.dependencies.emplace_back(role.name, std::vector<Dependency>()).second;
    if (role.value.array() == nullptr) {
      reader.ReportKind(role.value, fmt::format("dependencies.{}", role.name), "an array");
      continue;
    }
    for (const Node& item : *role.value.array()) {
      auto dependency = ReadTriggerDependency(
          item, fmt::format("`{}` of {}", role.name, reader.what()), reader.problems());
      if (dependency) dependencies.push_back(*std::move(dependency));
    }
  }
}

TriggerDraft ReadTrigger(const Node& node, const std::string& type, Diagnostics& problems) {
  constexpr std::array<std::string_view, 4> kOwnMembers = {"id", "component", "components",
                                                           "dependencies"};
  TableReader reader(node, fmt::format("a trigger of type `{}`", type), problems);
  TriggerDraft draft;
  draft.trigger.type = type;
  draft.trigger.at = node.at();
  draft.trigger.id = reader.String("id");
  if (const Node* component = reader.Get("component")) {
    draft.component =
        ReadComponentSpec(*component, fmt::format("`component` of {}", reader.what()), problems);
  }
  for (const Node::Member& group : reader.Table("components")) {
    draft.components.emplace_back(
        group.name, ReadComponentSpecs(
                        group.value,
                        fmt::format("`components.{}` of {}", group.name, reader.what()), problems));
  }
  ReadTriggerDependencies(reader, draft.trigger);
  if (node.table() == nullptr) return draft;
  for (const Node::Member& member : *node.table()) {
    if (std::ranges::find(kOwnMembers, member.name) == kOwnMembers.end()) {
      draft.trigger.config.push_back(member);
    }
  }
  return draft;
}

std::vector<TriggerDraft> ReadTriggers(TableReader& reader, Manifest& manifest) {
  std::vector<TriggerDraft> drafts;
  if (!reader.Has("trigger")) {
    reader.problems().Report("model.missing-member", reader.at(), "missing field `trigger`",
                             "an app without triggers has an empty table, [trigger]");
  }
  for (const Node::Member& type : reader.Table("trigger")) {
    manifest.trigger_types.push_back(type.name);
    if (type.value.array() == nullptr) {
      reader.ReportKind(type.value, fmt::format("trigger.{}", type.name),
                        "an array of tables ([[trigger." + type.name + "]])");
      continue;
    }
    for (const Node& item : *type.value.array()) {
      drafts.push_back(ReadTrigger(item, type.name, reader.problems()));
    }
  }
  return drafts;
}

void ReadComponents(TableReader& reader, Manifest& manifest) {
  for (const Node::Member& member : reader.Table("component")) {
    if (auto ok = CheckKebabId(member.name); !ok) {
      reader.problems().Report("spin.id", member.at,
                               fmt::format("component `{}`: {}", member.name, ok.error().message),
                               "a component id is words of letters and digits between hyphens");
    }
    manifest.components.push_back(ReadComponent(
        member.value, member.name, fmt::format("component `{}`", member.name), reader.problems()));
  }
}

void CheckTriggerTargets(const Manifest& manifest, Diagnostics& problems) {
  std::vector<std::string_view> ids;
  for (const Component& component : manifest.components) ids.push_back(component.id);
  const auto check = [&](const Trigger& trigger, const std::string& id) {
    if (std::ranges::find(ids, id) != ids.end()) return;
    problems.Report(
        "spin.component", trigger.at,
        fmt::format("trigger `{}` names the component `{}`, which does not exist", trigger.id, id),
        SuggestFrom(id, ids));
  };
  for (const Trigger& trigger : manifest.triggers) {
    if (trigger.component) check(trigger, *trigger.component);
    for (const auto& [group, members] : trigger.components) {
      for (const std::string& id : members) check(trigger, id);
    }
  }
}

// The text with every variable replaced by its default; nullopt if one has none.
std::optional<std::string> WithDefaults(const Template& text,
                                        const std::vector<Variable>& variables) {
  std::string out;
  for (const Template::Part& part : text.parts()) {
    if (!part.is_variable) {
      out += part.text;
      continue;
    }
    const auto variable = std::ranges::find(variables, part.text, &Variable::name);
    if (variable == variables.end() || !variable->default_value) return std::nullopt;
    out += *variable->default_value;
  }
  return out;
}

// A template is only checked when its value is known before the app runs; it may also come out as
// no host at all.
void CheckOutboundHost(const Text& entry, const Manifest& manifest, const std::string& id,
                       Diagnostics& problems) {
  const auto report = [&](const Error& error, std::string message) {
    problems.Report(error.id, entry.at, std::move(message), error.hint);
  };
  const auto parsed = Template::Parse(entry.value);
  if (!parsed) {
    return report(parsed.error(), fmt::format("`allowed_outbound_hosts` of component `{}`: {}", id,
                                              parsed.error().message));
  }
  if (!parsed->HasVariables()) {
    if (auto host = ParseOutboundHost(entry.value); !host) {
      report(host.error(), fmt::format("`allowed_outbound_hosts` of component `{}`: {}", id,
                                       host.error().message));
    }
    return;
  }
  const auto text = WithDefaults(*parsed, manifest.variables);
  if (!text || text->empty() || *text == "http://" || *text == "https://") return;
  if (auto host = ParseOutboundHost(*text); !host) {
    report(host.error(),
           fmt::format("using default variable value(s) with template \"{}\" results in invalid "
                       "config \"{}\"",
                       entry.value, *text));
  }
}

}  // namespace

Manifest ReadManifest(const Node& document, Diagnostics& problems, std::string_view profile) {
  TableReader reader(document, "the manifest", problems);
  Manifest manifest;
  const auto generation = ReadVersion(reader);
  // The tables of another version would only give complaints about the wrong thing.
  if (!generation) return manifest;
  for (const Node::Member& variable : reader.Table("variables")) {
    manifest.variables.push_back(ReadVariable(variable, problems));
  }
  std::vector<TriggerDraft> drafts;
  if (*generation == Generation::kV1) {
    drafts = ReadV1(reader, manifest);
  } else {
    if (const Node* application = reader.Required("application")) {
      manifest.application = ReadApplication(*application, problems);
    }
    drafts = ReadTriggers(reader, manifest);
    ReadComponents(reader, manifest);
  }
  reader.Finish();
  Normalise(std::move(drafts), manifest);
  if (!profile.empty()) ApplyProfile(manifest, profile, problems);
  NormaliseDependencies(manifest, problems);
  CheckTriggerTargets(manifest, problems);
  for (const Component& component : manifest.components) {
    for (const Text& host : component.allowed_outbound_hosts) {
      CheckOutboundHost(host, manifest, component.id, problems);
    }
  }
  return manifest;
}

std::vector<std::string> TriggerTypesOf(const Manifest& manifest, std::string_view id) {
  std::vector<std::string> types;
  for (const Trigger& trigger : manifest.triggers) {
    bool serves = trigger.component == id;
    for (const auto& [group, members] : trigger.components) {
      serves = serves || std::ranges::find(members, id) != members.end();
    }
    if (serves && std::ranges::find(types, trigger.type) == types.end()) {
      types.push_back(trigger.type);
    }
  }
  return types;
}

}  // namespace pullproof::resolver::manifest
