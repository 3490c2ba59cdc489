#include "resolver/publish/upload.h"

#include <mutex>
#include <string>
#include <utility>
#include <variant>

#include "oci/media_type.h"
#include "resolver/sources/parallel.h"

namespace pullproof::resolver::publish {

using registry_client::BlobPush;

Result<UploadReport> Upload(const BuiltArtifact& artifact, const oci::Reference& reference,
                            FileSystem& files, registry_client::RegistryClient& client,
                            const OnBlob& on_blob) {
  UploadReport report{.digest = oci::Digest::Of(artifact.manifest)};
  std::mutex mutex;
  PULLPROOF_RETURN_IF_ERROR(sources::ForEachParallel(
      artifact.blobs.size(), kMaxUploads, [&](std::size_t i) -> Result<void> {
        const Blob& blob = artifact.blobs[i];
        std::string read;
        if (const auto* path = std::get_if<std::filesystem::path>(&blob.from)) {
          PULLPROOF_ASSIGN_OR_RETURN(read, files.Read(*path, kMaxBlobBytes));
        }
        const auto* held = std::get_if<std::string>(&blob.from);
        const std::string mount_from =
            blob.mount_from == reference.path() ? std::string() : blob.mount_from;
        PULLPROOF_ASSIGN_OR_RETURN(const BlobPush became,
                                   client.PushBlob(reference, blob.descriptor,
                                                   held == nullptr ? read : *held, mount_from));
        const std::scoped_lock lock(mutex);
        report.uploaded += became == BlobPush::kUploaded ? 1U : 0U;
        report.mounted += became == BlobPush::kMounted ? 1U : 0U;
        report.existed += became == BlobPush::kExisted ? 1U : 0U;
        if (became == BlobPush::kUploaded) report.uploaded_bytes += blob.descriptor.size;
        if (on_blob) on_blob(blob.descriptor, became);
        return {};
      }));
  PULLPROOF_ASSIGN_OR_RETURN(
      const registry_client::PushedManifest pushed,
      client.PushManifest(reference, artifact.manifest, oci::media::kImageManifest));
  report.digest = pushed.digest;
  return report;
}

}  // namespace pullproof::resolver::publish
