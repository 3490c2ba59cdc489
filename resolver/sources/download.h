// A blob on its way into a file.
#ifndef PULLPROOF_RESOLVER_SOURCES_DOWNLOAD_H_
#define PULLPROOF_RESOLVER_SOURCES_DOWNLOAD_H_

#include <functional>
#include <memory>

#include "base/error.h"
#include "base/file.h"
#include "oci/descriptor.h"
#include "oci/reference.h"
#include "resolver/registry_client/registry_client.h"

namespace pullproof::resolver::sources {

// Fetches the blob into the file that `begin` starts, and gives it back, to be committed, when the
// client says that the bytes are the right ones. `begin` is called again when a transfer starts
// over.
// Thread-safe if `begin` is. Errors: those of RegistryClient::GetBlob, file.*.
Result<std::unique_ptr<PendingFile>> Download(
    registry_client::RegistryClient& client, const oci::Reference& repository,
    const oci::Descriptor& blob,
    const std::function<Result<std::unique_ptr<PendingFile>>()>& begin);

}  // namespace pullproof::resolver::sources

#endif  // PULLPROOF_RESOLVER_SOURCES_DOWNLOAD_H_
