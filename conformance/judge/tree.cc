#include "conformance/judge/tree.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::conformance::judge {
namespace {

class Lister {
 public:
  Lister(FileSystem& files, std::filesystem::path root, std::span<const std::string> except)
      : files_(files), root_(std::move(root)), except_(except) {}

  Result<void> Add(const std::string& relative, std::size_t depth) {
    if (depth > kMaxTreeDepth) {
      return Fail("limit.depth", fmt::format("more than {} directories deep", kMaxTreeDepth),
                  root_.string());
    }
    const std::filesystem::path directory = relative.empty() ? root_ : root_ / relative;
    PULLPROOF_ASSIGN_OR_RETURN(const std::vector<std::string> names, files_.List(directory));
    for (const std::string& name : names) {
      const std::string path = relative.empty() ? name : relative + "/" + name;
      PULLPROOF_ASSIGN_OR_RETURN(const FileInfo info, files_.Stat(root_ / path));
      if (info.kind == FileInfo::Kind::kDirectory) {
        if (std::ranges::find(except_, path) != except_.end()) continue;
        PULLPROOF_RETURN_IF_ERROR(Add(path, depth + 1));
      } else {
        PULLPROOF_RETURN_IF_ERROR(AddFile(path, info));
      }
    }
    return {};
  }

  Tree Take() {
    std::ranges::sort(tree_, {}, &StoredFile::path);
    return std::move(tree_);
  }

 private:
  Result<void> AddFile(const std::string& path, const FileInfo& info) {
    if (tree_.size() == kMaxTreeFiles) {
      return Fail("limit.files", fmt::format("more than {} files", kMaxTreeFiles), root_.string());
    }
    StoredFile file{.path = path, .kind = info.kind, .size = info.size};
    if (info.kind == FileInfo::Kind::kRegular) PULLPROOF_RETURN_IF_ERROR(AddDigests(file));
    tree_.push_back(std::move(file));
    return {};
  }

  Result<void> AddDigests(StoredFile& file) {
    oci::Hasher sha256;
    file.named = DigestNamedBy(file.path);
    oci::Hasher as_named(file.named ? file.named->algorithm() : oci::Algorithm::kSha256);
    PULLPROOF_RETURN_IF_ERROR(
        files_.ReadPieces(root_ / file.path, [&](std::string_view piece) -> Result<void> {
          bytes_ += piece.size();
          if (bytes_ > kMaxTreeBytes) {
            return Fail("limit.bytes", fmt::format("more than {} bytes", kMaxTreeBytes),
                        root_.string());
          }
          sha256.Update(piece);
          if (file.named) as_named.Update(piece);
          return {};
        }));
    file.sha256 = sha256.Finish();
    file.is_as_named = !file.named || as_named.Finish() == *file.named;
    return {};
  }

  FileSystem& files_;
  std::filesystem::path root_;
  std::span<const std::string> except_;
  Tree tree_;
  std::uint64_t bytes_ = 0;  // of all files so far
};

}  // namespace

Result<Tree> ListTree(FileSystem& files, const std::filesystem::path& directory,
                      std::span<const std::string> except) {
  if (const Result<FileInfo> info = files.Stat(directory); !info) {
    if (info.error().id == "file.not-found") return Tree{};
    return std::unexpected(info.error());
  }
  Lister lister(files, directory, except);
  PULLPROOF_RETURN_IF_ERROR(lister.Add("", 0));
  return lister.Take();
}

std::optional<oci::Digest> DigestNamedBy(std::string_view path) {
  const std::vector<std::string_view> segments = Split(path, '/');
  const std::size_t last = segments.size() - 1;
  Result<oci::Digest> digest = oci::Digest::Parse(segments[last]);
  if (!digest && segments.size() >= 3 && segments[last - 2] == "blobs") {
    digest = oci::Digest::Parse(fmt::format("{}:{}", segments[last - 1], segments[last]));
  }
  if (!digest) return std::nullopt;
  return *std::move(digest);
}

std::vector<std::string> DescribeChanges(const Tree& before, const Tree& after) {
  std::vector<std::string> changes;
  for (const StoredFile& file : after) {
    const auto old = std::ranges::find(before, file.path, &StoredFile::path);
    if (old == before.end()) {
      changes.push_back(fmt::format("`{}` was created", file.path));
    } else if (*old != file) {
      changes.push_back(fmt::format("`{}` was changed", file.path));
    }
  }
  for (const StoredFile& file : before) {
    if (std::ranges::find(after, file.path, &StoredFile::path) == after.end()) {
      changes.push_back(fmt::format("`{}` was removed", file.path));
    }
  }
  return changes;
}

}  // namespace pullproof::conformance::judge
