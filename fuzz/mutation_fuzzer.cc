// Contract: mutating a manifest gives the same for the same key, stays within its bounds whatever
// the manifest is, and says what it did in text that a terminal can show.
//
// Input: a key in decimal digits, a line "~~", a manifest in JSON.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "base/text.h"
#include "fuzz/contract.h"
#include "mockregistry/script/mutation.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace script = pullproof::mockregistry::script;
  constexpr std::size_t kRounds = 20;
  // A byte of text is at most six of JSON; signs and numbers of a value are few.
  constexpr std::size_t kMostPerByte = 6;
  constexpr std::size_t kMostPerValue = 32;
  const auto [digits, manifest] =
      pullproof::fuzz::SplitAtTildes(pullproof::fuzz::AsText(data, size));
  std::uint64_t key = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), key);
  const auto once = script::Mutate(manifest, key, kRounds);
  const auto twice = script::Mutate(manifest, key, kRounds);
  PULLPROOF_CONTRACT(once.has_value() == twice.has_value());
  if (!once) return 0;
  PULLPROOF_CONTRACT(once->bytes == twice->bytes);
  PULLPROOF_CONTRACT(once->changes == twice->changes);
  PULLPROOF_CONTRACT(pullproof::Printable(once->changes) == once->changes);
  // What was larger from the start may stay so.
  const std::size_t bytes = std::max(manifest.size(), script::kMaxMutatedBytes);
  const std::size_t values = std::max(manifest.size(), script::kMaxMutatedValues);
  PULLPROOF_CONTRACT(once->bytes.size() <= kMostPerByte * bytes + kMostPerValue * values);
  PULLPROOF_CONTRACT(pullproof::IsUtf8(once->bytes));
  return 0;
}
