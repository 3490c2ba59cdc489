#include "resolver/resolver.h"

#include <algorithm>
#include <map>
#include <memory>
#include <system_error>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/document.h"
#include "resolver/assets.h"
#include "resolver/cache/cache.h"
#include "resolver/lock/difference.h"
#include "resolver/lock/locked_app.h"
#include "resolver/lock_builder.h"
#include "resolver/manifest/manifest.h"
#include "resolver/merge/merge.h"
#include "resolver/sources/artifacts.h"
#include "resolver/sources/own_files.h"
#include "resolver/sources/parallel.h"
#include "resolver/sources/within.h"

namespace pullproof::resolver {
namespace {

namespace fs = std::filesystem;
using sources::Artifact;
using sources::Artifacts;

// `path` with its existing part canonical, so that two spellings of one place compare equal.
Result<fs::path> Anchored(FileSystem& files, const fs::path& path) {
  auto canonical = files.Canonical(path);
  if (canonical || canonical.error().id != "file.not-found") return canonical;
  std::error_code code;
  fs::path absolute = fs::absolute(path, code).lexically_normal();
  if (!absolute.has_filename()) absolute = absolute.parent_path();  // "dir/" is "dir"
  if (code || absolute == absolute.parent_path()) return canonical;
  PULLPROOF_ASSIGN_OR_RETURN(const fs::path parent, Anchored(files, absolute.parent_path()));
  return parent / absolute.filename();
}

// Where everything is, absolute.
struct Places {
  fs::path manifest;
  fs::path root;  // the manifest's directory
  fs::path lock;
  fs::path assets;
};

Result<Places> FindPlaces(const ResolveOptions& options, FileSystem& files) {
  Places places;
  PULLPROOF_ASSIGN_OR_RETURN(places.manifest, files.Canonical(options.manifest));
  places.root = places.manifest.parent_path();
  PULLPROOF_ASSIGN_OR_RETURN(places.lock, Anchored(files, options.lock));
  PULLPROOF_ASSIGN_OR_RETURN(places.assets, Anchored(files, options.assets));
  PULLPROOF_ASSIGN_OR_RETURN(const fs::path cache, Anchored(files, options.cache));
  for (const auto& [what, path] : {std::pair("manifest", places.manifest),
                                   std::pair("lock", places.lock), std::pair("cache", cache)}) {
    if (!sources::IsWithin(path, places.assets)) continue;
    return Fail("assets.overlap", fmt::format("the {} is inside the assets directory", what),
                places.assets.string(),
                "the assets directory is replaced as a whole; choose one of its own");
  }
  return places;
}

// A component on its way into the lock.
struct Plan {
  lock::LockedComponent locked;
  std::map<std::string, Asset> files;  // by path in the guest
  bool has_mount = false;
  std::optional<Asset> wasm;  // of a registry; else `locked` names its place
};

class Resolution {
 public:
  Resolution(const ResolveOptions& options, const Environment& environment, Diagnostics* problems)
      : options_(options),
        problems_(problems),
        files_(*environment.files),
        name_(options.manifest.string()),
        cache_(files_, options.cache),
        client_(options.offline
                    ? nullptr
                    : std::make_unique<registry_client::RegistryClient>(
                          *environment.transport, *environment.clock, environment.registries)),
        artifacts_(client_.get(), cache_) {}

  Result<ResolveReport> Run() {
    PULLPROOF_ASSIGN_OR_RETURN(places_, FindPlaces(options_, files_));
    PULLPROOF_RETURN_IF_ERROR(ReadManifest());
    PULLPROOF_RETURN_IF_ERROR(RefuseUnsupported());
    PULLPROOF_RETURN_IF_ERROR(ReadOldLock());
    PULLPROOF_RETURN_IF_ERROR(OpenArtifacts());
    for (const manifest::Component& component : manifest_.components) {
      PULLPROOF_ASSIGN_OR_RETURN(Plan plan, MakePlan(component));
      plans_.push_back(std::move(plan));
    }
    PULLPROOF_RETURN_IF_ERROR(CheckStrict());
    PULLPROOF_RETURN_IF_ERROR(MakeLock());
    if (options_.locked) PULLPROOF_RETURN_IF_ERROR(CheckLocked());
    PULLPROOF_RETURN_IF_ERROR(FetchContents());
    PULLPROOF_RETURN_IF_ERROR(Write());
    return std::move(report_);
  }

 private:
  Result<void> ReadManifest() {
    PULLPROOF_ASSIGN_OR_RETURN(const std::string text,
                               files_.Read(places_.manifest, DocumentLimits{}.max_bytes));
    PULLPROOF_ASSIGN_OR_RETURN(const Node document, ParseToml(text, name_));
    Diagnostics problems(name_);
    manifest_ = manifest::ReadManifest(document, problems, options_.profile);
    if (problems_ != nullptr) *problems_ = problems;
    if (problems.HasErrors()) return std::unexpected(problems.FirstError());
    report_.warnings = problems.all();
    return {};
  }

