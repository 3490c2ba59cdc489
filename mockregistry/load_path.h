// Whatever a user may point at, made ready to serve.
#ifndef PULLPROOF_MOCKREGISTRY_LOAD_PATH_H_
#define PULLPROOF_MOCKREGISTRY_LOAD_PATH_H_

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/table_reader.h"
#include "mockregistry/scenario.h"

namespace pullproof::mockregistry {

// A fixture's file; or a directory or tar archive with images (content/layout.h), which is served
// as one repository whose name is NameFor(path). Null when `problems` got an error.
std::shared_ptr<const Scenario> LoadPath(const std::filesystem::path& path, FileSystem& files,
                                         Diagnostics& problems);

// The name of a repository and fixture after the last part of the path: "alpine-3.20" for
// "/tmp/Alpine_3.20.tar.gz", "image" when nothing is left. Pure.
std::string NameFor(const std::filesystem::path& path);

}  // namespace pullproof::mockregistry

#endif  // PULLPROOF_MOCKREGISTRY_LOAD_PATH_H_
