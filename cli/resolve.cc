// pullproof resolve: from a spin.toml to a lock and the assets that it names.
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/table_reader.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/network_options.h"
#include "resolver/resolver.h"
#include "resolver/transport/curl_transport.h"

namespace pullproof::cli {
namespace {

struct Options {
  std::string manifest = "spin.toml";
  std::string lock;
  std::string assets;
  std::string cache;
  bool offline = false;
  bool strict = false;
  bool locked = false;
  std::string profile;
  NetworkOptions network;
};

// $XDG_CACHE_HOME/pullproof, as the base directory specification has it, else ~/.cache/pullproof.
std::filesystem::path DefaultCache() {
  const char* base = std::getenv("XDG_CACHE_HOME");
  if (base != nullptr && *base == '/') return std::filesystem::path(base) / "pullproof";
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home != '\0') {
    return std::filesystem::path(home) / ".cache" / "pullproof";
  }
  return ".pullproof-cache";
}

int Run(const Options& options) {
  const std::filesystem::path manifest(options.manifest);
  const std::filesystem::path directory = manifest.parent_path();
  resolver::ResolveOptions what;
  what.manifest = manifest;
  const auto chosen_or = [](const std::string& chosen, std::filesystem::path otherwise) {
    return chosen.empty() ? std::move(otherwise) : std::filesystem::path(chosen);
  };
  what.lock = chosen_or(options.lock, directory / "spin.lock");
  what.assets = chosen_or(options.assets, directory / ".spin" / "assets");
  what.cache = chosen_or(options.cache, DefaultCache());
  what.offline = options.offline;
  what.strict = options.strict;
  what.locked = options.locked;
  what.profile = options.profile;

  auto transport_options = TransportOptions(options.network);
  if (!transport_options) {
    PrintError(transport_options.error());
    return kMisuse;
  }
  SystemClock clock;
  SystemFileSystem files;
  resolver::transport::CurlTransport transport(*std::move(transport_options));
  resolver::Environment environment;
  environment.transport = &transport;
  environment.clock = &clock;
  environment.files = &files;
  environment.registries.plain_http = options.network.plain_http;
  Diagnostics file(options.manifest);
  const Result<resolver::ResolveReport> report = resolver::Resolve(what, environment, &file);
  if (!report && file.HasErrors()) {
    for (const Diagnostic& problem : file.all()) {
      fmt::print(stderr, "{}\n", FormatDiagnostic(file, problem));
    }
    return kFailed;
  }
  if (!report) {
    PrintError(report.error());
    return kFailed;
  }
  for (const Diagnostic& warning : report->warnings) {
    fmt::print(stderr, "{}\n", FormatDiagnostic(file, warning));
  }
  for (const std::string& note : report->notes) {
    fmt::print(stderr, "{}\n", Printable(note, KeepLines::kYes));
  }
  return kAsExpected;
}

}  // namespace

void AddResolve(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "resolve",
      "Resolve a spin.toml: components whose source is { reference = …, id = … } are pulled from\n"
      "their registry, verified, merged by docs/merge-rules.md, and locked. On any error neither\n"
      "lock nor assets change.");
  auto options = std::make_shared<Options>();
  command->add_option("MANIFEST", options->manifest, "The manifest")->capture_default_str();
  command->add_option("-o,--output", options->lock,
                      "The lock to write (default: spin.lock beside the manifest)");
  command->add_option(
      "--assets", options->assets,
      "The directory for Wasm and files, replaced as a whole (default: .spin/assets "
      "beside the manifest)");
  command->add_option(
      "--cache-dir", options->cache,
      "Verified content by digest, shared between runs (default: the user's cache)");
  command->add_flag("--offline", options->offline,
                    "Ask no registry; what the cache lacks is an error");
  command->add_flag("--locked", options->locked,
                    "Fail if the lock would change, and say where; only the assets are written");
  command
      ->add_option("--profile", options->profile,
                   "Lay this build profile over the components that have it")
      ->type_name("NAME");
  command->add_flag("--strict", options->strict, "Treat warnings as errors");
  AddNetworkOptions(*command, options->network);
  command->callback([&action, options] { action = [options] { return Run(*options); }; });
}

}  // namespace pullproof::cli
