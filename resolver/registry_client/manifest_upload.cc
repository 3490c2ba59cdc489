#include "resolver/registry_client/manifest_upload.h"

#include <utility>

#include <fmt/format.h>

#include "oci/manifest.h"
#include "resolver/registry_client/send.h"

namespace pullproof::resolver::registry_client {

Result<PushedManifest> PutManifest(Fetcher& fetcher, const Endpoint& endpoint,
                                   const oci::Reference& reference, const std::string& bytes,
                                   std::string_view media_type) {
  if (bytes.size() > oci::kMaxManifestBytes) {
    return Fail(
        "manifest.too-large",
        fmt::format("a manifest of {} bytes, more than {}", bytes.size(), oci::kMaxManifestBytes),
        {}, "no registry must accept it");
  }
  const auto algorithm =
      reference.digest() ? reference.digest()->algorithm() : oci::Algorithm::kSha256;
  oci::Digest digest = oci::Digest::Of(bytes, algorithm);
  if (reference.digest() && *reference.digest() != digest) {
    return Fail(
        "digest.mismatch",
        fmt::format("the manifest hashes to {}, not to what the reference says", digest.ToString()),
        {}, "push to a tag; the digest follows from the content");
  }
  // What is asked for by tag is what gets the tag.
  const std::string name = reference.tag() ? *reference.tag() : digest.ToString();
  PULLPROOF_ASSIGN_OR_RETURN(const Acknowledgement answer,
                             SendUntilDone(fetcher, endpoint, endpoint.At("manifests/" + name),
                                           {.method = "PUT",
                                            .headers = {{"Content-Type", std::string(media_type)}},
                                            .body = &bytes,
                                            .good = {200, 201, 202}}));
  PULLPROOF_RETURN_IF_ERROR(CheckStoredDigest(answer.headers, digest));
  return PushedManifest{.digest = std::move(digest),
                        .subject_is_listed = answer.headers.Has("OCI-Subject")};
}

Result<void> RemoveManifest(Fetcher& fetcher, const Endpoint& endpoint,
                            const oci::Reference& reference) {
  PULLPROOF_RETURN_IF_ERROR(SendUntilDone(fetcher, endpoint,
                                          endpoint.At("manifests/" + reference.Identifier()),
                                          {.method = "DELETE", .good = {200, 202, 204}}));
  return {};
}

}  // namespace pullproof::resolver::registry_client
