// pullproof reference: how a reference is understood.
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/document.h"
#include "cli/command.h"
#include "oci/reference.h"

namespace pullproof::cli {
namespace {

struct Options {
  bool json = false;
  std::vector<std::string> references;
};

void PrintText(const oci::Reference& reference) {
  fmt::print("domain={} path={}", reference.domain(), reference.path());
  if (reference.tag()) fmt::print(" tag={}", *reference.tag());
  if (reference.digest()) fmt::print(" digest={}", reference.digest()->ToString());
  fmt::print("\n");
}

void PrintJson(const std::string& input, const oci::Reference& reference) {
  std::string line =
      fmt::format(R"({{"input":{},"domain":{},"path":{})", CanonicalJsonString(input),
                  CanonicalJsonString(reference.domain()), CanonicalJsonString(reference.path()));
  if (reference.tag()) line += fmt::format(R"(,"tag":{})", CanonicalJsonString(*reference.tag()));
  if (reference.digest()) line += fmt::format(R"(,"digest":"{}")", reference.digest()->ToString());
  fmt::print("{}}}\n", line);
}

int Run(const Options& options) {
  int status = kAsExpected;
  for (const std::string& text : options.references) {
    const Result<oci::Reference> reference = oci::Reference::Parse(text);
    if (!reference) {
      PrintError(reference.error());
      status = kFailed;
    } else if (options.json) {
      PrintJson(text, *reference);
    } else {
      PrintText(*reference);
    }
  }
  return status;
}

}  // namespace

void AddReference(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "reference", "Take references apart: what is asked of which host after normalisation");
  auto options = std::make_shared<Options>();
  command->add_flag("--json", options->json, "One JSON object a line");
  command->add_option("REF", options->references, "References, as on a client's command line")
      ->required();
  command->callback([&action, options] { action = [options] { return Run(*options); }; });
}

}  // namespace pullproof::cli
