// pullproof resolve: from a spin.toml to a lock and the assets that it names.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/document.h"
#include "base/table_reader.h"
#include "cli/command.h"
#include "cli/progress_view.h"
#include "cli/surroundings.h"
#include "resolver/progress.h"
#include "resolver/resolver.h"

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
  bool paranoid = false;
  bool json = false;
  std::string profile;
  std::string wasm_pkg_config;
  NetworkOptions network;
};

void PrintStart(const std::string& manifest) {
  fmt::print(R"({{"event":"resolving","manifest":{}}})"
             "\n",
             CanonicalJsonString(manifest));
}

void PrintProblem(std::string_view event, const std::string& id, const std::string& message,
                  const std::string& where) {
  fmt::print(R"({{"event":"{}","id":"{}","message":{},"where":{}}})"
             "\n",
             event, id, CanonicalJsonString(message), CanonicalJsonString(where));
}

// The last event is `done` or `error`.
void PrintEnd(const resolver::ResolveOptions& what, const Result<resolver::ResolveReport>& report,
              const Diagnostics& file) {
  if (!report) {
    const Error& error = report.error();
    PrintProblem("error", error.id, error.message, error.where);
    return;
  }
  for (const Diagnostic& warning : report->warnings) {
    PrintProblem("warning", warning.id, warning.message, FormatPosition(file.name(), warning.at));
  }
  for (const std::string& note : report->notes) {
    fmt::print(R"({{"event":"unstated","text":{}}})"
               "\n",
               CanonicalJsonString(note));
  }
  fmt::print(R"({{"event":"done","lock":{},"assets":{}}})"
             "\n",
             CanonicalJsonString(what.lock.string()), CanonicalJsonString(what.assets.string()));
}

// Where wasm-pkg has its configuration; empty when there is no home to look in.
std::filesystem::path DefaultWasmPkgConfig() {
  const char* base = std::getenv("XDG_CONFIG_HOME");
  if (base != nullptr && *base == '/') {
    return std::filesystem::path(base) / "wasm-pkg" / "config.toml";
  }
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return {};
  return std::filesystem::path(home) / ".config" / "wasm-pkg" / "config.toml";
}

// A configuration that was named must be there; the usual one need not be.
Result<void> ReadWasmPkgConfig(const std::string& named, FileSystem& files,
                               resolver::Environment& environment) {
  const std::filesystem::path path =
      named.empty() ? DefaultWasmPkgConfig() : std::filesystem::path(named);
  if (path.empty()) return {};
  auto text = files.Read(path, DocumentLimits{}.max_bytes);
  if (!text && named.empty() && text.error().id == "file.not-found") return {};
  if (!text) return std::unexpected(std::move(text).error());
  environment.wasm_pkg_config = *std::move(text);
  environment.wasm_pkg_config_name = path.string();
  return {};
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
  what.cache = CacheDirectory(options.cache);
  what.offline = options.offline;
  what.strict = options.strict;
  what.locked = options.locked;
  what.paranoid = options.paranoid;
  what.profile = options.profile;

  auto surroundings = Surroundings::Make(options.network);
  if (!surroundings) {
    PrintError(surroundings.error());
    return kMisuse;
  }
  resolver::Environment environment = (*surroundings)->environment();
  if (auto read = ReadWasmPkgConfig(options.wasm_pkg_config, *environment.files, environment);
      !read) {
    PrintError(read.error());
    return kFailed;
  }
  ProgressView view(ChooseStyle(options.json, stderr), *environment.clock,
                    options.json ? stdout : stderr);
  resolver::ProgressTransport watched(
      *environment.transport, [&](const resolver::ProgressEvent& event) { view.On(event); });
  environment.transport = &watched;
  if (options.json) PrintStart(options.manifest);
  Diagnostics file(options.manifest);
  const Result<resolver::ResolveReport> report = resolver::Resolve(what, environment, &file);
  view.Finish();
  if (options.json) PrintEnd(what, report, file);
  if (!report) {
    PrintFailure(report.error(), file);
    return kFailed;
  }
  PrintWarnings(file, report->warnings, report->notes);
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
  command
      ->add_option("--wasm-pkg-config", options->wasm_pkg_config,
                   "Where packages are looked for (default: wasm-pkg/config.toml in the user's "
                   "configuration)")
      ->type_name("FILE");
  command->add_flag("--paranoid", options->paranoid,
                    "Hash everything that comes out of the cache, also what looks untouched");
  command->add_flag("--strict", options->strict, "Treat warnings as errors");
  command->add_flag("--json", options->json,
                    "Say on standard output what happens, one JSON object an event");
  command->footer(
      "Examples:\n"
      "  pullproof resolve                              spin.toml here, to spin.lock and "
      ".spin/assets\n"
      "  pullproof resolve --locked --offline           what the lock says, out of the cache, or "
      "fail\n"
      "  pullproof resolve shop/spin.toml -o /tmp/spin.lock --assets /tmp/assets");
  AddNetworkOptions(*command, options->network);
  command->callback([&action, options] { action = [options] { return Run(*options); }; });
}

}  // namespace pullproof::cli
