#include "base/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/file_batch.h"

namespace pullproof {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kReadChunk = std::size_t{1}
                                   << 16;  // what one read asks for: one pipe's worth

std::unexpected<Error> FailErrno(std::string_view what, const fs::path& path, int code) {
  std::string id = "file.io";
  std::string hint;
  if (code == ENOENT) id = "file.not-found";
  if (code == EACCES || code == EPERM || code == EROFS) id = "file.permission";
  if (code == ENOSPC || code == EDQUOT) {
    id = "file.no-space";
    hint = "free some space, or choose another directory; nothing was left half-written";
  }
  return Fail(
      std::move(id),
      fmt::format("cannot {}: {}", what, std::error_code(code, std::system_category()).message()),
      path.string(), std::move(hint));
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() { Close(); }
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  FileDescriptor& operator=(FileDescriptor&&) = delete;

  [[nodiscard]] int get() const { return fd_; }
  // 0, or the error number.
  int Close() {
    const int fd = std::exchange(fd_, -1);
    return fd >= 0 && ::close(fd) != 0 ? errno : 0;
  }

 private:
  int fd_;
};

// Makes a rename durable: the name lives in the directory, not in the file.
Result<void> SyncDirectory(const fs::path& directory) {
  const FileDescriptor fd(
      ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return FailErrno("open the directory", directory, errno);
  // Some file systems do not sync directories and say EINVAL; the rename itself is still atomic.
  if (::fsync(fd.get()) != 0 && errno != EINVAL) {
    return FailErrno("flush the directory", directory, errno);
  }
  return {};
}

class SystemPendingFile final : public PendingFile, public CommitInSteps {
 public:
  SystemPendingFile(FileDescriptor fd, fs::path temporary, fs::path target)
      : fd_(std::move(fd)), temporary_(std::move(temporary)), target_(std::move(target)) {}
  ~SystemPendingFile() override {
    if (!committed_) ::unlink(temporary_.c_str());
  }
  SystemPendingFile(const SystemPendingFile&) = delete;
  SystemPendingFile& operator=(const SystemPendingFile&) = delete;

  Result<void> Append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
      if (written < 0) {
        if (errno == EINTR) continue;
        return FailErrno("write", target_, errno);
      }
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Result<void> Commit() override {
    PULLPROOF_RETURN_IF_ERROR(Flush());
    PULLPROOF_RETURN_IF_ERROR(Name());
    return FlushDirectory();
  }

  Result<void> Flush() override {
    if (::fsync(fd_.get()) != 0) return FailErrno("flush", target_, errno);
    if (const int code = fd_.Close(); code != 0) return FailErrno("close", target_, code);
    return {};
  }

  Result<void> Name() override {
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) {
      return FailErrno("rename into place", target_, errno);
    }
    committed_ = true;
    return {};
  }

  Result<void> FlushDirectory() override { return SyncDirectory(target_.parent_path()); }
  [[nodiscard]] fs::path Directory() const override { return target_.parent_path(); }

 private:
  FileDescriptor fd_;
  fs::path temporary_;
  fs::path target_;
  bool committed_ = false;
};

}  // namespace

Result<void> SystemFileSystem::ReadPieces(
    const fs::path& path, const std::function<Result<void>(std::string_view)>& sink) {
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return FailErrno("open", path, errno);
  std::vector<char> piece(kReadChunk);
  while (true) {
    const ssize_t count = ::read(fd.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FailErrno("read", path, errno);
    if (count == 0) return {};
    PULLPROOF_RETURN_IF_ERROR(sink({piece.data(), static_cast<std::size_t>(count)}));
  }
}

Result<std::string> SystemFileSystem::Read(const fs::path& path, std::uint64_t max_bytes) {
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return FailErrno("open", path, errno);
  std::string bytes;
  struct stat info{};
  if (::fstat(fd.get(), &info) == 0 && info.st_size > 0) {
    bytes.reserve(std::min(static_cast<std::uint64_t>(info.st_size), max_bytes));
  }
  while (true) {
    const std::size_t offset = bytes.size();
    bytes.resize(offset + kReadChunk);
    const ssize_t count = ::read(fd.get(), bytes.data() + offset, kReadChunk);
    if (count < 0 && errno != EINTR) return FailErrno("read", path, errno);
    bytes.resize(offset + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count == 0) return bytes;
    if (bytes.size() > max_bytes) {
      return Fail("limit.bytes", fmt::format("the file is larger than {} bytes", max_bytes),
                  path.string());
    }
  }
}

namespace {

class SystemFileLock final : public FileLock {
 public:
  explicit SystemFileLock(FileDescriptor fd) : fd_(std::move(fd)) {}

 private:
  FileDescriptor fd_;  // closing it gives the lock back
};

Result<std::unique_ptr<PendingFile>> Begin(const fs::path& path, mode_t mode) {
  static std::atomic<std::uint64_t> counter{0};
  fs::path temporary = path;
  temporary.replace_filename(fmt::format(".{}.{}-{}.tmp", path.filename().string().substr(0, 100),
                                         ::getpid(), counter.fetch_add(1)));
  // O_EXCL refuses a planted link.
  FileDescriptor fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (fd.get() < 0) return FailErrno("create a file for", path, errno);
  return std::make_unique<SystemPendingFile>(std::move(fd), std::move(temporary), path);
}

std::int64_t Nanoseconds(const timespec& time) {
  constexpr std::int64_t kPerSecond = 1'000'000'000;
  return static_cast<std::int64_t>(time.tv_sec) * kPerSecond + time.tv_nsec;
}

}  // namespace

// 0666 minus the umask, as for any file that a tool writes.
Result<std::unique_ptr<PendingFile>> SystemFileSystem::Create(const fs::path& path) {
  return Begin(path, 0666);
}

Result<std::unique_ptr<PendingFile>> SystemFileSystem::CreatePrivate(const fs::path& path) {
  return Begin(path, 0600);
}

Result<std::unique_ptr<FileLock>> SystemFileSystem::Lock(const fs::path& path, LockKind kind,
                                                         IfLocked if_locked) {
  int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0 && errno == ENOENT) {
    opened = ::open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0666);
  }
  FileDescriptor fd(opened);
  if (fd.get() < 0) return FailErrno("open for locking", path, errno);
  const int operation = (kind == LockKind::kShared ? LOCK_SH : LOCK_EX) |
                        (if_locked == IfLocked::kFail ? LOCK_NB : 0);
  while (::flock(fd.get(), operation) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) {
      return Fail("file.locked", "another process is using it", path.string(),
                  "wait until it has ended");
    }
    return FailErrno("lock", path, errno);
  }
  return std::make_unique<SystemFileLock>(std::move(fd));
}

