// Uploads on their way: bytes that clients sent, but that have no digest yet.
// Spec: distribution-spec, "Pushing blobs". Nothing here is visible to anyone who pulls, and an
// upload that is never finished leaves nothing behind.
#ifndef PULLPROOF_MOCKREGISTRY_STORE_UPLOAD_SESSIONS_H_
#define PULLPROOF_MOCKREGISTRY_STORE_UPLOAD_SESSIONS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "mockregistry/content/byte_source.h"
#include "mockregistry/store/budget.h"
#include "mockregistry/store/store.h"
#include "oci/digest.h"

namespace pullproof::mockregistry::store {

// Thread-safe. Errors: upload.unknown, upload.out-of-order, upload.short-chunk, digest.mismatch,
// store.full.
class UploadSessions {
 public:
  explicit UploadSessions(std::shared_ptr<Budget> budget) : budget_(std::move(budget)) {}

  // When there are kMaxUploadSessions already, the one that was idle longest is forgotten.
  UploadStatus Start(std::string_view repository);
  Result<UploadStatus> Find(std::string_view repository, std::string_view id);
  // A refused chunk leaves the session as it was.
  Result<UploadStatus> Append(std::string_view repository, std::string_view id, const Chunk& chunk);
  // Appends the last chunk and closes the session; the bytes are returned when they hash to
  // `digest`, and are gone when they do not.
  Result<content::Bytes> Finish(std::string_view repository, std::string_view id, const Chunk& last,
                                const oci::Digest& digest);
  // False when there is no such session.
  bool Cancel(std::string_view repository, std::string_view id);

  // Room for pushed bytes; idle sessions are forgotten for it, the one named `keep` never.
  Result<Reservation> Reserve(std::uint64_t bytes, std::string_view keep = {});
  [[nodiscard]] std::size_t size() const;

 private:
  struct Session {
    std::string id;
    std::string repository;
    std::mutex mutex;  // of what follows; taken before UploadSessions::mutex_, never after
    std::vector<content::Bytes> chunks;
    std::uint64_t size = 0;
    bool short_chunk = false;  // the newest chunk was below the least length: it must be the last
    bool closed = false;
  };
  using Recency = std::list<std::shared_ptr<Session>>;

  // Finds the session and marks it as the one used last; null when there is none.
  std::shared_ptr<Session> Touch(std::string_view repository, std::string_view id);
  Result<void> AppendLocked(Session& session, const Chunk& chunk);
  bool ForgetIdlest(std::string_view keep);
  void Forget(std::string_view id);

  const std::shared_ptr<Budget> budget_;
  mutable std::mutex mutex_;
  Recency recency_;  // used last comes first
  std::map<std::string, Recency::iterator, std::less<>> by_id_;
  std::uint64_t last_number_ = 0;
};

}  // namespace pullproof::mockregistry::store

#endif  // PULLPROOF_MOCKREGISTRY_STORE_UPLOAD_SESSIONS_H_
