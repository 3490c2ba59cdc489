#include "mockregistry/content/byte_source.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace pullproof::mockregistry::content {
namespace {

// Large enough that hashing dominates, small enough to stay in a core's own cache.
constexpr std::size_t kHashChunk = std::size_t{64} << 10;

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  void Read(std::uint64_t offset, std::span<char> out) const override {
    bytes_.copy(out.data(), out.size(), offset);
  }
  [[nodiscard]] std::optional<std::string_view> Contiguous() const override { return bytes_; }

 private:
  std::string bytes_;
};

class ZeroSource final : public ByteSource {
 public:
  explicit ZeroSource(std::uint64_t size) : size_(size) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  void Read(std::uint64_t /*offset*/, std::span<char> out) const override {
    std::ranges::fill(out, '\0');
  }

 private:
  std::uint64_t size_;
};

class ConcatenatedSource final : public ByteSource {
 public:
  explicit ConcatenatedSource(std::vector<Bytes> pieces) : pieces_(std::move(pieces)) {
    ends_.reserve(pieces_.size());
    for (const Bytes& piece : pieces_) ends_.push_back(size() + piece->size());
  }
  [[nodiscard]] std::uint64_t size() const override { return ends_.empty() ? 0 : ends_.back(); }
  void Read(std::uint64_t offset, std::span<char> out) const override {
    // The first piece that ends behind the offset holds it.
    auto piece = static_cast<std::size_t>(std::ranges::upper_bound(ends_, offset) - ends_.begin());
    while (!out.empty()) {
      const std::uint64_t start = ends_[piece] - pieces_[piece]->size();
      const auto length =
          static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), ends_[piece] - offset));
      pieces_[piece]->Read(offset - start, out.first(length));
      out = out.subspan(length);
      offset += length;
      ++piece;
    }
  }

 private:
  std::vector<Bytes> pieces_;        // none is empty
  std::vector<std::uint64_t> ends_;  // where each one ends, as an offset in the whole
};

class SliceSource final : public ByteSource {
 public:
  SliceSource(Bytes whole, std::uint64_t offset, std::uint64_t length)
      : whole_(std::move(whole)), offset_(offset), length_(length) {}
  [[nodiscard]] std::uint64_t size() const override { return length_; }
  void Read(std::uint64_t offset, std::span<char> out) const override {
    whole_->Read(offset_ + offset, out);
  }
  [[nodiscard]] std::optional<std::string_view> Contiguous() const override {
    const auto whole = whole_->Contiguous();
    if (!whole) return std::nullopt;
    return whole->substr(offset_, length_);
  }

 private:
  Bytes whole_;
  std::uint64_t offset_;
  std::uint64_t length_;
};

class FlippedSource final : public ByteSource {
 public:
  FlippedSource(Bytes whole, std::uint64_t bit) : whole_(std::move(whole)), bit_(bit) {}
  [[nodiscard]] std::uint64_t size() const override { return whole_->size(); }
  void Read(std::uint64_t offset, std::span<char> out) const override {
    whole_->Read(offset, out);
    const std::uint64_t byte = bit_ / 8;
    if (byte < offset || byte - offset >= out.size()) return;
    char& flipped = out[byte - offset];
    flipped = static_cast<char>(static_cast<unsigned char>(flipped) ^ (1U << bit_ % 8));
  }

 private:
  Bytes whole_;
  std::uint64_t bit_;
};

}  // namespace

Bytes FromString(std::string bytes) { return std::make_shared<MemorySource>(std::move(bytes)); }

Bytes Zeros(std::uint64_t size) { return std::make_shared<ZeroSource>(size); }

Bytes Concatenate(std::vector<Bytes> pieces) {
  std::erase_if(pieces, [](const Bytes& piece) { return piece->size() == 0; });
  if (pieces.size() == 1) return std::move(pieces.front());
  return std::make_shared<ConcatenatedSource>(std::move(pieces));
}

Bytes Slice(Bytes whole, std::uint64_t offset, std::uint64_t length) {
  if (offset == 0 && length == whole->size()) return whole;
  return std::make_shared<SliceSource>(std::move(whole), offset, length);
}

Bytes FlipBit(Bytes whole, std::uint64_t bit) {
  return std::make_shared<FlippedSource>(std::move(whole), bit);
}

std::string ReadAll(const ByteSource& source) {
  if (const auto bytes = source.Contiguous()) return std::string(*bytes);
  std::string bytes(source.size(), '\0');
  source.Read(0, bytes);
  return bytes;
}

void ForEachChunk(const ByteSource& source, const std::function<void(std::string_view)>& take) {
  if (const auto bytes = source.Contiguous()) {
    take(*bytes);
    return;
  }
  std::string buffer(std::min<std::uint64_t>(source.size(), kHashChunk), '\0');
  for (std::uint64_t offset = 0; offset < source.size();) {
    const auto length =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), source.size() - offset));
    source.Read(offset, std::span(buffer).first(length));
    take(std::string_view(buffer).substr(0, length));
    offset += length;
  }
}

oci::Digest DigestOf(const ByteSource& source, oci::Algorithm algorithm) {
  oci::Hasher hasher(algorithm);
  ForEachChunk(source, [&](std::string_view chunk) { hasher.Update(chunk); });
  return hasher.Finish();
}

}  // namespace pullproof::mockregistry::content
