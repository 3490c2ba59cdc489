// A fetched manifest as a Spin application: where its lock is, what its components bring, and that
// everything the lock names really belongs to it. All functions are pure; `name` is the reference,
// for errors. Rules: docs/merge-rules.md, "How a reference is resolved".
#ifndef PULLPROOF_RESOLVER_ARTIFACT_PACKAGE_H_
#define PULLPROOF_RESOLVER_ARTIFACT_PACKAGE_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "oci/descriptor.h"
#include "oci/digest.h"
#include "oci/manifest.h"
#include "resolver/lock/locked_app.h"

namespace pullproof::resolver::artifact {

struct LockPlace {
  oci::Descriptor descriptor;
  // By its media type. Otherwise it is the config, which may be anything: it is a lock if it holds
  // `spin_lock_version`.
  bool certain = false;
};

// The layer with the lock's type, else the config. Errors: artifact.two-locks; artifact.not-spin
// for a Wasm package, with the form to write instead.
Result<LockPlace> FindLock(const oci::Manifest& manifest, std::string_view name);
// Error: artifact.not-spin if the bytes of an uncertain place are no lock.
Result<void> CheckIsLock(std::string_view bytes, std::string_view name);

struct ModuleLayer {
  oci::Descriptor descriptor;
  // Its type says that it is Wasm. Otherwise the lock must name it as a source.
  bool certain = false;
};

// Error: artifact.foreign-digest when no layer has that digest, listing the Wasm layers.
Result<ModuleLayer> FindModule(const oci::Manifest& manifest, const oci::Digest& digest,
                               std::string_view name);
// Error: artifact.not-wasm when no component of the lock has it as its source.
Result<void> CheckIsSource(const lock::LockedApp& app, const oci::Digest& digest,
                           std::string_view name);

// The layer of that digest; null when there is none.
const oci::Descriptor* FindLayer(const oci::Manifest& manifest, const oci::Digest& digest);
// The layers whose type says that they are archives of files.
std::vector<oci::Descriptor> ArchiveLayers(const oci::Manifest& manifest);
// True for both types of Wasm layers.
bool IsWasmType(std::string_view media_type);

// Checks all content that the lock names: inline bytes hash to their digest, everything else is a
// layer, or may be in an archive layer: those digests are returned.
// What a trigger's dependencies name is not looked at: a component that has any is refused.
// Errors: artifact.inline-mismatch; artifact.no-digest; artifact.foreign-digest.
Result<std::set<oci::Digest>> CheckContents(const lock::LockedApp& app,
                                            const oci::Manifest& manifest, std::string_view name);
// The layer of a CNCF Wasm package. Errors: package.artifact for anything else.
// Source: wasm-pkg-tools, crates/wasm-pkg-client/src/oci; CNCF TAG Runtime, "Wasm OCI Artifact".
Result<oci::Descriptor> FindPackageLayer(const oci::Manifest& manifest, std::string_view name);
// Error artifact.foreign-digest for content that is nowhere in the artifact.
std::unexpected<Error> FailForeign(const oci::Digest& digest, std::string_view name);

// Bytes by digest; small ones are carried along.
struct PackagedContent {
  oci::Digest digest;
  std::optional<std::string> inline_bytes;
};

struct PackagedFile {
  std::string path;  // checked
  PackagedContent content;
};

// A dependency that was pushed beside the component, not composed into it.
struct PackagedDependency {
  PackagedContent wasm;
  std::optional<std::string> export_name;
  lock::LockedInheritance inherits;
};

// One component of the package, and what its app says about it.
struct PackagedComponent {
  std::string id;
  std::string description;
  PackagedContent wasm;
  std::vector<PackagedFile> files;  // sorted by path, each path once
  std::map<std::string, std::string> environment;
  std::map<std::string, std::string> variables;  // templates over app_variables
  std::vector<std::string> allowed_outbound_hosts;
  std::vector<std::string> key_value_stores;
  std::vector<std::string> sqlite_databases;
  std::vector<std::string> ai_models;
  std::vector<std::string> trigger_types;  // that it was served by; sorted
  std::map<std::string, lock::LockedVariable> app_variables;
  std::map<std::string, PackagedDependency> dependencies;
};

// Errors: artifact.unknown-component (listing the ids); artifact.duplicate-component;
// artifact.uncomposed (it needs a trigger's dependencies); path.unsafe;
// path.clash (two files, or a file and a directory, of one name). CheckContents comes first.
Result<PackagedComponent> SelectComponent(const lock::LockedApp& app, std::string_view id,
                                          std::string_view name);

}  // namespace pullproof::resolver::artifact

#endif  // PULLPROOF_RESOLVER_ARTIFACT_PACKAGE_H_
