#include "mockregistry/script/chance.h"

#include <cmath>
#include <cstddef>
#include <string>

#include "base/text.h"
#include "oci/digest.h"

namespace pullproof::mockregistry::script {

std::uint64_t KeyedBits(std::uint64_t seed, std::string_view rule, std::uint64_t n,
                        std::string_view content) {
  constexpr char kNul = '\0';
  std::string key = std::to_string(seed) + kNul;
  key.append(rule).append(1, kNul).append(std::to_string(n)).append(1, kNul).append(content);
  constexpr std::size_t kBytes = sizeof(std::uint64_t);
  const std::string first =
      HexDecode(std::string_view(oci::Digest::Of(key).hex()).substr(0, 2 * kBytes)).value();
  std::uint64_t bits = 0;
  for (std::size_t i = kBytes; i > 0; --i) {
    bits = (bits << 8U) | static_cast<unsigned char>(first[i - 1]);
  }
  return bits;
}

bool Happens(double chance, std::uint64_t seed, std::string_view rule, std::uint64_t n,
             std::string_view content) {
  const std::uint64_t bits = KeyedBits(seed, rule, n, content);
  constexpr unsigned kSpareBits = 11;  // what a double cannot hold
  constexpr int kFractionBits = -53;
  return std::ldexp(static_cast<double>(bits >> kSpareBits), kFractionBits) < chance;
}

}  // namespace pullproof::mockregistry::script
