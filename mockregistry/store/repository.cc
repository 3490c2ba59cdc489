#include "mockregistry/store/repository.h"

#include <algorithm>
#include <utility>

namespace pullproof::mockregistry::store {

BlobPtr Repository::FindBlob(std::string_view digest) const {
  const auto found = blobs_.find(digest);
  return found == blobs_.end() ? nullptr : found->second.value;
}

ManifestPtr Repository::FindManifest(std::string_view reference) const {
  // A tag cannot hold a colon, and a digest must.
  if (reference.find(':') == std::string_view::npos) {
    const auto tag = tags_.find(reference);
    return tag == tags_.end() ? nullptr : tag->second.value;
  }
  const auto found = manifests_.find(reference);
  return found == manifests_.end() ? nullptr : found->second.value;
}

NamePage Repository::Tags(std::string_view last, std::uint64_t count) const {
  return PageOf(tags_, last, count);
}

ReferrerPage Repository::Referrers(std::string_view subject, const ReferrerQuery& query) const {
  ReferrerPage page;
  const auto list = referrers_.find(subject);
  if (list == referrers_.end() || query.count == 0) return page;
  std::uint64_t bytes = 0;
  for (auto at = list->second.upper_bound(query.after); at != list->second.end(); ++at) {
    const Referrer& referrer = at->second.value;
    if (query.artifact_type && *query.artifact_type != referrer.artifact_type) continue;
    bytes += referrer.descriptor.size();
    page.more = page.descriptors.size() == query.count ||
                (bytes > query.max_bytes && !page.descriptors.empty());
    if (page.more) break;
    page.descriptors.push_back(referrer.descriptor);
    page.last = at->first;
  }
  return page;
}

void Repository::AddBlob(BlobPtr blob, Reservation room) {
  std::string digest = blob->digest_text;
  blobs_.try_emplace(std::move(digest), std::move(blob), std::move(room));
}

void Repository::PutManifest(const ManifestPtr& manifest, Reservation room) {
  auto& entry = manifests_[manifest->digest_text];
  const ManifestPtr replaced = std::exchange(entry.value, manifest);
  entry.room = std::move(room);
  if (replaced == nullptr) return;
  for (auto& [tag, tagged] : tags_) {
    if (tagged.value == replaced) tagged.value = manifest;
  }
}

void Repository::SetTag(std::string_view tag, ManifestPtr manifest, Reservation room) {
  auto& entry = tags_[std::string(tag)];
  entry.value = std::move(manifest);
  entry.room = std::move(room);
}

void Repository::AddReferrer(std::string_view subject, Referrer referrer, Reservation room) {
  referrers_[std::string(subject)].try_emplace(++last_referrer_, std::move(referrer),
                                               std::move(room));
}

bool Repository::HasReferrer(std::string_view subject, std::string_view digest) const {
  const auto list = referrers_.find(subject);
  return list != referrers_.end() && std::ranges::any_of(list->second, [&](const auto& referrer) {
           return referrer.second.value.digest == digest;
         });
}

bool Repository::RemoveBlob(std::string_view digest) {
  const auto found = blobs_.find(digest);
  if (found == blobs_.end()) return false;
  blobs_.erase(found);
  return true;
}

bool Repository::RemoveManifest(std::string_view reference) {
  if (const auto tag = tags_.find(reference); tag != tags_.end()) {
    tags_.erase(tag);
    return true;
  }
  const auto found = manifests_.find(reference);
  if (found == manifests_.end()) return false;
  manifests_.erase(found);
  std::erase_if(tags_, [&](const auto& tag) { return tag.second.value->digest_text == reference; });
  for (auto& [subject, list] : referrers_) {
    std::erase_if(list,
                  [&](const auto& referrer) { return referrer.second.value.digest == reference; });
  }
  std::erase_if(referrers_, [](const auto& list) { return list.second.empty(); });
  return true;
}

}  // namespace pullproof::mockregistry::store
