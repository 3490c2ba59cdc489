#include "mockregistry/script/vocabulary.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::mockregistry::script {
namespace {

std::string Suggest(std::string_view name, std::span<const std::string_view> known,
                    std::string_view none) {
  return known.empty() ? std::string(none) : SuggestFrom(name, known);
}

}  // namespace

bool Vocabulary::HasContent(std::string_view name) const {
  return content_->FindBlob(name) != nullptr || content_->FindManifest(name) != nullptr;
}

void Vocabulary::CheckContent(std::string_view name, Position at, std::string_view what,
                              Diagnostics& problems) const {
  if (HasContent(name)) return;
  std::vector<std::string_view> known;
  for (const content::Blob& blob : content_->blobs) known.push_back(blob.name);
  for (const content::StoredManifest& manifest : content_->manifests) {
    known.push_back(manifest.name);
  }
  problems.Report("script.unknown-name", at,
                  fmt::format("{} names `{}`, which this fixture does not have", what, name),
                  Suggest(name, known, "the fixture has neither blobs nor manifests"));
}

void Vocabulary::CheckHost(std::string_view host, Position at, std::string_view what,
                           Diagnostics& problems) const {
  if (std::ranges::find(hosts_, host) != hosts_.end()) return;
  const std::vector<std::string_view> known(hosts_.begin(), hosts_.end());
  problems.Report("script.unknown-host", at,
                  fmt::format("{} is `{}`, no host of this fixture", what, host),
                  Suggest(host, known, "the fixture has no hosts"));
}

}  // namespace pullproof::mockregistry::script