  [[nodiscard]] std::string Place(Position at) const { return FormatPosition(name_, at); }

  // What is read and checked, but cannot be resolved yet, is never passed over in silence.
  [[nodiscard]] Result<void> RefuseUnsupported() const {
    for (const manifest::Component& component : manifest_.components) {
      const auto& form = component.source.form;
      if (std::holds_alternative<manifest::UrlSource>(form) ||
          std::holds_alternative<manifest::PackageSource>(form)) {
        const bool url = std::holds_alternative<manifest::UrlSource>(form);
        return Fail("source.unsupported",
                    fmt::format("component `{}` has a source of the form {}, which cannot be "
                                "resolved yet",
                                component.id, url ? "{ url, digest }" : "{ package, version }"),
                    Place(component.source.at),
                    "a path, { reference, digest } and { reference, id } can");
      }
      if (!component.dependencies.empty()) {
        return Fail("dependency.unsupported",
                    fmt::format("component `{}` has dependencies, which cannot be resolved yet",
                                component.id),
                    Place(component.dependencies.front().at), "compose them into its Wasm");
      }
    }
    for (const manifest::Trigger& trigger : manifest_.triggers) {
      if (trigger.dependencies.empty()) continue;
      return Fail(
          "dependency.unsupported",
          fmt::format("trigger `{}` has dependencies, which cannot be resolved yet", trigger.id),
          Place(trigger.at));
    }
    return {};
  }

  // Only for what it records about packages; a lock that cannot be read records nothing.
  Result<void> ReadOldLock() {
    auto bytes = files_.Read(places_.lock, lock::kMaxLockBytes);
    if (!bytes && bytes.error().id != "file.not-found" && bytes.error().id != "limit.bytes") {
      return std::unexpected(std::move(bytes).error());
    }
    if (!bytes) return {};
    auto app = lock::ReadLock(*bytes, places_.lock.string());
    if (app) old_components_ = std::move(app->components);
    old_lock_ = *std::move(bytes);
    return {};
  }

  // Every reference once, side by side, however many components name it.
  Result<void> OpenArtifacts() {
    std::map<std::string, std::pair<oci::Reference, Artifacts::Contents>> wanted;
    for (const manifest::Component& component : manifest_.components) {
      if (const auto* module = std::get_if<manifest::ModuleSource>(&component.source.form)) {
        wanted.try_emplace(module->reference.ToString(), module->reference,
                           Artifacts::Contents::kManifestOnly);
      } else if (const auto* packaged =
                     std::get_if<manifest::ComponentSource>(&component.source.form)) {
        wanted.insert_or_assign(packaged->reference.ToString(),
                                std::pair(packaged->reference, Artifacts::Contents::kWithLock));
      }
    }
    std::vector<std::pair<oci::Reference, Artifacts::Contents>> jobs;
    for (const auto& [name, job] : wanted) jobs.push_back(job);
    std::vector<std::optional<Artifact>> opened(jobs.size());
    PULLPROOF_RETURN_IF_ERROR(sources::ForEachParallel(
        jobs.size(), sources::kMaxTransfers, [&](std::size_t i) -> Result<void> {
          PULLPROOF_ASSIGN_OR_RETURN(opened[i], artifacts_.Open(jobs[i].first, jobs[i].second));
          return {};
        }));
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      opened_.emplace(jobs[i].first.ToString(), *std::move(opened[i]));
    }
    return {};
  }

  Result<Plan> MakePlan(const manifest::Component& component) {
    PULLPROOF_ASSIGN_OR_RETURN(auto own,
                               sources::CollectOwnFiles(files_, places_.root, component, name_));
    for (const merge::OwnFile& file : own.files) {
      PULLPROOF_RETURN_IF_ERROR(CheckOutsideAssets(file.source, component.at));
    }
    std::ranges::move(own.warnings, std::back_inserter(report_.warnings));
    if (const auto* packaged = std::get_if<manifest::ComponentSource>(&component.source.form)) {
      return PlanPackaged(component, *packaged, own.files);
    }
    Plan plan;
    plan.locked = merge::OwnComponent(component);
    for (const merge::OwnFile& file : own.files) plan.files.emplace(file.path, OwnAsset(file));
    plan.has_mount = !component.files.empty();
    if (const auto* module = std::get_if<manifest::ModuleSource>(&component.source.form)) {
      PULLPROOF_RETURN_IF_ERROR(PlanModule(*module, plan));
    } else {
      const auto& path = std::get<manifest::PathSource>(component.source.form);
      PULLPROOF_RETURN_IF_ERROR(PlanPath(component, path, plan));
    }
    return plan;
  }

