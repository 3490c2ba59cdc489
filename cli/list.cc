// pullproof list: the cases of a suite, the clients that are known by name, the profiles of
// registries.
#include <algorithm>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/suite_option.h"
#include "conformance/client/catalogue.h"
#include "mockregistry/profile.h"

namespace pullproof::cli {
namespace {

struct Options {
  std::string suite;
  std::string run = "*";
  bool clients = false;
  bool profiles = false;
};

// Each profile of a registry, its quirks, and where each was reported.
void PrintProfiles() {
  for (const mockregistry::Profile& profile : mockregistry::Profiles()) {
    fmt::print("{}  {}\n", profile.name, profile.title);
    for (const mockregistry::Quirk& quirk : profile.quirks) {
      fmt::print("  {}\n    {}\n", quirk.what, quirk.link);
    }
  }
}

int Run(const Options& options) {
  if (options.profiles) {
    PrintProfiles();
    return kAsExpected;
  }
  if (options.clients) {
    for (const std::string& name : conformance::client::ClientNames()) fmt::print("{}\n", name);
    return kAsExpected;
  }
  const auto suite = OpenSuite(options.suite);
  if (!suite) return kMisuse;
  std::size_t widest = 0;
  for (const auto& one : suite->cases) widest = std::max(widest, one.id().size());
  for (const auto& one : suite->cases) {
    if (!GlobMatch(options.run, one.id())) continue;
    fmt::print("{:<{}}  {:<6}  {}\n", one.id(), widest,
               mockregistry::content::LevelName(one.level()),
               Printable(one.scenario->fixture.title));
  }
  return kAsExpected;
}

}  // namespace

void AddList(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("list", "List the cases: id, level, title");
  auto options = std::make_shared<Options>();
  AddSuiteOption(*command, options->suite);
  command->add_option("--run", options->run, "Only ids that match this glob")
      ->capture_default_str()
      ->type_name("GLOB");
  command->add_flag("--clients", options->clients, "List the clients instead, by name");
  command->add_flag(
      "--profiles", options->profiles,
      "List instead the profiles of registries that a fixture can name, with sources");
  command->callback([&action, options] { action = [options] { return Run(*options); }; });
}

}  // namespace pullproof::cli
