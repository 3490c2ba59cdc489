// The command line: one thin file a subcommand. Each declares its options and puts what it will do
// into `Command::run`; main.cc parses and runs the chosen one.
#ifndef PULLPROOF_CLI_COMMAND_H_
#define PULLPROOF_CLI_COMMAND_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/table_reader.h"

namespace pullproof::cli {

// Documented in README.md and in --help; scripts rely on them.
enum ExitStatus : int {
  kAsExpected = 0,
  kFailed = 1,   // a case failed; a reference, an artifact or a spin.toml was refused
  kMisuse = 2,   // the command line or a fixture is wrong
  kHarness = 3,  // pullproof itself could not work
};

// What main() runs after parsing; empty while no subcommand was chosen.
using Action = std::function<int()>;

void AddServe(CLI::App& app, Action& action);
void AddRecord(CLI::App& app, Action& action);
void AddCache(CLI::App& app, Action& action);
void AddCheck(CLI::App& app, Action& action);
void AddList(CLI::App& app, Action& action);
void AddExplain(CLI::App& app, Action& action);
void AddExport(CLI::App& app, Action& action);
void AddNew(CLI::App& app, Action& action);
void AddTest(CLI::App& app, Action& action);
void AddSmoke(CLI::App& app, Action& action);
void AddReport(CLI::App& app, Action& action);
void AddPush(CLI::App& app, Action& action);
void AddInspect(CLI::App& app, Action& action);
void AddAdd(CLI::App& app, Action& action);
void AddResolve(CLI::App& app, Action& action);
void AddLogin(CLI::App& app, Action& action);
void AddLogout(CLI::App& app, Action& action);
void AddReference(CLI::App& app, Action& action);

// To stderr, as Describe and FormatDiagnostic show them.
void PrintError(const Error& error);
void PrintDiagnostics(const Diagnostics& problems);
// A CLI11 check for options that take a duration.
std::string CheckDuration(const std::string& text);

}  // namespace pullproof::cli

#endif  // PULLPROOF_CLI_COMMAND_H_
