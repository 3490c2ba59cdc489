#include <utility>

#include <fmt/format.h>

#include "mockregistry/content/content.h"
#include "mockregistry/content/file_blob.h"
#include "mockregistry/content/gzip.h"
#include "mockregistry/content/make.h"
#include "mockregistry/content/random.h"
#include "mockregistry/content/tar.h"
#include "oci/media_type.h"

namespace pullproof::mockregistry::content {
namespace {

// Spec: WebAssembly core specification, "Modules" (version 1), and the component model's Binary.md
// (version 0x0d, layer 1).
constexpr std::string_view kEmptyCore("\0asm\x01\0\0\0", 8);
constexpr std::string_view kEmptyComponent("\0asm\x0d\0\x01\0", 8);

// What stands before the content of a custom section called `data`: its id 0, its size as an
// unsigned LEB128, and the name with its length. Spec: WebAssembly core specification, 5.5.
std::string CustomSectionHead(std::uint64_t content_bytes) {
  constexpr std::string_view kName(
      "\x04"
      "data");
  std::string head(1, '\0');
  std::uint64_t size = content_bytes + kName.size();
  for (; size >= 0x80; size >>= 7U) head += static_cast<char>(0x80U | (size & 0x7FU));
  head += static_cast<char>(size);
  return head.append(kName);
}

// Makes one kind of blob after the other; see BlobSpec.
class Maker {
 public:
  Maker(const std::string& name, Position at, const BlobContext& context)
      : name_(name), at_(at), context_(context) {}

  Bytes operator()(const TextBlob& text) const { return FromString(text.bytes); }

  Bytes operator()(const FileBlob& file) const {
    Result<std::string> bytes =
        ReadBeside(context_.files, context_.directory, file.path, context_.memory_left);
    if (bytes) {
      context_.memory_left -= bytes->size();
      return FromString(*std::move(bytes));
    }
    context_.problems.Report(bytes.error().id, at_, bytes.error().message, bytes.error().hint);
    return nullptr;
  }

  Bytes operator()(const HeldBlob& held) const {
    return context_.SpendMemory(held.bytes->size(), at_) ? held.bytes : nullptr;
  }

  Bytes operator()(const JsonBlob& json) const {
    auto text = Canonical(Substitute(json.value, context_.catalog), context_.problems);
    return text ? FromString(*std::move(text)) : nullptr;
  }

  Bytes operator()(const RandomBlob& random) const { return MakeRandom(random.size, random.seed); }
  Bytes operator()(const ZerosBlob& zeros) const { return Zeros(zeros.size); }

  // The shortest layer that a real client can unpack. Its file takes the blob's own seed.
  Bytes operator()(const LayerBlob& layer) const {
    if (!FitsTar(layer.size, at_)) return nullptr;
    return MakeTar({{"data", MakeRandom(layer.size, layer.seed)}}, {});
  }

  Bytes operator()(const WasmBlob& wasm) const {
    Bytes module = FromString(std::string(wasm.component ? kEmptyComponent : kEmptyCore));
    if (!wasm.data) return module;
    return Concatenate({std::move(module), FromString(CustomSectionHead(*wasm.data)),
                        MakeRandom(*wasm.data, wasm.seed)});
  }

  Bytes operator()(const SameBlob& same) const { return context_.catalog.Of(same.of.name).bytes; }

  Bytes operator()(const SpinLockBlob& lock) const {
    auto text = Canonical(MakeSpinLock(lock, context_.catalog), context_.problems);
    return text ? FromString(*std::move(text)) : nullptr;
  }

  Bytes operator()(const TarBlob& tar) const {
    std::vector<TarFile> files;
    for (const auto& [path, file] : tar.files) {
      Bytes bytes = MakeBlob(file, fmt::format("{}/{}", name_, path), context_);
      if (bytes == nullptr || !FitsTar(bytes->size(), file.at)) return nullptr;
      files.push_back({path, std::move(bytes)});
    }
    Bytes bytes = MakeTar(std::move(files), tar.raw_entries);
    return tar.gzip ? Gzip(std::move(bytes)) : bytes;
  }

 private:
  [[nodiscard]] Bytes MakeRandom(std::uint64_t size, std::optional<std::uint64_t> seed) const {
    return Random(size, seed ? *seed : SeedOf(context_.seed_base, name_));
  }

  [[nodiscard]] bool FitsTar(std::uint64_t size, Position at) const {
    if (size <= kMaxTarNumber) return true;
    context_.problems.Report(
        "content.size", at,
        fmt::format("{} bytes are more than a file in a tar can have ({})", size, kMaxTarNumber),
        "for bigger content that no client has to unpack, use `random`");
    return false;
  }

  const std::string& name_;
  Position at_;
  const BlobContext& context_;
};

}  // namespace

bool BlobContext::SpendMemory(std::uint64_t bytes, Position at) const {
  if (bytes <= memory_left) {
    memory_left -= bytes;
    return true;
  }
  problems.Report(
      "content.size", at,
      fmt::format("the fixture holds more than {} MiB in memory", kMaxMemoryBytes >> 20U),
      "big content that need not be anything in particular is `random` or `zeros`");
  return false;
}

Bytes MakeBlob(const BlobSpec& blob, const std::string& name, const BlobContext& context) {
  return std::visit(Maker(name, blob.at, context), blob.kind);
}

std::string_view DefaultMediaType(const BlobSpec& blob) {
  if (!blob.media_type.empty()) return blob.media_type;
  const bool layer =
      std::holds_alternative<LayerBlob>(blob.kind) || std::holds_alternative<TarBlob>(blob.kind);
  return layer ? oci::media::kImageLayer : oci::media::kOctetStream;
}

}  // namespace pullproof::mockregistry::content
