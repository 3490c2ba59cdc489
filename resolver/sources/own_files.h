// The files that an importer mounts from the directory of its manifest.
// Source: Spin, crates/loader/src/local.rs (its "copy" strategy), with the order among overlapping
// mounts defined, and links judged by where they lead.
#ifndef PULLPROOF_RESOLVER_SOURCES_OWN_FILES_H_
#define PULLPROOF_RESOLVER_SOURCES_OWN_FILES_H_

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/table_reader.h"
#include "resolver/manifest/manifest.h"
#include "resolver/merge/merge.h"

namespace pullproof::resolver::sources {

// More than any web site that a component serves; ends the walk over a mount of `**/*` in a home.
inline constexpr std::size_t kMaxOwnFiles = 100'000;

struct OwnFiles {
  std::vector<merge::OwnFile> files;  // sorted by path, each path once
  std::vector<Diagnostic> warnings;   // files.no-match
};

// Expands the mounts of a component: literal files and directories, globs, and pairs of source and
// destination. Later mounts win. `app_root` is the directory of the manifest, canonical.
// Errors, placed in the manifest: files.not-found, files.pattern, files.outside-app (also through a
// link), files.link-loop, files.glob, files.destination, path.unsafe, limit.files, file.*.
Result<OwnFiles> CollectOwnFiles(FileSystem& files, const std::filesystem::path& app_root,
                                 const manifest::Component& component,
                                 const std::string& manifest_name);

}  // namespace pullproof::resolver::sources

#endif  // PULLPROOF_RESOLVER_SOURCES_OWN_FILES_H_
