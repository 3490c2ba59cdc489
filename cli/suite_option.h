// The option --suite of every subcommand that works on cases: the embedded suite, or a directory.
#ifndef PULLPROOF_CLI_SUITE_OPTION_H_
#define PULLPROOF_CLI_SUITE_OPTION_H_

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "conformance/suite.h"

namespace pullproof::cli {

void AddSuiteOption(CLI::App& command, std::string& path);

// Nullopt after printing every complaint to stderr. `path` empty: the embedded suite.
std::optional<conformance::Suite> OpenSuite(const std::string& path);

}  // namespace pullproof::cli

#endif  // PULLPROOF_CLI_SUITE_OPTION_H_
