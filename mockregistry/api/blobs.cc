#include <string>
#include <utility>

#include "mockregistry/api/negotiation.h"
#include "mockregistry/api/operations.h"
#include "mockregistry/api/ranges.h"
#include "oci/media_type.h"

namespace pullproof::mockregistry::api {

Response GetBlob(const Exchange& exchange) {
  const store::BlobPtr blob =
      exchange.store().FindBlob(exchange.repository(), exchange.reference());
  if (blob == nullptr) return NotFound(exchange, "BLOB_UNKNOWN");
  const oci::Headers& asked = exchange.request.headers;
  Response response;
  response.headers.Add("Content-Type", std::string(oci::media::kOctetStream));
  response.headers.Add(std::string(kContentDigestHeader), blob->digest_text);
  response.headers.Add("ETag", blob->etag);
  response.headers.Add("Accept-Ranges", "bytes");
  if (IsFresh(asked, blob->etag)) {
    response.status = 304;
    return response;
  }
  response.body = blob->bytes;
  // Range means something for GET alone (RFC 9110 section 14.2).
  if (exchange.route.operation != Operation::kBlobGet) return response;
  const auto range = asked.Joined("Range");
  if (!range || !RangeHolds(asked, blob->etag)) return response;
  return PartOf(std::move(response), *range, blob->digest_text);
}

Response DeleteBlob(const Exchange& exchange) {
  if (!exchange.store().DeleteBlob(exchange.repository(), exchange.reference())) {
    return NotFound(exchange, "BLOB_UNKNOWN");
  }
  return Empty(202);
}

}  // namespace pullproof::mockregistry::api
