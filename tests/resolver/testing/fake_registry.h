// A registry in memory, behind the transport's interface, and a builder of Spin applications: what
// the resolver's tests pull from.
#ifndef PULLPROOF_TESTS_RESOLVER_TESTING_FAKE_REGISTRY_H_
#define PULLPROOF_TESTS_RESOLVER_TESTING_FAKE_REGISTRY_H_

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "oci/digest.h"
#include "resolver/transport/transport.h"

namespace pullproof::resolver::testing {

// Answers GET for manifests and blobs of any repository, and for documents by their whole path;
// everything else is 404. Thread-safe.
class FakeRegistry final : public transport::Transport {
 public:
  static constexpr std::size_t kNever = static_cast<std::size_t>(-1);

  oci::Digest AddBlob(std::string bytes);
  // Under its digest and, when `tag` is not empty, under the tag, in every repository.
  oci::Digest AddManifest(std::string bytes, std::string media_type, const std::string& tag = {});
  // Under "/PATH?QUERY" of every host. `link`, if not empty, is a Link header.
  void AddDocument(const std::string& path, std::string bytes, std::string link = {});
  // Serves other bytes under the blob's name.
  void Corrupt(const oci::Digest& blob, std::string bytes);

  Result<transport::Response> Exchange(const transport::Request& request,
                                       const transport::Receiver& receiver) override;

  // "GET /v2/lib/app/manifests/v1", in the order in which they came.
  [[nodiscard]] std::vector<std::string> Requests() const;
  void ForgetRequests();
  // The n-th exchange from now on (from 0) breaks off without an answer.
  void FailAt(std::size_t n);
  [[nodiscard]] bool Failed() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> blobs_;                              // by digest
  std::map<std::string, std::pair<std::string, std::string>> manifests_;  // bytes and type
  std::map<std::string, std::pair<std::string, std::string>> documents_;  // bytes and link
  std::vector<std::string> requests_;
  std::size_t fail_at_ = kNever;
  std::size_t exchanges_ = 0;
  bool failed_ = false;
};

// A descriptor as it stands in a manifest.
std::string DescriptorJson(std::string_view media_type, std::string_view bytes);

// An artifact on its way into a registry: layers in order, the lock last.
class ArtifactBuilder {
 public:
  explicit ArtifactBuilder(FakeRegistry& registry) : registry_(registry) {}

  // Adds a layer and its blob.
  ArtifactBuilder& Layer(std::string_view media_type, const std::string& bytes);
  // Adds a layer that is listed only.
  ArtifactBuilder& ListedLayer(std::string descriptor);
  ArtifactBuilder& Config(std::string_view media_type, const std::string& bytes);
  // Adds the lock as a layer of its type.
  ArtifactBuilder& Lock(const std::string& json);
  // The manifest's digest.
  oci::Digest Push(const std::string& tag);

 private:
  FakeRegistry& registry_;
  std::string config_;
  std::vector<std::string> layers_;
};

// The smallest Wasm component binary, told apart by what follows its header.
std::string WasmBytes(std::string_view tail = {});

// A gzip-compressed tar. `type` is as in tar(5): '0' file, '5' directory, '2' link, '1' hard link,
// '6' FIFO; for links the content is the target.
struct ArchiveEntry {
  std::string path;
  std::string content;
  char type = '0';
};
std::string TarGz(const std::vector<ArchiveEntry>& entries);

}  // namespace pullproof::resolver::testing

#endif  // PULLPROOF_TESTS_RESOLVER_TESTING_FAKE_REGISTRY_H_
