// Makes the bytes of one blob or manifest, once everything that it needs is known.
#ifndef PULLPROOF_MOCKREGISTRY_CONTENT_MAKE_H_
#define PULLPROOF_MOCKREGISTRY_CONTENT_MAKE_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/table_reader.h"
#include "mockregistry/content/byte_source.h"
#include "mockregistry/content/fixture.h"
#include "mockregistry/content/names.h"

namespace pullproof::mockregistry::content {

struct BlobContext {
  std::string seed_base;  // the fixture's seed in decimal, or its id
  const std::filesystem::path& directory;
  FileSystem& files;
  const Catalog& catalog;
  Diagnostics& problems;
  std::uint64_t& memory_left;  // of kMaxMemoryBytes

  // Takes from what is left; reports content.size and returns false when that is not enough.
  [[nodiscard]] bool SpendMemory(std::uint64_t bytes, Position at) const;
};

// The bytes of a blob called `name`; null when a problem was reported. Format: docs/fixtures.md.
Bytes MakeBlob(const BlobSpec& blob, const std::string& name, const BlobContext& context);
// What a layer of that blob is called when the manifest does not say.
std::string_view DefaultMediaType(const BlobSpec& blob);

// Content up to this size stands in the lock of a Spin application, and files then nowhere else.
// Source: Spin's crates/oci/src/client.rs, CONTENT_REF_INLINE_MAX_SIZE.
inline constexpr std::uint64_t kMaxSpinInline = 128;
// The lock as JSON; all that it names must be in the catalog.
Node MakeSpinLock(const SpinLockBlob& lock, const Catalog& catalog);

// The layers that an image really has: without those that its lock holds, and without repetitions
// where it wants none.
std::vector<const EntrySpec*> LayersOf(const ImageSpec& image, const Catalog& catalog);

struct MadeManifest {
  std::string bytes;
  std::string config_type;            // of an image; empty for others
  std::optional<std::string> config;  // the bytes of a config that was made for it
};

// The bytes of a manifest; nullopt when a problem was reported.
std::optional<MadeManifest> MakeManifest(const ManifestSpec& manifest, const Catalog& catalog,
                                         Diagnostics& problems);
std::string_view MediaTypeOf(const ManifestSpec& manifest);
// The canonical JSON of the entry's descriptor. `artifact_type` may be empty.
std::string DescriptorJson(const EntrySpec& entry, std::string_view artifact_type,
                           const Catalog& catalog);

// The name of the config that is made for a manifest of that name.
std::string ConfigName(std::string_view manifest);

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_MOCKREGISTRY_CONTENT_MAKE_H_
