#include <exception>
#include <string>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/error.h"
#include "cli/command.h"

namespace pullproof::cli {
namespace {

constexpr std::string_view kDescription =
    "The test harness that proves what an OCI client does.\n"
    "\n"
    "Serve scripted registries, judge clients by a suite of cases, and resolve Spin components\n"
    "from registries. Everything stays on this machine's loopback.";

constexpr std::string_view kFooter =
    "Examples:\n"
    "  pullproof test                          judge the built-in client by the whole suite\n"
    "  pullproof test --client skopeo          judge the skopeo that is installed here\n"
    "  pullproof explain pull.blob.flipped     what a case does, and what it rests on\n"
    "  pullproof serve case.toml               play the registry of a case, for any client\n"
    "  pullproof check my-cases/*.toml         find the mistakes in fixtures and cases\n"
    "  pullproof inspect ghcr.io/acme/shop:1   what an application holds and asks for\n"
    "  pullproof add ghcr.io/acme/shop:1       put a component of it into spin.toml, pinned\n"
    "  pullproof resolve spin.toml             pull, verify, merge and lock remote components\n"
    "  pullproof push spin.toml REF            publish it as a Spin application\n"
    "\n"
    "Exit status: 0 as expected, 1 a case failed or an input was refused, 2 the command line or\n"
    "a fixture is wrong, 3 pullproof itself could not work.";

int Main(int argc, char** argv) {
  CLI::App app{std::string(kDescription), "pullproof"};
  app.footer(std::string(kFooter));
  app.require_subcommand(1);
  app.set_version_flag("--version", "pullproof " PULLPROOF_VERSION);
  Action action;
  AddTest(app, action);
  AddSmoke(app, action);
  AddList(app, action);
  AddExplain(app, action);
  AddNew(app, action);
  AddCheck(app, action);
  AddServe(app, action);
  AddExport(app, action);
  AddRecord(app, action);
  AddReport(app, action);
  AddResolve(app, action);
  AddInspect(app, action);
  AddAdd(app, action);
  AddPush(app, action);
  AddCache(app, action);
  AddLogin(app, action);
  AddLogout(app, action);
  AddReference(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // 0 for --help and --version, which end parsing in the same way.
    return app.exit(error) == 0 ? kAsExpected : kMisuse;
  }
  return action();
}

}  // namespace

void PrintError(const Error& error) { fmt::print(stderr, "pullproof: {}\n", Describe(error)); }

void PrintDiagnostics(const Diagnostics& problems) {
  for (const Diagnostic& problem : problems.all()) {
    fmt::print(stderr, "{}\n", FormatDiagnostic(problems, problem));
  }
}

std::string CheckDuration(const std::string& text) {
  const Result<Duration> duration = ParseDuration(text);
  return duration ? std::string() : Describe(duration.error());
}

}  // namespace pullproof::cli

int main(int argc, char** argv) {
  try {
    return pullproof::cli::Main(argc, argv);
  } catch (const std::exception& error) {
    pullproof::cli::PrintError({"internal", error.what(), {}, "this is a bug; please report it"});
    return pullproof::cli::kHarness;
  }
}
