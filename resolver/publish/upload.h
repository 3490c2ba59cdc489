// A built artifact on its way into a repository: blobs side by side, the manifest last.
#ifndef PULLPROOF_RESOLVER_PUBLISH_UPLOAD_H_
#define PULLPROOF_RESOLVER_PUBLISH_UPLOAD_H_

#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/error.h"
#include "base/file.h"
#include "oci/descriptor.h"
#include "oci/digest.h"
#include "oci/reference.h"
#include "resolver/publish/build_artifact.h"
#include "resolver/registry_client/registry_client.h"

namespace pullproof::resolver::publish {

// Each holds its blob in memory; four fill a line that is worth it.
inline constexpr std::size_t kMaxUploads = 4;

struct UploadReport {
  oci::Digest digest;  // of the manifest, as the registry confirmed it
  std::size_t uploaded = 0;
  std::size_t mounted = 0;
  std::size_t existed = 0;
  std::uint64_t uploaded_bytes = 0;
};

// What became of one blob. Called by several threads, one at a time.
using OnBlob = std::function<void(const oci::Descriptor&, registry_client::BlobPush)>;

// Errors: those of RegistryClient::PushBlob and PushManifest; digest.mismatch for a file that
// changed since the artifact was built; file.*.
Result<UploadReport> Upload(const BuiltArtifact& artifact, const oci::Reference& reference,
                            FileSystem& files, registry_client::RegistryClient& client,
                            const OnBlob& on_blob);

}  // namespace pullproof::resolver::publish

#endif  // PULLPROOF_RESOLVER_PUBLISH_UPLOAD_H_
