// The suite: all cases of a directory, or those that the program carries with it.
#ifndef PULLPROOF_CONFORMANCE_SUITE_H_
#define PULLPROOF_CONFORMANCE_SUITE_H_

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/embedded_file.h"
#include "base/error.h"
#include "base/file.h"
#include "base/table_reader.h"
#include "conformance/case/case.h"

namespace pullproof::conformance {

// Immutable, hence thread-safe.
struct Suite {
  std::vector<Case> cases;  // sorted by id

  [[nodiscard]] const Case* Find(std::string_view id) const;
};

struct SuiteFile {
  std::string path;  // below the suite's directory: "digest/blob-mismatch.toml"
  std::string text;
};

// What the program carries with it: the files of conformance/cases, sorted by path.
std::span<const EmbeddedFile> EmbeddedCases();

// The id that a case at this path must have: "digest.blob-mismatch".
std::string IdOfPath(std::string_view path);

// Reads and checks all of them. Complaints go to `problems`, one Diagnostics for each file that
// has any, warnings included. A twin that is not among the files is taken from those that the
// program carries. Errors: suite.invalid when some file has an error, among them
//   suite.id, an id that is not its file's path;
//   suite.duplicate-id; suite.unknown-twin; suite.hostile-twin (it must fail itself, and so proves
//   nothing); and everything of ReadCase.
// `directory` is where the paths begin, for `file = …` blobs.
Result<Suite> ReadSuite(std::span<const SuiteFile> files, const std::filesystem::path& directory,
                        std::vector<Diagnostics>& problems);

// The embedded suite.
Result<Suite> LoadSuite(std::vector<Diagnostics>& problems);

// Every .toml and .json below a directory, or a single file, whose id is then its own business.
// Errors: those of FileSystem and ReadSuite; suite.empty.
Result<Suite> LoadSuite(FileSystem& files, const std::filesystem::path& path,
                        std::vector<Diagnostics>& problems);

}  // namespace pullproof::conformance

#endif  // PULLPROOF_CONFORMANCE_SUITE_H_
