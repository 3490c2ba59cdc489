// A small, honest OCI client: manifest, platform, config, layers into an image layout. It shares
// the transport and the vocabulary of oci/ with the resolver, and none of its decisions: redirects,
// retries, credentials and every check are its own, so that each can be switched off by name.
// Spec: distribution-spec, "Pulling Manifests", "Pulling blobs"; image-spec, "Image Index".
#ifndef PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_PULLER_H_
#define PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_PULLER_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/error.h"
#include "conformance/client/misbehaviours.h"
#include "conformance/client/simple_http.h"
#include "oci/descriptor.h"
#include "oci/digest.h"

namespace pullproof::conformance::client {

// Where something is: the parts of a reference, as far as this client looks at them.
struct Place {
  std::string domain;
  std::string origin;  // where it is asked: "https://registry-1.docker.io"
  std::string repository;
  std::string identifier;  // a tag or a digest

  [[nodiscard]] std::string Url(std::string_view what) const;  // ".../v2/REPOSITORY/WHAT"
  [[nodiscard]] std::string Scope(std::string_view actions) const;
};

// Not thread-safe. Errors: those of SimpleHttp, and with the same ids as the
// resolver digest.*, size.mismatch, manifest.*, reference.*.
class SimplePuller {
 public:
  // What a descriptor says, as far as this client looks.
  struct Wanted {
    std::string identifier;  // the digest as it is written; empty when only a tag is known
    std::optional<oci::Digest> digest;
    std::optional<std::uint64_t> size;
    std::string media_type;
  };
  struct Fetched {
    std::string bytes;
    std::string media_type;
    std::string digest;  // what it is kept under
    Node document;
  };

  // Both outlive it.
  SimplePuller(SimpleHttp& http, const Misbehaviours& misbehaviours)
      : http_(http), misbehaviours_(misbehaviours) {}

  // Splits and checks a reference. Errors: reference.*.
  static Result<Place> PlaceOf(const std::string& reference, bool plain_http,
                               const Misbehaviours& misbehaviours);

  Result<void> Pull(const Place& place, const oci::Platform& platform,
                    const std::filesystem::path& layout);

  // One manifest, checked against `wanted`, or by tag.
  Result<Fetched> GetManifest(const Place& place, const Wanted& wanted);
  // Follows indexes down to the image for the platform.
  Result<Fetched> GetImage(const Place& place, const oci::Platform& platform);
  // nullopt when it is not there and that is no matter to this client.
  Result<std::optional<std::string>> GetBlob(const Place& place, const Node& descriptor);
  // Reads a descriptor. Errors: manifest.missing, manifest.descriptor, digest.*.
  Result<Wanted> WantedOf(const Node& descriptor) const;

 private:
  Result<void> Ping(const Place& place);
  Result<void> CheckDescribed(const std::string& bytes, const Wanted& wanted) const;
  Result<void> CheckHeader(const HttpAnswer& answer, const Wanted& wanted) const;
  Result<void> CheckKind(const Node& manifest, const std::string& content_type,
                         const Wanted& wanted) const;
  Result<void> CheckImage(const Node& manifest) const;
  [[nodiscard]] const Node* EntryFor(const Node& index, const oci::Platform& platform) const;
  [[nodiscard]] bool Fits(const Node& entry, const oci::Platform& platform) const;
  Result<void> StoreBlob(const Place& place, const Node& descriptor,
                         const std::filesystem::path& layout);

  SimpleHttp& http_;
  const Misbehaviours& misbehaviours_;
};

// A member that must be a text. Error: manifest.missing.
Result<std::string> TextOf(const Node& table, std::string_view name);
// Reads JSON strictly, or as loosely as many libraries do. Errors: json.*, of a syntax error.
Result<Node> ReadJson(std::string_view text, const std::string& name, bool leniently);
// Writes a file and the directories above it.
Result<void> Store(const std::filesystem::path& path, std::string_view bytes);

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_PULLER_H_
