// The data model of a fixture: what stands in one TOML or JSON file, before any byte of content
// is made. Format: docs/fixtures.md.
#ifndef PULLPROOF_MOCKREGISTRY_CONTENT_FIXTURE_H_
#define PULLPROOF_MOCKREGISTRY_CONTENT_FIXTURE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/document.h"
#include "base/table_reader.h"
#include "mockregistry/content/byte_source.h"
#include "oci/descriptor.h"

namespace pullproof::mockregistry::content {

enum class Level { kMust, kShould, kInfo };
// As written in files and reports.
inline constexpr std::array<std::pair<std::string_view, Level>, 3> kLevels{{
    {"MUST", Level::kMust},
    {"SHOULD", Level::kShould},
    {"INFO", Level::kInfo},
}};
std::string_view LevelName(Level level);

// A name of a blob or manifest, where it is used.
struct NameRef {
  std::string name;
  Position at;
};

// --- Blobs -----------------------------------------------------------------------------------

struct BlobSpec;

struct TextBlob {
  std::string bytes;
};  // text, base64 or hex, decoded
struct FileBlob {
  std::string path;
};  // relative to the fixture's file
struct HeldBlob {
  Bytes bytes;
};  // of a layout, read already
struct JsonBlob {
  Node value;
};  // may hold {"$digest": n} and kin
struct RandomBlob {
  std::uint64_t size;
  std::optional<std::uint64_t> seed;
};
struct ZerosBlob {
  std::uint64_t size;
};
struct LayerBlob {
  std::uint64_t size;
  std::optional<std::uint64_t> seed;
};
struct WasmBlob {
  bool component;                     // else a core module
  std::optional<std::uint64_t> data;  // random bytes in a custom section, which nothing reads
  std::optional<std::uint64_t> seed;
};
struct SameBlob {
  NameRef of;
};  // the bytes of another blob
struct TarBlob {
  std::vector<std::pair<std::string, BlobSpec>> files;
  // Headers written exactly as stated, after the files: `name`, and optionally `type` (one
  // character), `linkname`, `mode`, `size`, `content`, `checksum`.
  struct RawEntry {
    std::string name;
    char type = '0';  // a regular file
    std::string linkname;
    std::uint64_t mode = 0644;
    std::optional<std::uint64_t> size;  // a lie when it differs from the content's
    std::string content;
    std::optional<std::uint64_t> checksum;  // a lie
  };
  std::vector<RawEntry> raw_entries;
  bool gzip = false;

