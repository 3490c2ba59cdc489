#include "mockregistry/content/tar.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::mockregistry::content {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kTarPrefixBytes = 155;

// Offsets of the header's fields.
constexpr std::size_t kName = 0;
constexpr std::size_t kMode = 100;
constexpr std::size_t kOwner = 108;
constexpr std::size_t kGroup = 116;
constexpr std::size_t kSize = 124;
constexpr std::size_t kTime = 136;
constexpr std::size_t kChecksum = 148;
constexpr std::size_t kType = 156;
constexpr std::size_t kLinkName = 157;
constexpr std::size_t kMagic = 257;
constexpr std::size_t kPrefix = 345;

struct Header {
  std::string_view prefix;
  std::string_view name;
  std::uint64_t mode = 0644;
  std::uint64_t size = 0;
  char type = '0';
  std::string_view link_name;
  std::optional<std::uint64_t> checksum;  // else the right one
};

void Put(std::string& block, std::size_t offset, std::string_view text) {
  block.replace(offset, text.size(), text);
}

std::string Block(const Header& header) {
  std::string block(kBlock, '\0');
  Put(block, kName, header.name);
  Put(block, kMode, fmt::format("{:07o}", header.mode));
  Put(block, kOwner, "0000000");
  Put(block, kGroup, "0000000");
  Put(block, kSize, fmt::format("{:011o}", header.size));
  Put(block, kTime, "00000000000");
  Put(block, kChecksum, "        ");  // counts as blanks in its own sum
  block[kType] = header.type;
  Put(block, kLinkName, header.link_name);
  Put(block, kMagic, std::string_view("ustar\00000", 8));
  Put(block, kPrefix, header.prefix);
  const std::uint64_t sum = std::accumulate(
      block.begin(), block.end(), std::uint64_t{0},
      [](std::uint64_t total, char c) { return total + static_cast<unsigned char>(c); });
  Put(block, kChecksum, fmt::format("{:06o}", header.checksum.value_or(sum)));
  block[kChecksum + 6] = '\0';
  return block;
}

Bytes PaddingAfter(std::uint64_t size) { return Zeros((kBlock - size % kBlock) % kBlock); }

// Prefix and name; the prefix is as short as it can be.
std::optional<std::pair<std::string_view, std::string_view>> SplitPath(std::string_view path) {
  if (path.size() <= kTarNameBytes) return std::pair(std::string_view(), path);
  const std::size_t slash = path.find('/', path.size() - kTarNameBytes - 1);
  if (slash == std::string_view::npos || slash > kTarPrefixBytes) return std::nullopt;
  return std::pair(path.substr(0, slash), path.substr(slash + 1));
}

}  // namespace

bool IsTarPath(std::string_view path) {
  const bool plain = std::ranges::none_of(Split(path, '/'), [](std::string_view name) {
    return name.empty() || name == "." || name == ".." || name.find('\0') != std::string_view::npos;
  });
  return plain && SplitPath(path).has_value();
}

Bytes MakeTar(std::vector<TarFile> files, std::span<const TarBlob::RawEntry> raw_entries) {
  std::ranges::sort(files, {}, &TarFile::path);
  std::vector<Bytes> pieces;
  for (TarFile& file : files) {
    Header header;
    std::tie(header.prefix, header.name) = *SplitPath(file.path);
    header.size = file.bytes->size();
    pieces.push_back(FromString(Block(header)));
    Bytes padding = PaddingAfter(header.size);
    pieces.push_back(std::move(file.bytes));
    pieces.push_back(std::move(padding));
  }
  for (const TarBlob::RawEntry& entry : raw_entries) {
    const Header header{.prefix = {},
                        .name = entry.name,
                        .mode = entry.mode,
                        .size = entry.size.value_or(entry.content.size()),
                        .type = entry.type,
                        .link_name = entry.linkname,
                        .checksum = entry.checksum};
    pieces.push_back(FromString(Block(header) + entry.content));
    pieces.push_back(PaddingAfter(entry.content.size()));
  }
  pieces.push_back(Zeros(2 * kBlock));
  return Concatenate(std::move(pieces));
}

}  // namespace pullproof::mockregistry::content
