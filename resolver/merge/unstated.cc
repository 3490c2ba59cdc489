#include "resolver/merge/unstated.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/toml_string.h"
#include "resolver/manifest/template.h"

namespace pullproof::resolver::merge {
namespace {

std::string Key(std::string_view name) {
  const bool bare = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return bare ? std::string(name) : TomlString(name);
}

// The importer's entries and the missing ones, as one list.
std::string List(std::string_view name, const std::vector<manifest::Text>& own,
                 const std::vector<std::string>& missing) {
  if (missing.empty()) return {};
  std::string items;
  const auto add = [&](std::string_view item) {
    if (!items.empty()) items += ", ";
    items += TomlString(item);
  };
  for (const manifest::Text& entry : own) add(entry.value);
  for (const std::string& entry : missing) add(entry);
  return fmt::format("{} = [{}]\n", name, items);
}

std::string Map(std::string_view table, std::string_view id,
                const std::vector<std::pair<std::string, std::string>>& entries) {
  if (entries.empty()) return {};
  std::string text = fmt::format("\n[component.{}.{}]\n", id, table);
  for (const auto& [key, value] : entries) {
    text += fmt::format("{} = {}\n", Key(key), TomlString(value));
  }
  return text;
}

// The names in the templates, each once, in the order in which they appear.
std::vector<std::string> NamesIn(
    const std::vector<std::pair<std::string, std::string>>& templates) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const auto& [key, text] : templates) {
    const auto parsed = manifest::Template::Parse(text);
    if (!parsed) continue;
    for (const auto& part : parsed->parts()) {
      if (part.is_variable && seen.insert(part.text).second) names.push_back(part.text);
    }
  }
  return names;
}

std::string Declaration(const std::string& name,
                        const std::map<std::string, lock::LockedVariable>& package_variables) {
  const auto found = package_variables.find(name);
  const lock::LockedVariable variable =
      found == package_variables.end() ? lock::LockedVariable{} : found->second;
  // The package's default of a secret is no secret; the importer must have one of their own.
  const std::string members = variable.secret ? "required = true, secret = true"
                              : variable.default_value
                                  ? fmt::format("default = {}", TomlString(*variable.default_value))
                                  : "required = true";
  return fmt::format("{} = {{ {} }}\n", Key(name), members);
}

std::string AppVariables(const Unstated& unstated,
                         const std::vector<manifest::Variable>& own_variables,
                         const std::map<std::string, lock::LockedVariable>& package_variables) {
  std::string text;
  for (const std::string& name : NamesIn(unstated.variables)) {
    if (std::ranges::find(own_variables, name, &manifest::Variable::name) != own_variables.end()) {
      text += fmt::format("# {} is one of yours already: may this component read it?\n",
                          TomlString(name));
    } else {
      text += Declaration(name, package_variables);
    }
  }
  return text.empty() ? text : "\n[variables]\n" + text;
}

}  // namespace

bool Unstated::empty() const {
  return variables.empty() && environment.empty() && allowed_outbound_hosts.empty() &&
         key_value_stores.empty() && sqlite_databases.empty() && ai_models.empty();
}

std::string RenderUnstated(const Unstated& unstated, const manifest::Component& component,
                           const std::vector<manifest::Variable>& own_variables,
                           const std::map<std::string, lock::LockedVariable>& package_variables) {
  std::string text = List("allowed_outbound_hosts", component.allowed_outbound_hosts,
                          unstated.allowed_outbound_hosts);
  text += List("key_value_stores", component.key_value_stores, unstated.key_value_stores);
  text += List("sqlite_databases", component.sqlite_databases, unstated.sqlite_databases);
  text += List("ai_models", component.ai_models, unstated.ai_models);
  if (!text.empty()) text = fmt::format("[component.{}]\n", component.id) + text;
  text += Map("environment", component.id, unstated.environment);
  text += Map("variables", component.id, unstated.variables);
  text += AppVariables(unstated, own_variables, package_variables);
  if (text.starts_with('\n')) text.erase(0, 1);
  return text;
}

}  // namespace pullproof::resolver::merge
