// Contract: a fixture that is read and resolved has content whose digests are true where none is
// marked as a lie, comes out the same a second time, and everything else is reported.
//
// Input: a fixture in TOML.
#include <cstdint>
#include <string>
#include <variant>

#include "base/document.h"
#include "base/table_reader.h"
#include "fuzz/contract.h"
#include "mockregistry/content/content.h"
#include "mockregistry/content/fixture.h"

namespace content = pullproof::mockregistry::content;

namespace {

// Every byte is hashed, and big content is slow by design: `check` says so.
constexpr std::uint64_t kMaxBlob = 64 * 1024;
// Text in base64 in text in base64 … grows by a third each time.
constexpr std::size_t kMaxTextUses = 8;

bool IsSmall(const content::BlobSpec& blob) {
  if (const auto* random = std::get_if<content::RandomBlob>(&blob.kind)) {
    return random->size <= kMaxBlob;
  }
  if (const auto* zeros = std::get_if<content::ZerosBlob>(&blob.kind))
    return zeros->size <= kMaxBlob;
  if (const auto* layer = std::get_if<content::LayerBlob>(&blob.kind))
    return layer->size <= kMaxBlob;
  if (const auto* wasm = std::get_if<content::WasmBlob>(&blob.kind)) {
    return wasm->data.value_or(0) <= kMaxBlob;
  }
  // Files of the machine that fuzzes must not decide.
  if (std::holds_alternative<content::FileBlob>(blob.kind)) return false;
  if (const auto* tar = std::get_if<content::TarBlob>(&blob.kind)) {
    for (const auto& [path, file] : tar->files) {
      if (!IsSmall(file)) return false;
    }
  }
  return true;
}

std::size_t Count(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = pullproof::fuzz::AsText(data, size);
  const auto document = pullproof::ParseToml(text, "fuzz");
  if (!document) return 0;
  pullproof::Diagnostics problems("fuzz");
  const content::Fixture fixture = content::ReadFixture(*document, problems);
  if (problems.HasErrors()) return 0;
  for (const auto& [name, blob] : fixture.blobs) {
    if (!IsSmall(blob)) return 0;
  }
  // `blob = …` and `$base64` may name one thing in many places.
  if (Count(text, "base64") + Count(text, "blob ") + Count(text, "blob=") > kMaxTextUses) return 0;
  const auto once = content::Resolve(fixture, "/nonexistent", problems);
  PULLPROOF_CONTRACT(once.has_value() != problems.HasErrors());
  if (!once) return 0;
  for (const content::Blob& blob : once->blobs) {
    PULLPROOF_CONTRACT(content::DigestOf(*blob.bytes) == blob.digest);
  }
  for (const content::StoredManifest& manifest : once->manifests) {
    PULLPROOF_CONTRACT(pullproof::oci::Digest::Of(manifest.bytes) == manifest.hashes_to);
    for (const std::string& child : manifest.children) {
      PULLPROOF_CONTRACT(once->DigestOfName(child).has_value());
    }
  }
  pullproof::Diagnostics again("fuzz");
  const auto twice = content::Resolve(fixture, "/nonexistent", again);
  PULLPROOF_CONTRACT(twice.has_value());
  PULLPROOF_CONTRACT(content::DigestListing(fixture, *once) ==
                     content::DigestListing(fixture, *twice));
  return 0;
}
