// One blob on its way into a registry: not at all when it is there, from another repository when it
// is there, else in one piece, and in chunks only where the registry demands them.
// Spec: distribution-spec, "Pushing blobs", "Mounting a blob from another repository".
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_BLOB_UPLOAD_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_BLOB_UPLOAD_H_

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "oci/descriptor.h"
#include "resolver/registry_client/endpoint.h"
#include "resolver/registry_client/fetcher.h"
#include "resolver/registry_client/registry_client.h"
#include "resolver/registry_client/retry.h"
#include "resolver/registry_client/send.h"

namespace pullproof::resolver::registry_client {

// A chunk where the registry wants chunks and names no larger minimum: proxies in front of
// registries commonly take bodies of 10 to 100 MiB.
inline constexpr std::uint64_t kUploadChunk = std::uint64_t{8} << 20;
// A minimum above this would be an order to hold everything back; it is then sent in one piece.
inline constexpr std::uint64_t kMaxUploadChunk = std::uint64_t{1} << 30;

// Not thread-safe; for one use.
class BlobUpload {
 public:
  // Nothing is owned. `endpoint` has the access to push. `mount_from`: a repository of the same
  // registry that may have the blob; empty: none.
  BlobUpload(Fetcher& fetcher, const Endpoint& endpoint, const oci::Descriptor& descriptor,
             const std::string& bytes, const std::string& mount_from);

  // Errors: as RegistryClient::PushBlob.
  Result<BlobPush> Run();

 private:
  struct Session {
    Url url;                      // where the next request of this upload goes
    std::uint64_t min_chunk = 0;  // what the registry demands of all chunks but the last
  };

  Attempt<BlobPush> Try();
  // 200 with a length that does not contradict.
  Attempt<bool> Exists();
  // The session that a refused mount opened, or nothing; `mounted_` when it went well.
  Attempt<std::optional<Session>> Mount();
  // Nothing when the registry says that no upload is needed.
  Attempt<std::optional<Session>> Start();
  Attempt<Session> SessionFrom(const Acknowledgement& started);
  Attempt<void> SendWhole(const Session& session);
  Attempt<void> SendChunks(const Session& session);
  Attempt<void> Close(const Url& url, const std::string& body);
  // Sends one chunk from `offset`, and moves offset and URL to where the next one goes.
  Attempt<void> SendChunk(Url& url, std::uint64_t& offset, std::uint64_t length);
  // Asks how far the upload got.
  Attempt<void> AskStatus(Url& url, std::uint64_t& offset);
  // Tells the registry that the upload is given up. What it answers does not matter.
  void Cancel();

  Fetcher& fetcher_;
  const Endpoint& endpoint_;
  const oci::Descriptor& descriptor_;
  const std::string& bytes_;
  const std::string& mount_from_;
  bool mount_tried_ = false;
  bool mounted_ = false;
  bool wants_chunks_ = false;  // one piece was too large for it
  std::optional<Url> open_;    // the upload that is not closed yet
};

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_BLOB_UPLOAD_H_
