// The system's files, with one operation that fails.
#ifndef PULLPROOF_TESTS_RESOLVER_TESTING_FAULTY_FILE_SYSTEM_H_
#define PULLPROOF_TESTS_RESOLVER_TESTING_FAULTY_FILE_SYSTEM_H_

#include <atomic>
#include <cstddef>
#include <memory>

#include "base/file.h"

namespace pullproof::resolver::testing {

// Counts every operation, those on files that are being written included; the n-th (from 0) does
// nothing and is a full disk. Clean-up (RemoveAll) neither counts nor fails. Thread-safe.
class FaultyFileSystem final : public FileSystem {
 public:
  void FailAt(std::size_t n);
  // Instead of failing, the n-th operation ends the process as SIGKILL does; RemoveAll counts, too.
  void KillAt(std::size_t n);
  static constexpr std::size_t kNever = static_cast<std::size_t>(-1);
  // Since the last FailAt.
  [[nodiscard]] std::size_t operations() const { return operations_; }
  [[nodiscard]] bool Failed() const { return failed_; }

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

  // The error of the operation at hand, or nothing.
  Result<void> Count();

 private:
  SystemFileSystem system_;
  std::atomic<std::size_t> operations_{0};
  std::atomic<std::size_t> fail_at_{static_cast<std::size_t>(-1)};
  std::atomic<bool> failed_{false};
  std::atomic<bool> kills_{false};
};

}  // namespace pullproof::resolver::testing

#endif  // PULLPROOF_TESTS_RESOLVER_TESTING_FAULTY_FILE_SYSTEM_H_
