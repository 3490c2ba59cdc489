// From a spin.toml to a published application, without Spin: resolve it, build the artifact that
// Spin would build, and push that.
#ifndef PULLPROOF_RESOLVER_PUBLISH_H_
#define PULLPROOF_RESOLVER_PUBLISH_H_

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/table_reader.h"
#include "oci/reference.h"
#include "resolver/publish/build_artifact.h"
#include "resolver/publish/upload.h"
#include "resolver/resolver.h"

namespace pullproof::resolver {

struct PublishOptions {
  std::filesystem::path manifest;  // spin.toml
  // Read for what it records of packages, if it is there; never written.
  std::filesystem::path lock;
  std::filesystem::path cache;    // as of ResolveOptions
  std::filesystem::path staging;  // an empty directory for what is resolved on the way
  oci::Reference reference;       // where to; without a digest
  bool strict = false;
  std::string profile = {};
  publish::BuildOptions build = {};
  publish::OnBlob on_blob = {};  // may be empty
};

struct PublishReport {
  publish::UploadReport upload;
  std::vector<Diagnostic> warnings;  // with positions in spin.toml
  std::vector<std::string> notes;    // as of ResolveReport
};

// The lock that is published names no place of this machine. Thread-safe for different staging
// directories. `problems`: as of Resolve. Errors: those of Resolve, BuildArtifact and Upload;
// publish.digest when the reference has one.
Result<PublishReport> Publish(const PublishOptions& options, const Environment& environment,
                              Diagnostics* problems = nullptr);

}  // namespace pullproof::resolver

#endif  // PULLPROOF_RESOLVER_PUBLISH_H_
