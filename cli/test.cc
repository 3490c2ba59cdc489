// pullproof test: a client, judged by the suite.
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/suite_option.h"
#include "cli/test_server.h"
#include "conformance/client/catalogue.h"
#include "conformance/known_cases.h"
#include "conformance/report/json_lines.h"
#include "conformance/report/run.h"
#include "conformance/report/table.h"
#include "conformance/report/write.h"
#include "conformance/runner.h"
#include "conformance/selection.h"

namespace pullproof::cli {
namespace {

namespace report = conformance::report;

struct Options {
  std::string suite;
  std::string client = "builtin";
  std::string server;  // a registry instead of a client
  bool in_process = false;
  std::string known;
  std::string write_known;
  std::string level = "INFO";
  bool strict = false;
  std::string shard = "1/1";
  std::size_t repeat = 1;
  std::optional<std::uint64_t> seed;
  bool trace = false;
  std::vector<std::string> run;
  std::vector<std::string> skip;
  std::size_t jobs = 8;  // cases mostly wait: for back-offs, for the client, for each other
  std::string timeout;
  bool keep = false;
  bool stream_json = false;
  std::string json;
  std::string junit;
};

// What is added to an id to run that case alone, again, in the same way.
std::string Again(const Options& options) {
  std::string command = "pullproof test";
  if (options.client != "builtin") command += " --client " + options.client;
  if (options.in_process) command += " --in-process";
  if (!options.suite.empty()) command += " --suite " + options.suite;
  if (options.strict) command += " --strict";
  if (options.seed) command += fmt::format(" --seed {}", *options.seed);
  return command + " --run";
}

conformance::Level LevelOf(std::string_view name) {
  const auto found =
      std::ranges::find(mockregistry::content::kLevels, name,
                        &std::pair<std::string_view, mockregistry::content::Level>::first);
  return found->second;  // CLI11 has refused every other name
}

conformance::RunOptions RunOptionsOf(const Options& options, const conformance::Shard& shard,
                                     const conformance::KnownCases* known) {
  conformance::RunOptions run;
  run.selection = {
      .run = options.run, .skip = options.skip, .level = LevelOf(options.level), .shard = shard};
  run.jobs = options.jobs;
  run.repeat = options.repeat;
  run.seed = options.seed;
  if (options.strict) run.strictness = conformance::judge::Strictness::kStrict;
  run.known = known;
  if (!options.timeout.empty()) run.budget = *ParseDuration(options.timeout);
  run.keep = options.keep;
  // What waits in this process waits on a clock that only the waiting moves.
  if (options.in_process) run.clock_of_case = [] { return std::make_unique<ManualClock>(); };
  run.harness = "pullproof " PULLPROOF_VERSION;
  run.again = Again(options);
  return run;
}

// Every file or an error; each file whole or not at all.
Result<void> WriteReports(const Options& options, const report::Run& run) {
  SystemFileSystem files;
  const std::span<const report::Run> one(&run, 1);
  if (!options.json.empty()) {
    PULLPROOF_RETURN_IF_ERROR(
        report::WriteReport(files, options.json, one, report::Format::kJsonLines));
  }
  if (!options.junit.empty()) {
    PULLPROOF_RETURN_IF_ERROR(
        report::WriteReport(files, options.junit, one, report::Format::kJunit));
  }
  if (!options.write_known.empty()) {
    PULLPROOF_RETURN_IF_ERROR(
        WriteFile(files, options.write_known, conformance::WriteKnownCases(run)));
  }
  return {};
}

// The list of --known-failing; nullopt after printing every complaint.
std::optional<conformance::KnownCases> OpenKnown(const std::string& path,
                                                 const conformance::Suite& suite,
                                                 std::string_view client) {
  SystemFileSystem files;
  const Result<std::string> text = files.Read(path, DocumentLimits{}.max_bytes);
  if (!text) {
    PrintError(text.error());
    return std::nullopt;
  }
  Diagnostics problems(path);
  auto known = conformance::ReadKnownCases(*text, path, suite, client, problems);
  PrintDiagnostics(problems);
  return known;
}

// Shows a run and writes what the options ask for. `run` takes the sink, and gives the summary or
// why there was none.
template <typename RunInto>
int Judge(const Options& options, const RunInto& run) {
  report::TableSink table(std::cout, report::StyleFor(STDOUT_FILENO),
                          options.trace ? report::Detail::kTrace : report::Detail::kLine);
  report::JsonLinesSink lines(std::cout);
  report::Collector collector;
  report::Sink& visible = options.stream_json ? static_cast<report::Sink&>(lines) : table;
  report::Tee sink({&visible, &collector});
  const auto summary = run(sink);
  if (!summary) {
    PrintError(summary.error());
    return kMisuse;
  }
  if (const Result<void> written = WriteReports(options, collector.run()); !written) {
    PrintError(written.error());
    return kHarness;
  }
  return report::ExitStatus(*summary);
}

// A registry instead of a client, with the same reports.
int RunServer(const Options& options) {
  return Judge(options, [&](report::Sink& sink) {
    return TestServer({.url = options.server,
                       .run = options.run,
                       .skip = options.skip,
                       .level = LevelOf(options.level)},
                      sink);
  });
}

int Run(const Options& options) {
  if (!options.server.empty()) return RunServer(options);
  const auto suite = OpenSuite(options.suite);
  if (!suite) return kMisuse;
  const auto wire = options.in_process ? conformance::client::Wire::kInProcess
                                       : conformance::client::Wire::kSockets;
  const auto client = conformance::client::OpenClient(options.client, wire);
  if (!client) {
    PrintError(client.error());
    return kMisuse;
  }
  const auto shard = conformance::Shard::Parse(options.shard);
  if (!shard) {
    PrintError(shard.error());
    return kMisuse;
  }
  std::optional<conformance::KnownCases> known;
  if (!options.known.empty()) {
    known = OpenKnown(options.known, *suite, (*client)->name());
    if (!known) return kMisuse;
  }
  return Judge(options, [&](report::Sink& sink) {
    return conformance::RunSuite(*suite, RunOptionsOf(options, *shard, known ? &*known : nullptr),
                                 **client, sink);
  });
}

}  // namespace

void AddTest(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "test",
      "Judge a client by the suite: each case gets a registry, a home and an output directory of\n"
      "its own. What fails is told in full: what was expected, what the registry saw, and how to\n"
      "run only that again.");
  auto options = std::make_shared<Options>();
  AddSuiteOption(*command, options->suite);
  command
      ->add_option(
          "--client", options->client,
          "Who is judged: a name of `pullproof list --clients`, the file that describes a client "
          "(docs/clients.md), or adapter:PROGRAM (docs/adapter-protocol.md)")
      ->capture_default_str()
      ->type_name("CLIENT");
  CLI::Option* const server =
      command
          ->add_option("--server", options->server,
                       "Judge a registry on loopback instead, by cases of its own "
                       "(docs/server-cases.md)")
          ->type_name("URL");
  server->excludes("--client")->excludes("--suite");
  command->add_flag("--in-process", options->in_process,
                    "A built-in client without sockets: straight into the registry's core");
  command->add_option("--run", options->run, "Only cases whose id matches one of these globs")
      ->type_name("GLOB");
  command->add_option("--skip", options->skip, "But not those that match one of these")
      ->type_name("GLOB");
  std::vector<std::string> levels;
  for (const auto& [name, level] : mockregistry::content::kLevels) levels.emplace_back(name);
  command->add_option("--level", options->level, "Only cases of this level and above")
      ->capture_default_str()
      ->check(CLI::IsMember(levels));
  command->add_flag("--strict", options->strict,
                    "A SHOULD within a MUST case weighs as much as the case itself");
  command
      ->add_option("--shard", options->shard,
                   "Only this part of the selected cases; `report --merge` puts the parts together")
      ->type_name("I/N");
  command
      ->add_option("--repeat", options->repeat,
                   "Run each case so often; one that does not always come to the same is flaky")
      ->check(CLI::Range(std::size_t{1}, conformance::kMaxRepeat));
  command->add_option("--seed", options->seed,
                      "Begin the cases in another order, and draw other chances");
  command
      ->add_option("--known-failing", options->known,
                   "Cases that are known to fail, with the reason: a pass of one fails the run")
      ->type_name("FILE");
  command
      ->add_option("--write-known-failing", options->write_known,
                   "Write such a list of all that fails now")
      ->type_name("FILE");
  command->add_flag("--trace", options->trace, "Show every exchange with its header lines");
  command->add_option("--jobs", options->jobs, "Cases side by side")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, conformance::kMaxJobs));
  command
      ->add_option("--timeout", options->timeout,
                   "How long one step may take before it is a hang (default: 30s)")
      ->check(CheckDuration);
  command->add_flag("--keep", options->keep, "Leave each case's directory, and say where");
  command->add_flag("--json-lines", options->stream_json,
                    "Print JSON lines as the cases end, instead of the table");
  command->add_option("--report", options->json, "Also write the JSON lines to this file")
      ->type_name("FILE");
  command->add_option("--junit", options->junit, "Also write JUnit's XML to this file")
      ->type_name("FILE");
  command->callback([&action, options] { action = [options] { return Run(*options); }; });
}

}  // namespace pullproof::cli
