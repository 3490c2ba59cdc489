// Where the random content of a fixture starts from, so that every implementation makes the same.
#ifndef PULLPROOF_MOCKREGISTRY_CONTENT_RANDOM_H_
#define PULLPROOF_MOCKREGISTRY_CONTENT_RANDOM_H_

#include <cstdint>
#include <string_view>

namespace pullproof::mockregistry::content {

// The seed of content that states none: the first 8 bytes, little-endian, of
// SHA-256(`base` NUL `name`); `base` is the fixture's seed in decimal digits, or its id. `name` is
// the blob's, or BLOB/PATH for a file inside a tar. Pure.
std::uint64_t SeedOf(std::string_view base, std::string_view name);

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_MOCKREGISTRY_CONTENT_RANDOM_H_
