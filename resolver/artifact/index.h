// Which entry of an index is meant. All functions are pure.
// Spec: image-spec, image-index.md.
#ifndef PULLPROOF_RESOLVER_ARTIFACT_INDEX_H_
#define PULLPROOF_RESOLVER_ARTIFACT_INDEX_H_

#include <string_view>
#include <vector>

#include "base/error.h"
#include "oci/descriptor.h"
#include "oci/manifest.h"

namespace pullproof::resolver::artifact {

// Indexes nest: an index of platforms inside an index of versions. Nobody has been seen to need
// three levels; every level costs a request that a hostile registry makes us send.
inline constexpr int kMaxIndexDepth = 4;

// The one entry for Wasm (os wasi…, wasip1 or wasip2 in any case, or architecture wasm), else the
// only entry that there is. Attestations are no entries. `name` is the reference, for errors.
// Errors: index.no-wasm, index.ambiguous; both list the entries.
Result<oci::Descriptor> SelectWasm(const oci::Index& index, std::string_view name);

// The entries that may lead to an image for `wanted`, in the order in which to try them: the first
// that names a satisfying platform; without one, the nested indexes that name none; without those,
// the only entry there is if it names none. Attestations (unknown/unknown) are passed over.
std::vector<oci::Descriptor> PlatformCandidates(const oci::Index& index,
                                                const oci::Platform& wanted);

// Error index.no-platform, listing the platforms that are there.
std::unexpected<Error> FailNoPlatform(const oci::Index& index, const oci::Platform& wanted,
                                      std::string_view name);
// Error index.too-deep.
std::unexpected<Error> FailTooDeep(std::string_view name);

}  // namespace pullproof::resolver::artifact

#endif  // PULLPROOF_RESOLVER_ARTIFACT_INDEX_H_
