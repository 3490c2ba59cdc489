// What refers to a manifest: signatures, attestations, descriptions.
// Spec: distribution-spec, "Listing Referrers", "Unavailable Referrers API", "Referrers Tag
// Schema".
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_REFERRERS_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_REFERRERS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "oci/descriptor.h"
#include "oci/digest.h"
#include "oci/reference.h"
#include "resolver/registry_client/endpoint.h"
#include "resolver/registry_client/fetcher.h"

namespace pullproof::resolver::registry_client {

// Pages of a listing; each holds an index of up to 4 MiB.
inline constexpr int kMaxReferrerPages = 100;
// Over all pages: as many as one index may list.
inline constexpr std::size_t kMaxReferrers = 10'000;

// "sha256-<hex>": at most 32 characters of the algorithm and 64 of the value. Pure.
std::string ReferrersTag(const oci::Digest& subject);

// Every descriptor once, in the order of the registry; only those of `artifact_type` unless that is
// empty. Where the registry has no such API, the index under the referrers tag; no list at all only
// when that is not there either, or is no index. Errors: as RegistryClient::ListReferrers.
Result<std::vector<oci::Descriptor>> ListAllReferrers(Fetcher& fetcher, const Endpoint& endpoint,
                                                      const oci::Reference& repository,
                                                      const oci::Digest& subject,
                                                      const std::string& artifact_type);

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_REFERRERS_H_
