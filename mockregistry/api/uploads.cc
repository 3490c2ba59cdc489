#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "mockregistry/api/operations.h"
#include "oci/range.h"

namespace pullproof::mockregistry::api {
namespace {

// ^[0-9]+-[0-9]+$, unlike the Content-Range of RFC 9110.
std::optional<oci::ByteSpan> ParseChunkRange(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = oci::ParseOffset(text.substr(0, dash));
  const auto last = oci::ParseOffset(text.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return oci::ByteSpan{*first, *last};
}

// The body as a part of an upload. Without Content-Range it goes where the upload stands.
Step<store::Chunk> ReadChunk(const Exchange& exchange) {
  const std::string& body = exchange.request.body;
  store::Chunk chunk{
      .bytes = body, .first = std::nullopt, .min_length = exchange.context.limits.min_chunk};
  const auto header = exchange.request.headers.Find("Content-Range");
  if (!header) return chunk;
  const auto span = ParseChunkRange(*header);
  if (!span) {
    return std::unexpected(ErrorResponse(
        "BLOB_UPLOAD_INVALID", "the Content-Range of a chunk is FIRST-LAST, in bytes and inclusive",
        0, *header));
  }
  if (span->length() != body.size()) {
    return std::unexpected(
        ErrorResponse("SIZE_INVALID",
                      fmt::format("Content-Range announces {} bytes, the body has {}",
                                  span->length(), body.size()),
                      0, *header));
  }
  chunk.first = span->first;
  return chunk;
}

// Where the upload stands: what every answer about a session carries.
void AddStatus(const Exchange& exchange, const store::UploadStatus& status, Response& response) {
  response.headers.Add("Location", LocationOf(exchange.repository(), "blobs/uploads", status.id));
  // An empty upload has no range to state; distribution says 0-0, and clients expect a value.
  response.headers.Add("Range", fmt::format("0-{}", status.size == 0 ? 0 : status.size - 1));
  response.headers.Add("Docker-Upload-UUID", status.id);
}

Response Accepted(const Exchange& exchange, const store::UploadStatus& status) {
  Response response = Empty(202);
  AddStatus(exchange, status, response);
  return response;
}

Response Started(const Exchange& exchange) {
  Response response = Accepted(exchange, exchange.store().StartUpload(exchange.repository()));
  if (const std::uint64_t least = exchange.context.limits.min_chunk; least != 0) {
    response.headers.Add("OCI-Chunk-Min-Length", std::to_string(least));
  }
  return response;
}

Response Created(const Exchange& exchange, const store::StoredBlob& blob) {
  Response response = Empty(201);
  response.headers.Add("Location", LocationOf(exchange.repository(), "blobs", blob.digest_text));
  response.headers.Add(std::string(kContentDigestHeader), blob.digest_text);
  return response;
}

// A refused chunk: after 416 the client learns where to go on.
// Spec: "To get the current status after a 416 error".
Response RefusedUpload(const Exchange& exchange, const Error& error) {
  Response response = RefusedByStore(error);
  if (response.status != 416) return response;
  if (const auto status =
          exchange.store().FindUpload(exchange.repository(), exchange.reference())) {
    AddStatus(exchange, *status, response);
  }
  return response;
}

std::optional<Response> RefuseSmallBlob(const Exchange& exchange, std::uint64_t size) {
  if (size >= exchange.context.limits.min_blob) return std::nullopt;
  return ErrorResponse("SIZE_INVALID",
                       fmt::format("a blob of {} bytes; this registry takes none below {}", size,
                                   exchange.context.limits.min_blob));
}

// Spec: end-4c. Only a hint: the digest at the end of the upload decides.
std::optional<Response> RefuseAlgorithm(const Exchange& exchange) {
  using oci::Algorithm;
  constexpr std::array kAlgorithms = {Algorithm::kSha256, Algorithm::kSha384, Algorithm::kSha512};
  const auto name = exchange.route.Query("digest-algorithm");
  if (!name || std::ranges::any_of(kAlgorithms, [&](Algorithm algorithm) {
        return oci::AlgorithmName(algorithm) == *name;
      })) {
    return std::nullopt;
  }
  return ErrorResponse("DIGEST_INVALID",
                       "the digest algorithm is not supported; use sha256, sha384 or sha512", 0,
                       *name);
}

Step<Response> TryStart(const Exchange& exchange) {
  if (auto refused = RefuseName(exchange.repository())) return *std::move(refused);
  if (auto refused = RefuseAlgorithm(exchange)) return *std::move(refused);
  const auto stated = exchange.route.Query("digest");
  if (!stated) return Started(exchange);
  PULLPROOF_ASSIGN_OR_RETURN(const oci::Digest digest, ReadDigest(*stated));
  const std::string& body = exchange.request.body;
  if (auto refused = RefuseSmallBlob(exchange, body.size())) return *std::move(refused);
  const auto blob = exchange.store().PushBlob(exchange.repository(), body, digest);
  if (!blob) return RefusedByStore(blob.error());
  return Created(exchange, **blob);
}

Step<Response> TryMount(const Exchange& exchange) {
  if (auto refused = RefuseName(exchange.repository())) return *std::move(refused);
  const auto from = exchange.route.Query("from");
  if (from) {
    if (auto refused = RefuseName(*from)) return *std::move(refused);
  }
  PULLPROOF_ASSIGN_OR_RETURN(const oci::Digest digest,
                             ReadDigest(exchange.route.Query("mount").value_or("")));
  const auto blob = exchange.store().MountBlob(exchange.repository(), digest, from);
  if (!blob) return RefusedByStore(blob.error());
  if (*blob == nullptr) return Started(exchange);  // the client uploads it
  return Created(exchange, **blob);
}

Step<Response> TryPatch(const Exchange& exchange) {
  if (auto refused = RefuseName(exchange.repository())) return *std::move(refused);
  PULLPROOF_ASSIGN_OR_RETURN(const store::Chunk chunk, ReadChunk(exchange));
  const auto status =
      exchange.store().AppendUpload(exchange.repository(), exchange.reference(), chunk);
  if (!status) return RefusedUpload(exchange, status.error());
  return Accepted(exchange, *status);
}

Step<Response> TryPut(const Exchange& exchange) {
  if (auto refused = RefuseName(exchange.repository())) return *std::move(refused);
  const auto stated = exchange.route.Query("digest");
  if (!stated) {
    return ErrorResponse("DIGEST_INVALID", "the PUT that ends an upload has a `digest` parameter");
  }
  PULLPROOF_ASSIGN_OR_RETURN(const oci::Digest digest, ReadDigest(*stated));
  PULLPROOF_ASSIGN_OR_RETURN(const store::Chunk last, ReadChunk(exchange));
  const auto status = exchange.store().FindUpload(exchange.repository(), exchange.reference());
  if (!status) return RefusedByStore(status.error());
  if (auto refused = RefuseSmallBlob(exchange, status->size + last.bytes.size())) {
    return *std::move(refused);
  }
  const auto blob =
      exchange.store().FinishUpload(exchange.repository(), exchange.reference(), last, digest);
  if (!blob) return RefusedUpload(exchange, blob.error());
  return Created(exchange, **blob);
}

}  // namespace

Response StartUpload(const Exchange& exchange) { return Settle(TryStart(exchange)); }
Response MountBlob(const Exchange& exchange) { return Settle(TryMount(exchange)); }
Response PatchUpload(const Exchange& exchange) { return Settle(TryPatch(exchange)); }
Response PutUpload(const Exchange& exchange) { return Settle(TryPut(exchange)); }

Response GetUpload(const Exchange& exchange) {
  if (auto refused = RefuseName(exchange.repository())) return *std::move(refused);
  const auto status = exchange.store().FindUpload(exchange.repository(), exchange.reference());
  if (!status) return RefusedByStore(status.error());
  Response response = Empty(204);
  AddStatus(exchange, *status, response);
  return response;
}

Response DeleteUpload(const Exchange& exchange) {
  if (auto refused = RefuseName(exchange.repository())) return *std::move(refused);
  if (!exchange.store().CancelUpload(exchange.repository(), exchange.reference())) {
    return ErrorResponse("BLOB_UPLOAD_UNKNOWN", "there is no upload session of that id", 0,
                         exchange.reference());
  }
  return Empty(204);
}

}  // namespace pullproof::mockregistry::api
