// Manifests changed at random, but the same in every run: for fuzzing a client over the wire.
// Format: docs/fixtures.md "mutate".
#ifndef PULLPROOF_MOCKREGISTRY_SCRIPT_MUTATION_H_
#define PULLPROOF_MOCKREGISTRY_SCRIPT_MUTATION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pullproof::mockregistry::script {

// What `mutate` states.
struct Mutation {
  std::optional<std::uint64_t> seed;  // else the fixture's
  std::size_t rounds = 1;
};

// More changes than members in a usual manifest leave nothing of it.
inline constexpr std::size_t kMaxMutationRounds = 1'000;
// Growth stops here: repetitions would otherwise double the manifest again and again. The largest
// manifest that registries must take is 4 MiB; what is above is refused for its size alone.
inline constexpr std::size_t kMaxMutatedValues = 4'000;
inline constexpr std::size_t kMaxMutatedBytes = std::size_t{4} << 20;  // of names and texts
// Deeper than any bound that a parser of manifests needs, shallow enough for any stack.
inline constexpr std::size_t kMaxMutatedDepth = 300;
// Of a long list of changes, this many are told.
inline constexpr std::size_t kToldChanges = 64;

struct Mutated {
  std::string bytes;
  std::string changes;  // what was done and where, in order: "drop layers[0].size; …"; printable
};

// Where a mutation starts from: KeyedBits of the seed, the rule's id, N and "mutate". `n` counts,
// from 1, how often the rule has fired.
std::uint64_t MutationKey(std::uint64_t seed, std::string_view rule, std::uint64_t n);

// Changes a JSON manifest `rounds` times: members and items dropped, repeated, renamed, swapped;
// values of other kinds; digests, sizes and media types altered; nesting; unusual text. The result
// is canonical JSON, but for members that stand there twice. nullopt for a body that is no JSON, or
// has numbers with fractions. Depends on nothing but its arguments; pure.
std::optional<Mutated> Mutate(std::string_view manifest, std::uint64_t key, std::size_t rounds);

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_MOCKREGISTRY_SCRIPT_MUTATION_H_
