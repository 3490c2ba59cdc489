#include "conformance/suite.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"

namespace pullproof::conformance {
namespace {

// Deeper than any suite; a link that leads back up must not be followed for ever.
constexpr std::size_t kMaxDirectoryDepth = 16;

enum class Ids { kFromPath, kOwn };

bool IsCaseFile(std::string_view name) {
  return name.ends_with(".toml") || name.ends_with(".json");
}

class Finder {
 public:
  Finder(FileSystem& files, std::filesystem::path root) : files_(files), root_(std::move(root)) {}

  Result<std::vector<SuiteFile>> Find() {
    PULLPROOF_RETURN_IF_ERROR(Visit("", 0));
    return std::move(found_);
  }

 private:
  Result<void> Visit(const std::string& relative, std::size_t depth) {
    if (depth > kMaxDirectoryDepth) {
      return Fail("suite.too-deep",
                  fmt::format("more than {} directories deep", kMaxDirectoryDepth), root_.string());
    }
    PULLPROOF_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                               files_.List(relative.empty() ? root_ : root_ / relative));
    for (const std::string& name : names) {
      const std::string path = relative.empty() ? name : relative + "/" + name;
      PULLPROOF_ASSIGN_OR_RETURN(const FileInfo info, files_.Stat(root_ / path));
      if (info.kind == FileInfo::Kind::kDirectory) {
        PULLPROOF_RETURN_IF_ERROR(Visit(path, depth + 1));
      } else if (IsCaseFile(name)) {
        PULLPROOF_ASSIGN_OR_RETURN(std::string text,
                                   files_.Read(root_ / path, DocumentLimits{}.max_bytes));
        found_.push_back({path, std::move(text)});
      }
    }
    return {};
  }

  FileSystem& files_;
  std::filesystem::path root_;
  std::vector<SuiteFile> found_;
};

SuiteFile ToSuiteFile(const EmbeddedFile& file) {
  return {std::string(file.name), std::string(file.text)};
}

class Builder {
 public:
  explicit Builder(Ids ids) : ids_(ids) {}

  void Add(const SuiteFile& file, const std::filesystem::path& directory) {
    Diagnostics problems(file.path);
    const std::filesystem::path beside = (directory / file.path).parent_path();
    std::optional<Case> read = ReadCase(file.text, file.path, beside, problems);
    if (read) {
      CheckId(*read, problems);
      if (!problems.HasErrors()) cases_.push_back(*std::move(read));
    }
    problems_.push_back(std::move(problems));
  }

  Result<Suite> Finish(std::vector<Diagnostics>& problems) && {
    AddTwins();
    CheckTwins();
    std::size_t invalid = 0;
    for (Diagnostics& of_file : problems_) {
      if (of_file.HasErrors()) ++invalid;
      if (!of_file.all().empty()) problems.push_back(std::move(of_file));
    }
    if (invalid > 0) {
      return Fail("suite.invalid",
                  fmt::format("{} of {} case files have errors", invalid, problems_.size()));
    }
    std::ranges::sort(cases_, {}, &Case::id);
    return Suite{std::move(cases_)};
  }

 private:
  void CheckId(const Case& read, Diagnostics& problems) {
    if (ids_ == Ids::kFromPath && read.id() != IdOfPath(read.file)) {
      problems.Report("suite.id", {},
                      fmt::format("the id is `{}`, but the file is {}", read.id(), read.file),
                      fmt::format("write id = \"{}\", or move the file", IdOfPath(read.file)));
    }
    if (const Case* other = Find(read.id())) {
      problems.Report("suite.duplicate-id", {},
                      fmt::format("{} has the id `{}` already", other->file, read.id()));
    }
  }

  [[nodiscard]] const Case* Find(std::string_view id) const {
    const auto found = std::ranges::find(cases_, id, &Case::id);
    return found == cases_.end() ? nullptr : &*found;
  }

  // A case of one's own may lean on one that the program carries.
  void AddTwins() {
    std::vector<const EmbeddedFile*> missing;
    for (const Case& read : cases_) {
      if (read.twin().empty() || Find(read.twin()) != nullptr) continue;
      for (const EmbeddedFile& file : EmbeddedCases()) {
        if (IdOfPath(file.name) == read.twin() &&
            std::ranges::find(missing, &file) == missing.end()) {
          missing.push_back(&file);
        }
      }
    }
    for (const EmbeddedFile* file : missing) Add(ToSuiteFile(*file), {});
  }

  void CheckTwins() {
    std::vector<std::string_view> ids;
    for (const Case& read : cases_) ids.push_back(read.id());
    for (const Case& read : cases_) {
      if (read.twin().empty()) continue;
      const Case* twin = Find(read.twin());
      Diagnostics& problems = ProblemsOf(read.file);
      if (twin == nullptr) {
        problems.Report("suite.unknown-twin", {},
                        fmt::format("there is no case `{}` to be its twin", read.twin()),
                        SuggestFrom(read.twin(), ids));
      } else if (twin->IsHostile()) {
        problems.Report(
            "suite.hostile-twin", {},
            fmt::format("its twin `{}` must fail too, and so proves nothing", read.twin()),
            "name a case that a right client passes by succeeding");
      }
    }
  }

  Diagnostics& ProblemsOf(const std::string& file) {
    return *std::ranges::find(problems_, file, &Diagnostics::name);
  }

  Ids ids_;
  std::vector<Case> cases_;
  std::vector<Diagnostics> problems_;  // one for each file, in the order of Add
};

Result<Suite> Build(std::span<const SuiteFile> files, const std::filesystem::path& directory,
                    Ids ids, std::vector<Diagnostics>& problems) {
  Builder builder(ids);
  for (const SuiteFile& file : files) builder.Add(file, directory);
  return std::move(builder).Finish(problems);
}

}  // namespace

const Case* Suite::Find(std::string_view id) const {
  const auto found = std::ranges::lower_bound(cases, id, {}, &Case::id);
  return found != cases.end() && found->id() == id ? &*found : nullptr;
}

std::string IdOfPath(std::string_view path) {
  std::string id(path.substr(0, path.find_last_of('.')));
  std::ranges::replace(id, '/', '.');
  return id;
}

Result<Suite> ReadSuite(std::span<const SuiteFile> files, const std::filesystem::path& directory,
                        std::vector<Diagnostics>& problems) {
  return Build(files, directory, Ids::kFromPath, problems);
}

Result<Suite> LoadSuite(std::vector<Diagnostics>& problems) {
  std::vector<SuiteFile> files;
  for (const EmbeddedFile& file : EmbeddedCases()) files.push_back(ToSuiteFile(file));
  return ReadSuite(files, {}, problems);
}

Result<Suite> LoadSuite(FileSystem& files, const std::filesystem::path& path,
                        std::vector<Diagnostics>& problems) {
  PULLPROOF_ASSIGN_OR_RETURN(const FileInfo info, files.Stat(path));
  if (info.kind != FileInfo::Kind::kDirectory) {
    PULLPROOF_ASSIGN_OR_RETURN(std::string text, files.Read(path, DocumentLimits{}.max_bytes));
    const SuiteFile file{path.filename().string(), std::move(text)};
    return Build(std::span(&file, 1), path.parent_path(), Ids::kOwn, problems);
  }
  PULLPROOF_ASSIGN_OR_RETURN(const std::vector<SuiteFile> found, Finder(files, path).Find());
  if (found.empty()) {
    return Fail("suite.empty", "there is no case below this directory", path.string(),
                "cases are files that end in .toml or .json");
  }
  return ReadSuite(found, path, problems);
}

}  // namespace pullproof::conformance
