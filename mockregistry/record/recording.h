// What a proxy saw of a registry, as a fixture that serves the same bytes.
#ifndef PULLPROOF_MOCKREGISTRY_RECORD_RECORDING_H_
#define PULLPROOF_MOCKREGISTRY_RECORD_RECORDING_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "mockregistry/api/route.h"
#include "mockregistry/record/upstream.h"

namespace pullproof::mockregistry::record {

// Larger blobs lie beside the fixture, each in a file of its own.
inline constexpr std::size_t kMaxInline = 4 * 1024;
// All content of a recording; a fixture may hold no more in memory.
inline constexpr std::uint64_t kMaxRecorded = std::uint64_t{256} << 20;

// Thread-safe. Keeps manifests and blobs that hash to what they were asked for or said to be; of
// headers it keeps the media type of a manifest, and of URLs nothing: no credential, cookie or
// signed value ever gets into it.
class Recording {
 public:
  // Looks at an answer to a GET or HEAD; whatever is no whole manifest or blob is passed over.
  void See(const api::Route& route, const UpstreamAnswer& answer);

  // Writes blobs over kMaxInline into the directory `FILE.files` and then the fixture, as JSON. The
  // fixture is there whole or not at all. Errors: file.*.
  Result<void> Write(FileSystem& files, const std::filesystem::path& file, std::string_view id,
                     std::string_view title) const;

  // What could not be recorded, a sentence for each: "blob sha256:… has other bytes".
  [[nodiscard]] std::vector<std::string> left_out() const;
  // "2 manifests and 3 blobs in 1 repository".
  [[nodiscard]] std::string Summary() const;

 private:
  struct Manifest {
    std::string media_type;
    std::string bytes;
  };
  struct Repository {
    std::map<std::string, std::string> tags;  // digest
    std::set<std::string> manifests;
    std::set<std::string> blobs;
  };

  void SeeManifest(const api::Route& route, const UpstreamAnswer& answer);
  void SeeBlob(const api::Route& route, const UpstreamAnswer& answer);
  bool Fits(std::size_t size, const std::string& what);
  void LeaveOut(std::string sentence);

  mutable std::mutex mutex_;
  std::map<std::string, Manifest> manifests_;  // by digest
  std::map<std::string, std::string> blobs_;   // by digest
  std::map<std::string, Repository> repositories_;
  std::uint64_t recorded_ = 0;  // bytes
  std::vector<std::string> left_out_;
};

}  // namespace pullproof::mockregistry::record

#endif  // PULLPROOF_MOCKREGISTRY_RECORD_RECORDING_H_
