#include "resolver/manifest/profile.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::resolver::manifest {
namespace {

// Entries of the same name are replaced where they stand; others follow at the end.
template <typename T>
void Overlay(std::vector<T>& entries, const std::vector<T>& over) {
  for (const T& entry : over) {
    const auto same = std::ranges::find(entries, entry.name, &T::name);
    if (same == entries.end()) {
      entries.push_back(entry);
    } else {
      *same = entry;
    }
  }
}

void Apply(const Profile& profile, Component& component) {
  if (profile.source) component.source = *profile.source;
  Overlay(component.environment, profile.environment);
  Overlay(component.dependencies, profile.dependencies);
  if (profile.build_commands.empty()) return;
  if (!component.build) component.build.emplace();
  component.build->commands = profile.build_commands;
  component.build->one_command = profile.one_build_command;
}

}  // namespace

void ApplyProfile(Manifest& manifest, std::string_view profile, Diagnostics& problems) {
  bool is_defined = false;
  std::set<std::string_view> names;
  for (Component& component : manifest.components) {
    for (const Profile& candidate : component.profiles) names.insert(candidate.name);
    const auto found = std::ranges::find(component.profiles, profile, &Profile::name);
    if (found == component.profiles.end()) continue;
    is_defined = true;
    Apply(*found, component);
  }
  manifest.profile = profile;
  if (is_defined) return;
  const std::vector<std::string_view> known(names.begin(), names.end());
  problems.Report("spin.profile", {},
                  fmt::format("Profile {} is not defined in this application", profile),
                  SuggestFrom(profile, known));
}

}  // namespace pullproof::resolver::manifest
