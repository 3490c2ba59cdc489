// The files of a layout, which lies in a directory or in a tar archive.
#ifndef PULLPROOF_MOCKREGISTRY_CONTENT_LAYOUT_FILES_H_
#define PULLPROOF_MOCKREGISTRY_CONTENT_LAYOUT_FILES_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "mockregistry/content/byte_source.h"

namespace pullproof::mockregistry::content {

// Not thread-safe.
class LayoutFiles {
 public:
  virtual ~LayoutFiles() = default;
  // The file of that relative path; null when there is none. Errors: as ReadBeside, for a
  // directory.
  virtual Result<Bytes> Read(const std::string& path) = 0;

  // Opens `path`, at or below `directory`, as ReadBeside reads a file. What is read into memory is
  // taken from `memory_left`, which must outlive the result, as `files` and `directory` must.
  // Errors: those of ReadBeside and Archive::Read.
  static Result<std::unique_ptr<LayoutFiles>> Open(FileSystem& files,
                                                   const std::filesystem::path& directory,
                                                   const std::string& path,
                                                   std::uint64_t& memory_left);
};

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_MOCKREGISTRY_CONTENT_LAYOUT_FILES_H_
