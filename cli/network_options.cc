#include "cli/network_options.h"

#include <cstdlib>
#include <optional>

namespace pullproof::cli {

void AddNetworkOptions(CLI::App& command, NetworkOptions& options) {
  command
      .add_option("--ca-file", options.ca_file,
                  "Trust the certificate authorities in this PEM file instead of the system's\n"
                  "(default: SSL_CERT_FILE)")
      ->type_name("FILE");
  command
      .add_option("--plain-http", options.plain_http,
                  "HOST[:PORT] of a registry that speaks http; loopback always may")
      ->type_name("HOST");
}

Result<resolver::transport::CurlOptions> TransportOptions(const NetworkOptions& options) {
  PULLPROOF_ASSIGN_OR_RETURN(
      auto transport,
      resolver::transport::OptionsFrom([](const std::string& name) -> std::optional<std::string> {
        const char* const value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
      }));
  if (!options.ca_file.empty()) transport.ca_file = options.ca_file;
  return transport;
}

}  // namespace pullproof::cli
