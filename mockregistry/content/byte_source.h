// Content of any size, readable in any place without being stored: bytes in memory, a counter-mode
// random stream, zeros, or pieces of those one after the other.
#ifndef PULLPROOF_MOCKREGISTRY_CONTENT_BYTE_SOURCE_H_
#define PULLPROOF_MOCKREGISTRY_CONTENT_BYTE_SOURCE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "oci/digest.h"

namespace pullproof::mockregistry::content {

// Immutable and thread-safe.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  [[nodiscard]] virtual std::uint64_t size() const = 0;  // bytes
  // Fills `out` with the bytes from `offset` on; offset + out.size() must not pass size().
  virtual void Read(std::uint64_t offset, std::span<char> out) const = 0;
  // The whole content when it already lies in memory in one piece, to be sent without a copy.
  [[nodiscard]] virtual std::optional<std::string_view> Contiguous() const { return std::nullopt; }
};

using Bytes = std::shared_ptr<const ByteSource>;

Bytes FromString(std::string bytes);
Bytes Zeros(std::uint64_t size);
// SplitMix64 in counter form: little-endian word i is mix(seed + (i+1)·0x9E3779B97F4A7C15).
Bytes Random(std::uint64_t size, std::uint64_t seed);
Bytes Concatenate(std::vector<Bytes> pieces);
// `length` bytes of `whole` from `offset` on; they must be there.
Bytes Slice(Bytes whole, std::uint64_t offset, std::uint64_t length);
// The same content with one bit turned over: bit 0 is the lowest bit of the first byte. A bit
// behind the end changes nothing.
Bytes FlipBit(Bytes whole, std::uint64_t bit);

// Copies everything into memory; for content that is known to be small.
std::string ReadAll(const ByteSource& source);
// Hands over the whole content from first to last, in pieces of bounded size; what lies in memory
// in one piece is handed over as one.
void ForEachChunk(const ByteSource& source, const std::function<void(std::string_view)>& take);
// Streams the whole content through the hash.
oci::Digest DigestOf(const ByteSource& source, oci::Algorithm algorithm = oci::Algorithm::kSha256);

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_MOCKREGISTRY_CONTENT_BYTE_SOURCE_H_
