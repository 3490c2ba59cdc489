// pullproof check: the mistakes in fixtures and cases, before they cost an afternoon.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/file.h"
#include "base/table_reader.h"
#include "cli/check_report.h"
#include "cli/command.h"
#include "conformance/case/case.h"
#include "mockregistry/scenario.h"

namespace pullproof::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string print;
  std::string format = "text";
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

struct Checked {
  Diagnostics problems;
  ScenarioPtr scenario;  // null when it cannot be used
};

Checked Check(const std::string& name) {
  SystemFileSystem files;
  Checked checked{Diagnostics(name), nullptr};
  const Result<std::string> text = files.Read(name, DocumentLimits{}.max_bytes);
  if (text) {
    checked.scenario = Read(*text, name, checked.problems);
  } else {
    checked.problems.Report(text.error());
  }
  return checked;
}

int Run(const Options& options) {
  int status = kAsExpected;
  std::vector<Diagnostics> all;
  for (const std::string& name : options.files) {
    Checked checked = Check(name);
    if (checked.scenario == nullptr) status = kMisuse;
    if (options.format == "text") {
      PrintDiagnostics(checked.problems);
      if (options.print == "digests" && checked.scenario != nullptr) {
        fmt::print("{}", mockregistry::content::DigestListing(checked.scenario->fixture,
                                                              checked.scenario->content));
      }
    }
    all.push_back(std::move(checked.problems));
  }
  if (options.format == "json") fmt::print("{}", CheckJson(all));
  if (options.format == "sarif") fmt::print("{}", CheckSarif(all));
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
  command
      ->add_option("--format", options->format,
                   "text (default), or one line of json or sarif (2.1.0) on standard output")
      ->check(CLI::IsMember({"text", "json", "sarif"}))
      ->excludes("--print");
  command->callback([&action, options] { action = [options] { return Run(*options); }; });
}

}  // namespace pullproof::cli
