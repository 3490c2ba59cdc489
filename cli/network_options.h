// What every subcommand that talks to registries takes: whom to trust, who may speak plain http,
// and the proxies of the environment.
#ifndef PULLPROOF_CLI_NETWORK_OPTIONS_H_
#define PULLPROOF_CLI_NETWORK_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "resolver/transport/curl_transport.h"

namespace pullproof::cli {

struct NetworkOptions {
  std::string ca_file;
  std::vector<std::string> plain_http;
};

// Declares --ca-file and --plain-http. `options` must outlive the parsing.
void AddNetworkOptions(CLI::App& command, NetworkOptions& options);

// With what the environment says, where no option does. Error: transport.proxy.
Result<resolver::transport::CurlOptions> TransportOptions(const NetworkOptions& options);

}  // namespace pullproof::cli

#endif  // PULLPROOF_CLI_NETWORK_OPTIONS_H_
