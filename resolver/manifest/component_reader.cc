#include "resolver/manifest/component_reader.h"

#include <utility>
#include <variant>

#include <fmt/format.h>

#include "resolver/manifest/identifier.h"
#include "resolver/manifest/outbound_host.h"
#include "resolver/manifest/source_reader.h"

namespace pullproof::resolver::manifest {
namespace {

std::vector<Text> ReadTexts(TableReader& reader, std::string_view name) {
  std::vector<Text> texts;
  for (const Node& item : reader.Array(name)) {
    if (const std::string* text = item.string()) {
      texts.push_back({*text, item.at()});
    } else {
      reader.ReportKind(item, name, "an array of strings");
    }
  }
  return texts;
}

std::vector<Setting> ReadSettings(TableReader& reader, std::string_view name) {
  std::vector<Setting> settings;
  for (const Node::Member& member : reader.Table(name)) {
    if (const std::string* text = member.value.string()) {
      settings.push_back({member.name, *text, member.at});
    } else {
      reader.ReportKind(member.value, fmt::format("{}.{}", name, member.name), "a string");
    }
  }
  return settings;
}

std::vector<Text> ReadStoreLabels(TableReader& reader, std::string_view name) {
  std::vector<Text> labels = ReadTexts(reader, name);
  for (const Text& label : labels) {
    if (auto ok = CheckStoreLabel(label.value); !ok) {
      reader.problems().Report(
          "spin.id", label.at,
          fmt::format("`{}` of {}: {}", name, reader.what(), ok.error().message));
    }
  }
  return labels;
}

std::vector<Mount> ReadMounts(TableReader& reader) {
  std::vector<Mount> mounts;
  for (const Node& item : reader.Array("files")) {
    if (const std::string* pattern = item.string()) {
      mounts.push_back({*pattern, std::nullopt, item.at()});
      continue;
    }
    TableReader mount(item, fmt::format("an entry of `files` of {}", reader.what()),
                      reader.problems());
    if (item.table() == nullptr) continue;
    mounts.push_back(
        {mount.RequiredString("source"), mount.RequiredString("destination"), item.at()});
    mount.Finish();
  }
  return mounts;
}

Build ReadBuild(const Node& node, const std::string& owner, Diagnostics& problems) {
  TableReader reader(node, fmt::format("`build` of {}", owner), problems);
  Build build;
  const Node* command = reader.Required("command");
  build.one_command = command == nullptr || command->array() == nullptr;
  build.commands = reader.OneOrManyStrings("command");
  build.workdir = reader.OptionalString("workdir");
  build.watch = reader.Strings("watch");
  reader.Finish();
  return build;
}

void CheckToolTables(TableReader& reader) {
  for (const Node::Member& tool : reader.Table("tool")) {
    if (tool.value.table() == nullptr) {
      reader.ReportKind(tool.value, fmt::format("tool.{}", tool.name), "a table");
    }
  }
}

Profile ReadProfile(const Node::Member& member, const std::string& owner, Diagnostics& problems) {
  const std::string what = fmt::format("profile `{}` of {}", member.name, owner);
  TableReader reader(member.value, what, problems);
  Profile profile;
  profile.name = member.name;
  if (const Node* source = reader.Get("source")) {
    profile.source = ReadSource(*source, fmt::format("`source` of {}", what), problems);
  }
  profile.environment = ReadSettings(reader, "environment");
  profile.dependencies = ReadDependencies(reader);
  if (const Node* build = reader.Get("build")) {
    TableReader build_reader(*build, fmt::format("`build` of {}", what), problems);
    const Node* command = build_reader.Required("command");
    profile.one_build_command = command == nullptr || command->array() == nullptr;
    profile.build_commands = build_reader.OneOrManyStrings("command");
    build_reader.Finish();
  }
  reader.Finish();
  return profile;
}

// Whether there are any.
bool AppendConvertedHttpHosts(TableReader& reader, std::vector<Text>& hosts) {
  const std::vector<std::string> old = reader.Strings("allowed_http_hosts");
  auto converted = ConvertHttpHosts(old);
  const Position at = reader.PositionOf("allowed_http_hosts");
  if (!converted) {
    reader.problems().Report(converted.error().id, at, converted.error().message);
    return true;
  }
  for (std::string& host : *converted) hosts.push_back({std::move(host), at});
  return !old.empty();
}

void CheckVariableNames(const std::vector<Setting>& variables, TableReader& reader) {
  for (const Setting& variable : variables) {
    if (auto ok = CheckLowerSnakeId(variable.name); !ok) {
      reader.problems().Report(
          "spin.id", variable.at,
          fmt::format("variable `{}` of {}: {}", variable.name, reader.what(), ok.error().message));
    }
  }
}

// What both versions have under one name.
void ReadCommon(TableReader& reader, Component& component) {
  if (const Node* source = reader.Required("source")) {
    auto read =
        ReadSource(*source, fmt::format("`source` of {}", reader.what()), reader.problems());
    if (read) component.source = *std::move(read);
  }
  component.description = reader.String("description");
  component.environment = ReadSettings(reader, "environment");
  component.files = ReadMounts(reader);
  component.exclude_files = ReadTexts(reader, "exclude_files");
  component.allowed_outbound_hosts = ReadTexts(reader, "allowed_outbound_hosts");
  component.has_outbound_hosts = !component.allowed_outbound_hosts.empty();
  component.key_value_stores = ReadStoreLabels(reader, "key_value_stores");
  component.sqlite_databases = ReadStoreLabels(reader, "sqlite_databases");
  component.ai_models = ReadTexts(reader, "ai_models");
  if (const Node* build = reader.Get("build")) {
    component.build = ReadBuild(*build, reader.what(), reader.problems());
  }
}

}  // namespace

ComponentV1 ReadComponentV1(const Node& node, Diagnostics& problems) {
  const Node* id = node.Find("id");
  const bool has_id = id != nullptr && id->string() != nullptr;
  TableReader reader(node, has_id ? fmt::format("component `{}`", *id->string()) : "a component",
                     problems);
  ComponentV1 read;
  Component& component = read.component;
  component.id = reader.RequiredString("id");
  component.at = node.at();
  reader.Required("trigger");
  const auto trigger = reader.Table("trigger");
  read.trigger.assign(trigger.begin(), trigger.end());
  // Databases were open to all until a list said otherwise.
  const Position at = reader.at();
  const bool has_list = reader.Has("allowed_outbound_hosts");
  ReadCommon(reader, component);
  if (!has_list) {
    for (const char* const host : {"redis://*:*", "mysql://*:*", "postgres://*:*"}) {
      component.allowed_outbound_hosts.push_back({host, at});
    }
  }
  component.has_http_hosts = AppendConvertedHttpHosts(reader, component.allowed_outbound_hosts);
  component.variables = ReadSettings(reader, "config");
  CheckVariableNames(component.variables, reader);
  reader.Finish();
  const auto& form = component.source.form;
  if (!std::holds_alternative<PathSource>(form) && !std::holds_alternative<UrlSource>(form)) {
    problems.Report("spin.source", component.source.at,
                    "a manifest of version 1 knows only paths and { url, digest }",
                    "`spin doctor` upgrades the manifest to version 2");
  }
  return read;
}

std::vector<Target> ReadTargets(TableReader& reader) {
  std::vector<Target> targets;
  for (const Node& item : reader.Array("targets")) {
    if (const std::string* name = item.string()) {
      targets.push_back({Target::Kind::kName, *name});
      continue;
    }
    TableReader target(item, fmt::format("an entry of `targets` of {}", reader.what()),
                       reader.problems());
    if (item.table() == nullptr) continue;
    if (target.Has("url")) {
      targets.push_back({Target::Kind::kUrl, target.String("url")});
    } else {
      targets.push_back({Target::Kind::kPath, target.RequiredString("path")});
    }
    target.Finish();
  }
  return targets;
}

Component ReadComponent(const Node& node, std::string id, const std::string& what,
                        Diagnostics& problems) {
  TableReader reader(node, what, problems);
  Component component;
  component.id = std::move(id);
  component.at = node.at();
  ReadCommon(reader, component);
  component.variables = ReadSettings(reader, "variables");
  CheckVariableNames(component.variables, reader);
  component.has_http_hosts = AppendConvertedHttpHosts(reader, component.allowed_outbound_hosts);
  if (reader.Has("targets")) component.targets = ReadTargets(reader);
  CheckToolTables(reader);
  component.dependencies_inherit_configuration =
      reader.OptionalBool("dependencies_inherit_configuration");
  component.dependencies = ReadDependencies(reader);
  for (const Node::Member& profile : reader.Table("profile")) {
    component.profiles.push_back(ReadProfile(profile, what, problems));
  }
  reader.Finish();
  return component;
}

}  // namespace pullproof::resolver::manifest
