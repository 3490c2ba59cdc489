#include "resolver/manifest/manifest_v1.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "resolver/manifest/component_reader.h"
#include "resolver/manifest/identifier.h"

namespace pullproof::resolver::manifest {
namespace {

// The trigger's type; its other settings become those of the type.
std::string ReadTriggerType(TableReader& reader, Application& application) {
  const Node* node = reader.Required("trigger");
  if (node == nullptr) return {};
  TableReader trigger(*node, "`trigger`", reader.problems());
  std::string type = trigger.RequiredString("type");
  if (node->table() == nullptr) return type;
  Node::Table settings = *node->table();
  std::erase_if(settings, [](const Node::Member& member) { return member.name == "type"; });
  application.trigger_settings.push_back({type, node->at(), Node(std::move(settings), node->at())});
  return type;
}

// Ids had no grammar: underscores become hyphens, and capitals small letters.
std::string UpgradedId(const std::string& id, Position at, Diagnostics& problems) {
  if (CheckKebabId(id)) return id;
  std::string upgraded = ToLowerAscii(id);
  std::ranges::replace(upgraded, '_', '-');
  if (auto ok = CheckKebabId(upgraded); !ok) {
    problems.Report("spin.id", at, fmt::format("invalid ID `{}`: {}", id, ok.error().message));
  }
  return upgraded;
}

void Place(Component component, Manifest& manifest, Diagnostics& problems) {
  const auto same = std::ranges::find(manifest.components, component.id, &Component::id);
  if (same == manifest.components.end()) {
    manifest.components.push_back(std::move(component));
    return;
  }
  problems.Warn(
      "spin.duplicate-component", component.at,
      fmt::format("a second component `{}` takes the place of the first one", component.id),
      "give one of them another id");
  *same = std::move(component);
}

}  // namespace

std::vector<TriggerDraft> ReadV1(TableReader& reader, Manifest& manifest) {
  Application& application = manifest.application;
  application.name = reader.RequiredString("name");
  application.version = reader.String("version");
  application.description = reader.String("description");
  application.authors = reader.Strings("authors");
  const std::string type = ReadTriggerType(reader, application);
  manifest.trigger_types = {type};
  std::vector<TriggerDraft> drafts;
  for (const Node& node : reader.Array("component")) {
    ComponentV1 read = ReadComponentV1(node, reader.problems());
    read.component.id = UpgradedId(read.component.id, node.at(), reader.problems());
    TriggerDraft draft;
    draft.trigger.type = type;
    draft.trigger.id = fmt::format("trigger-{}", read.component.id);
    draft.trigger.config = std::move(read.trigger);
    draft.trigger.at = node.at();
    draft.component = ComponentSpec{read.component.id, std::nullopt};
    drafts.push_back(std::move(draft));
    Place(std::move(read.component), manifest, reader.problems());
  }
  return drafts;
}

}  // namespace pullproof::resolver::manifest
