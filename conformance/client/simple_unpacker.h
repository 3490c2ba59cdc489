// How the small client lays out the files of an artifact: layers that name a file, and archives.
// Spec: image-spec, layer.md; annotations.md (org.opencontainers.image.title).
#ifndef PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_UNPACKER_H_
#define PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_UNPACKER_H_

#include <filesystem>
#include <string>
#include <string_view>

#include "base/document.h"
#include "base/error.h"
#include "conformance/client/misbehaviours.h"
#include "conformance/client/simple_puller.h"
#include "oci/descriptor.h"

namespace pullproof::conformance::client {

// Not thread-safe. Errors: those of SimplePuller; path.unsafe, archive.damaged.
//
// Its misbehaving kin leave the output directory, but never the case's own: they run on real
// machines. What is absolute is refused by all of them.
class SimpleUnpacker {
 public:
  // Everything outlives it. `root` is the directory that nothing may leave, whatever happens.
  SimpleUnpacker(SimplePuller& puller, const Misbehaviours& misbehaviours,
                 std::filesystem::path output, std::filesystem::path root);

  Result<void> Unpack(const Place& place, const oci::Platform& platform);

 private:
  Result<void> UnpackLayer(const Place& place, const Node& descriptor, std::string_view diff_id);
  Result<void> Extract(const std::string& tar, bool whiteouts);
  Result<void> ApplyWhiteout(const std::string& path);
  // Where a path of the package leads, if it stays inside. Error: path.unsafe.
  Result<std::filesystem::path> Inside(std::string_view path) const;
  [[nodiscard]] bool IsBelowRoot(const std::filesystem::path& path) const;

  SimplePuller& puller_;
  const Misbehaviours& misbehaviours_;
  std::filesystem::path output_;
  std::filesystem::path root_;
};

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_UNPACKER_H_
