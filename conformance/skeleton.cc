#include "conformance/skeleton.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::conformance {
namespace {

constexpr std::string_view kText = R"toml(fixture = 1
id      = "{}"
title   = "A layer with one bit turned over is refused"    # what a right client does, in one sentence
level   = "MUST"                     # SHOULD where clients may differ, INFO to observe only
spec    = ["oci-dist#pulling-blobs"] # docs/spec-anchors.json; add what is missing there
twin    = "digest.honest"            # a benign case that must pass too, since this one expects a failure
why     = """
What goes wrong in the world without it, in two or three sentences. What the registry does here, and
why somebody got it wrong."""

# What the registry holds. Names, never digests: docs/fixtures.md.
blobs.layer     = {{ layer = "4KiB" }}
manifests.app   = {{ image = {{ layers = ["layer"] }} }}
repos."lib/app" = {{ tags = {{ "1.0" = "app" }} }}

# How it misbehaves. Leave this out for a benign case.
[[rules]]
id = "flip"
on = {{ op = "blob.get", name = "layer" }}
do = {{ body = {{ flip_bit = 4711 }} }}

# What the client is told to do.
[[client]]
do  = "pull"
ref = "{{registry}}/lib/app:1.0"

# What must come of it: docs/cases.md. `fired` makes sure that the client was put to the test.
[expect]
result = "fail"
fired  = {{ flip = "1.." }}
stored = {{ absent = ["layer"] }}
)toml";

bool IsWord(std::string_view word) {
  const auto may_stand = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !word.empty() && std::ranges::all_of(word, may_stand) && word.front() != '-' &&
         word.back() != '-';
}

Result<void> CheckId(std::string_view id) {
  const std::vector<std::string_view> words = Split(id, '.');
  if (words.size() >= 2 && std::ranges::all_of(words, IsWord)) return {};
  return Fail("suite.id", fmt::format("`{}` cannot be the id of a case", Printable(id)), {},
              "write AREA.NAME in lower-case words, as in digest.blob-mismatch");
}

}  // namespace

Result<std::string> SkeletonOf(std::string_view id) {
  PULLPROOF_RETURN_IF_ERROR(CheckId(id));
  return fmt::format(kText, id);
}

Result<std::filesystem::path> WriteSkeleton(FileSystem& files,
                                            const std::filesystem::path& directory,
                                            std::string_view id) {
  PULLPROOF_ASSIGN_OR_RETURN(const std::string text, SkeletonOf(id));
  std::string relative(id);
  std::ranges::replace(relative, '.', '/');
  const std::filesystem::path path = directory / (relative + ".toml");
  if (files.Stat(path)) {
    return Fail("suite.exists", "there is such a case already", path.string(),
                "ids are permanent: choose another one");
  }
  PULLPROOF_RETURN_IF_ERROR(files.CreateDirectories(path.parent_path()));
  PULLPROOF_RETURN_IF_ERROR(WriteFile(files, path, text));
  return path;
}

}  // namespace pullproof::conformance
