// pullproof report: other reports from the JSON lines of a run.
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/file.h"
#include "cli/command.h"
#include "conformance/report/run.h"
#include "conformance/report/write.h"

namespace pullproof::cli {
namespace {

namespace report = conformance::report;

struct Options {
  std::string file;
  std::string format = "table";
  std::string output;
};

report::Format FormatOf(std::string_view name) {
  for (const auto& [known, format] : report::kFormats) {
    if (known == name) return format;
  }
  return report::Format::kTable;  // CLI11 has refused every other name
}

int Run(const Options& options) {
  SystemFileSystem files;
  const Result<report::Run> run = report::ReadReport(files, options.file);
  if (!run) {
    PrintError(run.error());
    return kMisuse;
  }
  const report::Format format = FormatOf(options.format);
  if (options.output.empty()) {
    fmt::print("{}", report::Render(*run, format, report::StyleFor(STDOUT_FILENO)));
  } else if (const auto written = report::WriteReport(files, options.output, *run, format);
             !written) {
    PrintError(written.error());
    return kHarness;
  }
  return report::ExitStatus(run->summary);
}

}  // namespace

void AddReport(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "report",
      "Render a run that `test --report FILE` wrote; ends with the status that the run had");
  auto options = std::make_shared<Options>();
  std::vector<std::string> formats;
  for (const auto& [name, format] : report::kFormats) formats.emplace_back(name);
  command->add_option("FILE", options->file, "The JSON lines of a run")->required();
  command->add_option("--format", options->format, "What to make of them")
      ->capture_default_str()
      ->check(CLI::IsMember(formats));
  command->add_option("-o,--output", options->output, "Write to this file instead of stdout")
      ->type_name("FILE");
  command->callback([&action, options] { action = [options] { return Run(*options); }; });
}

}  // namespace pullproof::cli
