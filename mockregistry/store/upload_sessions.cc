#include "mockregistry/store/upload_sessions.h"

#include <utility>

#include <fmt/format.h>

namespace pullproof::mockregistry::store {
namespace {

// The shape of a UUID (RFC 9562 version 8), which clients of spec 1.0 may count on. Counted, not
// drawn, so that a run can be repeated.
std::string IdOfNumber(std::uint64_t number) {
  constexpr std::uint64_t kLowBits = (std::uint64_t{1} << 48) - 1;
  return fmt::format("{:08x}-0000-8000-8000-{:012x}", number >> 48, number & kLowBits);
}

std::unexpected<Error> FailUnknown(std::string_view id) {
  return Fail("upload.unknown", "there is no upload session of that id", std::string(id),
              "it was finished, cancelled or forgotten, or belongs to another repository");
}

}  // namespace

UploadStatus UploadSessions::Start(std::string_view repository) {
  auto session = std::make_shared<Session>();
  session->repository = repository;
  const std::scoped_lock lock(mutex_);
  session->id = IdOfNumber(++last_number_);
  if (recency_.size() == kMaxUploadSessions) {
    by_id_.erase(recency_.back()->id);
    recency_.pop_back();
  }
  recency_.push_front(session);
  by_id_.emplace(session->id, recency_.begin());
  return {session->id, 0};
}

Result<UploadStatus> UploadSessions::Find(std::string_view repository, std::string_view id) {
  const auto session = Touch(repository, id);
  if (session == nullptr) return FailUnknown(id);
  const std::scoped_lock lock(session->mutex);
  if (session->closed) return FailUnknown(id);
  return UploadStatus{session->id, session->size};
}

Result<UploadStatus> UploadSessions::Append(std::string_view repository, std::string_view id,
                                            const Chunk& chunk) {
  const auto session = Touch(repository, id);
  if (session == nullptr) return FailUnknown(id);
  const std::scoped_lock lock(session->mutex);
  PULLPROOF_RETURN_IF_ERROR(AppendLocked(*session, chunk));
  return UploadStatus{session->id, session->size};
}

Result<content::Bytes> UploadSessions::Finish(std::string_view repository, std::string_view id,
                                              const Chunk& last, const oci::Digest& digest) {
  const auto session = Touch(repository, id);
  if (session == nullptr) return FailUnknown(id);
  const std::scoped_lock lock(session->mutex);
  PULLPROOF_RETURN_IF_ERROR(AppendLocked(*session, last));
  content::Bytes bytes = session->chunks.size() == 1
                             ? session->chunks.front()
                             : content::Concatenate(std::exchange(session->chunks, {}));
  session->closed = true;
  Forget(id);
  const oci::Digest actual = content::DigestOf(*bytes, digest.algorithm());
  if (actual != digest) {
    return Fail("digest.mismatch", fmt::format("the uploaded bytes hash to {}", actual.ToString()),
                digest.ToString(), "the upload is gone; start again");
  }
  return bytes;
}

bool UploadSessions::Cancel(std::string_view repository, std::string_view id) {
  const auto session = Touch(repository, id);
  if (session == nullptr) return false;
  const std::scoped_lock lock(session->mutex);
  if (session->closed) return false;
  session->closed = true;
  session->chunks.clear();
  Forget(id);
  return true;
}

Result<Reservation> UploadSessions::Reserve(std::uint64_t bytes, std::string_view keep) {
  // What could never fit is not worth anybody's upload.
  const bool can_fit = bytes <= budget_->limit();
  do {
    if (auto reservation = budget_->Take(bytes)) return *std::move(reservation);
  } while (can_fit && ForgetIdlest(keep));
  return Fail("store.full", fmt::format("no room for {} more pushed bytes", bytes), {},
              fmt::format("the registry keeps at most {} bytes of pushed content in memory",
                          budget_->limit()));
}

std::size_t UploadSessions::size() const {
  const std::scoped_lock lock(mutex_);
  return recency_.size();
}

std::shared_ptr<UploadSessions::Session> UploadSessions::Touch(std::string_view repository,
                                                               std::string_view id) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end() || (*found->second)->repository != repository) return nullptr;
  recency_.splice(recency_.begin(), recency_, found->second);
  return recency_.front();
}

Result<void> UploadSessions::AppendLocked(Session& session, const Chunk& chunk) {
  if (session.closed) return FailUnknown(session.id);
  if (chunk.first.value_or(session.size) != session.size) {
    return Fail(
        "upload.out-of-order",
        fmt::format("the chunk starts at byte {}, the next one is {}", *chunk.first, session.size),
        session.id, "chunks come in order; ask for the state of the upload and go on there");
  }
  if (chunk.bytes.empty()) return {};
  if (session.short_chunk) {
    return Fail("upload.short-chunk",
                fmt::format("a chunk before this one was shorter than {} bytes", chunk.min_length),
                session.id, "only the last chunk may be shorter than OCI-Chunk-Min-Length");
  }
  PULLPROOF_ASSIGN_OR_RETURN(Reservation reservation,
                             Reserve(chunk.bytes.size() + kEntryBytes, session.id));
  session.chunks.push_back(
      Hold(content::FromString(std::string(chunk.bytes)), std::move(reservation)));
  session.size += chunk.bytes.size();
  session.short_chunk = chunk.bytes.size() < chunk.min_length;
  return {};
}

bool UploadSessions::ForgetIdlest(std::string_view keep) {
  std::shared_ptr<Session> idlest;  // freed after the lock
  const std::scoped_lock lock(mutex_);
  if (recency_.empty() || recency_.back()->id == keep) return false;
  idlest = std::move(recency_.back());
  recency_.pop_back();
  by_id_.erase(idlest->id);
  return true;
}

void UploadSessions::Forget(std::string_view id) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  recency_.erase(found->second);
  by_id_.erase(found);
}

}  // namespace pullproof::mockregistry::store
