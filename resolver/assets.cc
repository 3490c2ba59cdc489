#include "resolver/assets.h"

#include <utility>

#include <fmt/format.h>

#include "resolver/manifest/identifier.h"

namespace pullproof::resolver {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWasmMagic{"\0asm", 4};

// Replacing a directory removes what is in it. Only one that looks like the work of an earlier run
// is replaced: a mistyped path must not cost anybody their files.
Result<bool> CheckReplaceable(FileSystem& files, const fs::path& assets) {
  const auto info = files.Stat(assets);
  if (!info && info.error().id == "file.not-found") return false;
  if (!info) return std::unexpected(info.error());
  const auto refuse = [&](std::string message) {
    return Fail("assets.foreign", std::move(message), assets.string(),
                "the assets directory is replaced as a whole; choose one of its own");
  };
  if (info->kind != FileInfo::Kind::kDirectory) return refuse("the assets are no directory");
  PULLPROOF_ASSIGN_OR_RETURN(const auto names, files.List(assets));
  for (const std::string& name : names) {
    PULLPROOF_ASSIGN_OR_RETURN(const FileInfo entry, files.Stat(assets / name));
    const bool is_ours = name == kWasmDirectory || manifest::CheckKebabId(name).has_value();
    if (is_ours && entry.kind == FileInfo::Kind::kDirectory) continue;
    return refuse(fmt::format("`{}` in the assets directory is not from an earlier run", name));
  }
  return true;
}

// Passes bytes on and looks at the first of them.
class WasmGate {
 public:
  void See(std::string_view bytes) {
    if (start_.size() < kWasmMagic.size()) {
      start_ += bytes.substr(0, kWasmMagic.size() - start_.size());
    }
  }
  [[nodiscard]] bool IsWasm() const { return start_ == kWasmMagic; }

 private:
  std::string start_;
};

}  // namespace

Result<AssetStaging> AssetStaging::Start(FileSystem& files, fs::path assets) {
  PULLPROOF_ASSIGN_OR_RETURN(const bool replaces, CheckReplaceable(files, assets));
  fs::path staging = assets;
  staging.replace_filename(fmt::format(".{}.staging", assets.filename().string()));
  PULLPROOF_RETURN_IF_ERROR(files.RemoveAll(staging));
  AssetStaging started(files, std::move(assets), staging);
  started.replaced_ = replaces;
  PULLPROOF_RETURN_IF_ERROR(files.CreateDirectories(staging));
  return started;
}

AssetStaging::AssetStaging(AssetStaging&& other) noexcept
    : files_(std::exchange(other.files_, nullptr)),
      assets_(std::move(other.assets_)),
      staging_(std::move(other.staging_)),
      replaced_(other.replaced_),
      made_(std::move(other.made_)) {}

AssetStaging::~AssetStaging() {
  // What cannot be removed here is taken over by the next run.
  if (files_ != nullptr) static_cast<void>(files_->RemoveAll(staging_));
}

Result<void> AssetStaging::AddDirectory(const fs::path& path) {
  if (!made_.insert(path).second) return {};
  return files_->CreateDirectories(staging_ / path);
}

Result<void> AssetStaging::Add(const fs::path& path, const Asset& asset) {
  PULLPROOF_RETURN_IF_ERROR(AddDirectory(path.parent_path()));
  PULLPROOF_ASSIGN_OR_RETURN(const auto file, files_->Create(staging_ / path));
  std::optional<oci::Verifier> verifier;
  if (asset.digest) verifier.emplace(*asset.digest);
  WasmGate gate;
  const auto write = [&](std::string_view bytes) -> Result<void> {
    gate.See(bytes);
    if (verifier) PULLPROOF_RETURN_IF_ERROR(verifier->Update(bytes));
    return file->Append(bytes);
  };
  if (const auto* source = std::get_if<fs::path>(&asset.from)) {
    PULLPROOF_RETURN_IF_ERROR(files_->ReadPieces(*source, write));
  } else {
    PULLPROOF_RETURN_IF_ERROR(write(std::get<std::string>(asset.from)));
  }
  if (verifier) PULLPROOF_RETURN_IF_ERROR(verifier->Finish());
  if (asset.is_wasm && !gate.IsWasm()) {
    return Fail("artifact.not-wasm", "the content that is to be run is not Wasm",
                asset.digest ? asset.digest->ToString() : path.string());
  }
  return file->Commit();
}

Result<void> AssetStaging::Place() { return files_->Rename(staging_, assets_); }

Result<void> AssetStaging::TakeBack() {
  return replaced_ ? files_->Rename(staging_, assets_) : files_->Rename(assets_, staging_);
}

std::string FileUrl(const fs::path& path) {
  // Spec: URL Standard, "path percent-encode set", and the backslash of special schemes.
  constexpr std::string_view kEncoded = " \"#<>?`{}%\\";
  std::string url = "file://";
  for (const char c : path.string()) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x1F || byte >= 0x7F || kEncoded.contains(c)) {
      url += fmt::format("%{:02X}", byte);
    } else {
      url += c;
    }
  }
  return url;
}

}  // namespace pullproof::resolver
