#include "resolver/cache/inventory.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

namespace pullproof::resolver::cache {
namespace {

namespace fs = std::filesystem;

constexpr std::array<Shelf, 3> kShelves = {Shelf::kWasm, Shelf::kData, Shelf::kManifests};

// The names on a shelf; none when there is no shelf.
Result<std::vector<std::string>> NamesOn(FileSystem& files, const fs::path& shelf) {
  auto names = files.List(shelf);
  if (!names && names.error().id == "file.not-found") return std::vector<std::string>();
  return names;
}

// As base/file.cc names what is not committed yet.
bool IsUnfinished(std::string_view name) { return name.starts_with('.') && name.ends_with(".tmp"); }

Result<std::size_t> RemoveUnfinished(FileSystem& files, const fs::path& root, bool dry_run) {
  std::size_t count = 0;
  for (const Shelf shelf : kShelves) {
    const fs::path directory = DirectoryOf(root, shelf);
    PULLPROOF_ASSIGN_OR_RETURN(const auto names, NamesOn(files, directory));
    for (const std::string& name : names) {
      if (!IsUnfinished(name)) continue;
      ++count;
      if (!dry_run) PULLPROOF_RETURN_IF_ERROR(files.RemoveAll(directory / name));
    }
  }
  return count;
}

}  // namespace

Result<std::vector<Entry>> ListEntries(FileSystem& files, const fs::path& root) {
  std::vector<Entry> entries;
  for (const Shelf shelf : kShelves) {
    const fs::path directory = DirectoryOf(root, shelf);
    PULLPROOF_ASSIGN_OR_RETURN(const auto names, NamesOn(files, directory));
    for (const std::string& name : names) {
      auto digest = oci::Digest::Parse(name);
      if (!digest) continue;
      const auto info = files.Stat(directory / name);
      if (!info && info.error().id == "file.not-found") continue;  // it went meanwhile
      if (!info) return std::unexpected(info.error());
      if (info->kind != FileInfo::Kind::kRegular) continue;
      entries.push_back({.shelf = shelf,
                         .digest = *std::move(digest),
                         .size = info->size,
                         .written = info->modified,
                         .path = directory / name});
    }
  }
  return entries;
}

Result<std::vector<Entry>> FindDamaged(FileSystem& files, const fs::path& root, bool remove) {
  PULLPROOF_ASSIGN_OR_RETURN(auto entries, ListEntries(files, root));
  std::vector<Entry> damaged;
  for (Entry& entry : entries) {
    PULLPROOF_ASSIGN_OR_RETURN(const bool intact,
                               IsIntact(files, entry.path, entry.digest, entry.size));
    if (intact) continue;
    if (remove) PULLPROOF_RETURN_IF_ERROR(files.RemoveAll(entry.path));
    damaged.push_back(std::move(entry));
  }
  return damaged;
}

Result<GcReport> CollectGarbage(FileSystem& files, const Clock& clock, const fs::path& root,
                                const GcOptions& options) {
  GcReport report;
  const auto exists = files.Stat(root);
  if (!exists && exists.error().id == "file.not-found") return report;
  PULLPROOF_ASSIGN_OR_RETURN(const auto lock,
                             files.Lock(root / kLockName, LockKind::kExclusive, IfLocked::kFail));
  PULLPROOF_ASSIGN_OR_RETURN(report.unfinished, RemoveUnfinished(files, root, options.dry_run));
  PULLPROOF_ASSIGN_OR_RETURN(auto entries, ListEntries(files, root));
  std::ranges::stable_sort(entries, {}, &Entry::written);
  for (const Entry& entry : entries) report.kept_bytes += entry.size;
  const std::int64_t now =
      std::chrono::duration_cast<Duration>(clock.Wall().time_since_epoch()).count();
  for (Entry& entry : entries) {
    const bool too_old = options.max_age && now - entry.written > options.max_age->count();
    const bool too_much = options.max_bytes && report.kept_bytes > *options.max_bytes;
    if (!too_old && !too_much) continue;
    if (!options.dry_run) PULLPROOF_RETURN_IF_ERROR(files.RemoveAll(entry.path));
    report.kept_bytes -= entry.size;
    report.removed.push_back(std::move(entry));
  }
  return report;
}

}  // namespace pullproof::resolver::cache
