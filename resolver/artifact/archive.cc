#include "resolver/artifact/archive.h"

#include <memory>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "resolver/artifact/path.h"

namespace pullproof::resolver::artifact {
namespace {

struct FreeArchive {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
using ArchiveHandle = std::unique_ptr<archive, FreeArchive>;

class ArchiveReader {
 public:
  ArchiveReader(std::string_view name, const ArchiveLimits& limits)
      : name_(name), limits_(limits), handle_(archive_read_new()) {}

  Result<void> Open(std::string_view bytes) {
    if (handle_ == nullptr || archive_read_support_filter_gzip(handle_.get()) != ARCHIVE_OK ||
        archive_read_support_format_tar(handle_.get()) != ARCHIVE_OK ||
        archive_read_open_memory(handle_.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
      return Damaged();
    }
    return {};
  }

  // The next entry; null after the last one.
  Result<archive_entry*> Next() {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(handle_.get(), &entry);
    if (status == ARCHIVE_EOF) return nullptr;
    // A warning is a name in a character set that this process does not know: it is refused below.
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return Damaged();
    if (++entries_ > limits_.max_entries) {
      return Limit(fmt::format("more than {} entries", limits_.max_entries));
    }
    return entry;
  }

  // Empty for a directory, which needs no name of its own.
  Result<std::string> PathOf(archive_entry* entry) const {
    const char* text = archive_entry_pathname_utf8(entry);
    if (text == nullptr) text = archive_entry_pathname(entry);
    if (text == nullptr) return Refuse("an entry whose name cannot be read");
    std::string_view path = text;
    while (path.starts_with("./")) path.remove_prefix(2);
    if (archive_entry_hardlink(entry) != nullptr) {
      return Refuse(fmt::format("\"{}\" is a hard link", path));
    }
    const auto type = archive_entry_filetype(entry);
    if (type == AE_IFDIR) {
      if (path.ends_with('/')) path.remove_suffix(1);
      if (!path.empty() && path != ".") PULLPROOF_RETURN_IF_ERROR(CheckRelativePath(path, name_));
      return std::string();
    }
    if (type != AE_IFREG) {
      return Refuse(fmt::format("\"{}\" is {}", path,
                                type == AE_IFLNK ? "a symbolic link" : "a device, FIFO or socket"));
    }
    PULLPROOF_RETURN_IF_ERROR(CheckRelativePath(path, name_));
    return std::string(path);
  }

  Result<std::string> Content() {
    constexpr std::size_t kChunk = std::size_t{1} << 16;
    std::string content;
    while (true) {
      const std::size_t offset = content.size();
      content.resize(offset + kChunk);
      const la_ssize_t count = archive_read_data(handle_.get(), content.data() + offset, kChunk);
      if (count < 0) return Damaged();
      content.resize(offset + static_cast<std::size_t>(count));
      total_ += static_cast<std::uint64_t>(count);
      if (content.size() > limits_.max_file_bytes) {
        return Limit(fmt::format("a file of more than {} bytes", limits_.max_file_bytes));
      }
      if (total_ > limits_.max_total_bytes) {
        return Limit(fmt::format("more than {} bytes in all", limits_.max_total_bytes));
      }
      if (count == 0) return content;
    }
  }

 private:
  [[nodiscard]] std::unexpected<Error> Damaged() const {
    const char* why = handle_ == nullptr ? nullptr : archive_error_string(handle_.get());
    return Fail("archive.syntax",
                fmt::format("the archive cannot be read: {}", why == nullptr ? "no memory" : why),
                std::string(name_), "the layer must be a gzip-compressed tar");
  }
  [[nodiscard]] std::unexpected<Error> Refuse(std::string message) const {
    return Fail("archive.entry", std::move(message), std::string(name_),
                "an archive layer may hold regular files and directories only");
  }
  [[nodiscard]] std::unexpected<Error> Limit(std::string message) const {
    return Fail("limit.archive", "the archive holds " + std::move(message), std::string(name_));
  }

  std::string_view name_;
  const ArchiveLimits& limits_;
  ArchiveHandle handle_;
  std::size_t entries_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace

Result<void> ReadArchive(
    std::string_view bytes, std::string_view name, const ArchiveLimits& limits,
    const std::function<Result<void>(std::string_view path, std::string_view bytes)>& take) {
  ArchiveReader reader(name, limits);
  PULLPROOF_RETURN_IF_ERROR(reader.Open(bytes));
  while (true) {
    PULLPROOF_ASSIGN_OR_RETURN(archive_entry* const entry, reader.Next());
    if (entry == nullptr) return {};
    PULLPROOF_ASSIGN_OR_RETURN(const std::string path, reader.PathOf(entry));
    if (path.empty()) continue;
    PULLPROOF_ASSIGN_OR_RETURN(const std::string content, reader.Content());
    PULLPROOF_RETURN_IF_ERROR(take(path, content));
  }
}

}  // namespace pullproof::resolver::artifact
