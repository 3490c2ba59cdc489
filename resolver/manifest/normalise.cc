#include "resolver/manifest/normalise.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "resolver/manifest/identifier.h"

namespace pullproof::resolver::manifest {
namespace {

void FillTriggerIds(std::vector<TriggerDraft>& drafts) {
  std::set<std::string> used;
  for (const TriggerDraft& draft : drafts) used.insert(draft.trigger.id);
  std::string type;
  std::size_t counter = 1;  // restarts with every type, and never walks back within one
  for (TriggerDraft& draft : drafts) {
    if (draft.trigger.type != type) {
      type = draft.trigger.type;
      counter = 1;
    }
    if (!draft.trigger.id.empty()) continue;
    if (draft.component && !draft.component->in_full) {
      std::string id = fmt::format("{}-{}-trigger", draft.component->reference, type);
      if (used.insert(id).second) {
        draft.trigger.id = std::move(id);
        continue;
      }
    }
    while (draft.trigger.id.empty()) {
      std::string id = fmt::format("{}-trigger{}", type, counter++);
      if (used.insert(id).second) draft.trigger.id = std::move(id);
    }
  }
}

class InlineComponents {
 public:
  explicit InlineComponents(Manifest& manifest) : manifest_(manifest) {
    for (const Component& component : manifest.components) used_.insert(component.id);
  }

  // The id of the component, which is moved to the list when it stood in full. `wish` is what it
  // would like to be called; empty for no wish.
  std::string Place(ComponentSpec spec, const std::string& wish) {
    if (!spec.in_full) return std::move(spec.reference);
    spec.in_full->id = FreeId(wish);
    manifest_.components.push_back(*std::move(spec.in_full));
    return manifest_.components.back().id;
  }

 private:
  std::string FreeId(const std::string& wish) {
    if (CheckKebabId(wish).has_value() && used_.insert(wish).second) return wish;
    while (true) {
      std::string id = fmt::format("inline-component{}", counter_++);
      if (used_.insert(id).second) return id;
    }
  }

  Manifest& manifest_;
  std::set<std::string> used_;
  std::size_t counter_ = 1;
};

std::size_t CountSpecs(const TriggerDraft& draft) {
  std::size_t count = draft.component ? 1 : 0;
  for (const auto& [name, specs] : draft.components) count += specs.size();
  return count;
}

}  // namespace

void Normalise(std::vector<TriggerDraft> drafts, Manifest& manifest) {
  FillTriggerIds(drafts);
  InlineComponents components(manifest);
  for (TriggerDraft& draft : drafts) {
    const std::string wish =
        CountSpecs(draft) == 1 ? fmt::format("{}-component", draft.trigger.id) : std::string();
    if (draft.component) {
      draft.trigger.component = components.Place(*std::move(draft.component), wish);
    }
    for (auto& [name, specs] : draft.components) {
      auto& ids = draft.trigger.components.emplace_back(name, std::vector<std::string>()).second;
      for (ComponentSpec& spec : specs) ids.push_back(components.Place(std::move(spec), wish));
    }
    manifest.triggers.push_back(std::move(draft.trigger));
  }
}

}  // namespace pullproof::resolver::manifest
