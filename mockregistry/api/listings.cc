#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"
#include "mockregistry/api/operations.h"
#include "mockregistry/api/paging.h"
#include "oci/manifest.h"
#include "oci/media_type.h"

namespace pullproof::mockregistry::api {
namespace {

// Clients bound an index as they bound a manifest; a list that is longer is cut into pages. The
// rest is for the index around the descriptors, with a comma for each of a page.
constexpr std::uint64_t kMaxDescriptorBytes = oci::kMaxManifestBytes - (std::uint64_t{64} << 10);

std::string JoinJson(const std::vector<std::string>& texts) {
  return fmt::format("[{}]", fmt::join(texts, ","));
}

std::string NamesJson(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  quoted.reserve(names.size());
  for (const std::string& name : names) quoted.push_back(CanonicalJsonString(Printable(name)));
  return JoinJson(quoted);
}

std::string_view LastOf(const std::vector<std::string>& names) {
  return names.empty() ? std::string_view() : std::string_view(names.back());
}

Step<Response> TryListTags(const Exchange& exchange) {
  if (auto refused = RefuseName(exchange.repository())) return *std::move(refused);
  PULLPROOF_ASSIGN_OR_RETURN(const PageRequest page, ReadPageRequest(exchange));
  const auto tags = exchange.store().Tags(exchange.repository(), page.last, page.count);
  if (!tags) return NotFound(exchange, "NAME_UNKNOWN");
  Response response =
      Json(fmt::format(R"({{"name":{},"tags":{}}})", CanonicalJsonString(exchange.repository()),
                       NamesJson(tags->names)));
  AddNextLink(exchange, page, LastOf(tags->names), tags->more, response);
  return response;
}

Step<Response> TryListRepositories(const Exchange& exchange) {
  PULLPROOF_ASSIGN_OR_RETURN(const PageRequest page, ReadPageRequest(exchange));
  const store::NamePage repositories = exchange.store().Repositories(page.last, page.count);
  Response response = Json(fmt::format(R"({{"repositories":{}}})", NamesJson(repositories.names)));
  AddNextLink(exchange, page, LastOf(repositories.names), repositories.more, response);
  return response;
}

// Referrers have no names to go on after; their pages count places, which stay when others go.
Step<std::uint64_t> ReadPlace(const std::string& last) {
  std::uint64_t place = 0;
  const char* const end = last.data() + last.size();
  const auto [stop, error] = std::from_chars(last.data(), end, place);
  if (!last.empty() && (error != std::errc{} || stop != end)) {
    return std::unexpected(ErrorResponse("PAGINATION_NUMBER_INVALID",
                                         "`last` is not one that this registry gave", 0,
                                         last.substr(0, 300)));
  }
  return place;
}

Step<Response> TryListReferrers(const Exchange& exchange) {
  if (!exchange.context.referrers_api) {
    return ErrorResponse("UNSUPPORTED", "this registry has no referrers API", 404);
  }
  if (auto refused = RefuseName(exchange.repository())) return *std::move(refused);
  PULLPROOF_ASSIGN_OR_RETURN(const oci::Digest subject, ReadDigest(exchange.reference()));
  PULLPROOF_ASSIGN_OR_RETURN(const PageRequest page, ReadPageRequest(exchange));
  PULLPROOF_ASSIGN_OR_RETURN(const std::uint64_t after, ReadPlace(page.last));
  const auto filter = exchange.route.Query("artifactType");
  const store::ReferrerPage referrers =
      exchange.store().Referrers(exchange.repository(), subject.ToString(),
                                 {.artifact_type = filter,
                                  .after = after,
                                  .count = page.count,
                                  .max_bytes = kMaxDescriptorBytes});
  // The API never answers 404: an unknown subject or repository has no referrers.
  Response response = Json(fmt::format(R"({{"manifests":{},"mediaType":"{}","schemaVersion":2}})",
                                       JoinJson(referrers.descriptors), oci::media::kImageIndex),
                           oci::media::kImageIndex);
  if (filter) response.headers.Add("OCI-Filters-Applied", "artifactType");
  AddNextLink(exchange, page, std::to_string(referrers.last), referrers.more, response);
  return response;
}

}  // namespace

Response ListTags(const Exchange& exchange) { return Settle(TryListTags(exchange)); }
Response ListRepositories(const Exchange& exchange) {
  return Settle(TryListRepositories(exchange));
}
Response ListReferrers(const Exchange& exchange) { return Settle(TryListReferrers(exchange)); }

}  // namespace pullproof::mockregistry::api
