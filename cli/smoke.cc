// pullproof smoke: whether a client can be driven at all, in a second or two.
#include <unistd.h>

#include <iostream>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/suite_option.h"
#include "conformance/client/catalogue.h"
#include "conformance/report/run.h"
#include "conformance/report/table.h"
#include "conformance/runner.h"

namespace pullproof::cli {
namespace {

namespace report = conformance::report;

// An honest case for each of the verbs that nearly every client has.
constexpr const char* kHonestPull = "digest.honest";
constexpr const char* kHonestListing = "tags.one-page";
// A client that needs longer for four requests on this machine is not about to be driven.
constexpr Duration kBudget = std::chrono::seconds(10);

int Run(const std::string& name) {
  const auto suite = OpenSuite({});
  if (!suite) return kHarness;
  const auto client = conformance::client::OpenClient(name, conformance::client::Wire::kSockets);
  if (!client) {
    PrintError(client.error());
    return kMisuse;
  }
  conformance::RunOptions options;
  options.selection.run = {kHonestPull, kHonestListing};
  options.budget = kBudget;
  options.harness = "pullproof " PULLPROOF_VERSION;
  options.again = fmt::format("pullproof test --client {} --keep --run", name);
  report::TableSink table(std::cout, report::StyleFor(STDOUT_FILENO));
  const auto summary = conformance::RunSuite(*suite, options, **client, table);
  if (!summary) {
    PrintError(summary.error());
    return kHarness;
  }
  const std::size_t done = summary->Count(report::Verdict::kPass);
  const int status = report::ExitStatus(*summary);
  if (status != kAsExpected) {
    std::cout << "\nThe suite would say nothing about this client yet: see above.\n";
    return status;
  }
  if (done == 0) {
    std::cout << "\nIt can neither pull nor list tags, and is as good as not there.\n";
    return kFailed;
  }
  std::cout << "\nIt can be driven.\n";
  return kAsExpected;
}

}  // namespace

void AddSmoke(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "smoke", "Whether a client, or the adapter before it, can be driven: two honest cases");
  auto name = std::make_shared<std::string>();
  command
      ->add_option("--client", *name,
                   "A name of `pullproof list --clients`, a profile's file, or adapter:PROGRAM")
      ->required()
      ->type_name("CLIENT");
  command->callback([&action, name] { action = [name] { return Run(*name); }; });
}

}  // namespace pullproof::cli
