#include "resolver/lock_builder.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace pullproof::resolver {
namespace {

void AddText(Node::Table& table, std::string name, const std::string& text) {
  if (!text.empty()) table.push_back({std::move(name), {}, Node(text)});
}

Node::Array Strings(const std::vector<std::string>& strings) {
  Node::Array array;
  for (const std::string& text : strings) array.emplace_back(text);
  return array;
}

// For hosts that knew one trigger type an app: the settings of the only type, with its name.
void AddOnlyTrigger(const manifest::Manifest& manifest, Node::Table& metadata) {
  if (manifest.trigger_types.size() != 1) return;
  const std::string& type = manifest.trigger_types.front();
  Node::Table trigger;
  for (const Node::Member& settings : manifest.application.trigger_settings) {
    if (settings.name == type) trigger = *settings.value.table();
  }
  std::erase_if(trigger, [](const Node::Member& member) { return member.name == "type"; });
  trigger.push_back({"type", {}, Node(type)});
  metadata.push_back({"trigger", {}, Node(std::move(trigger))});
}

Node::Table Metadata(const manifest::Manifest& manifest, const std::string& origin) {
  const manifest::Application& application = manifest.application;
  Node::Table metadata;
  AddText(metadata, "name", application.name);
  AddText(metadata, "version", application.version);
  AddText(metadata, "description", application.description);
  if (!application.authors.empty()) {
    metadata.push_back({"authors", {}, Node(Strings(application.authors))});
  }
  metadata.push_back({"triggers", {}, Node(application.trigger_settings)});
  AddOnlyTrigger(manifest, metadata);
  AddText(metadata, "origin", origin);
  AddText(metadata, "profile", manifest.profile);
  return metadata;
}

lock::LockedTrigger Locked(const manifest::Trigger& trigger) {
  Node::Table config = trigger.config;
  if (trigger.component) config.push_back({"component", {}, Node(*trigger.component)});
  if (!trigger.components.empty()) {
    Node::Table groups;
    for (const auto& [name, ids] : trigger.components) {
      groups.push_back({name, {}, Node(Strings(ids))});
    }
    config.push_back({"components", {}, Node(std::move(groups))});
  }
  return {trigger.id, trigger.type, Node(std::move(config))};
}

const std::string* ComponentOf(const lock::LockedTrigger& trigger) {
  const Node* component = trigger.config.Find("component");
  return component == nullptr ? nullptr : component->string();
}

// The id of a clone: a name that no component has yet.
std::string CloneId(const lock::LockedApp& app, const std::string& component,
                    const std::string& trigger) {
  const auto is_used = [&](const std::string& id) {
    return std::ranges::find(app.components, id, &lock::LockedComponent::id) !=
           app.components.end();
  };
  const std::string wish = fmt::format("{}-for-{}", component, trigger);
  std::string id = wish;
  for (std::size_t n = 1; is_used(id); ++n) id = fmt::format("{}-d{}", wish, n);
  return id;
}

}  // namespace

void MoveTriggerDependencies(const std::vector<TriggerParts>& parts, lock::LockedApp& app) {
  std::map<std::string, std::size_t> uses;  // before any trigger is changed
  for (const lock::LockedTrigger& trigger : app.triggers) {
    if (const std::string* id = ComponentOf(trigger)) ++uses[*id];
  }
  for (const TriggerParts& part : parts) {
    const auto trigger = std::ranges::find(app.triggers, part.trigger, &lock::LockedTrigger::id);
    if (trigger == app.triggers.end() || ComponentOf(*trigger) == nullptr) continue;
    const std::string id = *ComponentOf(*trigger);
    auto component = std::ranges::find(app.components, id, &lock::LockedComponent::id);
    if (component == app.components.end()) continue;
    if (uses[id] > 1) {
      lock::LockedComponent clone = *component;
      clone.id = CloneId(app, id, part.trigger);
      *trigger->config.Find("component") = Node(clone.id);
      app.components.push_back(std::move(clone));
      component = std::prev(app.components.end());
    }
    component->trigger_dependencies = part.dependencies;
    component->metadata.push_back({"resolve-trigger-dependencies-using", {}, Node(trigger->type)});
    component->host_requirements.insert("middleware");
  }
}

lock::LockedApp BuildApp(const manifest::Manifest& manifest, const std::string& origin) {
  lock::LockedApp app;
  app.metadata = Metadata(manifest, origin);
  for (const manifest::Variable& variable : manifest.variables) {
    app.variables.emplace(
        variable.name,
        lock::LockedVariable{variable.description, variable.default_value, variable.secret});
  }
  for (const manifest::Trigger& trigger : manifest.triggers) {
    app.triggers.push_back(Locked(trigger));
  }
  return app;
}

}  // namespace pullproof::resolver
