#include "resolver/add.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/document.h"
#include "oci/reference.h"
#include "resolver/artifact/package.h"
#include "resolver/edit/add_component.h"
#include "resolver/inspect.h"
#include "resolver/manifest/identifier.h"
#include "resolver/manifest/manifest.h"
#include "resolver/merge/unstated.h"

namespace pullproof::resolver {
namespace {

using artifact::PackagedComponent;

// What is left to grant once the package's files are inherited, which they are by default.
std::string Unstated(const PackagedComponent& package, const std::string& id,
                     const manifest::Manifest& manifest) {
  merge::Unstated unstated;
  unstated.variables.assign(package.variables.begin(), package.variables.end());
  unstated.environment.assign(package.environment.begin(), package.environment.end());
  unstated.allowed_outbound_hosts = package.allowed_outbound_hosts;
  unstated.key_value_stores = package.key_value_stores;
  unstated.sqlite_databases = package.sqlite_databases;
  unstated.ai_models = package.ai_models;
  manifest::Component component;
  component.id = id;
  return merge::RenderUnstated(unstated, component, manifest.variables, package.app_variables);
}

class Adding {
 public:
  Adding(const AddOptions& options, const Environment& environment, Diagnostics* problems)
      : options_(options), environment_(environment), problems_(problems) {}

  Result<AddReport> Run() {
    FileSystem& files = *environment_.files;
    // A link stays a link: what it leads to is replaced.
    PULLPROOF_ASSIGN_OR_RETURN(const auto path, files.Canonical(options_.manifest));
    PULLPROOF_ASSIGN_OR_RETURN(const std::string text,
                               files.Read(path, DocumentLimits{}.max_bytes));
    PULLPROOF_RETURN_IF_ERROR(ReadManifest(text));
    PULLPROOF_ASSIGN_OR_RETURN(const auto reference, oci::Reference::Parse(options_.reference));
    PULLPROOF_ASSIGN_OR_RETURN(
        const Inspection inspection,
        Inspect({.reference = reference, .cache = options_.cache, .offline = options_.offline},
                environment_));
    const bool module = options_.digest || inspection.kind == Inspection::Kind::kWasmPackage;
    PULLPROOF_RETURN_IF_ERROR(module ? AddModule(inspection, reference) : AddPackaged(inspection));
    addition_.source.insert(addition_.source.begin(), {"reference", Pinned(inspection.digest)});
    PULLPROOF_RETURN_IF_ERROR(CheckName());
    PULLPROOF_ASSIGN_OR_RETURN(const std::string edited,
                               edit::AddComponent(text, name(), addition_));
    PULLPROOF_RETURN_IF_ERROR(WriteFile(files, path, edited));
    report_.id = addition_.id;
    report_.table = edit::RenderComponent(addition_);
    report_.module = module;
    report_.is_served = !manifest::TriggerTypesOf(manifest_, addition_.id).empty();
    return std::move(report_);
  }

 private:
  [[nodiscard]] std::string name() const { return options_.manifest.string(); }

  Result<void> ReadManifest(const std::string& text) {
    PULLPROOF_ASSIGN_OR_RETURN(const Node document, ParseToml(text, name()));
    Diagnostics found(name());
    manifest_ = manifest::ReadManifest(document, found);
    for (const Diagnostic& problem : found.all()) {
      // A trigger may name the component that is about to be added.
      if (problem.severity != Severity::kError || problem.id == "spin.component") continue;
      if (problems_ != nullptr) *problems_ = found;
      return Fail(problem.id, problem.message, FormatPosition(name(), problem.at), problem.hint);
    }
    return {};
  }

  // The reference as it was written, with the digest of what it named when it was looked up.
  [[nodiscard]] std::string Pinned(const oci::Digest& digest) const {
    return fmt::format("{}@{}", options_.reference.substr(0, options_.reference.find('@')),
                       digest.ToString());
  }

  Result<void> AddModule(const Inspection& inspection, const oci::Reference& reference) {
    PULLPROOF_ASSIGN_OR_RETURN(const oci::Digest digest, ChooseModule(inspection));
    addition_.id = options_.name.empty() ? reference.path().substr(reference.path().rfind('/') + 1)
                                         : options_.name;
    addition_.source = {{"digest", digest.ToString()}};
    return {};
  }

  [[nodiscard]] Result<oci::Digest> ChooseModule(const Inspection& inspection) const {
    const auto layers = inspection.WasmLayers();
    std::string known;
    for (const oci::Descriptor& layer : layers) {
      if (options_.digest == layer.digest) return layer.digest;
      known += fmt::format("{}{}", known.empty() ? "" : ", ", layer.digest.ToString());
    }
    if (options_.digest) {
      return Fail("artifact.foreign-digest", "no Wasm layer has that digest", options_.reference,
                  fmt::format("its Wasm layers are {}", known));
    }
    if (layers.size() == 1) return layers.front().digest;
    return Fail("edit.choose", fmt::format("it has {} Wasm layers", layers.size()),
                options_.reference, fmt::format("choose one with --digest: {}", known));
  }

  Result<void> AddPackaged(const Inspection& inspection) {
    PULLPROOF_ASSIGN_OR_RETURN(const PackagedComponent* package, ChooseComponent(inspection));
    addition_.id = options_.name.empty() ? package->id : options_.name;
    addition_.source = {{"id", package->id}, {"digest", package->wasm.digest.ToString()}};
    report_.unstated = Unstated(*package, addition_.id, manifest_);
    report_.trigger_types = package->trigger_types;
    return {};
  }

  [[nodiscard]] Result<const PackagedComponent*> ChooseComponent(
      const Inspection& inspection) const {
    const auto& components = inspection.components;
    if (options_.id.empty() && components.size() == 1 && inspection.unusable.empty()) {
      return &components.front();
    }
    const auto found = std::ranges::find(components, options_.id, &PackagedComponent::id);
    if (found != components.end()) return &*found;
    std::string known;
    for (const PackagedComponent& component : components) {
      known += fmt::format("{}{}", known.empty() ? "" : ", ", component.id);
    }
    if (options_.id.empty() && !components.empty()) {
      return Fail("edit.choose", fmt::format("it has {} components", components.size()),
                  options_.reference, fmt::format("choose one with --id: {}", known));
    }
    if (!inspection.unusable.empty()) return std::unexpected(inspection.unusable.front());
    return Fail("artifact.unknown-component",
                fmt::format("there is no component `{}`", options_.id), options_.reference,
                fmt::format("there are {}", known));
  }

  [[nodiscard]] Result<void> CheckName() const {
    auto checked = manifest::CheckKebabId(addition_.id);
    if (checked) return {};
    return Fail(
        "spin.id",
        fmt::format("`{}` cannot be a component's id: {}", addition_.id, checked.error().message),
        {}, "choose another one with --name");
  }

  const AddOptions& options_;
  const Environment& environment_;
  Diagnostics* problems_;
  manifest::Manifest manifest_;
  edit::Addition addition_;
  AddReport report_;
};

}  // namespace

Result<AddReport> Add(const AddOptions& options, const Environment& environment,
                      Diagnostics* problems) {
  return Adding(options, environment, problems).Run();
}

}  // namespace pullproof::resolver
