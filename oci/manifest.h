// Image manifests and indexes, parsed from bytes that a registry sent.
// Spec: image-spec, manifest.md and image-index.md.
#ifndef PULLPROOF_OCI_MANIFEST_H_
#define PULLPROOF_OCI_MANIFEST_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/document.h"
#include "base/error.h"
#include "oci/descriptor.h"

namespace pullproof::oci {

// What registries must accept at least, and what the container libraries refuse above.
// Spec: distribution-spec, Pushing Manifests.
inline constexpr std::size_t kMaxManifestBytes = std::size_t{4} << 20;
// A Spin artifact holds at most 500 layers, the largest images some hundreds; an index lists one
// entry a platform. 10,000 leaves room and bounds what a hostile manifest makes a client fetch.
inline constexpr std::size_t kMaxDescriptors = 10'000;

struct Manifest {
  std::string media_type;  // of the body or, when that has none, of the header
  std::string artifact_type;
  Descriptor config;
  std::vector<Descriptor> layers;
  std::optional<Descriptor> subject;
  std::map<std::string, std::string> annotations;
};

struct Index {
  std::string media_type;
  std::string artifact_type;
  std::vector<Descriptor> manifests;
  std::optional<Descriptor> subject;
  std::map<std::string, std::string> annotations;
};

using AnyManifest = std::variant<Manifest, Index>;

// Parses the bytes served under `content_type` (a header's value; empty when there was none, and
// then the body's mediaType decides). `name` is the reference or digest, for errors. Pure.
//
// Refused, as what a client must not guess about:
//  * manifest.too-large, limit.*, json.*: bounds, bad JSON, duplicate members, bad UTF-8
//  * manifest.schema: schemaVersion is not 2
//  * manifest.media-type: header and body disagree (CVE-2021-41190), or the type is no manifest's
//  * manifest.ambiguous: both `layers` and `manifests`, whatever the type says
//  * manifest.missing: no config, layers or manifests
//  * manifest.descriptor and the digest errors: a bad descriptor, by its place
Result<AnyManifest> ParseManifest(std::string_view bytes, std::string_view content_type,
                                  std::string_view name);

}  // namespace pullproof::oci

#endif  // PULLPROOF_OCI_MANIFEST_H_
