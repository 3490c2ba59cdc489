#include "resolver/artifact/index.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/media_type.h"
#include "resolver/artifact/list_some.h"

namespace pullproof::resolver::artifact {
namespace {

// BuildKit lists attestations beside the images that they are about.
bool IsAttestation(const oci::Descriptor& entry) {
  return entry.platform && entry.platform->os == "unknown" &&
         entry.platform->architecture == "unknown";
}

bool IsManifest(const oci::Descriptor& entry) {
  return oci::IsImageManifestType(entry.media_type) || oci::IsIndexType(entry.media_type);
}

std::vector<oci::Descriptor> Images(const oci::Index& index) {
  std::vector<oci::Descriptor> images;
  std::ranges::copy_if(index.manifests, std::back_inserter(images), [](const auto& entry) {
    return IsManifest(entry) && !IsAttestation(entry);
  });
  return images;
}

bool IsForWasm(const oci::Descriptor& entry) {
  if (!entry.platform) return false;
  const std::string os = ToLowerAscii(entry.platform->os);
  return os.starts_with("wasi") || ToLowerAscii(entry.platform->architecture) == "wasm";
}

std::string List(const std::vector<oci::Descriptor>& entries) {
  std::vector<std::string> names;
  for (const oci::Descriptor& entry : entries) {
    names.push_back(entry.platform ? entry.platform->ToString() : entry.digest.ToString());
  }
  return ListSome(names);
}

}  // namespace

Result<oci::Descriptor> SelectWasm(const oci::Index& index, std::string_view name) {
  const std::vector<oci::Descriptor> images = Images(index);
  std::vector<oci::Descriptor> for_wasm;
  std::ranges::copy_if(images, std::back_inserter(for_wasm), IsForWasm);
  if (for_wasm.size() == 1) return for_wasm.front();
  if (for_wasm.size() > 1) {
    return Fail(
        "index.ambiguous",
        fmt::format("the index has {} entries for Wasm: {}", for_wasm.size(), List(for_wasm)),
        std::string(name), "name one of them by its digest");
  }
  if (images.size() == 1) return images.front();
  return Fail("index.no-wasm", fmt::format("the index has no entry for Wasm, but {}", List(images)),
              std::string(name), "name the right entry by its digest");
}

std::vector<oci::Descriptor> PlatformCandidates(const oci::Index& index,
                                                const oci::Platform& wanted) {
  const std::vector<oci::Descriptor> images = Images(index);
  const auto satisfying = std::ranges::find_if(images, [&](const oci::Descriptor& entry) {
    return entry.platform && entry.platform->Satisfies(wanted);
  });
  if (satisfying != images.end()) return {*satisfying};
  std::vector<oci::Descriptor> nested;
  std::ranges::copy_if(images, std::back_inserter(nested), [](const oci::Descriptor& entry) {
    return !entry.platform && oci::IsIndexType(entry.media_type);
  });
  if (!nested.empty()) return nested;
  if (images.size() == 1 && !images.front().platform) return images;
  return {};
}

std::unexpected<Error> FailNoPlatform(const oci::Index& index, const oci::Platform& wanted,
                                      std::string_view name) {
  return Fail(
      "index.no-platform",
      fmt::format("there is no image for {}, but {}", wanted.ToString(), List(Images(index))),
      std::string(name), "choose one of them by its platform or its digest");
}

std::unexpected<Error> FailTooDeep(std::string_view name) {
  return Fail("index.too-deep", fmt::format("indexes nest deeper than {} levels", kMaxIndexDepth),
              std::string(name), "name the manifest itself by its digest");
}

}  // namespace pullproof::resolver::artifact
