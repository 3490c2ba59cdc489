// What one registry holds at this moment: the fixture's content, and whatever clients pushed,
// tagged, mounted or deleted since.
#ifndef PULLPROOF_MOCKREGISTRY_STORE_STORE_H_
#define PULLPROOF_MOCKREGISTRY_STORE_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "mockregistry/content/content.h"
#include "oci/digest.h"

namespace pullproof::mockregistry::store {

struct StoredBlob {
  oci::Digest digest;
  content::Bytes bytes;
};

struct StoredManifest {
  oci::Digest digest;  // under which it is served
  std::string media_type;
  content::Bytes bytes;
};

// All methods are thread-safe; each is one step, seen by others whole or not at all.
class Store {
 public:
  // `content` outlives the store and is never changed: blobs are shared, not copied.
  explicit Store(const content::Content& content);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  [[nodiscard]] bool HasRepository(std::string_view repository) const;
  [[nodiscard]] std::optional<StoredBlob> FindBlob(std::string_view repository,
                                                   std::string_view digest) const;
  // By tag or by digest.
  [[nodiscard]] std::optional<StoredManifest> FindManifest(std::string_view repository,
                                                           std::string_view reference) const;
  // The fixture's name of what a repository serves under a tag or digest; empty when it has none
  // (pushed content). Lies are named by the digest under which they are served.
  [[nodiscard]] std::string NameOf(std::string_view repository, std::string_view reference) const;

  // Pushes, deletes, upload sessions, listings and referrers follow here, as api/ needs them.

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pullproof::mockregistry::store

#endif  // PULLPROOF_MOCKREGISTRY_STORE_STORE_H_
