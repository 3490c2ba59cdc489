// pullproof explain: one case, for people: why it is there, what it rests on, what it does.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/suite_option.h"
#include "conformance/case/anchors.h"
#include "conformance/client/client.h"

namespace pullproof::cli {
namespace {

using conformance::Case;
using conformance::Step;
using conformance::Wanted;

struct Options {
  std::string suite;
  std::string id;
};

std::string_view Describe(Wanted wanted) {
  switch (wanted) {
    case Wanted::kOk:
      return "must succeed";
    case Wanted::kFail:
      return "must fail";
    case Wanted::kAny:
      return "may do either";
  }
  return {};
}

void PrintStep(const Case& one, const Step& step, std::size_t number) {
  fmt::print("  {}. {} {}", number, conformance::client::VerbName(step.verb),
             Printable(step.reference));
  if (!step.platform.empty()) fmt::print(" for {}", Printable(step.platform));
  if (step.login) fmt::print(", logged in as {}", Printable(step.login->user));
  if (step.fresh) fmt::print(", with an empty home");
  for (const std::string& rule : step.enable) fmt::print(", rule `{}` on", Printable(rule));
  for (const std::string& rule : step.disable) fmt::print(", rule `{}` off", Printable(rule));
  fmt::print(": {}\n", Describe(one.WantedOf(step)));
}

void Print(const Case& one) {
  const auto& fixture = one.scenario->fixture;
  fmt::print("{}  ({})\n{}\n", fixture.id, mockregistry::content::LevelName(fixture.level),
             Printable(fixture.title));
  if (!fixture.why.empty()) fmt::print("\n{}\n", Printable(fixture.why, KeepLines::kYes));
  if (!fixture.spec.empty()) fmt::print("\nRests on:\n");
  for (const std::string& id : fixture.spec) {
    const conformance::Anchor* anchor = conformance::FindAnchor(id);
    if (anchor == nullptr) continue;  // a suite that is read has none such
    fmt::print("  {}: {}\n    {}\n", anchor->title, anchor->says, anchor->url);
  }
  if (!fixture.needs.empty()) fmt::print("Needs: {}\n", fmt::join(fixture.needs, ", "));
  if (!fixture.twin.empty()) {
    fmt::print("Benign twin: {} (this case counts only when that one passes)\n", fixture.twin);
  }
  fmt::print("\nWhat the client is told to do:\n");
  for (std::size_t i = 0; i < one.steps.size(); ++i) PrintStep(one, one.steps[i], i + 1);
  if (!one.scenario->rules.empty()) fmt::print("\nHow the registry is scripted:\n");
  for (const auto& rule : one.scenario->rules) {
    fmt::print("  rule `{}`{}{}{}\n", Printable(rule.id), rule.enabled ? "" : " (off at first)",
               rule.why.empty() ? "" : ": ", Printable(rule.why));
  }
  fmt::print("\nRun it: pullproof test --run {}\n", fixture.id);
}

// The text as it stands, for whoever wants to know to the letter or to write the next one.
void PrintSource(const Case& one, const Options& options) {
  if (!options.suite.empty()) {
    fmt::print("File: {}\n", Printable(one.file));
    return;
  }
  for (const EmbeddedFile& file : conformance::EmbeddedCases()) {
    if (conformance::IdOfPath(file.name) != one.id()) continue;
    fmt::print("\n--- conformance/cases/{}\n{}", file.name, file.text);
  }
}

int Run(const Options& options) {
  const auto suite = OpenSuite(options.suite);
  if (!suite) return kMisuse;
  const Case* one = suite->Find(options.id);
  if (one == nullptr) {
    std::vector<std::string_view> ids;
    for (const Case& each : suite->cases) ids.push_back(each.id());
    const auto closest = ClosestTo(options.id, ids);
    PrintError({"suite.unknown-case", fmt::format("there is no case `{}`", options.id), "",
                closest ? fmt::format("did you mean `{}`?", *closest)
                        : "`pullproof list` shows them all"});
    return kMisuse;
  }
  Print(*one);
  PrintSource(*one, options);
  return kAsExpected;
}

}  // namespace

void AddExplain(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("explain", "Say what a case does, why it is there, what it rests on");
  auto options = std::make_shared<Options>();
  AddSuiteOption(*command, options->suite);
  command->add_option("ID", options->id, "The case's id")->required();
  command->callback([&action, options] { action = [options] { return Run(*options); }; });
}

}  // namespace pullproof::cli
