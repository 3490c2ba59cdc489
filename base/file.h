// The file system as an injected interface, and the one way in which this project writes files:
// into a temporary name beside the target, flushed, then renamed. A half-written file never has
// its final name.
#ifndef PULLPROOF_BASE_FILE_H_
#define PULLPROOF_BASE_FILE_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace pullproof {

// Bytes on their way to a file. Not thread-safe. Destroyed without Commit, it leaves nothing.
class PendingFile {
 public:
  virtual ~PendingFile() = default;
  virtual Result<void> Append(std::string_view bytes) = 0;
  // Flushes to the device and gives the file its final name, replacing what was there.
  virtual Result<void> Commit() = 0;
};

struct FileInfo {
  enum class Kind { kRegular, kDirectory, kSymlink, kOther };
  Kind kind;
  std::uint64_t size;  // bytes, of a regular file
  // What tells that a file was touched: nanoseconds since 1970, and which file it is.
  std::int64_t modified = 0;  // its bytes
  std::int64_t changed = 0;   // anything of it; no program can set this one
  std::uint64_t inode = 0;

  bool operator==(const FileInfo&) const = default;
};

// Held until it is destroyed, or its process ends in whatever way.
class FileLock {
 public:
  virtual ~FileLock() = default;
};
enum class LockKind { kShared, kExclusive };
enum class IfLocked { kWait, kFail };

// Thread-safe. Errors: file.not-found, file.permission, file.no-space, file.io, limit.bytes;
// `where` is the path.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // The whole file; refuses one that is larger than `max_bytes`.
  virtual Result<std::string> Read(const std::filesystem::path& path, std::uint64_t max_bytes) = 0;
  // The file's bytes in order, in pieces, so that a large file needs little memory. An error of
  // the sink ends the reading and is returned.
  virtual Result<void> ReadPieces(const std::filesystem::path& path,
                                  const std::function<Result<void>(std::string_view)>& sink) = 0;
  // Starts a file that becomes visible as `path` on Commit. The directory must exist.
  virtual Result<std::unique_ptr<PendingFile>> Create(const std::filesystem::path& path) = 0;
  // The same, for secrets: nobody but the owner may read it (mode 0600), whatever was there before.
  virtual Result<std::unique_ptr<PendingFile>> CreatePrivate(const std::filesystem::path& path) = 0;
  // An advisory lock (flock) on a file, which is created if there is none, or on a directory that
  // exists; between processes, and between calls in one. Also error: file.locked (only kFail).
  virtual Result<std::unique_ptr<FileLock>> Lock(const std::filesystem::path& path, LockKind kind,
                                                 IfLocked if_locked) = 0;
  virtual Result<void> CreateDirectories(const std::filesystem::path& path) = 0;
  // Without following a link at the end of the path.
  virtual Result<FileInfo> Stat(const std::filesystem::path& path) = 0;
  // The absolute path without links and dot segments of what exists there.
  virtual Result<std::filesystem::path> Canonical(const std::filesystem::path& path) = 0;
  // Names in the directory, sorted by bytes.
  virtual Result<std::vector<std::string>> List(const std::filesystem::path& path) = 0;
  // Gives `from` the name `to` in one step. An existing file is replaced; where both are
  // directories their contents change places, and the old one is left as `from`.
  virtual Result<void> Rename(const std::filesystem::path& from,
                              const std::filesystem::path& to) = 0;
  // Removes a file or a whole tree, without following links; it is no error if there is none.
  virtual Result<void> RemoveAll(const std::filesystem::path& path) = 0;
};

class SystemFileSystem final : public FileSystem {
 public:
  Result<std::string> Read(const std::filesystem::path& path, std::uint64_t max_bytes) override;
  Result<void> ReadPieces(const std::filesystem::path& path,
                          const std::function<Result<void>(std::string_view)>& sink) override;
  Result<std::unique_ptr<PendingFile>> Create(const std::filesystem::path& path) override;
  Result<std::unique_ptr<PendingFile>> CreatePrivate(const std::filesystem::path& path) override;
  Result<std::unique_ptr<FileLock>> Lock(const std::filesystem::path& path, LockKind kind,
                                         IfLocked if_locked) override;
  Result<void> CreateDirectories(const std::filesystem::path& path) override;
  Result<FileInfo> Stat(const std::filesystem::path& path) override;
  Result<std::filesystem::path> Canonical(const std::filesystem::path& path) override;
  Result<std::vector<std::string>> List(const std::filesystem::path& path) override;
  Result<void> Rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Result<void> RemoveAll(const std::filesystem::path& path) override;
};

// Create, Append and Commit in one call.
Result<void> WriteFile(FileSystem& files, const std::filesystem::path& path,
                       std::string_view bytes);

// A directory with a fresh name under the system's temporary directory, removed on destruction.
class TemporaryDirectory {
 public:
  // Error: file.io and its kin.
  static Result<TemporaryDirectory> Create(std::string_view prefix);
  ~TemporaryDirectory();
  TemporaryDirectory(TemporaryDirectory&& other) noexcept;
  TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // Leaves the directory in place on destruction, for somebody to look at.
  void Keep() { keep_ = true; }

 private:
  explicit TemporaryDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
  bool keep_ = false;
};

}  // namespace pullproof

#endif  // PULLPROOF_BASE_FILE_H_
