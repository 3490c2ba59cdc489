// What the subcommands of the resolver take from the world: this machine's clock, files, network.
#ifndef PULLPROOF_CLI_SURROUNDINGS_H_
#define PULLPROOF_CLI_SURROUNDINGS_H_

#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/table_reader.h"
#include "cli/network_options.h"
#include "cli/user_credentials.h"
#include "resolver/resolver.h"
#include "resolver/transport/curl_transport.h"

namespace pullproof::cli {

class Surroundings {
 public:
  // Error: what is wrong with the options or the environment.
  static Result<std::unique_ptr<Surroundings>> Make(const NetworkOptions& options);
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;

  [[nodiscard]] const resolver::Environment& environment() const { return environment_; }
  [[nodiscard]] SystemFileSystem& files() { return files_; }
  [[nodiscard]] SystemClock& clock() { return clock_; }

 private:
  explicit Surroundings(resolver::transport::CurlOptions options);

  SystemClock clock_;
  SystemFileSystem files_;
  UserCredentials credentials_;
  resolver::transport::CurlTransport transport_;
  resolver::Environment environment_;
};

// `chosen`, else $XDG_CACHE_HOME/pullproof, as the base directory specification has it, else
// ~/.cache/pullproof.
std::filesystem::path CacheDirectory(const std::string& chosen);

// To stderr: everything that is wrong with the manifest when that is why, else the error.
void PrintFailure(const Error& error, const Diagnostics& manifest);
// To stderr: what a run that succeeded has to say.
void PrintWarnings(const Diagnostics& manifest, const std::vector<Diagnostic>& warnings,
                   const std::vector<std::string>& notes);

}  // namespace pullproof::cli

#endif  // PULLPROOF_CLI_SURROUNDINGS_H_
