#include "resolver/cache/cache.h"

#include <utility>

#include <fmt/format.h>

namespace pullproof::resolver::cache {
namespace {

// Longer than the tick of any file system's clock (ext4: 4 ms; FAT: 2 s).
constexpr std::int64_t kSettled = 3'000'000'000;
constexpr std::size_t kMaxNoteBytes = 200;

std::string_view NameOf(Shelf shelf) {
  switch (shelf) {
    case Shelf::kWasm:
      return "wasm";
    case Shelf::kData:
      return "data";
    case Shelf::kManifests:
      return "manifests";
  }
  return {};
}

std::string NoteFor(const FileInfo& entry) {
  return fmt::format("{} {} {} {}\n", entry.size, entry.modified, entry.changed, entry.inode);
}

Result<void> Verify(const oci::Digest& digest, std::string_view bytes) {
  oci::Verifier verifier(digest);
  PULLPROOF_RETURN_IF_ERROR(verifier.Update(bytes));
  return verifier.Finish();
}

}  // namespace

Result<bool> IsIntact(FileSystem& files, const std::filesystem::path& path,
                      const oci::Digest& digest, std::optional<std::uint64_t> size) {
  oci::Verifier verifier(digest, size);
  Result<void> fits;  // told apart from an error of the file system
  const auto read = files.ReadPieces(path, [&](std::string_view piece) -> Result<void> {
    fits = verifier.Update(piece);
    return fits;
  });
  if (read) return verifier.Finish().has_value();
  if (!fits || read.error().id == "file.not-found") return false;
  return std::unexpected(read.error());
}

std::filesystem::path DirectoryOf(const std::filesystem::path& root, Shelf shelf) {
  return root / "registry" / NameOf(shelf);
}

Cache::Cache(FileSystem& files, std::filesystem::path root, Trust trust)
    : files_(files), root_(std::move(root)), trust_(trust) {}

// What cannot be committed is not there, and is fetched again by the next run.
Cache::~Cache() { static_cast<void>(Flush()); }

Result<void> Cache::Hold() const {
  const std::scoped_lock lock(mutex_);
  if (held_) return {};
  auto held = files_.Lock(root_ / kLockName, LockKind::kShared, IfLocked::kWait);
  if (held) {
    lock_ = *std::move(held);
  } else if (held.error().id == "file.not-found") {
    return {};  // there is no cache yet
  } else if (held.error().id != "file.permission") {
    return std::unexpected(std::move(held).error());
  }
  held_ = true;
  return {};
}

std::filesystem::path Cache::NoteOf(Shelf shelf, const oci::Digest& digest) const {
  return root_ / "verified" / NameOf(shelf) / digest.ToString();
}

Result<bool> Cache::IsNoted(const std::filesystem::path& note, const FileInfo& entry) const {
  const auto text = files_.Read(note, kMaxNoteBytes);
  if (!text && (text.error().id == "file.not-found" || text.error().id == "limit.bytes")) {
    return false;
  }
  if (!text) return std::unexpected(text.error());
  PULLPROOF_ASSIGN_OR_RETURN(const FileInfo info, files_.Stat(note));
  // Both times are the file system's own: no other clock has to agree with it.
  return *text == NoteFor(entry) && info.modified - entry.changed > kSettled;
}

std::filesystem::path Cache::PathOf(Shelf shelf, const oci::Digest& digest) const {
  return DirectoryOf(root_, shelf) / digest.ToString();
}

Result<bool> Cache::Has(Shelf shelf, const oci::Digest& digest) const {
  PULLPROOF_RETURN_IF_ERROR(Hold());
  const std::filesystem::path path = PathOf(shelf, digest);
  PULLPROOF_RETURN_IF_ERROR(FlushIfKept(path));
  const auto before = files_.Stat(path);
  if (!before && before.error().id == "file.not-found") return false;
  if (!before) return std::unexpected(before.error());
  if (before->kind != FileInfo::Kind::kRegular) return false;
  const bool notes = trust_ == Trust::kNotes && before->size >= kNotedFrom;
  const std::filesystem::path note = NoteOf(shelf, digest);
  if (notes) {
    PULLPROOF_ASSIGN_OR_RETURN(const bool noted, IsNoted(note, *before));
    if (noted) return true;
  }
  PULLPROOF_ASSIGN_OR_RETURN(const bool intact, IsIntact(files_, path, digest));
  if (intact && notes && files_.CreateDirectories(note.parent_path())) {
    // Of the file that was hashed, not of one that took its place. A note that cannot be kept is
    // missed by nobody.
    static_cast<void>(WriteFile(files_, note, NoteFor(*before)));
  }
  return intact;
}

Result<std::optional<std::string>> Cache::Read(Shelf shelf, const oci::Digest& digest,
                                               std::uint64_t max_bytes) const {
  PULLPROOF_RETURN_IF_ERROR(Hold());
  PULLPROOF_RETURN_IF_ERROR(FlushIfKept(PathOf(shelf, digest)));
  auto bytes = files_.Read(PathOf(shelf, digest), max_bytes);
  if (!bytes) {
    if (bytes.error().id == "file.not-found" || bytes.error().id == "limit.bytes") {
      return std::nullopt;
    }
    return std::unexpected(std::move(bytes).error());
  }
  if (!Verify(digest, *bytes)) return std::nullopt;
  return *std::move(bytes);
}

Result<std::unique_ptr<PendingFile>> Cache::Begin(Shelf shelf, const oci::Digest& digest) const {
  const std::filesystem::path path = PathOf(shelf, digest);
  PULLPROOF_RETURN_IF_ERROR(files_.CreateDirectories(path.parent_path()));
  PULLPROOF_RETURN_IF_ERROR(Hold());
  return files_.Create(path);
}

Result<void> Cache::Keep(Shelf shelf, const oci::Digest& digest,
                         std::unique_ptr<PendingFile> entry) const {
  const std::scoped_lock lock(batch_mutex_);
  // Two of one name are the same bytes.
  if (!kept_.insert(PathOf(shelf, digest)).second) return {};
  auto added = batch_.Add(std::move(entry));
  if (batch_.empty()) kept_.clear();
  return added;
}

Result<void> Cache::Keep(Shelf shelf, const oci::Digest& digest, std::string_view bytes) const {
  PULLPROOF_RETURN_IF_ERROR(Verify(digest, bytes));
  PULLPROOF_ASSIGN_OR_RETURN(auto file, Begin(shelf, digest));
  PULLPROOF_RETURN_IF_ERROR(file->Append(bytes));
  return Keep(shelf, digest, std::move(file));
}

Result<void> Cache::Flush() const {
  const std::scoped_lock lock(batch_mutex_);
  kept_.clear();
  return batch_.Commit();
}

Result<void> Cache::FlushIfKept(const std::filesystem::path& path) const {
  const std::scoped_lock lock(batch_mutex_);
  if (!kept_.contains(path)) return {};
  kept_.clear();
  return batch_.Commit();
}

Result<void> Cache::Put(Shelf shelf, const oci::Digest& digest, std::string_view bytes) const {
  PULLPROOF_RETURN_IF_ERROR(Verify(digest, bytes));
  PULLPROOF_ASSIGN_OR_RETURN(const auto file, Begin(shelf, digest));
  PULLPROOF_RETURN_IF_ERROR(file->Append(bytes));
  return file->Commit();
}

}  // namespace pullproof::resolver::cache
