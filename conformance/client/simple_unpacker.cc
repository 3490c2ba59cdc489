#include "conformance/client/simple_unpacker.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "base/text.h"
#include "oci/digest.h"

namespace pullproof::conformance::client {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxUnpacked = std::size_t{256} << 20;  // more than the layers of any case
constexpr std::size_t kMaxEntries = 100'000;
constexpr std::size_t kPiece = std::size_t{64} << 10;
constexpr std::string_view kTitle = "org.opencontainers.image.title";
constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";

struct FreeArchive {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
using ArchiveHandle = std::unique_ptr<archive, FreeArchive>;

std::unexpected<Error> Damaged() {
  return Fail("archive.damaged", "the layer is no whole archive");
}

// What the current entry holds. `is_whole` becomes false when its end is missing.
Result<std::string> ReadEntry(archive* handle, bool& is_whole) {
  std::string bytes;
  std::array<char, kPiece> piece{};
  for (;;) {
    const auto count = archive_read_data(handle, piece.data(), piece.size());
    if (count < 0) {
      is_whole = false;
      return bytes;
    }
    if (count == 0) return bytes;
    bytes.append(piece.data(), static_cast<std::size_t>(count));
    if (bytes.size() > kMaxUnpacked) return Fail("limit.bytes", "an archive without an end");
  }
}

// The archive without its compression. Error: archive.damaged.
Result<std::string> Decompressed(const std::string& bytes) {
  if (!bytes.starts_with("\x1f\x8b")) return bytes;
  const ArchiveHandle handle(archive_read_new());
  archive_entry* entry = nullptr;
  if (archive_read_support_filter_gzip(handle.get()) != ARCHIVE_OK ||
      archive_read_support_format_raw(handle.get()) != ARCHIVE_OK ||
      archive_read_open_memory(handle.get(), bytes.data(), bytes.size()) != ARCHIVE_OK ||
      archive_read_next_header(handle.get(), &entry) != ARCHIVE_OK) {
    return Damaged();
  }
  bool is_whole = true;
  PULLPROOF_ASSIGN_OR_RETURN(std::string tar, ReadEntry(handle.get(), is_whole));
  if (!is_whole) return Damaged();
  return tar;
}

std::string TextOr(const Node* table, std::string_view name) {
  const Node* node = table == nullptr ? nullptr : table->Find(name);
  return node != nullptr && node->string() != nullptr ? *node->string() : std::string();
}

}  // namespace

SimpleUnpacker::SimpleUnpacker(SimplePuller& puller, const Misbehaviours& misbehaviours,
                               fs::path output, fs::path root)
    : puller_(puller),
      misbehaviours_(misbehaviours),
      output_(std::move(output)),
      root_(fs::weakly_canonical(root)) {}

bool SimpleUnpacker::IsBelowRoot(const fs::path& path) const {
  std::error_code ignored;
  const fs::path real = fs::weakly_canonical(path, ignored);
  return !ignored &&
         std::mismatch(root_.begin(), root_.end(), real.begin(), real.end()).first == root_.end();
}

Result<fs::path> SimpleUnpacker::Inside(std::string_view path) const {
  const auto refuse = [&] {
    return Fail("path.unsafe", "a path that leaves the output", Printable(path));
  };
  while (path.starts_with("./")) path.remove_prefix(2);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty() || path.starts_with('/') || path.contains('\0')) return refuse();
  fs::path place = output_;
  const std::vector<std::string_view> segments = Split(path, '/');
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool is_odd = segments[i].empty() || segments[i] == "." || segments[i] == "..";
    if (is_odd && !misbehaviours_.unpacks_anywhere && !misbehaviours_.deletes_anywhere) {
      return refuse();
    }
    place /= segments[i];
    const bool is_parent = i + 1 < segments.size();
    if (is_parent && fs::is_symlink(place) && !misbehaviours_.follows_links) return refuse();
  }
  if (!IsBelowRoot(place)) return refuse();
  return place;
}

Result<void> SimpleUnpacker::ApplyWhiteout(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  const std::string name = path.substr(directory.size());
  std::error_code ignored;
  if (name == kOpaque) {
    fs::path place = output_;
    if (!directory.empty()) {
      PULLPROOF_ASSIGN_OR_RETURN(place, Inside(directory));
    }
    if (!fs::is_directory(place)) return {};
    for (const fs::directory_entry& entry : fs::directory_iterator(place)) {
      fs::remove_all(entry.path(), ignored);
    }
    return {};
  }
  const std::string hidden = name.substr(kWhiteout.size());
  if (hidden.empty()) return Fail("path.unsafe", "a whiteout without a name", Printable(path));
  PULLPROOF_ASSIGN_OR_RETURN(const fs::path place, Inside(directory + hidden));
  fs::remove_all(place, ignored);
  return {};
}

