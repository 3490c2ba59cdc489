#include "mockregistry/content/name_table.h"

#include <fmt/format.h>

#include "mockregistry/content/make.h"

namespace pullproof::mockregistry::content {

NameTable::NameTable(const Fixture& fixture, Diagnostics& problems)
    : fixture_(fixture), problems_(problems) {
  for (const auto& [name, blob] : fixture.blobs) {
    AddName(name, blob.at, "names two blobs, one of which comes with a manifest");
  }
  for (const auto& [name, manifest] : fixture.manifests) {
    AddName(name, manifest.at, "is a blob and a manifest");
  }
  for (const auto& [name, manifest] : fixture.manifests) {
    const auto* image = std::get_if<ImageSpec>(&manifest.kind);
    if (image == nullptr || image->config_blob || !numbers_.contains(ConfigName(name))) continue;
    problems_.Report("content.duplicate-name", manifest.at,
                     fmt::format("`{}` is the name of the config that is made for manifest `{}`",
                                 ConfigName(name), name),
                     "call the other one differently");
  }
}

void NameTable::AddName(std::string name, Position at, std::string_view when_known) {
  const auto [entry, is_new] = numbers_.try_emplace(std::move(name), numbers_.size());
  if (is_new) return;
  problems_.Report("content.duplicate-name", at, fmt::format("`{}` {}", entry->first, when_known),
                   "scripts speak of content by name: give every blob and manifest its own");
}

std::vector<std::string_view> NameTable::Names(Wanted wanted) const {
  std::vector<std::string_view> names;
  if (wanted != Wanted::kManifest) {
    for (const auto& [name, blob] : fixture_.blobs) names.push_back(name);
  }
  if (wanted != Wanted::kBlob) {
    for (const auto& [name, manifest] : fixture_.manifests) names.push_back(name);
  }
  return names;
}

void NameTable::Check(std::string_view name, Position at, Wanted wanted) const {
  const auto found = numbers_.find(name);
  if (found == numbers_.end()) {
    const std::vector<std::string_view> names = Names(wanted);
    const std::string_view kind = wanted == Wanted::kBlob       ? "blob"
                                  : wanted == Wanted::kManifest ? "manifest"
                                                                : "blob or manifest";
    problems_.Report("content.unknown-name", at, fmt::format("there is no {} `{}`", kind, name),
                     names.empty() ? "the fixture has none at all" : SuggestName(name, names));
    return;
  }
  const bool is_blob = found->second < fixture_.blobs.size();
  if (is_blob && wanted == Wanted::kManifest) {
    problems_.Report("content.not-a-manifest", at, fmt::format("`{}` is a blob", name),
                     "name a manifest here");
  } else if (!is_blob && wanted == Wanted::kBlob) {
    problems_.Report("content.not-a-blob", at, fmt::format("`{}` is a manifest", name),
                     "name a blob here");
  }
}

void NameTable::CheckUses() const {
  for (const auto& [name, blob] : fixture_.blobs) {
    for (const Use& use : UsesOf(blob)) Check(use.name, use.at, Wanted::kAny);
  }
  for (const auto& [name, manifest] : fixture_.manifests) {
    for (const Use& use : UsesOf(manifest)) {
      const bool subject = use.kind == Use::Kind::kSubject;
      Check(use.name, use.at, subject ? Wanted::kManifest : Wanted::kAny);
    }
  }
  for (const auto& [name, repository] : fixture_.repositories) {
    for (const auto& [tag, ref] : repository.tags) Check(ref.name, ref.at, Wanted::kManifest);
    for (const NameRef& ref : repository.manifests) Check(ref.name, ref.at, Wanted::kManifest);
    for (const NameRef& ref : repository.blobs) Check(ref.name, ref.at, Wanted::kBlob);
  }
  for (const auto& [manifest, referrers] : fixture_.referrers) {
    Check(manifest, referrers.at, Wanted::kManifest);
    for (const EntrySpec& entry : referrers.entries) Check(entry.ref, entry.at, Wanted::kAny);
  }
}

}  // namespace pullproof::mockregistry::content
