#include "mockregistry/content/random.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>

#include "mockregistry/content/byte_source.h"
#include "oci/digest.h"

namespace pullproof::mockregistry::content {
namespace {

// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): word i
// depends on i alone, so that any range can be made without what lies before it.
constexpr std::uint64_t kGamma = 0x9E3779B97F4A7C15;

constexpr std::uint64_t Mix(std::uint64_t z) {
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EB;
  return z ^ (z >> 31U);
}

constexpr std::size_t kWord = sizeof(std::uint64_t);

constexpr std::uint64_t LittleEndian(std::uint64_t word) {
  return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
}

class RandomSource final : public ByteSource {
 public:
  RandomSource(std::uint64_t size, std::uint64_t seed) : size_(size), seed_(seed) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }

  void Read(std::uint64_t offset, std::span<char> out) const override {
    std::uint64_t word = offset / kWord;
    if (const std::size_t skip = offset % kWord; skip != 0) {
      const std::size_t length = std::min(kWord - skip, out.size());
      CopyPart(word++, skip, out.first(length));
      out = out.subspan(length);
    }
    const std::size_t whole = out.size() / kWord;
    for (std::size_t i = 0; i < whole; ++i) {  // independent of each other: the compiler unrolls
      const std::uint64_t value = Word(word + i);
      std::memcpy(out.data() + i * kWord, &value, kWord);
    }
    CopyPart(word + whole, 0, out.subspan(whole * kWord));
  }

 private:
  [[nodiscard]] std::uint64_t Word(std::uint64_t index) const {
    return LittleEndian(Mix(seed_ + (index + 1) * kGamma));
  }
  void CopyPart(std::uint64_t index, std::size_t skip, std::span<char> out) const {
    const auto bytes = std::bit_cast<std::array<char, kWord>>(Word(index));
    std::ranges::copy(std::span(bytes).subspan(skip, out.size()), out.begin());
  }

  std::uint64_t size_;
  std::uint64_t seed_;
};

}  // namespace

Bytes Random(std::uint64_t size, std::uint64_t seed) {
  return std::make_shared<RandomSource>(size, seed);
}

std::uint64_t SeedOf(std::string_view base, std::string_view name) {
  std::string text(base);
  text += '\0';
  text += name;
  const std::string hex = oci::Digest::Of(text).hex();
  std::uint64_t big_endian = 0;
  std::from_chars(hex.data(), hex.data() + 2 * kWord, big_endian, 16);
  return __builtin_bswap64(big_endian);
}

}  // namespace pullproof::mockregistry::content
