#include "cli/surroundings.h"

#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"

namespace pullproof::cli {

Surroundings::Surroundings(resolver::transport::CurlOptions options)
    : credentials_(files_), transport_(std::move(options)) {
  environment_.transport = &transport_;
  environment_.clock = &clock_;
  environment_.files = &files_;
  environment_.registries.credentials = credentials_.source();
}

Result<std::unique_ptr<Surroundings>> Surroundings::Make(const NetworkOptions& options) {
  PULLPROOF_ASSIGN_OR_RETURN(auto transport, TransportOptions(options));
  auto made = std::unique_ptr<Surroundings>(new Surroundings(std::move(transport)));
  made->environment_.registries.plain_http = options.plain_http;
  return made;
}

std::filesystem::path CacheDirectory(const std::string& chosen) {
  if (!chosen.empty()) return chosen;
  const char* base = std::getenv("XDG_CACHE_HOME");
  if (base != nullptr && *base == '/') return std::filesystem::path(base) / "pullproof";
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home != '\0') {
    return std::filesystem::path(home) / ".cache" / "pullproof";
  }
  return ".pullproof-cache";
}

void PrintFailure(const Error& error, const Diagnostics& manifest) {
  if (!manifest.HasErrors()) {
    PrintError(error);
    return;
  }
  for (const Diagnostic& problem : manifest.all()) {
    fmt::print(stderr, "{}\n", FormatDiagnostic(manifest, problem));
  }
}

void PrintWarnings(const Diagnostics& manifest, const std::vector<Diagnostic>& warnings,
                   const std::vector<std::string>& notes) {
  for (const Diagnostic& warning : warnings) {
    fmt::print(stderr, "{}\n", FormatDiagnostic(manifest, warning));
  }
  for (const std::string& note : notes) {
    fmt::print(stderr, "{}\n", Printable(note, KeepLines::kYes));
  }
}

}  // namespace pullproof::cli
