// Chance that is the same in every run and on every system.
#ifndef PULLPROOF_MOCKREGISTRY_SCRIPT_CHANCE_H_
#define PULLPROOF_MOCKREGISTRY_SCRIPT_CHANCE_H_

#include <cstdint>
#include <string_view>

namespace pullproof::mockregistry::script {

// The first 8 bytes, little-endian, of SHA-256(SEED NUL RULE NUL N NUL CONTENT), numbers in
// decimal. Pure.
std::uint64_t KeyedBits(std::uint64_t seed, std::string_view rule, std::uint64_t n,
                        std::string_view content);

// True in a share of `chance` of all cases. Decided by KeyedBits: their 53 upper bits as a fraction
// are below `chance`. `content` is empty unless each content has a counter of its own. So the
// outcome does not depend on which connection came first. Pure.
bool Happens(double chance, std::uint64_t seed, std::string_view rule, std::uint64_t n,
             std::string_view content);

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_MOCKREGISTRY_SCRIPT_CHANCE_H_
