// Files that are committed together. Flushing one file makes a journalling file system write all
// that waits, so a hundred small files that are written first and flushed then cost little more
// than one; flushed one by one, with their directory, they cost two hundred waits.
#ifndef PULLPROOF_BASE_FILE_BATCH_H_
#define PULLPROOF_BASE_FILE_BATCH_H_

#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace pullproof {

// A pending file whose Commit can be taken apart. One that is not of this kind is committed as a
// whole.
class CommitInSteps {
 public:
  virtual ~CommitInSteps() = default;
  // First: the bytes, to the device.
  virtual Result<void> Flush() = 0;
  // Then: the final name, replacing what was there.
  virtual Result<void> Name() = 0;
  // Last: the name, to the device; once is enough for all files of one directory.
  virtual Result<void> FlushDirectory() = 0;
  [[nodiscard]] virtual std::filesystem::path Directory() const = 0;
};

// Not thread-safe. Destroyed without Commit, it leaves nothing of what still waits.
class FileBatch {
 public:
  // Open files that may wait: half of what a process may commonly have at the least.
  static constexpr std::size_t kMaxWaiting = 64;

  // Takes a file whose bytes are complete, and commits all that wait when they are many.
  Result<void> Add(std::unique_ptr<PendingFile> file);
  // Commits all that wait. After an error each of them has its name and is whole, or is gone.
  Result<void> Commit();
  [[nodiscard]] bool empty() const { return waiting_.empty(); }

 private:
  std::vector<std::unique_ptr<PendingFile>> waiting_;
};

}  // namespace pullproof

#endif  // PULLPROOF_BASE_FILE_BATCH_H_
