// One more component in a spin.toml, out of a registry: pinned, ready, and with what is left to
// grant said. Rules: docs/merge-rules.md, "Finding out what to write".
#ifndef PULLPROOF_RESOLVER_ADD_H_
#define PULLPROOF_RESOLVER_ADD_H_

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/table_reader.h"
#include "oci/digest.h"
#include "resolver/resolver.h"

namespace pullproof::resolver {

struct AddOptions {
  std::filesystem::path manifest;  // spin.toml, which must be there
  std::string reference;           // as the user wrote it; a tag in it is kept beside the digest
  std::string id;                  // of the packaged component; empty: the only one that there is
  std::optional<oci::Digest> digest;  // set: the Wasm layer of that digest, without configuration
  std::string name;                   // the component's id in spin.toml; empty: the package's
  std::filesystem::path cache;
  bool offline = false;
};

struct AddReport {
  std::string id;        // in spin.toml
  std::string table;     // what was put in
  std::string unstated;  // TOML with what it asks for and is not granted; empty: nothing
  std::vector<std::string> trigger_types;  // that it was served by
  bool is_served = false;                  // a trigger of the manifest names it
  bool module = false;                     // a Wasm layer alone
};

// Reads the manifest (whose triggers may name what is about to be added), looks the artifact up,
// and replaces the file in one step. A package of one Wasm layer is added as a module. Thread-safe
// for different manifests. `problems`: as of Resolve. Errors: those of ReadManifest, Inspect and
// AddComponent; spin.id for a name that is none; edit.choose when the artifact has several
// components, or several Wasm layers, and none was named; artifact.unknown-component,
// artifact.foreign-digest.
Result<AddReport> Add(const AddOptions& options, const Environment& environment,
                      Diagnostics* problems = nullptr);

}  // namespace pullproof::resolver

#endif  // PULLPROOF_RESOLVER_ADD_H_
