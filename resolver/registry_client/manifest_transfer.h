// The bytes of one manifest, fetched and verified.
// Spec: distribution-spec, "Pulling Manifests".
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_MANIFEST_TRANSFER_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_MANIFEST_TRANSFER_H_

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "oci/reference.h"
#include "resolver/registry_client/endpoint.h"
#include "resolver/registry_client/fetcher.h"
#include "resolver/registry_client/registry_client.h"

namespace pullproof::resolver::registry_client {

// One GET, no HEAD before it. `size` is what a descriptor promised. Reading stops at that, and at
// oci::kMaxManifestBytes. Errors: as RegistryClient, with manifest.too-large.
Result<FetchedManifest> FetchManifest(Fetcher& fetcher, const Endpoint& endpoint,
                                      const oci::Reference& reference,
                                      std::optional<std::uint64_t> size);

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_MANIFEST_TRANSFER_H_
