// `file = …`: bytes that lie beside the fixture's own file.
#ifndef PULLPROOF_MOCKREGISTRY_CONTENT_FILE_BLOB_H_
#define PULLPROOF_MOCKREGISTRY_CONTENT_FILE_BLOB_H_

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/file.h"

namespace pullproof::mockregistry::content {

// Error: content.file-outside for a path that is absolute or has a `..`. Looks at nothing but the
// text.
Result<void> CheckBeside(const std::string& path);

// Reads `path`, relative to `directory`. It may not leave the directory: no absolute path, no `..`,
// and no link anywhere on the way, wherever it leads. Only regular files are read, so that a
// fixture cannot make its reader wait at a pipe. Errors: content.file-outside; content.file for a
// file that is not there, no regular one, cannot be read, or has more than `max_bytes`.
Result<std::string> ReadBeside(FileSystem& files, const std::filesystem::path& directory,
                               const std::string& path, std::uint64_t max_bytes);

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_MOCKREGISTRY_CONTENT_FILE_BLOB_H_
