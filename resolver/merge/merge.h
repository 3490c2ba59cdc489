// What a component becomes when an app imports it from a package: data comes from the package,
// authority only from the importer, and what is dropped is reported.
// Rules: docs/merge-rules.md. All functions are pure.
#ifndef PULLPROOF_RESOLVER_MERGE_MERGE_H_
#define PULLPROOF_RESOLVER_MERGE_MERGE_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/table_reader.h"
#include "oci/digest.h"
#include "resolver/artifact/package.h"
#include "resolver/lock/locked_app.h"
#include "resolver/manifest/manifest.h"

namespace pullproof::resolver::merge {

// A file that the importer mounts: where it is in the guest, and where on this machine. Sorted by
// path, each path once; the paths are checked.
struct OwnFile {
  std::string path;
  std::string source;
};

// The importer's side. Nothing here is owned; all of it must outlive the call.
struct Importer {
  const manifest::Component* component = nullptr;  // its source is a ComponentSource
  const std::vector<OwnFile>* files = nullptr;
  std::vector<std::string> trigger_types;                      // that serve the component
  const std::vector<manifest::Variable>* variables = nullptr;  // of the importer's app
};

struct Options {
  std::string manifest_name;    // for positions: "spin.toml"
  oci::Digest manifest_digest;  // of the manifest that the package came from
  // The reference names that digest, or the lock on disk already recorded it.
  bool pinned = false;
};

struct MergedFile {
  std::string path;
  std::variant<artifact::PackagedContent, OwnFile> from;
};

struct MergeOutcome {
  // Complete but for `source` and `files`, which name places on a disk.
  lock::LockedComponent component;
  artifact::PackagedContent wasm;
  std::vector<MergedFile> files;  // sorted by path
  // The package's that the importer does not replace; the importer's own are not among them.
  std::map<std::string, artifact::PackagedDependency> dependencies;
  std::vector<Diagnostic> warnings;  // in the order of the rules
  std::string unstated;              // TOML to paste; empty when nothing is unstated
};

// Merges one component of a package into the importer's table. The result follows from the
// arguments alone, byte for byte.
// Errors: merge.unpinned-grant; merge.digest-differs; merge.unfoldable-variable;
// merge.unstated-variable; merge.forbidden-host; merge.dependency-conflict; path.clash; spin.host,
// spin.id and spin.template for what the package's own configuration gets wrong.
Result<MergeOutcome> Merge(const artifact::PackagedComponent& package, const Importer& importer,
                           const Options& options);

// The part of a locked component that the importer's table alone decides: all of it, for a
// component with a source of its own or a single module.
lock::LockedComponent OwnComponent(const manifest::Component& component);

// That the Wasm is what `digest` in the source says, if it says anything. `where` is the source's
// place. Error: merge.digest-differs.
Result<void> CheckWasmDigest(const manifest::ComponentSource& source, const oci::Digest& wasm,
                             const std::string& where);

// The component's `host_requirements`, from its hosts.
void RecomputeRequirements(lock::LockedComponent& component,
                           const std::vector<std::string>& outbound_hosts);

// Records in the metadata where a component came from. `component` is empty for a single module.
void AddProvenance(lock::LockedComponent& locked, const std::string& written,
                   const oci::Digest& manifest_digest, const std::string& component);

}  // namespace pullproof::resolver::merge

#endif  // PULLPROOF_RESOLVER_MERGE_MERGE_H_
