#include "resolver/registry_client/blob_upload.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/media_type.h"
#include "oci/range.h"
#include "resolver/registry_client/redirect.h"

namespace pullproof::resolver::registry_client {
namespace {

const std::string kNothing;

// For the courtesy of telling the registry, when the upload itself has taken its time.
constexpr Duration kMaxCancelTime = std::chrono::seconds(5);

std::unexpected<Failure> BadUpload(std::string message) {
  return Final({"registry.upload", std::move(message), {}, {}});
}

oci::Headers BytesHeaders() { return {{"Content-Type", std::string(oci::media::kOctetStream)}}; }

// Where the next request of an upload goes: always what the latest answer says. It may be at
// another host, which then is sent the bytes but no credentials.
Attempt<Url> NextPlace(const Acknowledgement& answer, const Endpoint& endpoint) {
  if (!answer.headers.Has("Location")) {
    return BadUpload(
        fmt::format("the registry answered {} without saying where to upload to", answer.status));
  }
  auto next =
      Follow(answer.url, {.status = answer.status, .headers = answer.headers}, endpoint.base);
  if (!next) return Final(std::move(next).error());
  return *std::move(next);
}

// "0-1023": the bytes that the registry has. nullopt when it does not say. An empty upload is
// "0-0" by custom, which one byte would be too.
std::optional<std::uint64_t> StoredBytes(const oci::Headers& headers) {
  const auto range = headers.Find("Range");
  if (!range) return std::nullopt;
  std::string_view text = Trim(*range);
  if (text.starts_with("bytes=")) text.remove_prefix(6);  // as some registries write it
  if (!text.starts_with("0-")) return std::nullopt;
  const auto last = oci::ParseOffset(text.substr(2));
  if (!last) return std::nullopt;
  return *last == 0 ? 0 : *last + 1;
}

}  // namespace

BlobUpload::BlobUpload(Fetcher& fetcher, const Endpoint& endpoint,
                       const oci::Descriptor& descriptor, const std::string& bytes,
                       const std::string& mount_from)
    : fetcher_(fetcher),
      endpoint_(endpoint),
      descriptor_(descriptor),
      bytes_(bytes),
      mount_from_(mount_from) {}

Result<BlobPush> BlobUpload::Run() {
  Retrier retrier = fetcher_.NewRetrier(endpoint_);
  while (true) {
    auto tried = Try();
    if (tried) return *tried;
    if (auto waited = retrier.WaitAfter(std::move(tried).error()); !waited) {
      Cancel();
      return std::unexpected(std::move(waited).error());
    }
  }
}

// After a failure everything begins anew, the question whether it is there included: what broke may
// have been the answer only.
Attempt<BlobPush> BlobUpload::Try() {
  std::optional<Session> session;
  if (!mount_from_.empty() && !mount_tried_) {
    PULLPROOF_ASSIGN_OR_RETURN(session, Mount());
    if (mounted_) return BlobPush::kMounted;
  }
  if (!session) {
    PULLPROOF_ASSIGN_OR_RETURN(const bool exists, Exists());
    if (exists) return BlobPush::kExisted;
    PULLPROOF_ASSIGN_OR_RETURN(session, Start());
    if (!session) return BlobPush::kExisted;
  }
  open_ = session->url;
  const bool in_chunks =
      wants_chunks_ || (session->min_chunk > 0 && session->min_chunk < bytes_.size() &&
                        session->min_chunk <= kMaxUploadChunk);
  PULLPROOF_RETURN_IF_ERROR(in_chunks ? SendChunks(*session) : SendWhole(*session));
  open_.reset();
  return BlobPush::kUploaded;
}

Attempt<bool> BlobUpload::Exists() {
  const auto found =
      Send(fetcher_, endpoint_, endpoint_.At("blobs/" + descriptor_.digest.ToString()),
           {.method = "HEAD", .good = {200}});
  if (!found) {
    // 405: a registry without HEAD, whose uploads may be fine.
    const int status = found.error().status;
    if (status == 404 || status == 405) return false;
    return std::unexpected(found.error());
  }
  const auto length = found->headers.Find("Content-Length");
  return !length || oci::ParseOffset(*length) == bytes_.size();
}

Attempt<std::optional<BlobUpload::Session>> BlobUpload::Mount() {
  Endpoint both = endpoint_;
  both.mount_from = mount_from_;
  const Url url =
      endpoint_.At("blobs/uploads/")
          .WithQuery(fmt::format("mount={}&from={}", PercentEncode(descriptor_.digest.ToString()),
                                 PercentEncode(mount_from_)));
  auto answer =
      Send(fetcher_, both, url, {.method = "POST", .body = &kNothing, .good = {201, 202}});
  // Whatever it says against mounting, it may still take an upload.
  mount_tried_ = answer || !answer.error().transient;
  if (!answer && mount_tried_) return std::nullopt;
  if (!answer) return std::unexpected(std::move(answer).error());
  mounted_ = answer->status == 201;
  if (mounted_) return std::nullopt;
  PULLPROOF_ASSIGN_OR_RETURN(Session session, SessionFrom(*answer));
  return session;
}

Attempt<std::optional<BlobUpload::Session>> BlobUpload::Start() {
  Url url = endpoint_.At("blobs/uploads/");
  if (descriptor_.digest.algorithm() != oci::Algorithm::kSha256) {
    url = url.WithQuery(
        fmt::format("digest-algorithm={}", oci::AlgorithmName(descriptor_.digest.algorithm())));
  }
  PULLPROOF_ASSIGN_OR_RETURN(
      const Acknowledgement answer,
      Send(fetcher_, endpoint_, url, {.method = "POST", .body = &kNothing, .good = {201, 202}}));
  if (answer.status == 201) {  // it says that it has the blob, of which it was told nothing
    PULLPROOF_ASSIGN_OR_RETURN(const bool exists, Exists());
    if (exists) return std::nullopt;
    return BadUpload("the registry answered 201 to an upload that had not begun");
  }
  PULLPROOF_ASSIGN_OR_RETURN(Session session, SessionFrom(answer));
  return session;
}

Attempt<BlobUpload::Session> BlobUpload::SessionFrom(const Acknowledgement& started) {
  PULLPROOF_ASSIGN_OR_RETURN(Url url, NextPlace(started, endpoint_));
  const auto least = started.headers.Find("OCI-Chunk-Min-Length");
  return Session{.url = std::move(url),
                 .min_chunk = least ? oci::ParseOffset(Trim(*least)).value_or(0) : 0};
}

Attempt<void> BlobUpload::SendWhole(const Session& session) {
  auto closed = Close(session.url, bytes_);
  if (closed) return {};
  Failure failure = std::move(closed).error();
  if (failure.status == 413 && bytes_.size() > kUploadChunk && !wants_chunks_) {
    wants_chunks_ = true;
    failure.transient = true;
  }
  return std::unexpected(std::move(failure));
}

Attempt<void> BlobUpload::Close(const Url& url, const std::string& body) {
  const Url closing = url.WithQuery("digest=" + PercentEncode(descriptor_.digest.ToString()));
  auto answer =
      Send(fetcher_, endpoint_, closing,
           {.method = "PUT", .headers = BytesHeaders(), .body = &body, .good = {200, 201, 204}});
  if (!answer) {
    Failure failure = std::move(answer).error();
    // The session is gone, or stands elsewhere than we think: a new one puts that right.
    if (failure.status == 404 || failure.status == 416) failure.transient = true;
    return std::unexpected(std::move(failure));
  }
  auto checked = CheckStoredDigest(answer->headers, descriptor_.digest);
  if (!checked) return Final(std::move(checked).error());
  return {};
}

Attempt<void> BlobUpload::SendChunks(const Session& session) {
  const std::uint64_t chunk = std::max(session.min_chunk, kUploadChunk);
  Url url = session.url;
  std::uint64_t offset = 0;
  Retrier retrier = fetcher_.NewRetrier(endpoint_);
  while (offset < bytes_.size()) {
    const std::uint64_t before = offset;
    auto sent = SendChunk(url, offset, std::min<std::uint64_t>(chunk, bytes_.size() - offset));
    if (offset > before) retrier.NoteProgress();
    open_ = url;
    if (sent) continue;
    Failure failure = std::move(sent).error();
    const bool out_of_step = failure.status == 416;
    if (!failure.transient && !out_of_step) {
      if (failure.status == 404) failure.transient = true;  // the session is gone
      return std::unexpected(std::move(failure));
    }
    failure.transient = true;
    if (auto waited = retrier.WaitAfter(std::move(failure)); !waited) {
      return Final(std::move(waited).error());
    }
    auto status = AskStatus(url, offset);
    if (!status) {
      Failure lost = std::move(status).error();
      if (lost.status == 404) lost.transient = true;
      return std::unexpected(std::move(lost));
    }
  }
  return Close(url, kNothing);
}

Attempt<void> BlobUpload::SendChunk(Url& url, std::uint64_t& offset, std::uint64_t length) {
  const std::string chunk = bytes_.substr(offset, length);
  oci::Headers headers = BytesHeaders();
  headers.Add("Content-Range", fmt::format("{}-{}", offset, offset + length - 1));
  PULLPROOF_ASSIGN_OR_RETURN(
      const Acknowledgement answer,
      Send(fetcher_, endpoint_, url,
           {.method = "PATCH", .headers = std::move(headers), .body = &chunk, .good = {202, 204}}));
  PULLPROOF_ASSIGN_OR_RETURN(url, NextPlace(answer, endpoint_));
  const std::uint64_t stored = StoredBytes(answer.headers).value_or(offset + length);
  if (stored <= offset || stored > offset + length) {
    return std::unexpected(
        Failure{.error = {"registry.upload",
                          fmt::format("after bytes {} to {} the registry says that it has {}",
                                      offset, offset + length - 1, stored),
                          {},
                          {}},
                .status = 416,
                .transient = true,
                .retry_after = {}});
  }
  offset = stored;
  return {};
}

Attempt<void> BlobUpload::AskStatus(Url& url, std::uint64_t& offset) {
  PULLPROOF_ASSIGN_OR_RETURN(const Acknowledgement answer,
                             Send(fetcher_, endpoint_, url, {.method = "GET", .good = {200, 204}}));
  if (answer.headers.Has("Location")) {
    PULLPROOF_ASSIGN_OR_RETURN(url, NextPlace(answer, endpoint_));
  }
  const std::uint64_t stored = StoredBytes(answer.headers).value_or(0);
  if (stored > bytes_.size()) {
    return BadUpload(
        fmt::format("the registry says that it has {} bytes of {}", stored, bytes_.size()));
  }
  offset = stored;
  return {};
}

void BlobUpload::Cancel() {
  if (!open_) return;
  Endpoint last = endpoint_;
  last.deadline = {fetcher_.clock().Now() + kMaxCancelTime};
  static_cast<void>(Send(fetcher_, last, *open_, {.method = "DELETE", .good = {200, 202, 204}}));
}

}  // namespace pullproof::resolver::registry_client
