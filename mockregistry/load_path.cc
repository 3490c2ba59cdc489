#include "mockregistry/load_path.h"

#include <array>
#include <cstdint>
#include <utility>

#include "base/document.h"
#include "base/text.h"
#include "mockregistry/content/archive.h"

namespace pullproof::mockregistry {
namespace {

namespace fs = std::filesystem;

bool IsArchive(const fs::path& path, FileSystem& files) {
  std::string head;
  // The first piece is enough; what the sink returns only ends the reading.
  const auto take = [&head](std::string_view piece) -> Result<void> {
    head = piece;
    return Fail("load.enough", "the first piece is there");
  };
  return !files.ReadPieces(path, take) && content::LooksLikeArchive(head);
}

Node::Table One(std::string_view name, Node value) {
  Node::Table table;
  table.push_back({std::string(name), {}, std::move(value)});
  return table;
}

// A fixture that serves the layout beside it, and nothing else.
Node FixtureOf(const fs::path& path) {
  const std::string name = NameFor(path);
  Node::Table fixture = One("fixture", Node(std::int64_t{1}));
  fixture.push_back({"id", {}, Node(name)});
  Node::Table repository = One("layout", Node(path.filename().string()));
  fixture.push_back({"repos", {}, Node(One(name, Node(std::move(repository))))});
  return Node(std::move(fixture));
}

}  // namespace

std::shared_ptr<const Scenario> LoadPath(const fs::path& path, FileSystem& files,
                                         Diagnostics& problems) {
  // "out/" and "." have no name that a layout could be found by, and the user may well use a link.
  const Result<fs::path> real = files.Canonical(path);
  const Result<FileInfo> info = real ? files.Stat(*real) : std::unexpected(real.error());
  if (!info) {
    problems.Report(info.error());
    return nullptr;
  }
  if (info->kind == FileInfo::Kind::kDirectory || IsArchive(*real, files)) {
    return LoadScenario(FixtureOf(*real), real->parent_path(), problems);
  }
  const Result<std::string> text = files.Read(path, DocumentLimits{}.max_bytes);
  if (!text) {
    problems.Report(text.error());
    return nullptr;
  }
  return LoadScenario(*text, path.string(), path.parent_path(), problems);
}

std::string NameFor(const fs::path& path) {
  std::string stem = ToLowerAscii(path.filename().string());
  constexpr std::array<std::string_view, 6> kExtensions{".gz",  ".zst", ".tgz",
                                                        ".tar", ".oci", ".docker"};
  for (const std::string_view extension : kExtensions) {
    if (stem.ends_with(extension)) stem.resize(stem.size() - extension.size());
  }
  // One separator between words, none at the ends: what ids and repository names both allow.
  constexpr std::size_t kMost = 64;
  std::string name;
  char separator = '\0';
  for (const char c : stem) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      if (separator != '\0' && !name.empty()) name += separator;
      separator = '\0';
      name += c;
    } else if (separator == '\0') {
      separator = c == '.' ? '.' : '-';
    }
    if (name.size() >= kMost) break;
  }
  return name.empty() ? "image" : name;
}

}  // namespace pullproof::mockregistry
