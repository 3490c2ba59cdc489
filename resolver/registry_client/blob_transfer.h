// One blob, streamed, verified, and resumed by Range where it was cut.
// Spec: distribution-spec, "Pulling blobs" ("Resumable Pull"); RFC 9110 section 14.
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_BLOB_TRANSFER_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_BLOB_TRANSFER_H_

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/error.h"
#include "oci/descriptor.h"
#include "oci/digest.h"
#include "resolver/registry_client/endpoint.h"
#include "resolver/registry_client/fetcher.h"
#include "resolver/registry_client/retry.h"

namespace pullproof::resolver::registry_client {

// Transfers that begin again from zero: one because the server ignores or refuses Range, and one
// in case that is cut, too. More would hide a server that never serves the whole.
inline constexpr int kMaxRestarts = 2;

// Not thread-safe; for one use.
class BlobTransfer {
 public:
  // Nothing is owned. `sink` and `restart`: as RegistryClient::GetBlob.
  BlobTransfer(Fetcher& fetcher, const Endpoint& endpoint, const oci::Descriptor& descriptor,
               const std::function<Result<void>(std::string_view)>& sink,
               const std::function<Result<void>()>& restart);

  // Errors: as RegistryClient::GetBlob.
  Result<void> Run();

 private:
  // One try: from where the last one ended, or from zero.
  Attempt<void> Try();
  Result<void> OnResponse(const transport::Response& response);
  Result<void> OnWhole(const transport::Response& response);
  Result<void> OnPart(const transport::Response& response);
  Result<void> OnBody(std::string_view bytes);
  Result<void> Restart();

  Fetcher& fetcher_;
  const Endpoint& endpoint_;
  const oci::Descriptor& descriptor_;
  const std::function<Result<void>(std::string_view)>& sink_;
  const std::function<Result<void>()>& restart_;
  oci::Verifier verifier_;
  bool ranges_work_ = true;      // as far as is known
  bool range_is_wrong_ = false;  // in the answer to this try
  int restarts_ = 0;
};

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_BLOB_TRANSFER_H_
