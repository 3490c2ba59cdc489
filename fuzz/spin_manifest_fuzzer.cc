// Contract: whatever the text, reading it ends with a model or with complaints that have an id, a
// sentence and a place; the same text gives the same complaints; and a model without errors is one
// that everything behind it may rely on: ids are unique and well-formed, what triggers name exists,
// versions parse, hosts have a scheme, and the lock's fixed part can be written.
//
// Input: a spin.toml, of either version.
#include <set>
#include <string>
#include <variant>

#include "base/document.h"
#include "base/table_reader.h"
#include "fuzz/contract.h"
#include "resolver/manifest/identifier.h"
#include "resolver/manifest/manifest.h"
#include "resolver/manifest/semver.h"
#include "resolver/manifest/template.h"

namespace manifest = pullproof::resolver::manifest;

namespace {

constexpr std::string_view kName = "spin.toml";

void CheckComplaints(const pullproof::Diagnostics& problems, const pullproof::Diagnostics& again) {
  PULLPROOF_CONTRACT(problems.all().size() == again.all().size());
  for (std::size_t i = 0; i < problems.all().size(); ++i) {
    const pullproof::Diagnostic& problem = problems.all()[i];
    PULLPROOF_CONTRACT(!problem.id.empty() && !problem.message.empty());
    PULLPROOF_CONTRACT(problem.message == again.all()[i].message);
    PULLPROOF_CONTRACT(problem.at == again.all()[i].at);
  }
}

void CheckSource(const manifest::Component& component) {
  if (const auto* package = std::get_if<manifest::PackageSource>(&component.source.form)) {
    PULLPROOF_CONTRACT(manifest::CheckPackageName(package->package).has_value());
    PULLPROOF_CONTRACT(manifest::Version::Parse(package->version).has_value());
  }
  for (const manifest::Dependency& dependency : component.dependencies) {
    PULLPROOF_CONTRACT(!std::holds_alternative<manifest::Dependency::OfComponent>(dependency.form));
    const auto* version = std::get_if<manifest::Dependency::Version>(&dependency.form);
    if (version == nullptr) continue;
    PULLPROOF_CONTRACT(manifest::Requirement::Parse(version->requirement).has_value());
    PULLPROOF_CONTRACT(version->package || dependency.name.find(':') != std::string::npos);
  }
}

void CheckModel(const manifest::Manifest& model) {
  std::set<std::string> ids;
  for (const manifest::Component& component : model.components) {
    PULLPROOF_CONTRACT(manifest::CheckKebabId(component.id).has_value());
    PULLPROOF_CONTRACT(ids.insert(component.id).second);
    for (const manifest::Text& host : component.allowed_outbound_hosts) {
      PULLPROOF_CONTRACT(manifest::Template::Parse(host.value).has_value());
    }
    CheckSource(component);
  }
  for (const manifest::Trigger& trigger : model.triggers) {
    PULLPROOF_CONTRACT(!trigger.id.empty());
    PULLPROOF_CONTRACT(!trigger.component || ids.contains(*trigger.component));
    for (const auto& [group, members] : trigger.components) {
      for (const std::string& member : members) PULLPROOF_CONTRACT(ids.contains(member));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = pullproof::ParseToml(pullproof::fuzz::AsText(data, size), kName);
  if (!document) return 0;
  for (const std::string_view profile : {std::string_view(), std::string_view("p")}) {
    pullproof::Diagnostics problems{std::string(kName)};
    const manifest::Manifest model = manifest::ReadManifest(*document, problems, profile);
    pullproof::Diagnostics again{std::string(kName)};
    manifest::ReadManifest(*document, again, profile);
    CheckComplaints(problems, again);
    if (!problems.HasErrors()) CheckModel(model);
  }
  return 0;
}