Result<void> SystemFileSystem::CreateDirectories(const fs::path& path) {
  std::error_code code;
  fs::create_directories(path, code);
  if (code) return FailErrno("create the directory", path, code.value());
  return {};
}

Result<FileInfo> SystemFileSystem::Stat(const fs::path& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) return FailErrno("stat", path, errno);
  FileInfo::Kind kind = FileInfo::Kind::kOther;
  if (S_ISREG(info.st_mode)) kind = FileInfo::Kind::kRegular;
  if (S_ISDIR(info.st_mode)) kind = FileInfo::Kind::kDirectory;
  if (S_ISLNK(info.st_mode)) kind = FileInfo::Kind::kSymlink;
  return FileInfo{.kind = kind,
                  .size = static_cast<std::uint64_t>(info.st_size),
                  .modified = Nanoseconds(info.st_mtim),
                  .changed = Nanoseconds(info.st_ctim),
                  .inode = info.st_ino};
}

Result<fs::path> SystemFileSystem::Canonical(const fs::path& path) {
  std::error_code code;
  fs::path canonical = fs::canonical(path, code);
  if (code) return FailErrno("find", path, code.value());
  return canonical;
}

Result<std::vector<std::string>> SystemFileSystem::List(const fs::path& path) {
  std::error_code code;
  std::vector<std::string> names;
  for (fs::directory_iterator it(path, code), end; !code && it != end; it.increment(code)) {
    names.push_back(it->path().filename().string());
  }
  if (code) return FailErrno("list", path, code.value());
  std::ranges::sort(names);
  return names;
}

Result<void> SystemFileSystem::Rename(const fs::path& from, const fs::path& to) {
  struct stat from_info{};
  struct stat to_info{};
  const bool both_directories = ::lstat(from.c_str(), &from_info) == 0 &&
                                ::lstat(to.c_str(), &to_info) == 0 && S_ISDIR(from_info.st_mode) &&
                                S_ISDIR(to_info.st_mode);
  const unsigned flags = both_directories ? RENAME_EXCHANGE : 0;
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) != 0) {
    return FailErrno("rename into place", to, errno);
  }
  return SyncDirectory(to.parent_path());
}

Result<void> SystemFileSystem::RemoveAll(const fs::path& path) {
  std::error_code code;
  fs::remove_all(path, code);
  if (code) return FailErrno("remove", path, code.value());
  return {};
}

Result<void> WriteFile(FileSystem& files, const fs::path& path, std::string_view bytes) {
  PULLPROOF_ASSIGN_OR_RETURN(const auto file, files.Create(path));
  PULLPROOF_RETURN_IF_ERROR(file->Append(bytes));
  return file->Commit();
}

Result<TemporaryDirectory> TemporaryDirectory::Create(std::string_view prefix) {
  std::error_code code;
  const fs::path base = fs::temp_directory_path(code);
  if (code) return FailErrno("find the temporary directory", base, code.value());
  std::string name = (base / fmt::format("{}-XXXXXX", prefix)).string();
  if (::mkdtemp(name.data()) == nullptr) {
    return FailErrno("create a temporary directory in", base, errno);
  }
  return TemporaryDirectory(fs::path(name));
}

TemporaryDirectory::TemporaryDirectory(TemporaryDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})), keep_(other.keep_) {}

TemporaryDirectory::~TemporaryDirectory() {
  if (path_.empty() || keep_) return;
  std::error_code ignored;  // nothing can be done about it here
  fs::remove_all(path_, ignored);
}

}  // namespace pullproof