Result<void> SimpleUnpacker::Extract(const std::string& tar, bool whiteouts) {
  const ArchiveHandle handle(archive_read_new());
  if (archive_read_support_format_tar(handle.get()) != ARCHIVE_OK ||
      archive_read_support_format_empty(handle.get()) != ARCHIVE_OK ||
      archive_read_open_memory(handle.get(), tar.data(), tar.size()) != ARCHIVE_OK) {
    return Damaged();
  }
  archive_entry* entry = nullptr;
  for (std::size_t entries = 0;; ++entries) {
    const int status = archive_read_next_header(handle.get(), &entry);
    if (status == ARCHIVE_EOF) return {};
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
      return Damaged();
    }
    if (entries > kMaxEntries) return Fail("limit.entries", "an archive without an end");
    const char* text = archive_entry_pathname(entry);
    const std::string path = text == nullptr ? "" : text;
    const std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
    const bool is_whiteout = name.starts_with(kWhiteout) && !misbehaviours_.ignores_whiteouts;
    if (is_whiteout != whiteouts) continue;
    if (is_whiteout) {
      PULLPROOF_RETURN_IF_ERROR(ApplyWhiteout(path));
      continue;
    }
    const auto type = archive_entry_filetype(entry);
    const char* const hard = archive_entry_hardlink(entry);
    if (type == AE_IFDIR && (path == "./" || path == ".")) continue;
    PULLPROOF_ASSIGN_OR_RETURN(const fs::path place, Inside(path));
    std::error_code failure;
    fs::create_directories(place.parent_path(), failure);
    if (hard != nullptr) {
      fs::path target = output_ / hard;
      if (!misbehaviours_.links_anywhere) {
        PULLPROOF_ASSIGN_OR_RETURN(target, Inside(hard));
      }
      if (!IsBelowRoot(target)) return Fail("path.unsafe", "a link that leaves the output", hard);
      fs::create_hard_link(target, place, failure);
    } else if (type == AE_IFLNK) {
      const fs::path target = archive_entry_symlink(entry);
      if (target.is_absolute()) return Fail("path.unsafe", "a link to an absolute path", path);
      fs::remove(place, failure);
      fs::create_symlink(target, place, failure);
    } else if (type == AE_IFDIR) {
      fs::create_directories(place, failure);
    } else if (type == AE_IFREG) {
      bool is_whole = true;
      PULLPROOF_ASSIGN_OR_RETURN(const std::string bytes, ReadEntry(handle.get(), is_whole));
      if (!is_whole) return Damaged();
      if (misbehaviours_.links_anywhere && fs::exists(place)) {
        // Writes into what is there, and so through every name that it has.
        std::error_code ignored;
        fs::resize_file(place, bytes.size() / 2, ignored);
      } else {
        if (!misbehaviours_.follows_links) fs::remove(place, failure);
        PULLPROOF_RETURN_IF_ERROR(Store(place, bytes));
      }
    }
    if (failure) return Fail("path.unsafe", failure.message(), Printable(path));
  }
}

Result<void> SimpleUnpacker::UnpackLayer(const Place& place, const Node& descriptor,
                                         std::string_view diff_id) {
  PULLPROOF_ASSIGN_OR_RETURN(const std::optional<std::string> blob,
                             puller_.GetBlob(place, descriptor));
  if (!blob) return {};
  const std::string title = TextOr(descriptor.Find("annotations"), kTitle);
  if (!title.empty() && misbehaviours_.ignores_titles) return {};
  if (misbehaviours_.leaves_archives) {
    return Store(output_ / oci::Digest::Of(*blob).hex(), *blob);
  }
  if (!title.empty()) {
    PULLPROOF_ASSIGN_OR_RETURN(const fs::path file, Inside(title));
    return Store(file, *blob);
  }
  if (!TextOr(&descriptor, "mediaType").contains(".tar")) return {};
  if (misbehaviours_.knows_plain_tar_only && blob->starts_with("\x1f\x8b")) return Damaged();
  PULLPROOF_ASSIGN_OR_RETURN(const std::string tar, Decompressed(*blob));
  if (!diff_id.empty() && !misbehaviours_.ignores_diff_ids) {
    PULLPROOF_ASSIGN_OR_RETURN(const oci::Digest stated, oci::Digest::Parse(diff_id));
    if (oci::Digest::Of(tar, stated.algorithm()) != stated) {
      return Fail("digest.mismatch", "the unpacked layer is not the one of the config",
                  stated.ToString());
    }
  }
  PULLPROOF_RETURN_IF_ERROR(Extract(tar, /*whiteouts=*/true));
  return Extract(tar, /*whiteouts=*/false);
}

Result<void> SimpleUnpacker::Unpack(const Place& place, const oci::Platform& platform) {
  PULLPROOF_ASSIGN_OR_RETURN(const SimplePuller::Fetched image, puller_.GetImage(place, platform));
  const Node* layers = image.document.Find("layers");
  if (layers == nullptr || layers->array() == nullptr) {
    return Fail("manifest.missing", "there are no layers", image.digest);
  }
  std::vector<std::string> diff_ids;
  const Node* config = image.document.Find("config");
  if (config != nullptr && TextOr(config, "mediaType").contains("image.config")) {
    PULLPROOF_ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                               puller_.GetBlob(place, *config));
    PULLPROOF_ASSIGN_OR_RETURN(const Node document, ParseJson(bytes.value_or("{}"), "config"));
    const Node* rootfs = document.Find("rootfs");
    const Node* listed = rootfs == nullptr ? nullptr : rootfs->Find("diff_ids");
    if (listed != nullptr && listed->array() != nullptr) {
      for (const Node& diff_id : *listed->array()) {
        diff_ids.push_back(diff_id.string() != nullptr ? *diff_id.string() : std::string());
      }
    }
  }
  const Node::Array& all = *layers->array();
  for (std::size_t i = 0; i < all.size(); ++i) {
    PULLPROOF_RETURN_IF_ERROR(
        UnpackLayer(place, all[i], i < diff_ids.size() ? diff_ids[i] : std::string()));
  }
  return {};
}

}  // namespace pullproof::conformance::client
