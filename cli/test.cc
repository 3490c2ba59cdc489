// pullproof test: a client, judged by the suite.
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/suite_option.h"
#include "conformance/client/catalogue.h"
#include "conformance/report/json_lines.h"
#include "conformance/report/run.h"
#include "conformance/report/table.h"
#include "conformance/report/write.h"
#include "conformance/runner.h"

namespace pullproof::cli {
namespace {

namespace report = conformance::report;

struct Options {
  std::string suite;
  std::string client = "builtin";
  bool in_process = false;
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
  return command + " --run";
}

conformance::RunOptions RunOptionsOf(const Options& options) {
  conformance::RunOptions run;
  run.run = options.run;
  run.skip = options.skip;
  run.jobs = options.jobs;
  if (!options.timeout.empty()) run.budget = *ParseDuration(options.timeout);
  run.keep = options.keep;
  run.harness = "pullproof " PULLPROOF_VERSION;
  run.again = Again(options);
  return run;
}

// Both files or an error; each file whole or not at all.
Result<void> WriteReports(const Options& options, const report::Run& run) {
  SystemFileSystem files;
  if (!options.json.empty()) {
    PULLPROOF_RETURN_IF_ERROR(
        report::WriteReport(files, options.json, run, report::Format::kJsonLines));
  }
  if (!options.junit.empty()) {
    PULLPROOF_RETURN_IF_ERROR(
        report::WriteReport(files, options.junit, run, report::Format::kJunit));
  }
  return {};
}

int Run(const Options& options) {
  const auto suite = OpenSuite(options.suite);
  if (!suite) return kMisuse;
  const auto wire = options.in_process ? conformance::client::Wire::kInProcess
                                       : conformance::client::Wire::kSockets;
  const auto client = conformance::client::OpenClient(options.client, wire);
  if (!client) {
    PrintError(client.error());
    return kMisuse;
  }
  report::TableSink table(std::cout, report::StyleFor(STDOUT_FILENO));
  report::JsonLinesSink lines(std::cout);
  report::Collector collector;
  report::Sink& visible = options.stream_json ? static_cast<report::Sink&>(lines) : table;
  report::Tee sink({&visible, &collector});
  const auto summary = conformance::RunSuite(*suite, RunOptionsOf(options), **client, sink);
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
          "Who is judged: a name of `pullproof list --clients`, or the file that describes "
          "a client (docs/clients.md)")
      ->capture_default_str()
      ->type_name("CLIENT");
  command->add_flag("--in-process", options->in_process,
                    "A built-in client without sockets: straight into the registry's core");
  command->add_option("--run", options->run, "Only cases whose id matches one of these globs")
      ->type_name("GLOB");
  command->add_option("--skip", options->skip, "But not those that match one of these")
      ->type_name("GLOB");
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
