// pullproof export: what a fixture serves, as files for other tools.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "cli/command.h"
#include "mockregistry/export.h"
#include "mockregistry/load_path.h"
#include "mockregistry/scenario.h"

namespace pullproof::cli {
namespace {

using mockregistry::content::Content;
using mockregistry::content::Repository;

struct Options {
  std::string fixture;
  std::string output;
  std::string repository;  // empty: the only one
  std::vector<std::string> tags;
  std::string format = "oci";
};

Result<Repository> Chosen(const Content& content, const Options& options) {
  PULLPROOF_ASSIGN_OR_RETURN(Repository repository,
                             mockregistry::FindRepository(content, options.repository));
  if (options.tags.empty()) return repository;
  return mockregistry::OnlyTags(content, repository, options.tags);
}

int Run(const Options& options) {
  SystemFileSystem files;
  Diagnostics problems(options.fixture);
  const auto scenario = mockregistry::LoadPath(options.fixture, files, problems);
  PrintDiagnostics(problems);
  if (scenario == nullptr) return kMisuse;
  const Result<Repository> repository = Chosen(scenario->content, options);
  if (!repository) {
    PrintError(repository.error());
    return kMisuse;
  }
  const auto write =
      options.format == "docker" ? &mockregistry::ExportDockerArchive : &mockregistry::ExportLayout;
  const Result<void> written = write(scenario->content, *repository, options.output, files);
  if (written) return kAsExpected;
  PrintError(written.error());
  return kFailed;
}

}  // namespace

void AddExport(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "export",
      "Write a repository of a fixture as an OCI image layout, or as docker save writes images.\n"
      "A fixture reads them back: repos.\"NAME\" = { layout = \"PATH\" }; so does `pullproof serve "
      "PATH`.");
  auto options = std::make_shared<Options>();
  command
      ->add_option("FIXTURE", options->fixture,
                   "Fixture file, TOML or JSON; or a layout or archive, to write it anew")
      ->required()
      ->check(CLI::ExistingPath);
  command
      ->add_option("OUTPUT", options->output,
                   "A directory that does not exist or is empty; for docker a file that does not")
      ->required();
  command->add_option("--repo", options->repository, "Which repository, if there are several")
      ->type_name("NAME");
  command
      ->add_option("--tag", options->tags, "Only this tag, and what it leads to; may be repeated")
      ->type_name("TAG");
  command->add_option("--format", options->format, "oci: a layout; docker: an archive")
      ->capture_default_str()
      ->check(CLI::IsMember({"oci", "docker"}));
  command->callback([&action, options] { action = [options] { return Run(*options); }; });
}

}  // namespace pullproof::cli
