#include "resolver/sources/own_files.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "resolver/artifact/path.h"
#include "resolver/sources/glob.h"
#include "resolver/sources/within.h"

namespace pullproof::resolver::sources {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOutsideHint =
    "Files must be within the application directory, also behind links";

// Walks below the application's directory, and never out of it.
class Walker {
 public:
  Walker(FileSystem& files, const fs::path& root) : files_(files), root_(root) {}

  enum class Kind { kFile, kDirectory, kOther };

  // What is there, behind links. Errors: files.outside-app, file.*.
  Result<Kind> KindOf(const fs::path& path) {
    PULLPROOF_ASSIGN_OR_RETURN(const fs::path target, files_.Canonical(path));
    if (!IsWithin(target, root_)) {
      return Fail("files.outside-app",
                  fmt::format("\"{}\" leads out of the application directory", Relative(path)), {},
                  std::string(kOutsideHint));
    }
    PULLPROOF_ASSIGN_OR_RETURN(const FileInfo info, files_.Stat(target));
    if (info.kind == FileInfo::Kind::kRegular) return Kind::kFile;
    return info.kind == FileInfo::Kind::kDirectory ? Kind::kDirectory : Kind::kOther;
  }

  // Calls `take` with every regular file below `directory`.
  template <typename Take>
  Result<void> EveryFile(const fs::path& directory, const Take& take) {
    return InDirectory(directory, [&](const fs::path& path, Kind kind) -> Result<void> {
      if (kind == Kind::kFile) return take(path);
      return kind == Kind::kDirectory ? EveryFile(path, take) : Result<void>();
    });
  }

  // Calls `take` with every regular file that matches the segments from `index` on.
  template <typename Take>
  Result<void> Matching(const fs::path& directory, const std::vector<std::string_view>& segments,
                        std::size_t index, const Take& take) {
    const bool last = index + 1 == segments.size();
    if (segments[index] == "**") {
      // `**` at the end names directories, and no files.
      if (last) return {};
      PULLPROOF_RETURN_IF_ERROR(Matching(directory, segments, index + 1, take));
      return InDirectory(directory, [&](const fs::path& path, Kind kind) -> Result<void> {
        return kind == Kind::kDirectory ? Matching(path, segments, index, take) : Result<void>();
      });
    }
    PULLPROOF_ASSIGN_OR_RETURN(const Glob glob, Glob::Parse(segments[index]));
    return InDirectory(directory, [&](const fs::path& path, Kind kind) -> Result<void> {
      if (!glob.Matches(path.filename().string())) return {};
      if (last) return kind == Kind::kFile ? take(path) : Result<void>();
      return kind == Kind::kDirectory ? Matching(path, segments, index + 1, take) : Result<void>();
    });
  }

  [[nodiscard]] std::string Relative(const fs::path& path) const {
    return path.lexically_relative(root_).generic_string();
  }

 private:
  template <typename Visit>
  Result<void> InDirectory(const fs::path& directory, const Visit& visit) {
    PULLPROOF_ASSIGN_OR_RETURN(fs::path canonical, files_.Canonical(directory));
    const bool is_open = std::ranges::find(open_, canonical) != open_.end();
    if (is_open) {
      return Fail(
          "files.link-loop",
          fmt::format("a link in \"{}\" leads back to a directory around it", Relative(directory)));
    }
    PULLPROOF_ASSIGN_OR_RETURN(const auto names, files_.List(directory));
    open_.push_back(std::move(canonical));
    Result<void> result;
    for (const std::string& entry : names) {
      const fs::path path = directory / entry;
      auto kind = KindOf(path);
      if (!kind && kind.error().id == "file.not-found") continue;  // a dangling link
      result = kind ? visit(path, *kind) : Result<void>(std::unexpected(kind.error()));
      if (!result) break;
    }
    open_.pop_back();
    return result;
  }

  FileSystem& files_;
  const fs::path& root_;
  std::vector<fs::path> open_;  // canonical: the directories around the one at hand
};

class Collector {
 public:
  Collector(FileSystem& files, const fs::path& root, const manifest::Component& component,
            const std::string& manifest_name)
      : root_(root), component_(component), name_(manifest_name), walker_(files, root) {}

  Result<void> ReadExclusions() {
    for (const manifest::Text& pattern : component_.exclude_files) {
      auto glob = Glob::Parse(pattern.value);
      if (!glob) return Placed(glob.error(), pattern.at);
      exclusions_.push_back(*std::move(glob));
    }
    return {};
  }

  Result<void> Add(const manifest::Mount& mount) {
    const std::size_t before = taken_;
    const auto added = mount.destination ? AddPair(mount) : AddPattern(mount);
    if (!added) return Placed(added.error(), mount.at);
    if (taken_ == before && !is_directory_) {
      warnings_.push_back({Severity::kWarning, "files.no-match",
                           fmt::format("\"{}\" matches no file", mount.source), "", mount.at});
    }
    return {};
  }

  Result<OwnFiles> Take() && {
    OwnFiles own{.files = {}, .warnings = std::move(warnings_)};
    std::vector<std::string_view> paths;
    for (auto& [path, source] : files_) {
      paths.push_back(path);
      own.files.push_back({path, std::move(source)});
    }
    const auto clash = artifact::FindPathClash(paths);
    if (!clash) return own;
    return Fail("path.clash",
                fmt::format("\"{}\" of component `{}` is a file, and the directory of \"{}\"",
                            clash->file, component_.id, clash->inside),
                FormatPosition(name_, component_.at));
  }

