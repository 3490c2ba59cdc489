// What one registry holds at this moment: the fixture's content, and whatever clients pushed,
// tagged, mounted or deleted since.
#ifndef PULLPROOF_MOCKREGISTRY_STORE_STORE_H_
#define PULLPROOF_MOCKREGISTRY_STORE_STORE_H_

#include <cstddef>
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

// Pushed content lives in memory. The largest images of test suites have some hundreds of MB; a
// push beyond this is refused before the machine swaps.
inline constexpr std::uint64_t kMaxPushedBytes = std::uint64_t{2} << 30;
// What a tag, a link to a blob or a chunk costs beside its bytes, so that many empty things are
// bounded too: about two map nodes with their keys.
inline constexpr std::uint64_t kEntryBytes = 512;
// A client uploads some five layers at once, a suite runs some hundred clients. Sessions that were
// abandoned make room for new ones.
inline constexpr std::size_t kMaxUploadSessions = 1'000;

// Header values are made once, when content arrives, not for each request.
struct StoredBlob {
  oci::Digest digest;
  std::string digest_text;  // "sha256:…"
  std::string etag;         // the same in double quotes (RFC 9110 section 8.8.3)
  content::Bytes bytes;
  std::string name;  // in the fixture; empty for pushed content
};

struct StoredManifest {
  oci::Digest digest;  // under which it is served
  std::string digest_text;
  std::string etag;
  std::string media_type;
  content::Bytes bytes;
  std::string name;
};

// Immutable, and alive as long as somebody holds them, whatever is deleted meanwhile.
using BlobPtr = std::shared_ptr<const StoredBlob>;
using ManifestPtr = std::shared_ptr<const StoredManifest>;

struct UploadStatus {
  std::string id;
  std::uint64_t size = 0;  // bytes that have arrived
};

// A part of an upload. `bytes` are copied.
struct Chunk {
  std::string_view bytes;
  std::optional<std::uint64_t> first;  // offset that the client states; absent: at the end
  std::uint64_t min_length = 0;        // bytes; only the last chunk may be shorter
};

// A manifest that was read and found sound, ready to be kept.
struct ManifestPush {
  oci::Digest digest;  // of `bytes`
  std::string media_type;
  std::string bytes;
  std::vector<std::string> blobs;      // digests of the blobs that the repository must have
  std::vector<std::string> manifests;  // digests of the manifests (or blobs) of an index
  std::optional<std::string> subject;  // digest; need not be there
  std::string descriptor;              // canonical JSON, as the referrers of the subject list it
  std::string artifact_type;
  std::vector<std::string> tags;
};

// A page of a listing in byte order. `more`: something comes after it.
struct NamePage {
  std::vector<std::string> names;
  bool more = false;
};
// A page of referrers in the order of their arrival; `last` is the place of the last one.
struct ReferrerPage {
  std::vector<std::string> descriptors;  // canonical JSON
  std::uint64_t last = 0;
  bool more = false;
};
struct ReferrerQuery {
  std::optional<std::string> artifact_type;
  std::uint64_t after = 0;      // the place of the last one of the page before; 0: from the start
  std::uint64_t count = 0;      // at most
  std::uint64_t max_bytes = 0;  // of all descriptors; a single larger one is still returned
};

// All methods are thread-safe; each is one step, seen by others whole or not at all.
class Store {
 public:
  // `content` outlives the store and is never changed: blobs are shared, not copied.
  // `max_pushed_bytes` bounds the memory that clients can fill.
  explicit Store(const content::Content& content, std::uint64_t max_pushed_bytes = kMaxPushedBytes);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // --- Reading -------------------------------------------------------------------------------

  // A repository is there when the fixture has it, or once something was pushed to it.
  [[nodiscard]] bool HasRepository(std::string_view repository) const;
  // Null when the repository does not have it.
  [[nodiscard]] BlobPtr FindBlob(std::string_view repository, std::string_view digest) const;
  // By tag or by digest.
  [[nodiscard]] ManifestPtr FindManifest(std::string_view repository,
                                         std::string_view reference) const;
  // The fixture's name of what a repository serves under a tag or digest; empty when it has none
  // (pushed content). Lies are named by the digest under which they are served.
  [[nodiscard]] std::string NameOf(std::string_view repository, std::string_view reference) const;

  // Up to `count` tags after `last` (which need not exist; empty: from the start). nullopt for an
  // unknown repository.
  [[nodiscard]] std::optional<NamePage> Tags(std::string_view repository, std::string_view last,
                                             std::uint64_t count) const;
  [[nodiscard]] NamePage Repositories(std::string_view last, std::uint64_t count) const;
  // Empty for unknown subjects and repositories.
  [[nodiscard]] ReferrerPage Referrers(std::string_view repository, std::string_view subject,
                                       const ReferrerQuery& query) const;

  // --- Blobs ---------------------------------------------------------------------------------

  // Keeps a copy of the bytes. Errors: digest.mismatch, store.full.
  Result<BlobPtr> PushBlob(std::string_view repository, std::string_view bytes,
                           const oci::Digest& digest);
  // Gives a repository a blob that `from` has, or any repository when absent. Null when there is
  // none. Error: store.full.
  Result<BlobPtr> MountBlob(std::string_view repository, const oci::Digest& digest,
                            const std::optional<std::string>& from);
  // False when it was not there. Other repositories keep theirs.
  bool DeleteBlob(std::string_view repository, std::string_view digest);

  // Upload sessions, each of one repository. Errors: upload.unknown (for another repository's too),
  // upload.out-of-order, upload.short-chunk, store.full; they leave the session as it was.
  UploadStatus StartUpload(std::string_view repository);
  Result<UploadStatus> FindUpload(std::string_view repository, std::string_view id);
  Result<UploadStatus> AppendUpload(std::string_view repository, std::string_view id,
                                    const Chunk& chunk);
  // Appends the last chunk and makes the whole a blob. Error also: digest.mismatch, after which the
  // session is gone.
  Result<BlobPtr> FinishUpload(std::string_view repository, std::string_view id, const Chunk& last,
                               const oci::Digest& digest);
  // False when there is no such session.
  bool CancelUpload(std::string_view repository, std::string_view id);

  // --- Manifests -----------------------------------------------------------------------------

  // Keeps the manifest and sets its tags. Errors: manifest.blob-unknown (`where` is the digest that
  // is missing), store.full.
  Result<ManifestPtr> PutManifest(std::string_view repository, const ManifestPush& push);
  // By digest: the manifest, every tag that names it, and its place among the referrers. By tag:
  // the tag alone. False when it was not there.
  bool DeleteManifest(std::string_view repository, std::string_view reference);

  // What clients' pushes take up at this moment, by the budget's count.
  [[nodiscard]] std::uint64_t pushed_bytes() const;
  [[nodiscard]] std::size_t upload_sessions() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pullproof::mockregistry::store

#endif  // PULLPROOF_MOCKREGISTRY_STORE_STORE_H_
