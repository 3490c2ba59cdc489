// pullproof check: the mistakes in fixtures and cases, before they cost an afternoon.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/file.h"
#include "base/table_reader.h"
#include "cli/command.h"
#include "conformance/case/case.h"
#include "mockregistry/scenario.h"

namespace pullproof::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string print;
};

using ScenarioPtr = std::shared_ptr<const mockregistry::Scenario>;

// A file with steps is a case and is checked as one; any other is a fixture to serve.
ScenarioPtr Read(const std::string& text, const std::string& name, Diagnostics& problems) {
  const std::filesystem::path directory = std::filesystem::path(name).parent_path();
  const Result<Node> document = ParseDocument(text, name);
  if (!document || document->Find("client") == nullptr) {
    return mockregistry::LoadScenario(text, name, directory, problems);
  }
  const auto one = conformance::ReadCase(text, name, directory, problems);
  return one ? one->scenario : nullptr;
}

int Run(const Options& options) {
  SystemFileSystem files;
  int status = kAsExpected;
  for (const std::string& name : options.files) {
    const Result<std::string> text = files.Read(name, DocumentLimits{}.max_bytes);
    if (!text) {
      PrintError(text.error());
      status = kMisuse;
      continue;
    }
    Diagnostics problems(name);
    const ScenarioPtr scenario = Read(*text, name, problems);
    PrintDiagnostics(problems);
    if (scenario == nullptr) {
      status = kMisuse;
    } else if (options.print == "digests") {
      fmt::print("{}", mockregistry::content::DigestListing(scenario->fixture, scenario->content));
    }
  }
  return status;
}

}  // namespace

void AddCheck(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "check",
      "Check fixtures and cases: syntax, names, lies that are not marked, rules that cannot fire.\n"
      "Complaints name file, line and column. Status 2 when there is an error.");
  auto options = std::make_shared<Options>();
  command->add_option("FILE", options->files, "Fixture or case files, TOML or JSON")->required();
  command
      ->add_option("--print", options->print,
                   "Also print what the content resolves to: name, digest and size of each")
      ->check(CLI::IsMember({"digests"}));
  command->callback([&action, options] { action = [options] { return Run(*options); }; });
}

}  // namespace pullproof::cli
