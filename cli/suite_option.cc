#include "cli/suite_option.h"

#include <vector>

#include <fmt/format.h>

#include "base/file.h"
#include "cli/command.h"

namespace pullproof::cli {

void AddSuiteOption(CLI::App& command, std::string& path) {
  command
      .add_option("--suite", path,
                  "A directory of cases, or one file, instead of the suite that is built in")
      ->check(CLI::ExistingPath)
      ->type_name("PATH");
}

std::optional<conformance::Suite> OpenSuite(const std::string& path) {
  SystemFileSystem files;
  std::vector<Diagnostics> problems;
  Result<conformance::Suite> suite = path.empty() ? conformance::LoadSuite(problems)
                                                  : conformance::LoadSuite(files, path, problems);
  for (const Diagnostics& file : problems) PrintDiagnostics(file);
  if (!suite) {
    PrintError(suite.error());
    return std::nullopt;
  }
  return *std::move(suite);
}

}  // namespace pullproof::cli