  // Not in the header: a list of blobs can only be made, moved or destroyed where BlobSpec, which
  // holds this, is a complete type.
  TarBlob();
  TarBlob(const TarBlob&);
  TarBlob(TarBlob&&) noexcept;
  TarBlob& operator=(const TarBlob&);
  TarBlob& operator=(TarBlob&&) noexcept;
  ~TarBlob();
};

// The lock of a published Spin application. Its digests and inline bytes are known only when all
// content is made; everything else is held as JSON. Format: docs/fixtures.md "spin".
struct SpinLockBlob {
  struct ContentRef {
    NameRef blob;
    Node stated;  // null, or a table whose members take the place of those that are made
  };
  struct File {
    std::string path;
    ContentRef content;
  };
  struct Dependency {
    std::string name;
    ContentRef content;
    Node::Table members;  // `export`, `inherit`
  };
  struct Component {
    Node::Table members;  // whatever holds no digest: `id`, `metadata`, `env` …
    ContentRef source;
    std::vector<Dependency> dependencies;
    std::vector<File> files;
    Node stated;
  };
  Node::Table members;  // whatever stands beside `components`
  std::vector<Component> components;
  Node stated;
};

struct BlobSpec {
  std::variant<TextBlob, FileBlob, HeldBlob, JsonBlob, RandomBlob, ZerosBlob, LayerBlob, WasmBlob,
               SameBlob, TarBlob, SpinLockBlob>
      kind;
  Position at;
  std::string media_type = {};  // of a layer that does not say; empty: by kind
};

// --- Manifests -------------------------------------------------------------------------------

// One entry of `layers` or of an index: a name, with whatever the fixture states about it.
struct EntrySpec {
  std::string ref;
  std::optional<std::string> type;
  std::vector<std::pair<std::string, std::string>> annotations;
  std::optional<oci::Platform> platform;
  std::optional<std::int64_t> size;   // a lie when it differs
  std::optional<std::string> digest;  // a lie when it differs
  Position at;
  bool unless_inline = false;  // left out when Spin would write its content into the lock
};

struct ImageSpec {
  std::optional<Node> config;              // laid over the default config
  std::optional<NameRef> config_blob;      // or: a blob that is the config
  std::optional<std::string> config_type;  // of either
  std::vector<EntrySpec> layers;
  bool docker = false;
  bool distinct = false;   // a layer that stands there already is left out
  bool state_type = true;  // `mediaType` in the manifest
};
struct IndexSpec {
  std::vector<EntrySpec> manifests;
  bool docker = false;
};
struct RawSpec {
  std::string bytes;
  std::vector<std::string> refers_to = {};  // names of what a layout's manifest refers to
};

struct ManifestSpec {
  std::variant<ImageSpec, IndexSpec, RawSpec> kind;
  std::optional<std::string> media_type;  // of raw bytes
  std::optional<std::string> artifact_type;
  std::vector<std::pair<std::string, std::string>> annotations;
  std::optional<NameRef> subject;        // a manifest
  bool has_lie = false;                  // a `lie` table stands there, maybe with only `why`
  std::optional<std::string> served_at;  // lie: the digest under which it is served
  // Holds what nobody can tell true from false: raw bytes, or a lock that was stated.
  bool unprovable = false;
  // Content that comes with it: what `spin` and `wasm_package` stand for. ReadFixture moves it to
  // the fixture's blobs.
  std::vector<std::pair<std::string, BlobSpec>> brings;
  Position at;
};

// --- Repositories ----------------------------------------------------------------------------

struct RepositorySpec {
  std::vector<std::pair<std::string, NameRef>> tags;  // tag -> manifest; ranges are expanded
  std::vector<NameRef> manifests;                     // served without a tag
  std::vector<NameRef> blobs;                         // served without a manifest
  std::optional<NameRef> layout;                      // a directory or archive: see AddLayouts
  Position at;
};

struct ReferrersSpec {
  std::vector<EntrySpec> entries;
  bool lie = false;
  Position at;
};

struct Fixture {
  std::string id;
  std::string title;
  std::string why;  // what goes wrong in the world without it, in plain words
  Level level = Level::kMust;
  std::vector<std::string> spec;   // anchors: "oci-dist#pulling-blobs"
  std::vector<std::string> needs;  // capabilities that a client must have
  std::string twin;  // of a hostile case: the id of the benign one that must pass for it to count
  std::optional<std::uint64_t> seed;
  std::string profile;

  std::vector<std::pair<std::string, BlobSpec>> blobs;
  std::vector<std::pair<std::string, ManifestSpec>> manifests;
  std::vector<std::pair<std::string, RepositorySpec>> repositories;
  std::vector<std::pair<std::string, ReferrersSpec>> referrers;  // by manifest name
  std::optional<std::uint64_t> max_manifest;                     // limits
  std::optional<std::uint64_t> max_page;
  std::optional<std::uint64_t> min_blob;
  std::optional<std::uint64_t> min_chunk;
  bool read_only = false;             // nothing can be pushed or deleted
  bool referrers_api = true;          // false: a registry of spec 1.0
  std::vector<std::string> warnings;  // of every answer; printable, without quotes and backslashes

  // What other floors read: null when absent. script/ reads rules, auth/ auth, wire/ hosts, and
  // the judge client and expect.
  Node hosts;
  Node auth;
  Node rules;
  Node client;
  Node expect;
};

// Reads the model. Problems go to `problems`; the result is usable only when there are no errors.
// Every name that one part uses for another is checked by Resolve, not here.
Fixture ReadFixture(const Node& document, Diagnostics& problems);

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_MOCKREGISTRY_CONTENT_FIXTURE_H_
