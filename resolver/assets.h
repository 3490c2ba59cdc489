// The assets directory, built beside its place and put there in one step.
#ifndef PULLPROOF_RESOLVER_ASSETS_H_
#define PULLPROOF_RESOLVER_ASSETS_H_

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "base/file.h"
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
  // that was killed is taken over. The file system is not owned.
  // Errors: assets.foreign if there is something at `assets` that no run put there; file.*.
  static Result<AssetStaging> Start(FileSystem& files, std::filesystem::path assets);
  ~AssetStaging();
  AssetStaging(AssetStaging&& other) noexcept;
  AssetStaging& operator=(AssetStaging&&) = delete;

  Result<void> AddDirectory(const std::filesystem::path& path);
  // `path` is relative and checked. Errors: digest.mismatch, artifact.not-wasm, file.*.
  Result<void> Add(const std::filesystem::path& path, const Asset& asset);

  // Exchanges the staged directory and what is at `assets`.
  Result<void> Place();
  // Takes Place back.
  Result<void> TakeBack();

 private:
  AssetStaging(FileSystem& files, std::filesystem::path assets, std::filesystem::path staging)
      : files_(&files), assets_(std::move(assets)), staging_(std::move(staging)) {}

  FileSystem* files_;
  std::filesystem::path assets_;
  std::filesystem::path staging_;
  bool replaced_ = false;                 // there was a directory at `assets_` before Place
  std::set<std::filesystem::path> made_;  // directories that need not be made again
};

// "file:///abs/path", percent-encoded as a URL parser would write it.
std::string FileUrl(const std::filesystem::path& path);

}  // namespace pullproof::resolver

#endif  // PULLPROOF_RESOLVER_ASSETS_H_
