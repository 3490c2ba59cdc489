// pullproof new: the first draft of a case.
#include <memory>
#include <string>

#include <fmt/format.h>

#include "base/file.h"
#include "cli/command.h"
#include "conformance/skeleton.h"

namespace pullproof::cli {
namespace {

struct Options {
  std::string id;
  std::string directory = "conformance/cases";
};

int Run(const Options& options) {
  SystemFileSystem files;
  const auto path = conformance::WriteSkeleton(files, options.directory, options.id);
  if (!path) {
    PrintError(path.error());
    return kMisuse;
  }
  fmt::print(
      "{}\n\n"
      "  pullproof check {}\n"
      "                                 what is wrong with it, by line and column\n"
      "  pullproof test --suite {}\n"
      "                                 the built-in client must pass it\n"
      "  pullproof test --suite {} --client mutant:NAME\n"
      "                                 and one that is wrong must not\n",
      path->string(), path->string(), path->string(), path->string());
  return kAsExpected;
}

}  // namespace

void AddNew(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "new",
      "Write the first draft of a case: short, commented, and right as it stands\n"
      "(docs/writing-a-case.md). A file that is there is left alone.");
  auto options = std::make_shared<Options>();
  command->add_option("ID", options->id, "The case's id, AREA.NAME: for good")->required();
  command->add_option("--suite", options->directory, "The directory of the suite")
      ->capture_default_str()
      ->type_name("DIR");
  command->callback([&action, options] { action = [options] { return Run(*options); }; });
}

}  // namespace pullproof::cli