  Result<void> PlanPath(const manifest::Component& component, const manifest::PathSource& source,
                        Plan& plan) {
    const fs::path path = (places_.root / source.path).lexically_normal();
    auto canonical = files_.Canonical(path);
    if (!canonical) {
      return Fail(canonical.error().id,
                  fmt::format("Failed to load component `{}`: \"{}\": {}", component.id,
                              source.path, canonical.error().message),
                  Place(component.source.at), "has it been built?");
    }
    PULLPROOF_RETURN_IF_ERROR(CheckOutsideAssets(*canonical, component.source.at));
    plan.locked.source = {"application/wasm", {FileUrl(path), std::nullopt, std::nullopt}};
    return {};
  }

  // The old assets vanish when the new ones take their place.
  [[nodiscard]] Result<void> CheckOutsideAssets(const fs::path& path, Position at) const {
    if (!sources::IsWithin(path, places_.assets)) return {};
    return Fail(
        "assets.overlap",
        fmt::format("\"{}\" is inside the assets directory, which will be replaced", path.string()),
        Place(at), "choose another assets directory");
  }

  Result<void> PlanModule(const manifest::ModuleSource& source, Plan& plan) {
    const Artifact& artifact = opened_.at(source.reference.ToString());
    PULLPROOF_ASSIGN_OR_RETURN(const auto layer, artifacts_.Module(artifact, source.digest));
    plan.wasm = LayerAsset(artifact, layer);
    plan.wasm->is_wasm = true;
    merge::AddProvenance(plan.locked, source.written, artifact.digest, {});
    return {};
  }

  Result<Plan> PlanPackaged(const manifest::Component& component,
                            const manifest::ComponentSource& source,
                            const std::vector<merge::OwnFile>& own_files) {
    const Artifact& artifact = opened_.at(source.reference.ToString());
    PULLPROOF_ASSIGN_OR_RETURN(
        const auto package,
        artifact::SelectComponent(*artifact.app, source.id, source.reference.ToString()));
    const merge::Importer importer{
        .component = &component,
        .files = &own_files,
        .trigger_types = manifest::TriggerTypesOf(manifest_, component.id),
        .variables = &manifest_.variables};
    PULLPROOF_ASSIGN_OR_RETURN(auto merged,
                               merge::Merge(package, importer,
                                            {.manifest_name = name_,
                                             .manifest_digest = artifact.digest,
                                             .pinned = IsPinned(component.id, source, artifact)}));
    std::ranges::move(merged.warnings, std::back_inserter(report_.warnings));
    if (!merged.unstated.empty()) {
      report_.notes.push_back(
          fmt::format("`{}` in {} asks for what component `{}` does not state. As far as you "
                      "agree, put this into {}:\n\n{}",
                      source.id, source.written, component.id, name_, merged.unstated));
    }
    Plan plan;
    plan.locked = std::move(merged.component);
    plan.has_mount = !component.files.empty() || !merged.files.empty();
    plan.wasm = PackagedAsset(artifact, merged.wasm);
    plan.wasm->is_wasm = true;
    for (const merge::MergedFile& file : merged.files) {
      if (const auto* packaged = std::get_if<artifact::PackagedContent>(&file.from)) {
        plan.files.emplace(file.path, PackagedAsset(artifact, *packaged));
      } else {
        plan.files.emplace(file.path, OwnAsset(std::get<merge::OwnFile>(file.from)));
      }
    }
    return plan;
  }

  [[nodiscard]] bool IsPinned(const std::string& id, const manifest::ComponentSource& source,
                              const Artifact& artifact) const {
    if (source.reference.digest()) return true;
    return std::ranges::any_of(old_components_, [&](const lock::LockedComponent& old) {
      return old.id == id && old.MetadataString("source_reference") == source.written &&
             old.MetadataString("source_manifest_digest") == artifact.digest.ToString();
    });
  }

  static Asset OwnAsset(const merge::OwnFile& file) {
    return {fs::path(file.source), std::nullopt, false};
  }

  // Also asks for the layer to be fetched.
  Asset LayerAsset(const Artifact& artifact, const oci::Descriptor& layer) {
    const cache::Shelf shelf = sources::ShelfFor(layer);
    fs::path path = cache_.PathOf(shelf, layer.digest);
    wanted_.try_emplace(path, sources::Wanted{artifact.reference, layer, shelf});
    return {std::move(path), layer.digest, false};
  }

  Asset PackagedAsset(const Artifact& artifact, const artifact::PackagedContent& content) {
    if (content.inline_bytes) return {*content.inline_bytes, content.digest, false};
    const oci::Descriptor* layer = artifact::FindLayer(artifact.manifest, content.digest);
    if (layer != nullptr) return LayerAsset(artifact, *layer);
    // Out of an archive: it was put there when the artifact was opened.
    return {cache_.PathOf(cache::Shelf::kData, content.digest), content.digest, false};
  }

