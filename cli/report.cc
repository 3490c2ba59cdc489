// pullproof report: other reports from the JSON lines of a run.
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/file.h"
#include "cli/command.h"
#include "conformance/report/baseline.h"
#include "conformance/report/combine.h"
#include "conformance/report/run.h"
#include "conformance/report/write.h"

namespace pullproof::cli {
namespace {

namespace report = conformance::report;

struct Options {
  std::vector<std::string> files;
  std::string format = "table";
  std::string output;
  bool merge = false;
  std::string baseline;
  std::vector<std::string> withhold;
  std::string note;
};

report::Format FormatOf(std::string_view name) {
  for (const auto& [known, format] : report::kFormats) {
    if (known == name) return format;
  }
  return report::Format::kTable;  // CLI11 has refused every other name
}

// Every file, with what is not to be published taken out, and merged when asked.
Result<std::vector<report::Run>> ReadRuns(FileSystem& files, const Options& options) {
  std::vector<report::Withheld> withheld;
  for (const std::string& text : options.withhold) {
    PULLPROOF_ASSIGN_OR_RETURN(report::Withheld rule, report::Withheld::Parse(text));
    withheld.push_back(std::move(rule));
  }
  std::vector<report::Run> runs;
  for (const std::string& file : options.files) {
    PULLPROOF_ASSIGN_OR_RETURN(report::Run run, report::ReadReport(files, file));
    runs.push_back(report::Withhold(std::move(run), withheld));
  }
  if (!options.merge) return runs;
  PULLPROOF_ASSIGN_OR_RETURN(report::Run merged, report::Merge(runs));
  return std::vector<report::Run>{std::move(merged)};
}

Result<std::optional<report::Baseline>> CompareWith(FileSystem& files, const std::string& path,
                                                    const std::vector<report::Run>& runs) {
  if (path.empty()) return std::nullopt;
  if (runs.size() != 1) {
    return Fail("report.one-run", "a baseline is compared with one run", path,
                "give one file, or --merge the shards of one run");
  }
  PULLPROOF_ASSIGN_OR_RETURN(const report::Run before, report::ReadReport(files, path));
  return report::Baseline{.before = before.header,
                          .comparison = report::Compare(before, runs.front())};
}

// The gravest of all runs: a failure before what could not be judged.
int ExitStatusOf(const std::vector<report::Run>& runs) {
  report::Summary all;
  for (const report::Run& run : runs) {
    for (const auto& [verdict, count] : run.summary.counts) all.counts[verdict] += count;
  }
  return report::ExitStatus(all);
}

Result<int> Show(const Options& options) {
  SystemFileSystem files;
  PULLPROOF_ASSIGN_OR_RETURN(const std::vector<report::Run> runs, ReadRuns(files, options));
  PULLPROOF_ASSIGN_OR_RETURN(const std::optional<report::Baseline> baseline,
                             CompareWith(files, options.baseline, runs));
  const report::View view{.style = report::StyleFor(STDOUT_FILENO),
                          .baseline = baseline ? &*baseline : nullptr,
                          .note = options.note};
  const report::Format format = FormatOf(options.format);
  if (options.output.empty()) {
    PULLPROOF_ASSIGN_OR_RETURN(const std::string text, report::Render(runs, format, view));
    fmt::print("{}", text);
  } else {
    PULLPROOF_RETURN_IF_ERROR(report::WriteReport(files, options.output, runs, format, view));
  }
  return baseline ? report::ExitStatus(baseline->comparison) : ExitStatusOf(runs);
}

int Run(const Options& options) {
  const Result<int> status = Show(options);
  if (status) return *status;
  PrintError(status.error());
  return kMisuse;
}

}  // namespace

void AddReport(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "report",
      "Render runs that `test --report FILE` wrote: one as a table, JSON lines, JUnit or a badge,\n"
      "several as a matrix; ends with the status that they had");
  auto options = std::make_shared<Options>();
  std::vector<std::string> formats;
  for (const auto& [name, format] : report::kFormats) formats.emplace_back(name);
  command->add_option("FILE", options->files, "The JSON lines of a run; several for a matrix")
      ->required();
  command->add_option("--format", options->format, "What to make of them")
      ->capture_default_str()
      ->check(CLI::IsMember(formats));
  command->add_option("-o,--output", options->output, "Write to this file instead of stdout")
      ->type_name("FILE");
  command->add_flag("--merge", options->merge, "The files are the shards of one run");
  command
      ->add_option("--baseline", options->baseline,
                   "Show what changed since this run; only what is worse now sets the status")
      ->type_name("FILE");
  command
      ->add_option("--withhold", options->withhold,
                   "Publish nothing of these cases of a client: skopeo:digest.size-*")
      ->type_name("CLIENT:ID");
  command
      ->add_option(
          "--note", options->note,
          "A sentence above the table of `html` and `markdown`: what its readers should know")
      ->type_name("TEXT");
  command->callback([&action, options] { action = [options] { return Run(*options); }; });
}

}  // namespace pullproof::cli
