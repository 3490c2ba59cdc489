// A manifest on its way into a registry, and out of it.
// Spec: distribution-spec, "Pushing Manifests", "Deleting Manifests".
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_MANIFEST_UPLOAD_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_MANIFEST_UPLOAD_H_

#include <string>
#include <string_view>

#include "base/error.h"
#include "oci/reference.h"
#include "resolver/registry_client/endpoint.h"
#include "resolver/registry_client/fetcher.h"
#include "resolver/registry_client/registry_client.h"

namespace pullproof::resolver::registry_client {

// One PUT. Errors: as RegistryClient::PushManifest.
Result<PushedManifest> PutManifest(Fetcher& fetcher, const Endpoint& endpoint,
                                   const oci::Reference& reference, const std::string& bytes,
                                   std::string_view media_type);
// One DELETE. Errors: as RegistryClient::DeleteManifest.
Result<void> RemoveManifest(Fetcher& fetcher, const Endpoint& endpoint,
                            const oci::Reference& reference);

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_MANIFEST_UPLOAD_H_
