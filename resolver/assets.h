// The assets directory, built beside its place, and put there together with the lock that names it.
//
// Two names cannot be changed in one step, and a process can be killed between any two. So the old
// lock is put aside first and the new one appears last: whenever there is a lock, the assets are
// those that it names. What a killed run has left is undone by the next one, from the names alone:
//
//   lock  .lock.previous  assets  .assets.previous       killed after
//   old   -               old     -                      nothing
//   -     old             old     -                      the lock was put aside
//   -     old             -       old                    the assets were put aside
//   -     old             new     old                    the new assets were put in their place
//   new   (old)           new     (old)                  the new lock, which is the end of it
#ifndef PULLPROOF_RESOLVER_ASSETS_H_
#define PULLPROOF_RESOLVER_ASSETS_H_

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "base/file.h"
#include "base/file_batch.h"
#include "oci/digest.h"

namespace pullproof::resolver {

// Under the assets directory, beside one directory per component id. No id has an underscore.
inline constexpr std::string_view kWasmDirectory = "_wasm";

// Bytes that are copied, or written as they are.
struct Asset {
  std::variant<std::filesystem::path, std::string> from;
  std::optional<oci::Digest> digest;  // what the bytes must hash to
  bool is_wasm = false;               // they must start as a Wasm binary does
};

// Not thread-safe. Destroyed before or after Place, it leaves nothing of its own behind.
class AssetStaging {
 public:
  // Starts an empty directory beside `assets`, which need not exist. One that was left by a run
  // that was killed is taken over; one of a run that goes on is waited for: until this is destroyed
  // the directory that `assets` is in is locked. The file system is not owned.
  // Errors: assets.foreign if there is something at `assets` that no run put there; file.*.
  static Result<AssetStaging> Start(FileSystem& files, std::filesystem::path assets);
  ~AssetStaging();
  AssetStaging(AssetStaging&& other) noexcept;
  AssetStaging& operator=(AssetStaging&&) = delete;

  Result<void> AddDirectory(const std::filesystem::path& path);
  // `path` is relative and checked. It has its name when the staged directory is put into place.
  // Errors: digest.mismatch, artifact.not-wasm, file.*.
  Result<void> Add(const std::filesystem::path& path, const Asset& asset);

  // Exchanges the staged directory and what is at `assets`, for a lock that stays as it is.
  Result<void> Place();
  // Puts the staged directory and the lock in their places, in the order above. `pending` is the
  // lock at `lock`, complete but for its Commit. On error everything is as it was.
  Result<void> Publish(const std::filesystem::path& lock, PendingFile& pending);

 private:
  AssetStaging(FileSystem& files, std::unique_ptr<FileLock> lock, std::filesystem::path assets,
               std::filesystem::path staging)
      : files_(&files),
        lock_(std::move(lock)),
        assets_(std::move(assets)),
        staging_(std::move(staging)) {}

  FileSystem* files_;
  std::unique_ptr<FileLock> lock_;
  std::filesystem::path assets_;
  std::filesystem::path staging_;
  bool replaced_ = false;                 // there was a directory at `assets_` at the start
  std::set<std::filesystem::path> made_;  // directories that need not be made again
  FileBatch batch_;                       // what was added, and has no name yet
};

// Undoes what a run that was killed while it published has left, so that the lock, if there is one,
// and the assets belong together. Does nothing where there is nothing to undo. Errors: file.*.
Result<void> RecoverOutputs(FileSystem& files, const std::filesystem::path& assets,
                            const std::filesystem::path& lock);

// "file:///abs/path", percent-encoded as a URL parser would write it.
std::string FileUrl(const std::filesystem::path& path);

}  // namespace pullproof::resolver

#endif  // PULLPROOF_RESOLVER_ASSETS_H_
