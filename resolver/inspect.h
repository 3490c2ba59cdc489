// What an artifact holds and what its components ask for, before anything of it is imported.
// Rules: docs/merge-rules.md, "Finding out what to write".
#ifndef PULLPROOF_RESOLVER_INSPECT_H_
#define PULLPROOF_RESOLVER_INSPECT_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "oci/digest.h"
#include "oci/manifest.h"
#include "oci/reference.h"
#include "resolver/artifact/package.h"
#include "resolver/resolver.h"

namespace pullproof::resolver {

struct InspectOptions {
  oci::Reference reference;
  std::filesystem::path cache;  // as of ResolveOptions
  bool offline = false;
};

struct Inspection {
  enum class Kind { kSpinApplication, kWasmPackage };
  Kind kind = Kind::kSpinApplication;
  oci::Digest digest;      // of what the reference names: an index's, if it names one
  oci::Manifest manifest;  // through indexes
  // Of an application.
  std::string name = {};
  std::string version = {};
  std::string description = {};
  std::vector<artifact::PackagedComponent> components = {};  // in the order of the lock
  std::vector<Error> unusable = {};  // components that cannot be imported, and why
  // Of a package: its config's members, as far as they are texts.
  std::map<std::string, std::string> package = {};
  std::vector<std::string> package_exports = {};
  std::vector<std::string> package_imports = {};

  // The layers whose type says that they are Wasm, each digest once.
  [[nodiscard]] std::vector<oci::Descriptor> WasmLayers() const;
  // Bytes of a layer; nullopt for what is inline or in an archive.
  [[nodiscard]] std::optional<std::uint64_t> SizeOf(const oci::Digest& layer_digest) const;
};

// Fetches manifest and lock (and archives, since what they hold is checked), nothing else; what was
// fetched stays in the cache. Errors: those of resolving; artifact.not-spin for an image.
Result<Inspection> Inspect(const InspectOptions& options, const Environment& environment);

}  // namespace pullproof::resolver

#endif  // PULLPROOF_RESOLVER_INSPECT_H_
