// A small, honest OCI client: manifest, platform, config, layers into an image layout; tags over
// all pages. It shares the transport and the vocabulary of oci/ with the resolver, and none of its
// decisions: redirects, retries, credentials and every check are its own, so that each can be
// switched off by name.
// Spec: distribution-spec, "Pulling Manifests", "Pulling blobs", "Listing Tags".
#ifndef PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_PULLER_H_
#define PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_PULLER_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/document.h"
#include "base/error.h"
#include "conformance/client/client.h"
#include "conformance/client/mutant.h"
#include "oci/descriptor.h"
#include "oci/headers.h"
#include "oci/reference.h"
#include "resolver/transport/transport.h"

namespace pullproof::conformance::client {

// Not thread-safe. Plain http only, credentials by Basic only. Errors: those of the transport, and
// with the same ids as the resolver registry.*, digest.*, size.mismatch, manifest.*, redirect.*.
class SimplePuller {
 public:
  // The transport and the clock outlive it.
  SimplePuller(resolver::transport::Transport& transport, Clock& clock, std::optional<Login> login,
               Misbehaviours misbehaviours);

  Result<void> Pull(const oci::Reference& reference, const oci::Platform& platform,
                    const std::filesystem::path& layout);
  Result<std::vector<std::string>> ListTags(const oci::Reference& reference);

 private:
  struct Answer {
    int status = 0;
    oci::Headers headers;
    std::string body;
  };
  // What a descriptor says, as far as this client looks.
  struct Wanted {
    std::optional<oci::Digest> digest;
    std::optional<std::uint64_t> size;
  };
  struct Fetched {
    std::string bytes;
    std::string media_type;
    oci::Digest digest;
  };

  // One exchange, without redirects.
  Result<Answer> Ask(const std::string& url, bool with_credentials);
  // With redirects, and with credentials when they are asked for.
  Result<Answer> AskThrough(const std::string& url);
  // With retries; only an answer with status 200.
  Result<Answer> Get(const std::string& url);
  Result<void> Check(const Answer& answer, const Wanted& wanted) const;

  Result<Fetched> GetManifest(const oci::Reference& repository, const std::string& identifier,
                              const Wanted& wanted);
  // Follows indexes down to the image for the platform, and stores them on the way.
  Result<Fetched> GetImage(const oci::Reference& reference, const oci::Platform& platform);
  Result<void> StoreBlob(const oci::Reference& repository, const Node& descriptor,
                         const std::filesystem::path& layout);

  resolver::transport::Transport& transport_;
  Clock& clock_;
  std::optional<Login> login_;
  Misbehaviours misbehaviours_;
  bool challenged_ = false;  // the registry has asked for credentials
};

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_PULLER_H_
