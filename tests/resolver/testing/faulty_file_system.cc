#include "tests/resolver/testing/faulty_file_system.h"

#include <csignal>
#include <utility>

#include "base/file_batch.h"

namespace pullproof::resolver::testing {
namespace {

// In steps, too: each of them can fail, and be the last.
class FaultyPendingFile final : public PendingFile, public CommitInSteps {
 public:
  FaultyPendingFile(std::unique_ptr<PendingFile> file, FaultyFileSystem& files)
      : file_(std::move(file)),
        steps_(dynamic_cast<CommitInSteps&>(*file_)),  // as the system's own files are
        files_(files) {}

  Result<void> Append(std::string_view bytes) override {
    PULLPROOF_RETURN_IF_ERROR(files_.Count());
    return file_->Append(bytes);
  }
  Result<void> Commit() override {
    PULLPROOF_RETURN_IF_ERROR(files_.Count());
    return file_->Commit();
  }
  Result<void> Flush() override {
    PULLPROOF_RETURN_IF_ERROR(files_.Count());
    return steps_.Flush();
  }
  Result<void> Name() override {
    PULLPROOF_RETURN_IF_ERROR(files_.Count());
    return steps_.Name();
  }
  Result<void> FlushDirectory() override {
    PULLPROOF_RETURN_IF_ERROR(files_.Count());
    return steps_.FlushDirectory();
  }
  [[nodiscard]] std::filesystem::path Directory() const override { return steps_.Directory(); }

 private:
  std::unique_ptr<PendingFile> file_;
  CommitInSteps& steps_;
  FaultyFileSystem& files_;
};

}  // namespace

void FaultyFileSystem::FailAt(std::size_t n) {
  operations_ = 0;
  fail_at_ = n;
  failed_ = false;
  kills_ = false;
}

void FaultyFileSystem::KillAt(std::size_t n) {
  FailAt(n);
  kills_ = true;
}

Result<void> FaultyFileSystem::Count() {
  if (operations_.fetch_add(1) != fail_at_) return {};
  if (kills_) ::raise(SIGKILL);
  failed_ = true;
  return Fail("file.no-space", "no space left on the device", "somewhere");
}

Result<std::string> FaultyFileSystem::Read(const std::filesystem::path& path,
                                           std::uint64_t max_bytes) {
  PULLPROOF_RETURN_IF_ERROR(Count());
  return system_.Read(path, max_bytes);
}
Result<void> FaultyFileSystem::ReadPieces(
    const std::filesystem::path& path, const std::function<Result<void>(std::string_view)>& sink) {
  PULLPROOF_RETURN_IF_ERROR(Count());
  return system_.ReadPieces(path, sink);
}
Result<std::unique_ptr<PendingFile>> FaultyFileSystem::Create(const std::filesystem::path& path) {
  PULLPROOF_RETURN_IF_ERROR(Count());
  PULLPROOF_ASSIGN_OR_RETURN(auto file, system_.Create(path));
  return std::make_unique<FaultyPendingFile>(std::move(file), *this);
}
Result<std::unique_ptr<PendingFile>> FaultyFileSystem::CreatePrivate(
    const std::filesystem::path& path) {
  PULLPROOF_RETURN_IF_ERROR(Count());
  PULLPROOF_ASSIGN_OR_RETURN(auto file, system_.CreatePrivate(path));
  return std::make_unique<FaultyPendingFile>(std::move(file), *this);
}
Result<std::unique_ptr<FileLock>> FaultyFileSystem::Lock(const std::filesystem::path& path,
                                                         LockKind kind, IfLocked if_locked) {
  PULLPROOF_RETURN_IF_ERROR(Count());
  return system_.Lock(path, kind, if_locked);
}
Result<void> FaultyFileSystem::CreateDirectories(const std::filesystem::path& path) {
  PULLPROOF_RETURN_IF_ERROR(Count());
  return system_.CreateDirectories(path);
}
Result<FileInfo> FaultyFileSystem::Stat(const std::filesystem::path& path) {
  PULLPROOF_RETURN_IF_ERROR(Count());
  return system_.Stat(path);
}
Result<std::filesystem::path> FaultyFileSystem::Canonical(const std::filesystem::path& path) {
  PULLPROOF_RETURN_IF_ERROR(Count());
  return system_.Canonical(path);
}
Result<std::vector<std::string>> FaultyFileSystem::List(const std::filesystem::path& path) {
  PULLPROOF_RETURN_IF_ERROR(Count());
  return system_.List(path);
}
Result<void> FaultyFileSystem::Rename(const std::filesystem::path& from,
                                      const std::filesystem::path& to) {
  PULLPROOF_RETURN_IF_ERROR(Count());
  return system_.Rename(from, to);
}
Result<void> FaultyFileSystem::RemoveAll(const std::filesystem::path& path) {
  if (kills_) PULLPROOF_RETURN_IF_ERROR(Count());
  return system_.RemoveAll(path);
}

}  // namespace pullproof::resolver::testing
