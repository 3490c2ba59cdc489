#include "resolver/cache/cache.h"

#include <utility>

namespace pullproof::resolver::cache {
namespace {

std::string_view DirectoryOf(Shelf shelf) {
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

Cache::Cache(FileSystem& files, std::filesystem::path root)
    : files_(files), root_(std::move(root)) {}

std::filesystem::path Cache::PathOf(Shelf shelf, const oci::Digest& digest) const {
  return root_ / "registry" / DirectoryOf(shelf) / digest.ToString();
}

Result<bool> Cache::Has(Shelf shelf, const oci::Digest& digest) const {
  return IsIntact(files_, PathOf(shelf, digest), digest);
}

Result<std::optional<std::string>> Cache::Read(Shelf shelf, const oci::Digest& digest,
                                               std::uint64_t max_bytes) const {
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
  return files_.Create(path);
}

Result<void> Cache::Put(Shelf shelf, const oci::Digest& digest, std::string_view bytes) const {
  PULLPROOF_RETURN_IF_ERROR(Verify(digest, bytes));
  PULLPROOF_ASSIGN_OR_RETURN(const auto file, Begin(shelf, digest));
  PULLPROOF_RETURN_IF_ERROR(file->Append(bytes));
  return file->Commit();
}

}  // namespace pullproof::resolver::cache
