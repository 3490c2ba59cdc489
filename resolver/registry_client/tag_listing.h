// All tags of a repository, over all pages.
// Spec: distribution-spec, "Listing Tags".
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_TAG_LISTING_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_TAG_LISTING_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "resolver/registry_client/endpoint.h"
#include "resolver/registry_client/fetcher.h"

namespace pullproof::resolver::registry_client {

// Registries page by 50 to 1,000: this is as far as a listing with 50,000 tags may reach.
inline constexpr int kMaxTagPages = 1'000;
// In one answer: 30,000 of the longest names, hundreds of thousands of usual ones.
inline constexpr std::size_t kMaxTagPageBytes = std::size_t{4} << 20;
// Over all pages: 32 MiB of the longest names. Nightly builds of ten years are a tenth of it.
inline constexpr std::size_t kMaxTags = 250'000;

// One page. `null` is an empty list, as some registries write it. Errors: json.*, limit.*,
// registry.tags (no list, or a name that no tag has). Pure.
Result<std::vector<std::string>> ParseTagPage(std::string_view body, std::string_view name);

// In the order of the registry, every tag once. Follows Link to the same origin only. Errors: as
// RegistryClient::ListTags, with link.syntax, registry.link (to another origin, in a loop, without
// end), limit.tags.
Result<std::vector<std::string>> ListAllTags(Fetcher& fetcher, const Endpoint& endpoint,
                                             std::string_view name);

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_TAG_LISTING_H_
