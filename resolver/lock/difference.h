// Where two locks part: what `--locked` tells.
#ifndef PULLPROOF_RESOLVER_LOCK_DIFFERENCE_H_
#define PULLPROOF_RESOLVER_LOCK_DIFFERENCE_H_

#include <string>
#include <string_view>

namespace pullproof::resolver::lock {

// The first place, in the order of `now`, at which two different locks differ:
// "components[0].metadata.source_manifest_digest: \"sha256:a…\" on disk, \"sha256:b…\" now". A text
// that is no JSON, or differs in layout alone, is told by its first different line. Pure.
std::string FirstDifference(std::string_view on_disk, std::string_view now);

}  // namespace pullproof::resolver::lock

#endif  // PULLPROOF_RESOLVER_LOCK_DIFFERENCE_H_
