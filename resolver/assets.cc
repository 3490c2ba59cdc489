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

// ".NAME.WORD"
fs::path Beside(const fs::path& path, std::string_view word) {
  fs::path other = path;
  return other.replace_filename(fmt::format(".{}.{}", path.filename().string(), word));
}

Result<bool> Exists(FileSystem& files, const fs::path& path) {
  const auto info = files.Stat(path);
  if (info) return true;
  if (info.error().id == "file.not-found") return false;
  return std::unexpected(info.error());
}

// The lock and the assets, and where they are put aside.
struct Outputs {
  Outputs(const fs::path& the_assets, const fs::path& the_lock)
      : assets(the_assets),
        lock(the_lock),
        old_assets(Beside(the_assets, "previous")),
        old_lock(Beside(the_lock, "previous")) {}

  fs::path assets;
  fs::path lock;
  fs::path old_assets;
  fs::path old_lock;
};

// Either of them may be unfinished business.
Result<bool> IsUnfinished(FileSystem& files, const Outputs& outputs) {
  PULLPROOF_ASSIGN_OR_RETURN(const bool has_old_lock, Exists(files, outputs.old_lock));
  if (has_old_lock) return true;
  return Exists(files, outputs.old_assets);
}

Result<void> RemoveOld(FileSystem& files, const Outputs& outputs) {
  PULLPROOF_RETURN_IF_ERROR(files.RemoveAll(outputs.old_assets));
  return files.RemoveAll(outputs.old_lock);
}

// With the directory locked. See the table in the header.
Result<void> RollBack(FileSystem& files, const Outputs& outputs) {
  PULLPROOF_ASSIGN_OR_RETURN(const bool has_lock, Exists(files, outputs.lock));
  if (has_lock) return RemoveOld(files, outputs);
  PULLPROOF_ASSIGN_OR_RETURN(const bool has_old_assets, Exists(files, outputs.old_assets));
  if (has_old_assets) {
    PULLPROOF_RETURN_IF_ERROR(files.RemoveAll(outputs.assets));
    PULLPROOF_RETURN_IF_ERROR(files.Rename(outputs.old_assets, outputs.assets));
  } else {
    // There were none, and once the staged ones are no longer beside them, these are the new ones.
    PULLPROOF_ASSIGN_OR_RETURN(const bool is_staged,
                               Exists(files, Beside(outputs.assets, "staging")));
    if (!is_staged) PULLPROOF_RETURN_IF_ERROR(files.RemoveAll(outputs.assets));
  }
  PULLPROOF_ASSIGN_OR_RETURN(const bool has_old_lock, Exists(files, outputs.old_lock));
  return has_old_lock ? files.Rename(outputs.old_lock, outputs.lock) : Result<void>();
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
  PULLPROOF_ASSIGN_OR_RETURN(
      auto lock, files.Lock(assets.parent_path(), LockKind::kExclusive, IfLocked::kWait));
  const fs::path staging = Beside(assets, "staging");
  PULLPROOF_RETURN_IF_ERROR(files.RemoveAll(staging));
  AssetStaging started(files, std::move(lock), std::move(assets), staging);
  started.replaced_ = replaces;
  PULLPROOF_RETURN_IF_ERROR(files.CreateDirectories(staging));
  return started;
}

AssetStaging::AssetStaging(AssetStaging&& other) noexcept
    : files_(std::exchange(other.files_, nullptr)),
      lock_(std::move(other.lock_)),
      assets_(std::move(other.assets_)),
      staging_(std::move(other.staging_)),
      replaced_(other.replaced_),
      made_(std::move(other.made_)),
      batch_(std::move(other.batch_)) {}

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
  PULLPROOF_ASSIGN_OR_RETURN(auto file, files_->Create(staging_ / path));
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
  return batch_.Add(std::move(file));
}

Result<void> AssetStaging::Place() {
  PULLPROOF_RETURN_IF_ERROR(batch_.Commit());
  return files_->Rename(staging_, assets_);
}

Result<void> AssetStaging::Publish(const fs::path& lock, PendingFile& pending) {
  PULLPROOF_RETURN_IF_ERROR(batch_.Commit());
  const Outputs outputs(assets_, lock);
  PULLPROOF_ASSIGN_OR_RETURN(const bool had_lock, Exists(*files_, lock));
  bool lock_aside = false;
  bool assets_aside = false;
  bool placed = false;
  const auto publish = [&]() -> Result<void> {
    if (had_lock) PULLPROOF_RETURN_IF_ERROR(files_->Rename(lock, outputs.old_lock));
    lock_aside = had_lock;
    if (replaced_) PULLPROOF_RETURN_IF_ERROR(files_->Rename(assets_, outputs.old_assets));
    assets_aside = replaced_;
    PULLPROOF_RETURN_IF_ERROR(files_->Rename(staging_, assets_));
    placed = true;
    return pending.Commit();
  };
  auto published = publish();
  if (published) {
    // What cannot be removed is removed by the next run.
    static_cast<void>(RemoveOld(*files_, outputs));
    return published;
  }
  // The first error is the one to tell; what cannot be undone here is undone by the next run.
  const auto undo = [&](bool done, const fs::path& from, const fs::path& to) {
    if (done) static_cast<void>(files_->Rename(from, to));
  };
  // A new lock whose directory could not be flushed may be there all the same.
  if (placed) static_cast<void>(files_->RemoveAll(lock));
  undo(placed, assets_, staging_);
  undo(assets_aside, outputs.old_assets, assets_);
  undo(lock_aside, outputs.old_lock, lock);
  return published;
}

Result<void> RecoverOutputs(FileSystem& files, const fs::path& assets, const fs::path& lock) {
  const Outputs outputs(assets, lock);
  PULLPROOF_ASSIGN_OR_RETURN(const bool seems_unfinished, IsUnfinished(files, outputs));
  if (!seems_unfinished) return {};
  // A run that goes on looks the same: it is waited for.
  PULLPROOF_ASSIGN_OR_RETURN(
      const auto held, files.Lock(assets.parent_path(), LockKind::kExclusive, IfLocked::kWait));
  PULLPROOF_ASSIGN_OR_RETURN(const bool is_unfinished, IsUnfinished(files, outputs));
  return is_unfinished ? RollBack(files, outputs) : Result<void>();
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
