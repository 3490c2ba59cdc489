// pullproof add: a component of a registry, put into a spin.toml.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/surroundings.h"
#include "oci/digest.h"
#include "resolver/add.h"

namespace pullproof::cli {
namespace {

struct Options {
  std::string reference;
  std::string manifest = "spin.toml";
  std::string id;
  std::string digest;
  std::string name;
  std::string cache;
  bool offline = false;
  NetworkOptions network;
};

void PrintReport(const std::string& manifest, const resolver::AddReport& report) {
  fmt::print("Added to {}:\n\n{}\n", manifest, Printable(report.table, KeepLines::kYes));
  if (!report.unstated.empty()) {
    fmt::print(
        "It asks for what `{}` does not state. As far as you agree, put this into {}:\n\n{}\n",
        report.id, manifest, Printable(report.unstated, KeepLines::kYes));
  }
  if (report.is_served) return;
  std::string served;
  for (const std::string& type : report.trigger_types) {
    served += fmt::format("{}{}", served.empty() ? "" : ", ", type);
  }
  fmt::print(
      "No trigger names it yet{}.\n",
      served.empty() ? std::string() : Printable(fmt::format("; it was made for: {}", served)));
}

int Run(const Options& options) {
  resolver::AddOptions what{.manifest = options.manifest,
                            .reference = options.reference,
                            .id = options.id,
                            .digest = std::nullopt,
                            .name = options.name,
                            .cache = CacheDirectory(options.cache),
                            .offline = options.offline};
  if (!options.digest.empty()) {
    auto digest = oci::Digest::Parse(options.digest);
    if (!digest) {
      PrintError(digest.error());
      return kFailed;
    }
    what.digest = *std::move(digest);
  }
  auto surroundings = Surroundings::Make(options.network);
  if (!surroundings) {
    PrintError(surroundings.error());
    return kMisuse;
  }
  Diagnostics manifest(options.manifest);
  const auto report = resolver::Add(what, (*surroundings)->environment(), &manifest);
  if (!report) {
    PrintFailure(report.error(), manifest);
    return kFailed;
  }
  PrintReport(options.manifest, *report);
  return kAsExpected;
}

}  // namespace

void AddAdd(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "add",
      "Put a component of a registry into a spin.toml: pinned by the digests of manifest and "
      "Wasm,\n"
      "without touching any other byte of the file. Says what is left for you to grant.");
  command->footer(
      "Examples:\n"
      "  pullproof add ghcr.io/acme/shop:1.0 --id static-files\n"
      "  pullproof add ghcr.io/acme/shop:1.0 --id static-files --name assets\n"
      "  pullproof add ghcr.io/acme/md2html:1.2.0        a Wasm package, as a module");
  auto options = std::make_shared<Options>();
  command->add_option("REF", options->reference, "[HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]")
      ->required();
  command->add_option("--manifest,-f", options->manifest, "The file to edit")
      ->capture_default_str();
  auto* id = command->add_option("--id", options->id,
                                 "The component to take; may be left out when there is only one");
  command
      ->add_option("--digest", options->digest,
                   "Take the Wasm layer of this digest alone, without any configuration")
      ->excludes(id);
  command->add_option("--name", options->name,
                      "Its id in the manifest (default: its id in the package)");
  command->add_flag("--offline", options->offline, "Ask no registry, only the cache");
  command->add_option("--cache-dir", options->cache,
                      "Verified content by digest (default: the user's cache)");
  AddNetworkOptions(*command, options->network);
  command->callback([&action, options] { action = [options] { return Run(*options); }; });
}

}  // namespace pullproof::cli
