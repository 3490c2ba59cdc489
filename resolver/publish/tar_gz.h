// Files as one gzip-compressed tar that is the same bytes for the same files.
#ifndef PULLPROOF_RESOLVER_PUBLISH_TAR_GZ_H_
#define PULLPROOF_RESOLVER_PUBLISH_TAR_GZ_H_

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace pullproof::resolver::publish {

// Without times, owners and modes, in the order in which files are added. Not thread-safe.
class TarGzWriter {
 public:
  TarGzWriter();
  ~TarGzWriter();
  TarGzWriter(const TarGzWriter&) = delete;
  TarGzWriter& operator=(const TarGzWriter&) = delete;

  // `path` is relative; in the archive it begins with "./". Error: archive.write.
  Result<void> Add(std::string_view path, std::string_view bytes);
  // The archive, after the last file. Call once. Error: archive.write.
  Result<std::string> Finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pullproof::resolver::publish

#endif  // PULLPROOF_RESOLVER_PUBLISH_TAR_GZ_H_
