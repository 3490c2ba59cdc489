#include "mockregistry/content/layout_files.h"

#include <utility>

#include "mockregistry/content/archive.h"
#include "mockregistry/content/file_blob.h"

namespace pullproof::mockregistry::content {
namespace {

namespace fs = std::filesystem;

class InDirectory final : public LayoutFiles {
 public:
  InDirectory(FileSystem& files, const fs::path& directory, std::string path,
              std::uint64_t& memory_left)
      : files_(files), directory_(directory), path_(std::move(path)), memory_left_(memory_left) {}

  Result<Bytes> Read(const std::string& path) override {
    PULLPROOF_RETURN_IF_ERROR(CheckBeside(path));
    if (!files_.Stat(directory_ / path_ / path)) return Bytes();
    PULLPROOF_ASSIGN_OR_RETURN(std::string bytes,
                               ReadBeside(files_, directory_, path_ + "/" + path, memory_left_));
    memory_left_ -= bytes.size();
    return FromString(std::move(bytes));
  }

 private:
  FileSystem& files_;
  const fs::path& directory_;
  std::string path_;
  std::uint64_t& memory_left_;
};

class InArchive final : public LayoutFiles {
 public:
  explicit InArchive(Archive archive) : archive_(std::move(archive)) {}

  Result<Bytes> Read(const std::string& path) override { return archive_.Find(path); }

 private:
  Archive archive_;
};

}  // namespace

Result<std::unique_ptr<LayoutFiles>> LayoutFiles::Open(FileSystem& files, const fs::path& directory,
                                                       const std::string& path,
                                                       std::uint64_t& memory_left) {
  // Before anything outside is looked at.
  PULLPROOF_RETURN_IF_ERROR(CheckBeside(path));
  const Result<FileInfo> info = files.Stat(directory / path);
  if (info && info->kind == FileInfo::Kind::kDirectory) {
    return std::make_unique<InDirectory>(files, directory, path, memory_left);
  }
  PULLPROOF_ASSIGN_OR_RETURN(const std::string bytes,
                             ReadBeside(files, directory, path, memory_left));
  PULLPROOF_ASSIGN_OR_RETURN(Archive archive, Archive::Read(bytes, memory_left));
  memory_left -= archive.size();
  return std::make_unique<InArchive>(std::move(archive));
}

}  // namespace pullproof::mockregistry::content