  [[nodiscard]] Result<void> CheckStrict() const {
    if (!options_.strict || report_.warnings.empty()) return {};
    const Diagnostic& warning = report_.warnings.front();
    std::string hint = warning.hint;
    for (const std::string& note : report_.notes) hint += (hint.empty() ? "" : "\n") + note;
    return Fail(warning.id, warning.message, Place(warning.at), std::move(hint));
  }

  Result<void> FetchContents() {
    std::vector<sources::Wanted> wanted;
    for (const auto& [path, item] : wanted_) wanted.push_back(item);
    return artifacts_.Fetch(wanted);
  }

  // The lock names places of the assets, which need not be there yet.
  Result<void> MakeLock() {
    lock::LockedApp app = BuildApp(manifest_, FileUrl(places_.manifest));
    for (Plan& plan : plans_) {
      if (plan.wasm) {
        plan.locked.source = {
            "application/wasm",
            {FileUrl(places_.assets / WasmPath(*plan.wasm)), std::nullopt, plan.wasm->digest}};
      }
      if (plan.has_mount) {
        plan.locked.files.push_back(
            {"/", {FileUrl(places_.assets / plan.locked.id), std::nullopt, std::nullopt}});
      }
      app.components.push_back(plan.locked);
    }
    PULLPROOF_ASSIGN_OR_RETURN(report_.lock, lock::WriteLock(app));
    return {};
  }

  [[nodiscard]] Result<void> CheckLocked() const {
    if (old_lock_ == report_.lock) return {};
    return Fail("lock.differs",
                old_lock_ ? fmt::format("the lock would change; {}",
                                        lock::FirstDifference(*old_lock_, report_.lock))
                          : "there is no lock",
                places_.lock.string(), "run once without --locked, and look at what changes");
  }

  // Everything that can fail slowly comes first: both outputs are complete under other names
  // before either is put in its place, and the lock, which names the assets, comes last.
  Result<void> Write() {
    PULLPROOF_RETURN_IF_ERROR(files_.CreateDirectories(places_.assets.parent_path()));
    PULLPROOF_RETURN_IF_ERROR(files_.CreateDirectories(places_.lock.parent_path()));
    PULLPROOF_ASSIGN_OR_RETURN(AssetStaging staging, AssetStaging::Start(files_, places_.assets));
    for (const Plan& plan : plans_) PULLPROOF_RETURN_IF_ERROR(Stage(plan, staging));
    if (options_.locked) return staging.Place();  // the lock is there already
    PULLPROOF_ASSIGN_OR_RETURN(const auto pending, files_.Create(places_.lock));
    PULLPROOF_RETURN_IF_ERROR(pending->Append(report_.lock));
    PULLPROOF_RETURN_IF_ERROR(staging.Place());
    if (auto committed = pending->Commit(); !committed) {
      static_cast<void>(staging.TakeBack());  // the first error is the one to tell
      return committed;
    }
    return {};
  }

  static fs::path WasmPath(const Asset& wasm) {
    return fs::path(kWasmDirectory) / fmt::format("{}-{}.wasm",
                                                  oci::AlgorithmName(wasm.digest->algorithm()),
                                                  wasm.digest->hex());
  }

  static Result<void> Stage(const Plan& plan, AssetStaging& staging) {
    if (plan.wasm) PULLPROOF_RETURN_IF_ERROR(staging.Add(WasmPath(*plan.wasm), *plan.wasm));
    if (!plan.has_mount) return {};
    const fs::path mount(plan.locked.id);
    PULLPROOF_RETURN_IF_ERROR(staging.AddDirectory(mount));
    for (const auto& [path, asset] : plan.files) {
      PULLPROOF_RETURN_IF_ERROR(staging.Add(mount / path, asset));
    }
    return {};
  }

  const ResolveOptions& options_;
  Diagnostics* problems_;
  FileSystem& files_;
  const std::string name_;
  cache::Cache cache_;
  std::unique_ptr<registry_client::RegistryClient> client_;
  Artifacts artifacts_;
  Places places_;
  manifest::Manifest manifest_;
  std::optional<std::string> old_lock_;
  std::vector<lock::LockedComponent> old_components_;
  std::map<std::string, Artifact> opened_;      // by normalised reference
  std::map<fs::path, sources::Wanted> wanted_;  // by place in the cache
  std::vector<Plan> plans_;
  ResolveReport report_;
};

}  // namespace

Result<ResolveReport> Resolve(const ResolveOptions& options, const Environment& environment,
                              Diagnostics* problems) {
  return Resolution(options, environment, problems).Run();
}

}  // namespace pullproof::resolver
