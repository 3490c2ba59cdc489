#include "mockregistry/content/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::mockregistry::content {
namespace {

// `docker save` lets a layer be a link to another's file; no chain is longer than two.
constexpr int kMaxLinks = 8;

struct Free {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
using Handle = std::unique_ptr<archive, Free>;

std::unexpected<Error> Broken(std::string_view why) {
  return Fail("content.layout", fmt::format("the archive cannot be read: {}", why), {},
              "it must be a tar, plain or compressed with gzip or zstd");
}

std::string_view ReasonOf(archive* handle) {
  const char* reason = archive_error_string(handle);
  return reason != nullptr ? reason : "no reason given";
}

// The path without empty parts and dots; nullopt when it is absolute or climbs out. "a/../b" is
// "b": links are written so.
std::optional<std::string> Inside(std::string_view path) {
  if (path.starts_with('/')) return std::nullopt;
  std::vector<std::string_view> parts;
  for (const std::string_view part : Split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.empty()) {
      return std::nullopt;
    } else {
      parts.pop_back();
    }
  }
  return fmt::format("{}", fmt::join(parts, "/"));
}

std::string_view DirectoryOf(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash + 1);
}

// Where the entry leads, from the archive's root; nullopt for one that is no link.
std::optional<std::string> LinkOf(archive_entry* entry, std::string_view path) {
  if (const char* target = archive_entry_hardlink(entry)) return target;
  const char* target = archive_entry_symlink(entry);
  if (target == nullptr) return std::nullopt;
  const std::string_view directory = *target == '/' ? std::string_view() : DirectoryOf(path);
  return std::string(directory).append(target);
}

Result<std::string> ReadFile(archive* handle, std::uint64_t max_bytes) {
  constexpr std::size_t kPiece = std::size_t{64} << 10;
  std::string bytes;
  std::array<char, kPiece> piece;
  while (true) {
    const la_ssize_t count = archive_read_data(handle, piece.data(), piece.size());
    if (count == 0) return bytes;
    if (count < 0) return Broken(ReasonOf(handle));
    // Before it is kept, and whatever the header says: a few bytes can unpack to any number.
    if (static_cast<std::uint64_t>(count) > max_bytes - bytes.size()) {
      return Fail("content.layout", "the files in the archive take more memory than a fixture may",
                  {}, "export less, or serve it from a registry that stores on disk");
    }
    bytes.append(piece.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

bool LooksLikeArchive(std::string_view bytes) {
  constexpr std::size_t kMagicAt = 257;  // POSIX.1-2017, pax, "ustar Interchange Format"
  if (bytes.starts_with("\x1F\x8B") || bytes.starts_with("\x28\xB5\x2F\xFD")) return true;
  return bytes.size() > kMagicAt && bytes.substr(kMagicAt).starts_with("ustar");
}

Result<Archive> Archive::Read(std::string_view bytes, std::uint64_t max_bytes) {
  const Handle handle(archive_read_new());
  // Some builds of libarchive lack it; then such an archive is one that cannot be read.
  if (handle != nullptr) archive_read_support_filter_zstd(handle.get());
  if (handle == nullptr || archive_read_support_filter_gzip(handle.get()) != ARCHIVE_OK ||
      archive_read_support_format_tar(handle.get()) != ARCHIVE_OK ||
      archive_read_open_memory(handle.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
    return Broken(handle != nullptr ? ReasonOf(handle.get()) : "there is no memory");
  }
  Archive result;
  for (std::size_t count = 0;; ++count) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(handle.get(), &entry);
    if (status == ARCHIVE_EOF) return result;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return Broken(ReasonOf(handle.get()));
    if (count == kMaxArchiveEntries) {
      return Broken(fmt::format("it has more than {} entries", kMaxArchiveEntries));
    }
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr) return Broken("it has an entry whose name is no text");
    const std::optional<std::string> path = Inside(name);
    if (!path) return Broken(fmt::format("its entry `{}` leaves it", Printable(name)));
    Entry kept;
    if (const std::optional<std::string> link = LinkOf(entry, *path)) {
      const std::optional<std::string> target = Inside(*link);
      if (!target) return Broken(fmt::format("its link `{}` leaves it", Printable(name)));
      kept.link = *target;
    } else if (archive_entry_filetype(entry) == AE_IFREG) {
      PULLPROOF_ASSIGN_OR_RETURN(std::string file,
                                 ReadFile(handle.get(), max_bytes - result.size_));
      result.size_ += file.size();
      kept.file = FromString(std::move(file));
    } else {
      continue;
    }
    result.entries_.insert_or_assign(*path, std::move(kept));
  }
}

Bytes Archive::Find(std::string_view path) const {
  std::string_view at = path;
  for (int links = 0; links <= kMaxLinks; ++links) {
    const auto found = entries_.find(at);
    if (found == entries_.end()) return nullptr;
    if (found->second.file != nullptr) return found->second.file;
    at = found->second.link;
  }
  return nullptr;
}

}  // namespace pullproof::mockregistry::content
