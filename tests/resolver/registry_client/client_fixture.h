// A client, a scripted registry at https://registry.test, and a clock that only moves by waiting.
#ifndef PULLPROOF_TESTS_RESOLVER_REGISTRY_CLIENT_CLIENT_FIXTURE_H_
#define PULLPROOF_TESTS_RESOLVER_REGISTRY_CLIENT_CLIENT_FIXTURE_H_

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "oci/descriptor.h"
#include "oci/digest.h"
#include "oci/media_type.h"
#include "oci/reference.h"
#include "resolver/registry_client/registry_client.h"
#include "tests/resolver/registry_client/scripted_transport.h"

namespace pullproof::resolver::registry_client {

inline constexpr std::string_view kManifest =
    R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
    R"("config":{"mediaType":"application/vnd.oci.empty.v1+json","size":2,)"
    R"("digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},)"
    R"("layers":[]})";

inline oci::Reference Ref(std::string_view text) { return *oci::Reference::Parse(text); }

// What a descriptor of exactly these bytes says.
inline oci::Descriptor DescriptorOf(std::string_view bytes) {
  return {.media_type = std::string(oci::media::kOctetStream),
          .digest = oci::Digest::Of(bytes),
          .size = bytes.size(),
          .urls = {},
          .annotations = {},
          .data = {},
          .platform = {},
          .artifact_type = {}};
}

inline Reply ServeManifest(std::string_view body = kManifest) {
  return {.headers = {{"Content-Type", std::string(oci::media::kImageManifest)}},
          .body = std::string(body)};
}

class ClientTest : public testing::Test {
 protected:
  struct Given {
    std::map<std::string, credentials::Credential> credentials = {};  // by registry
    std::vector<std::string> plain_http = {};
  };
  ClientTest() : ClientTest(Given{}) {}
  explicit ClientTest(Given given)
      : credentials_(std::move(given.credentials)),
        client_(transport_, clock_,
                {.credentials = &credentials_, .plain_http = std::move(given.plain_http)}) {}

  // "ok", or the error's id.
  template <typename T>
  static std::string IdOf(const Result<T>& result) {
    return result ? "ok" : result.error().id;
  }
  std::string PullManifest() { return IdOf(client_.GetManifest(Ref("registry.test/app:v1"))); }

  [[nodiscard]] double SecondsWaited() const {
    return std::chrono::duration<double>(clock_.Now()).count();
  }

  static constexpr const char* kManifestUrl = "https://registry.test/v2/app/manifests/v1";

  ScriptedTransport transport_;
  ManualClock clock_;
  credentials::FixedSource credentials_;
  RegistryClient client_;
};

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_TESTS_RESOLVER_REGISTRY_CLIENT_CLIENT_FIXTURE_H_
