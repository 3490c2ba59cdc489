#include "mockregistry/content/gzip.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace pullproof::mockregistry::content {
namespace {

constexpr std::array<std::uint32_t, 256> CrcTable() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1U) != 0 ? 0xEDB88320U ^ (value >> 1U) : value >> 1U;
    }
    table.at(byte) = value;
  }
  return table;
}

// Spec: RFC 1952 section 8.
std::uint32_t Crc32(const ByteSource& content) {
  static constexpr std::array<std::uint32_t, 256> kTable = CrcTable();
  std::uint32_t crc = 0xFFFFFFFFU;
  ForEachChunk(content, [&](std::string_view chunk) {
    for (const char c : chunk) {
      crc = kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFFU] ^ (crc >> 8U);
    }
  });
  return ~crc;
}

// Deflate counts a stored block's bytes in 16 bits.
constexpr std::uint64_t kBlockBytes = 65'535;
constexpr std::size_t kBlockHeader = 5;
constexpr std::uint64_t kWholeBlock = kBlockHeader + kBlockBytes;
// Magic, method 8, no flags, time 0, no extra flags, OS 255.
constexpr std::string_view kHeader("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
constexpr std::size_t kTrailer = 8;

char Byte(std::uint64_t value, unsigned index) {
  return static_cast<char>(value >> (8 * index) & 0xFFU);
}

// Copies what `piece` has from `offset` on, as far as there is room. Returns how much that was.
std::size_t CopyFrom(std::string_view piece, std::uint64_t offset, std::span<char> out) {
  return piece.copy(out.data(), out.size(), offset);
}

class GzipSource final : public ByteSource {
 public:
  explicit GzipSource(Bytes content)
      : content_(std::move(content)),
        blocks_(std::max<std::uint64_t>(1, (content_->size() + kBlockBytes - 1) / kBlockBytes)) {
    const std::uint32_t crc = Crc32(*content_);
    for (unsigned i = 0; i < 4; ++i) {
      trailer_.at(i) = Byte(crc, i);
      trailer_.at(4 + i) = Byte(content_->size(), i);  // modulo 2^32
    }
  }

  [[nodiscard]] std::uint64_t size() const override { return TrailerAt() + kTrailer; }

  void Read(std::uint64_t offset, std::span<char> out) const override {
    while (!out.empty()) {
      const std::size_t length = ReadPiece(offset, out);
      out = out.subspan(length);
      offset += length;
    }
  }

 private:
  [[nodiscard]] std::uint64_t TrailerAt() const {
    return kHeader.size() + blocks_ * kBlockHeader + content_->size();
  }

  // Reads up to the end of the header, block header, block or trailer in which `offset` lies.
  std::size_t ReadPiece(std::uint64_t offset, std::span<char> out) const {
    if (offset < kHeader.size()) return CopyFrom(kHeader, offset, out);
    if (offset >= TrailerAt()) {
      return CopyFrom({trailer_.data(), trailer_.size()}, offset - TrailerAt(), out);
    }
    const std::uint64_t block = (offset - kHeader.size()) / kWholeBlock;
    const std::uint64_t within = (offset - kHeader.size()) % kWholeBlock;
    const std::uint64_t start = block * kBlockBytes;
    const std::uint64_t length = std::min(kBlockBytes, content_->size() - start);
    if (within < kBlockHeader) {
      const std::array<char, kBlockHeader> header{block + 1 == blocks_ ? '\1' : '\0',
                                                  Byte(length, 0), Byte(length, 1),
                                                  Byte(~length, 0), Byte(~length, 1)};
      return CopyFrom({header.data(), header.size()}, within, out);
    }
    const std::uint64_t done = within - kBlockHeader;
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), length - done));
    content_->Read(start + done, out.first(count));
    return count;
  }

  Bytes content_;
  std::uint64_t blocks_;
  std::array<char, kTrailer> trailer_{};
};

}  // namespace

Bytes Gzip(Bytes content) { return std::make_shared<GzipSource>(std::move(content)); }

}  // namespace pullproof::mockregistry::content
