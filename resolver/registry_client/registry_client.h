// Manifests, blobs and tags of a registry, verified: what every source of components pulls through.
// Spec: distribution-spec, "Pulling Manifests", "Pulling blobs", "Listing Tags".
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_REGISTRY_CLIENT_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_REGISTRY_CLIENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "oci/descriptor.h"
#include "oci/digest.h"
#include "oci/manifest.h"
#include "oci/reference.h"
#include "resolver/credentials/source.h"
#include "resolver/transport/transport.h"

namespace pullproof::resolver::registry_client {

struct Options {
  // Not owned; null: anonymous everywhere. Asked only after a challenge, once for a repository.
  credentials::Source* credentials = nullptr;
  // Registries that speak plain http; loopback names always may.
  std::vector<std::string> plain_http;
};

// A manifest as it was served, verified, and what it says.
struct FetchedManifest {
  std::string bytes;
  std::string media_type;
  oci::Digest digest;  // of the bytes
  oci::AnyManifest manifest;
};

// What became of a blob that was to be pushed.
enum class BlobPush { kUploaded, kMounted, kExisted };

struct PushedManifest {
  oci::Digest digest;
  // The registry keeps the list of referrers itself (it answered with OCI-Subject).
  bool subject_is_listed = false;
};

// Thread-safe. One request for a manifest, one for a blob, no HEAD and no ping before them;
// credentials only after a challenge and only to the origin that asked; redirects, retries, all
// sizes and the time that an operation takes in all are bounded (see the constants of this folder).
// Nothing is sent twice but what failed.
//
// Errors of every method; `where` is the reference, or the digest or document that is wrong:
//  * those of the transport
//  * registry.not-found, registry.unauthorized, registry.denied, registry.too-many-requests,
//    registry.server-error, registry.status (any other), by the status of the answer
//  * auth.realm, auth.token, challenge.syntax: what a registry demands cannot or must not be done
//  * credentials.*: those that were configured cannot be had
//  * redirect.location, redirect.scheme, redirect.user, redirect.downgrade, redirect.link-local,
//    redirect.too-many
//  * digest.mismatch, size.mismatch; registry.range for a resume that leads nowhere
//  * manifest.*, json.*, limit.*; registry.tags, registry.link, link.syntax for a list of tags
//  * url.*: the registry's port, or a link between pages, is none
class RegistryClient {
 public:
  // Neither the transport nor the clock is owned; both must outlive the client.
  RegistryClient(transport::Transport& transport, Clock& clock, Options options);
  ~RegistryClient();

  // By the reference's digest if it has one, else by its tag. The bytes hash to the digest asked
  // for, and to Docker-Content-Digest when the server sent one.
  Result<FetchedManifest> GetManifest(const oci::Reference& reference);
  // A child of an index: also checked against the descriptor's size and media type.
  Result<FetchedManifest> GetManifest(const oci::Reference& repository,
                                      const oci::Descriptor& descriptor);

  // Streams the blob's bytes into `sink`, resuming by Range after a cut. The sink sees bytes
  // before they are verified: nothing may be kept until this returns a value. `restart` is called
  // when the transfer begins again from zero, and must forget what the sink got.
  Result<void> GetBlob(const oci::Reference& repository, const oci::Descriptor& descriptor,
                       const std::function<Result<void>(std::string_view)>& sink,
                       const std::function<Result<void>()>& restart);
  // The same, into memory; refuses a descriptor larger than `max_bytes` before asking for it.
  Result<std::string> GetBlobBytes(const oci::Reference& repository,
                                   const oci::Descriptor& descriptor, std::uint64_t max_bytes);

  // Brings the blob into the repository, unless it is there; out of `mount_from`, another
  // repository of the same registry, when that is not empty and the registry agrees. The bytes must
  // be what the descriptor says. In one piece, or in chunks where the registry wants them; after a
  // failure from where the registry stands, or anew. An upload that is given up is cancelled.
  // Errors beyond those above: registry.upload (its answers make no sense).
  Result<BlobPush> PushBlob(const oci::Reference& repository, const oci::Descriptor& descriptor,
                            const std::string& bytes, const std::string& mount_from = {});
  // Under the reference's tag, else under its digest. What the manifest names must be there before.
  Result<PushedManifest> PushManifest(const oci::Reference& reference, const std::string& bytes,
                                      std::string_view media_type);
  // By the reference's digest if it has one, else by its tag.
  Result<void> DeleteManifest(const oci::Reference& reference);

  // What refers to the manifest `subject`, over all pages; only what is of `artifact_type` unless
  // that is empty. What is listed was not fetched: whoever uses it must see that its subject is
  // this one. Errors beyond those above: registry.referrers (the answer is no list; it is never
  // taken for "none").
  Result<std::vector<oci::Descriptor>> ListReferrers(const oci::Reference& repository,
                                                     const oci::Digest& subject,
                                                     const std::string& artifact_type = {});

  // All tags, over all pages.
  Result<std::vector<std::string>> ListTags(const oci::Reference& repository);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_REGISTRY_CLIENT_H_
