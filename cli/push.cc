// pullproof push: publish a spin.toml as Spin would.
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/document.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/surroundings.h"
#include "oci/reference.h"
#include "resolver/publish.h"

namespace pullproof::cli {
namespace {

struct Options {
  std::string manifest;
  std::string reference;
  std::string cache;
  std::string profile;
  bool strict = false;
  bool json = false;
  bool archive = false;
  bool no_annotations = false;
  bool created = false;
  std::vector<std::string> annotations;
  NetworkOptions network;
};

std::string_view Word(resolver::registry_client::BlobPush became) {
  using resolver::registry_client::BlobPush;
  return became == BlobPush::kUploaded  ? "uploaded"
         : became == BlobPush::kMounted ? "mounted"
                                        : "existed";
}

std::string CheckAnnotation(const std::string& text) {
  const std::size_t equals = text.find('=');
  return equals == std::string::npos || equals == 0 ? "an annotation is KEY=VALUE" : std::string();
}

resolver::publish::BuildOptions BuildOptionsOf(const Options& options, const Clock& clock) {
  resolver::publish::BuildOptions build;
  build.default_annotations = !options.no_annotations;
  build.archive_files = options.archive;
  if (options.created) {
    const auto now = std::chrono::floor<std::chrono::seconds>(clock.Wall());
    build.annotations["org.opencontainers.image.created"] = fmt::format(
        "{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
  }
  for (const std::string& annotation : options.annotations) {
    const std::size_t equals = annotation.find('=');
    build.annotations[annotation.substr(0, equals)] = annotation.substr(equals + 1);
  }
  return build;
}

void PrintReport(const Options& options, const oci::Reference& reference,
                 const resolver::publish::UploadReport& upload) {
  if (options.json) {
    fmt::print(
        R"({{"event":"done","reference":{},"digest":"{}","uploaded":{},"mounted":{},"existed":{},"uploaded_bytes":{}}})"
        "\n",
        CanonicalJsonString(reference.ToString()), upload.digest.ToString(), upload.uploaded,
        upload.mounted, upload.existed, upload.uploaded_bytes);
    return;
  }
  fmt::print(stderr, "{} uploaded ({} bytes), {} mounted, {} there already\n", upload.uploaded,
             upload.uploaded_bytes, upload.mounted, upload.existed);
  fmt::print("{}@{}\n", reference.ToString(), upload.digest.ToString());
}

int Run(const Options& options) {
  const auto reference = oci::Reference::Parse(options.reference);
  if (!reference) {
    PrintError(reference.error());
    return kFailed;
  }
  auto surroundings = Surroundings::Make(options.network);
  if (!surroundings) {
    PrintError(surroundings.error());
    return kMisuse;
  }
  auto staging = TemporaryDirectory::Create("pullproof-push");
  if (!staging) {
    PrintError(staging.error());
    return kHarness;
  }
  resolver::PublishOptions what{
      .manifest = options.manifest,
      .lock = std::filesystem::path(options.manifest).parent_path() / "spin.lock",
      .cache = CacheDirectory(options.cache),
      .staging = staging->path(),
      .reference = *reference};
  what.strict = options.strict;
  what.profile = options.profile;
  what.build = BuildOptionsOf(options, (*surroundings)->clock());
  if (options.json) {
    what.on_blob = [](const oci::Descriptor& blob, resolver::registry_client::BlobPush became) {
      fmt::print(R"({{"event":"blob","digest":"{}","size":{},"media_type":{},"state":"{}"}})"
                 "\n",
                 blob.digest.ToString(), blob.size, CanonicalJsonString(blob.media_type),
                 Word(became));
    };
  }
  Diagnostics manifest(options.manifest);
  const auto report = resolver::Publish(what, (*surroundings)->environment(), &manifest);
  if (!report) {
    PrintFailure(report.error(), manifest);
    return kFailed;
  }
  PrintWarnings(manifest, report->warnings, report->notes);
  PrintReport(options, *reference, report->upload);
  return kAsExpected;
}

}  // namespace

void AddPush(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "push",
      "Publish a spin.toml as a Spin application: resolve it, build the artifact as Spin lays it\n"
      "out, push what the registry lacks, and print REFERENCE@DIGEST. The same input makes the\n"
      "same digest.");
  command->footer(
      "Examples:\n"
      "  pullproof push spin.toml ghcr.io/acme/shop:1.0\n"
      "  pullproof push spin.toml localhost:5000/shop:dev --json\n"
      "  pullproof push spin.toml ghcr.io/acme/shop:1.0 --annotation "
      "org.opencontainers.image.source=URL");
  auto options = std::make_shared<Options>();
  command->add_option("MANIFEST", options->manifest, "The manifest")->required();
  command->add_option("REF", options->reference, "[HOST[:PORT]/]REPOSITORY[:TAG] to push to")
      ->required();
  command
      ->add_option("--annotation", options->annotations,
                   "KEY=VALUE for the artifact's manifest; an empty value makes none")
      ->type_name("KEY=VALUE")
      ->check(CheckAnnotation);
  command->add_flag("--no-default-annotations", options->no_annotations,
                    "No authors, title, description and version out of the manifest");
  command->add_flag("--created", options->created,
                    "Annotate the time of this run; every push then has a digest of its own");
  command->add_flag("--archive", options->archive,
                    "One archive layer a component, as is done above 499 layers");
  command
      ->add_option("--profile", options->profile,
                   "Lay this build profile over the components that have it")
      ->type_name("NAME");
  command->add_option("--cache-dir", options->cache,
                      "Verified content by digest (default: the user's cache)");
  command->add_flag("--strict", options->strict, "Treat warnings as errors");
  command->add_flag("--json", options->json, "One JSON object a blob, and one at the end");
  AddNetworkOptions(*command, options->network);
  command->callback([&action, options] { action = [options] { return Run(*options); }; });
}

}  // namespace pullproof::cli
