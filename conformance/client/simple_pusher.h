// How the small client pushes: from one repository to another, and deletes.
// Spec: distribution-spec, "Push", "Deleting Manifests".
#ifndef PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_PUSHER_H_
#define PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_PUSHER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/document.h"
#include "base/error.h"
#include "conformance/client/misbehaviours.h"
#include "conformance/client/simple_http.h"
#include "conformance/client/simple_puller.h"

namespace pullproof::conformance::client {

// Not thread-safe. Errors: those of SimpleHttp and SimplePuller; registry.upload.
class SimplePusher {
 public:
  // Everything outlives it.
  SimplePusher(SimpleHttp& http, SimplePuller& puller, const Misbehaviours& misbehaviours)
      : http_(http), puller_(puller), misbehaviours_(misbehaviours) {}

  // Whole: the manifest with its blobs, an index with all its images.
  Result<void> Copy(const Place& from, const Place& to);
  Result<void> Delete(const Place& place);

 private:
  struct Upload {
    std::string url;  // the latest Location, whole
    std::uint64_t minimum = 0;
  };

  Result<void> CopyManifest(const Place& from, const SimplePuller::Wanted& wanted, const Place& to);
  Result<void> CopyBlobs(const Place& from, const Place& to, const Node& manifest);
  Result<void> CopyBlob(const Place& from, const Place& to, const Node& descriptor);
  Result<bool> IsThere(const Place& to, const SimplePuller::Wanted& wanted);
  // False when the registry has the blob already, by mounting it.
  Result<bool> Begin(const Place& from, const Place& to, const std::string& digest, Upload& upload);
  Result<void> Send(const Place& to, const std::string& digest, const std::string& bytes,
                    Upload upload);
  Result<void> SendChunks(const Place& to, const std::string& bytes, std::size_t& sent,
                          Upload& upload);
  Result<void> PutManifest(const Place& to, const SimplePuller::Fetched& manifest);
  Result<void> KeepReferrersTag(const Place& to, const SimplePuller::Fetched& manifest);
  Result<void> Follow(const HttpAnswer& answer, Upload& upload) const;
  [[nodiscard]] HttpRequest Request(std::string method, std::string url, const Place& to,
                                    std::string body) const;

  SimpleHttp& http_;
  SimplePuller& puller_;
  const Misbehaviours& misbehaviours_;
};

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_PUSHER_H_
