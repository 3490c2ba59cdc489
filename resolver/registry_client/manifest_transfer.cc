#include "resolver/registry_client/manifest_transfer.h"

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/media_type.h"

namespace pullproof::resolver::registry_client {
namespace {

// In one line: some servers read only the first of several.
std::string AcceptedTypes() {
  return fmt::format("{}, {}, {}, {}", oci::media::kImageManifest, oci::media::kImageIndex,
                     oci::media::kDockerManifest, oci::media::kDockerManifestList);
}

struct Served {
  std::string bytes;
  oci::Headers headers;
};

Result<Served> Download(Fetcher& fetcher, const Endpoint& endpoint, const oci::Reference& reference,
                        std::optional<std::uint64_t> size) {
  Served served;
  const Content content{
      .ranged = false,
      .on_response = [&](const transport::Response& response) -> Result<void> {
        served = {.bytes = {}, .headers = response.headers};
        return {};
      },
      .on_body = [&](std::string_view bytes) -> Result<void> {
        const std::uint64_t length = served.bytes.size() + bytes.size();
        if (size && length > *size) {
          return Fail("size.mismatch", fmt::format("more bytes than the promised {}", *size));
        }
        if (length > oci::kMaxManifestBytes) {
          return Fail("manifest.too-large",
                      fmt::format("a manifest of more than {} bytes", oci::kMaxManifestBytes));
        }
        served.bytes += bytes;
        return {};
      }};
  PULLPROOF_RETURN_IF_ERROR(fetcher.Get(endpoint,
                                        endpoint.At("manifests/" + reference.Identifier()),
                                        {{"Accept", AcceptedTypes()}}, content));
  return served;
}

// Docker-Content-Digest is no evidence of anything, but when it is there it must be true. One that
// cannot be read (it was never a registered header) says nothing.
// Spec: distribution-spec, "Pulling Manifests": "if the Docker-Content-Digest header is used…".
Result<void> CheckDigestHeader(const Served& served, const oci::Digest& digest,
                               std::string_view where) {
  for (const std::string& line : served.headers.All("Docker-Content-Digest")) {
    const auto claimed = oci::Digest::Parse(Trim(line));
    if (!claimed) continue;
    const oci::Digest actual = claimed->algorithm() == digest.algorithm()
                                   ? digest
                                   : oci::Digest::Of(served.bytes, claimed->algorithm());
    if (actual == *claimed) continue;
    return Fail("digest.mismatch",
                fmt::format("the content hashes to {}, and Docker-Content-Digest says {}",
                            actual.ToString(), claimed->ToString()),
                std::string(where), "the registry contradicts itself; nothing was kept");
  }
  return {};
}

}  // namespace

Result<FetchedManifest> FetchManifest(Fetcher& fetcher, const Endpoint& endpoint,
                                      const oci::Reference& reference,
                                      std::optional<std::uint64_t> size) {
  const std::string name = reference.ToString();
  if (size && *size > oci::kMaxManifestBytes) {
    return Fail("manifest.too-large",
                fmt::format("a manifest of {} bytes, more than {}", *size, oci::kMaxManifestBytes));
  }
  PULLPROOF_ASSIGN_OR_RETURN(Served served, Download(fetcher, endpoint, reference, size));
  if (reference.digest()) {
    oci::Verifier verifier(*reference.digest(), size);
    PULLPROOF_RETURN_IF_ERROR(verifier.Update(served.bytes));
    PULLPROOF_RETURN_IF_ERROR(verifier.Finish());
  }
  oci::Digest digest = reference.digest() ? *reference.digest() : oci::Digest::Of(served.bytes);
  PULLPROOF_RETURN_IF_ERROR(CheckDigestHeader(served, digest, name));
  PULLPROOF_ASSIGN_OR_RETURN(
      oci::AnyManifest manifest,
      oci::ParseManifest(served.bytes, served.headers.Find("Content-Type").value_or(""), name));
  std::string media_type = std::visit([](const auto& any) { return any.media_type; }, manifest);
  return FetchedManifest{.bytes = std::move(served.bytes),
                         .media_type = std::move(media_type),
                         .digest = std::move(digest),
                         .manifest = std::move(manifest)};
}

}  // namespace pullproof::resolver::registry_client
