// The one public face of the resolver: from a spin.toml to a lock and the assets that it names.
// Rules: docs/merge-rules.md.
#ifndef PULLPROOF_RESOLVER_RESOLVER_H_
#define PULLPROOF_RESOLVER_RESOLVER_H_

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/table_reader.h"
#include "oci/descriptor.h"
#include "oci/reference.h"
#include "resolver/registry_client/registry_client.h"
#include "resolver/transport/transport.h"

namespace pullproof::resolver {

// Everything that the resolver takes from the world. Nothing here is owned.
struct Environment {
  transport::Transport* transport = nullptr;
  Clock* clock = nullptr;
  FileSystem* files = nullptr;
  registry_client::Options registries;
  // wasm-pkg's configuration, for `{ package, version }`; without text nothing is configured.
  std::string wasm_pkg_config = {};                    // the text of its config.toml
  std::string wasm_pkg_config_name = "wasm-pkg.toml";  // for error positions
};

// What one resolve, or one pull, takes in all: long enough for gigabytes over a slow line, and no
// longer than anybody would wait for a build. The last exchange is cut, and no other begins.
inline constexpr Duration kMaxRunTime = std::chrono::hours(1);

struct ResolveOptions {
  std::filesystem::path manifest;  // spin.toml
  std::filesystem::path lock;      // written last, atomically
  std::filesystem::path assets;    // a directory, replaced as a whole
  std::filesystem::path cache;     // content by digest, shared between runs and processes
  bool offline = false;            // only the cache; nothing is asked of any registry
  bool strict = false;             // warnings are errors
  std::string profile = {};        // laid over the components that have it; empty: none
  // The lock must come out as it is on disk, byte for byte, and is not written; the assets are.
  bool locked = false;
  bool paranoid = false;  // hashes all of the cache that is used, large files too
  Duration max_time = kMaxRunTime;
};

struct ResolveReport {
  std::string lock;                  // the bytes that were written
  std::vector<Diagnostic> warnings;  // with positions in spin.toml
  std::vector<std::string> notes;    // what was unstated, with the TOML to paste
};

// Resolves every component and writes assets, then lock. On error neither is changed.
// Thread-safe for different lock and assets paths; the cache may be shared.
// `problems`, when given, takes everything that is wrong with the manifest; the error is the first
// of it. Errors: docs/errors.md.
Result<ResolveReport> Resolve(const ResolveOptions& options, const Environment& environment,
                              Diagnostics* problems = nullptr);

struct PullOptions {
  oci::Reference reference;
  std::optional<oci::Platform> platform;  // of an index; absent: linux/amd64
  std::filesystem::path layout;           // an OCI image layout, created or added to
  Duration max_time = kMaxRunTime;
};

// Pulls one image or artifact whole (manifest, config, layers) into an OCI image layout
// (image-spec, image-layout.md); through an index, the platform's entry. The layout's index.json
// names it only when everything is there and verified.
Result<void> Pull(const PullOptions& options, const Environment& environment);

}  // namespace pullproof::resolver

#endif  // PULLPROOF_RESOLVER_RESOLVER_H_
