#include "mockregistry/api/answer.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"
#include "oci/reference.h"

namespace pullproof::mockregistry::api {
namespace {

// Spec: distribution-spec, "Error Codes" (code-1 to code-15). TAG_INVALID is a legacy code of the
// spec's; the rest below it are of distribution (registry/api/errcode), where the spec has none.
constexpr std::array<std::pair<std::string_view, int>, 19> kStatuses = {{
    {"BLOB_UNKNOWN", 404},
    {"BLOB_UPLOAD_INVALID", 400},
    {"BLOB_UPLOAD_UNKNOWN", 404},
    {"DIGEST_INVALID", 400},
    {"MANIFEST_BLOB_UNKNOWN", 400},
    {"MANIFEST_INVALID", 400},
    {"MANIFEST_UNKNOWN", 404},
    {"NAME_INVALID", 400},
    {"NAME_UNKNOWN", 404},
    {"SIZE_INVALID", 400},
    {"UNAUTHORIZED", 401},
    {"DENIED", 403},
    {"UNSUPPORTED", 405},
    {"TOOMANYREQUESTS", 429},
    {"TAG_INVALID", 400},
    {"RANGE_INVALID", 416},
    {"PAGINATION_NUMBER_INVALID", 400},
    {"UNAVAILABLE", 503},
    {"UNKNOWN", 500},
}};

struct StoreError {
  std::string_view id;
  std::string_view code;
  int status;
};

constexpr std::array kStoreErrors = {
    StoreError{"upload.unknown", "BLOB_UPLOAD_UNKNOWN", 404},
    StoreError{"upload.out-of-order", "BLOB_UPLOAD_INVALID", 416},
    StoreError{"upload.short-chunk", "SIZE_INVALID", 400},
    StoreError{"digest.mismatch", "DIGEST_INVALID", 400},
    StoreError{"manifest.blob-unknown", "MANIFEST_BLOB_UNKNOWN", 400},
    StoreError{"store.full", "SIZE_INVALID", 413},
};

}  // namespace

int StatusOfCode(std::string_view code) {
  const auto* const found =
      std::ranges::find(kStatuses, code, &std::pair<std::string_view, int>::first);
  return found == kStatuses.end() ? 0 : found->second;
}

Response ErrorResponse(std::string_view code, std::string_view message, int status,
                       std::string_view detail) {
  constexpr int kUnknownCode = 500;
  if (status == 0) status = StatusOfCode(code);
  if (status == 0) status = kUnknownCode;
  const std::string detail_member =
      detail.empty() ? std::string()
                     : fmt::format(R"("detail":{},)", CanonicalJsonString(Printable(detail)));
  Response response = Json(fmt::format(R"({{"errors":[{{"code":{},{}"message":{}}}]}})",
                                       CanonicalJsonString(Printable(code)), detail_member,
                                       CanonicalJsonString(Printable(message))));
  response.status = status;
  return response;
}

Response Empty(int status) {
  Response response;
  response.status = status;
  return response;
}

Response Json(std::string body, std::string_view media_type) {
  Response response;
  response.headers.Add("Content-Type", std::string(media_type));
  response.body = content::FromString(std::move(body));
  return response;
}

Response Refuse(std::string_view code, const Error& error, int status) {
  const std::string message =
      error.hint.empty() ? error.message : fmt::format("{}; {}", error.message, error.hint);
  return ErrorResponse(code, message, status, error.where);
}

Response RefusedByStore(const Error& error) {
  const auto* const found = std::ranges::find(kStoreErrors, error.id, &StoreError::id);
  if (found == kStoreErrors.end()) return Refuse("UNKNOWN", error);
  return Refuse(found->code, error, found->status);
}

std::optional<Response> RefuseName(std::string_view repository) {
  if (oci::IsRepositoryName(repository)) return std::nullopt;
  return ErrorResponse("NAME_INVALID",
                       "not a repository name: lower-case letters and digits, with `.`, `_`, `__` "
                       "or `-` between them, in components between slashes, 255 bytes at most",
                       0, repository.substr(0, 300));
}

Step<oci::Digest> ReadDigest(std::string_view text) {
  auto digest = oci::Digest::Parse(text);
  if (!digest) return std::unexpected(Refuse("DIGEST_INVALID", digest.error()));
  return *std::move(digest);
}

Response NotFound(const Exchange& exchange, std::string_view code) {
  if (auto refused = RefuseName(exchange.repository())) return *std::move(refused);
  const std::string& reference = exchange.reference();
  const bool must_be_digest = code == "BLOB_UNKNOWN" || reference.find(':') != std::string::npos;
  if (must_be_digest) {
    if (auto digest = ReadDigest(reference); !digest) return std::move(digest).error();
  }
  if (!exchange.store().HasRepository(exchange.repository())) {
    return ErrorResponse("NAME_UNKNOWN", "there is no repository of that name", 0,
                         exchange.repository());
  }
  return ErrorResponse(code, "the repository does not have it", 0, reference);
}

std::string LocationOf(std::string_view repository, std::string_view kind,
                       std::string_view reference) {
  return fmt::format("/v2/{}/{}/{}", repository, kind, reference);
}

}  // namespace pullproof::mockregistry::api
