// One artifact, with everything that it names, from one repository into another.
#ifndef PULLPROOF_RESOLVER_COPY_H_
#define PULLPROOF_RESOLVER_COPY_H_

#include <cstdint>

#include "base/error.h"
#include "oci/digest.h"
#include "oci/reference.h"
#include "resolver/resolver.h"

namespace pullproof::resolver {

// A blob is held in memory on its way. Layers of images are up to some hundred MiB.
inline constexpr std::uint64_t kMaxCopiedBlob = std::uint64_t{1} << 30;
// Manifests below one index, over all levels.
inline constexpr int kMaxCopiedManifests = 256;

// Every manifest byte for byte, an index with all that it lists; blobs first, then manifests, what
// lists others last. Blobs are mounted where both are of one registry. Content that is not to be
// distributed (by its type, or by `urls`) is left where it is. A manifest with a subject is entered
// into the list under the referrers tag where the registry keeps no such list itself; two that do
// so at a time may lose one of their entries, as that specification says. Gives the manifest's
// digest. Errors: those of RegistryClient; limit.bytes, limit.manifests, limit.time,
// index.too-deep.
Result<oci::Digest> Copy(const oci::Reference& from, const oci::Reference& to,
                         const Environment& environment);

}  // namespace pullproof::resolver

#endif  // PULLPROOF_RESOLVER_COPY_H_
