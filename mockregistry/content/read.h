// Readers of a fixture's parts, shared by the files that read the model.
// Format: docs/fixtures.md.
#ifndef PULLPROOF_MOCKREGISTRY_CONTENT_READ_H_
#define PULLPROOF_MOCKREGISTRY_CONTENT_READ_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/table_reader.h"
#include "mockregistry/content/fixture.h"

namespace pullproof::mockregistry::content {

// `what` names the part in messages: "blob `layer`". What cannot be read is reported, and the
// result usable only when nothing was.
BlobSpec ReadBlob(const Node& node, const std::string& what, Diagnostics& problems);
// `member` holds the manifest under its name.
ManifestSpec ReadManifest(const Node::Member& member, const std::string& what,
                          Diagnostics& problems);
RepositorySpec ReadRepository(const Node& node, const std::string& what, Diagnostics& problems);
ReferrersSpec ReadReferrers(const Node& node, const std::string& what, Diagnostics& problems);

// Entries of an image's layers, of an index or of a list of referrers: names, or tables with a
// `ref`. `node` is the array; messages speak of "NOUN 3 of OF".
std::vector<EntrySpec> ReadEntries(const Node& node, std::string_view noun, const std::string& of,
                                   Diagnostics& problems);

// Members that are laid over a config, or the name of a blob that is one.
void ReadConfig(TableReader& reader, ImageSpec& image);

// The manifests that stand for several things. `name` is the manifest's, of which the content that
// comes with it takes its names. Formats: docs/fixtures.md "spin" and "wasm_package".
void ReadSpin(TableReader& reader, const std::string& name, ManifestSpec& manifest);
void ReadWasmPackage(TableReader& reader, const std::string& name, ManifestSpec& manifest);

// Content that comes with a manifest: a blob of its own, called `name`, which is added to
// `manifest.brings`; or what `{ blob = "NAME" }` names.
NameRef ReadBrought(const Node& node, const std::string& name, const std::string& what,
                    std::string_view media_type, ManifestSpec& manifest, Diagnostics& problems);

// A number of bytes: an integer, or "64KiB". Reports content.size. nullopt when absent or wrong.
std::optional<std::uint64_t> ReadSize(TableReader& reader, std::string_view name);
// Any integer from 0 to 2^64 - 1. nullopt when absent or wrong.
std::optional<std::uint64_t> ReadSeed(TableReader& reader, std::string_view name);

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_MOCKREGISTRY_CONTENT_READ_H_