 private:
  [[nodiscard]] std::unexpected<Error> Placed(Error error, Position at) const {
    error.where = FormatPosition(name_, at);
    return std::unexpected(std::move(error));
  }

  // The mount's source below the root; also checked as text, so that `../app/x` is refused even
  // where it would lead back in.
  [[nodiscard]] Result<fs::path> Below(const std::string& source) const {
    const fs::path full = (root_ / source).lexically_normal();
    if (IsWithin(full, root_)) return full;
    return Fail(
        "files.outside-app",
        fmt::format("{} cannot be mapped because it is outside the application directory", source),
        {}, std::string(kOutsideHint));
  }

  // Nullopt when nothing is there.
  Result<std::optional<Walker::Kind>> Exists(const fs::path& path) {
    auto kind = walker_.KindOf(path);
    if (kind) return *kind;
    if (kind.error().id == "file.not-found") return std::nullopt;
    return std::unexpected(std::move(kind).error());
  }

  // "a.txt", "assets", "static/**/*.js"
  Result<void> AddPattern(const manifest::Mount& mount) {
    const std::string& pattern = mount.source;
    const std::string_view last = Split(pattern, '/').back();
    if (last == ".." || last == ".") {
      return Fail("files.pattern",
                  fmt::format("A file pattern can't end in a {} directory path ({})",
                              last == ".." ? "parent" : "current", last),
                  {}, "name the files: `**/*` is all of them");
    }
    PULLPROOF_ASSIGN_OR_RETURN(const fs::path full, Below(pattern));
    PULLPROOF_ASSIGN_OR_RETURN(const auto kind, Exists(full));
    is_directory_ = kind == Walker::Kind::kDirectory;
    if (kind == Walker::Kind::kFile) return TakeFile(full, walker_.Relative(full));
    const auto take = [&](const fs::path& path) {
      return TakeUnlessExcluded(path, walker_.Relative(path));
    };
    if (is_directory_) return walker_.EveryFile(full, take);
    if (!HasGlobCharacters(pattern)) {
      return Fail(
          "files.not-found",
          fmt::format("\"{}\" does not exist and doesn't appear to be a glob pattern", pattern));
    }
    const std::string relative = walker_.Relative(full);
    auto segments = Split(relative, '/');
    // A run of `**` means no more than one, and would only walk the same directories again.
    const auto repeated = std::ranges::unique(
        segments, [](std::string_view a, std::string_view b) { return a == "**" && b == "**"; });
    segments.erase(repeated.begin(), repeated.end());
    return walker_.Matching(root_, segments, 0, take);
  }

  // { source = "…", destination = "…" }
  Result<void> AddPair(const manifest::Mount& mount) {
    PULLPROOF_ASSIGN_OR_RETURN(const fs::path full, Below(mount.source));
    PULLPROOF_ASSIGN_OR_RETURN(const auto kind, Exists(full));
    is_directory_ = kind == Walker::Kind::kDirectory;
    if (!kind) {
      return Fail("files.not-found",
                  fmt::format("File or directory \"{}\" does not exist", mount.source));
    }
    std::string_view destination = *mount.destination;
    while (destination.starts_with('/')) destination.remove_prefix(1);
    if (!is_directory_) {
      if (destination.empty()) {
        return Fail("files.destination",
                    fmt::format("\"{}\" is not a valid destination file name", *mount.destination));
      }
      return TakeFile(full, destination);
    }
    while (destination.ends_with('/')) destination.remove_suffix(1);
    return walker_.EveryFile(full, [&](const fs::path& path) {
      const std::string below = path.lexically_relative(full).generic_string();
      return TakeUnlessExcluded(
          path, destination.empty() ? below : fmt::format("{}/{}", destination, below));
    });
  }

  Result<void> TakeUnlessExcluded(const fs::path& source, std::string_view path) {
    const std::string relative = walker_.Relative(source);
    if (std::ranges::any_of(exclusions_,
                            [&](const Glob& glob) { return glob.Matches(relative); })) {
      return {};
    }
    return TakeFile(source, path);
  }

  Result<void> TakeFile(const fs::path& source, std::string_view path) {
    PULLPROOF_RETURN_IF_ERROR(artifact::CheckRelativePath(path, {}));
    if (++taken_ > kMaxOwnFiles) {
      return Fail("limit.files", fmt::format("more than {} files in one component", kMaxOwnFiles));
    }
    files_.insert_or_assign(std::string(path), source.string());
    return {};
  }

  const fs::path& root_;
  const manifest::Component& component_;
  const std::string& name_;
  Walker walker_;
  std::vector<Glob> exclusions_;
  std::map<std::string, std::string> files_;
  std::vector<Diagnostic> warnings_;
  std::size_t taken_ = 0;
  bool is_directory_ = false;  // the mount at hand: an empty directory is a mount too
};

}  // namespace

Result<OwnFiles> CollectOwnFiles(FileSystem& files, const fs::path& app_root,
                                 const manifest::Component& component,
                                 const std::string& manifest_name) {
  Collector collector(files, app_root, component, manifest_name);
  PULLPROOF_RETURN_IF_ERROR(collector.ReadExclusions());
  for (const manifest::Mount& mount : component.files) {
    PULLPROOF_RETURN_IF_ERROR(collector.Add(mount));
  }
  return std::move(collector).Take();
}

}  // namespace pullproof::resolver::sources
