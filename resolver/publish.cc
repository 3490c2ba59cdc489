#include "resolver/publish.h"

#include <utility>

#include "resolver/lock/locked_app.h"

namespace pullproof::resolver {
namespace {

// The lock on disk pins what it records, also for the copy that is resolved here.
Result<void> CopyLock(FileSystem& files, const std::filesystem::path& from,
                      const std::filesystem::path& to) {
  auto bytes = files.Read(from, lock::kMaxLockBytes);
  if (bytes) return WriteFile(files, to, *bytes);
  if (bytes.error().id == "file.not-found") return {};
  return std::unexpected(std::move(bytes).error());
}

}  // namespace

Result<PublishReport> Publish(const PublishOptions& options, const Environment& environment,
                              Diagnostics* problems) {
  if (options.reference.digest()) {
    return Fail("publish.digest", "a reference with a digest cannot be pushed to",
                options.reference.ToString(), "write a tag; the digest follows from the content");
  }
  FileSystem& files = *environment.files;
  ResolveOptions resolve;
  resolve.manifest = options.manifest;
  resolve.lock = options.staging / "resolved.lock";
  resolve.assets = options.staging / "assets";
  resolve.cache = options.cache;
  resolve.strict = options.strict;
  resolve.profile = options.profile;
  PULLPROOF_RETURN_IF_ERROR(CopyLock(files, options.lock, resolve.lock));
  PULLPROOF_ASSIGN_OR_RETURN(ResolveReport resolved, Resolve(resolve, environment, problems));
  PULLPROOF_ASSIGN_OR_RETURN(lock::LockedApp app,
                             lock::ReadLock(resolved.lock, resolve.lock.string()));
  PULLPROOF_ASSIGN_OR_RETURN(
      const publish::BuiltArtifact artifact,
      publish::BuildArtifact(std::move(app), options.reference.domain(), files, options.build));
  registry_client::RegistryClient client(*environment.transport, *environment.clock,
                                         environment.registries);
  PULLPROOF_ASSIGN_OR_RETURN(
      publish::UploadReport upload,
      publish::Upload(artifact, options.reference, files, client, options.on_blob));
  return PublishReport{.upload = std::move(upload),
                       .warnings = std::move(resolved.warnings),
                       .notes = std::move(resolved.notes)};
}

}  // namespace pullproof::resolver
