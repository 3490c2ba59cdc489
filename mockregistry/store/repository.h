// One repository's blobs, manifests, tags and referrers. Not thread-safe: the store locks.
#ifndef PULLPROOF_MOCKREGISTRY_STORE_REPOSITORY_H_
#define PULLPROOF_MOCKREGISTRY_STORE_REPOSITORY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "mockregistry/store/budget.h"
#include "mockregistry/store/store.h"

namespace pullproof::mockregistry::store {

// Lets a map of strings be searched with a view.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>{}(text);
  }
};

// Something that a repository has, and the room that it takes.
template <typename T>
struct Entry {
  T value;
  Reservation room;
};

template <typename T>
using DigestMap = std::unordered_map<std::string, Entry<T>, TextHash, std::equal_to<>>;

class Repository {
 public:
  [[nodiscard]] BlobPtr FindBlob(std::string_view digest) const;
  [[nodiscard]] ManifestPtr FindManifest(std::string_view reference) const;
  [[nodiscard]] bool HasTag(std::string_view tag) const { return tags_.contains(tag); }
  [[nodiscard]] NamePage Tags(std::string_view last, std::uint64_t count) const;
  [[nodiscard]] ReferrerPage Referrers(std::string_view subject, const ReferrerQuery& query) const;

  // What is there already under that digest stays.
  void AddBlob(BlobPtr blob, Reservation room);
  // Replaces a manifest of that digest, for its tags too.
  void PutManifest(const ManifestPtr& manifest, Reservation room);
  void SetTag(std::string_view tag, ManifestPtr manifest, Reservation room);
  struct Referrer {
    std::string digest;
    std::string artifact_type;
    std::string descriptor;  // canonical JSON
  };
  // Fixtures may list one referrer twice (a marked lie), so this does not look for its double.
  void AddReferrer(std::string_view subject, Referrer referrer, Reservation room);
  [[nodiscard]] bool HasReferrer(std::string_view subject, std::string_view digest) const;

  bool RemoveBlob(std::string_view digest);
  bool RemoveManifest(std::string_view reference);

 private:
  DigestMap<BlobPtr> blobs_;
  DigestMap<ManifestPtr> manifests_;
  std::map<std::string, Entry<ManifestPtr>, std::less<>> tags_;
  // By subject, then by the order of arrival, which pages count on.
  std::map<std::string, std::map<std::uint64_t, Entry<Referrer>>, std::less<>> referrers_;
  std::uint64_t last_referrer_ = 0;
};

// One page of the keys of a map in byte order.
template <typename Map>
NamePage PageOf(const Map& map, std::string_view last, std::uint64_t count) {
  NamePage page;
  auto at = last.empty() ? map.begin() : map.upper_bound(last);
  for (; at != map.end() && page.names.size() < count; ++at) page.names.push_back(at->first);
  page.more = count != 0 && at != map.end();
  return page;
}

}  // namespace pullproof::mockregistry::store

#endif  // PULLPROOF_MOCKREGISTRY_STORE_REPOSITORY_H_
