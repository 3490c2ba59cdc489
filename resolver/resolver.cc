#include "resolver/resolver.h"

#include <algorithm>
#include <map>
#include <memory>
#include <system_error>
#include <type_traits>
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
#include "resolver/manifest/semver.h"
#include "resolver/merge/merge.h"
#include "resolver/sources/artifacts.h"
#include "resolver/sources/own_files.h"
#include "resolver/sources/packages.h"
#include "resolver/sources/parallel.h"
#include "resolver/sources/wasm_pkg_config.h"
#include "resolver/sources/web.h"
#include "resolver/sources/within.h"
#include "resolver/time_limit.h"

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
  std::vector<Asset> wasm;  // of a registry: the component's and its dependencies'
};

// The Wasm behind a source, wherever that leads.
struct Located {
  lock::LockedSource source;
  std::optional<Asset> asset;  // to be brought here; without one it is here already
};

// A source that names a package, for a component or a dependency.
struct WantedPackage {
  sources::PackageRequest request;
  Position at;
};

struct WantedUrl {
  std::string url;
  oci::Digest digest;
  Position at;
};

constexpr std::string_view kWasmType = "application/wasm";

// Calls `visit` with every form that leads to Wasm, and its place: sources of components, of their
// dependencies and of those of triggers.
template <typename Visit>
void EveryForm(const manifest::Manifest& manifest, const Visit& visit) {
  const auto visit_form = [&](const auto& form, Position at) {
    std::visit([&](const auto& source) { visit(source, at); }, form);
  };
  for (const manifest::Component& component : manifest.components) {
    visit_form(component.source.form, component.source.at);
    for (const manifest::Dependency& dependency : component.dependencies) {
      visit_form(dependency.form, dependency.at);
    }
  }
  for (const manifest::Trigger& trigger : manifest.triggers) {
    for (const auto& [role, dependencies] : trigger.dependencies) {
      for (const manifest::Dependency& dependency : dependencies) {
        visit_form(dependency.form, dependency.at);
      }
    }
  }
}

class Resolution {
 public:
  Resolution(const ResolveOptions& options, const Environment& environment, Diagnostics* problems)
      : options_(options),
        environment_(environment),
        problems_(problems),
        files_(*environment.files),
        name_(options.manifest.string()),
        cache_(files_, options.cache,
               options.paranoid ? cache::Trust::kNothing : cache::Trust::kNotes),
        client_(options.offline
                    ? nullptr
                    : std::make_unique<registry_client::RegistryClient>(
                          *environment.transport, *environment.clock, environment.registries)),
        artifacts_(client_.get(), cache_) {}

  Result<ResolveReport> Run() {
    PULLPROOF_ASSIGN_OR_RETURN(places_, FindPlaces(options_, files_));
    PULLPROOF_RETURN_IF_ERROR(RecoverOutputs(files_, places_.assets, places_.lock));
    PULLPROOF_RETURN_IF_ERROR(ReadManifest());
    PULLPROOF_RETURN_IF_ERROR(ReadOldLock());
    PULLPROOF_RETURN_IF_ERROR(OpenArtifacts());
    PULLPROOF_RETURN_IF_ERROR(FindReleases());
    for (const manifest::Component& component : manifest_.components) {
      PULLPROOF_ASSIGN_OR_RETURN(Plan plan, MakePlan(component));
      plans_.push_back(std::move(plan));
    }
    PULLPROOF_RETURN_IF_ERROR(PlanTriggers());
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
    EveryForm(manifest_, [&]<typename Form>(const Form& form, Position /*at*/) {
      if constexpr (std::is_same_v<Form, manifest::ModuleSource>) {
        wanted.try_emplace(form.reference.ToString(), form.reference,
                           Artifacts::Contents::kManifestOnly);
      } else if constexpr (std::is_same_v<Form, manifest::ComponentSource>) {
        wanted.insert_or_assign(form.reference.ToString(),
                                std::pair(form.reference, Artifacts::Contents::kWithLock));
      }
    });
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

  static std::string KeyOf(const manifest::PackageSource& source) {
    return fmt::format("{} ={} {}", source.package, source.version, source.registry.value_or(""));
  }
  static std::string KeyOf(const std::string& name, const manifest::Dependency::Version& version) {
    return fmt::format("{} {} {}", PackageOf(name, version), version.requirement,
                       version.registry.value_or(""));
  }
  // "ns:name": as it is written, or out of the dependency's name.
  static std::string PackageOf(const std::string& name,
                               const manifest::Dependency::Version& version) {
    if (version.package) return *version.package;
    return name.substr(0, name.find_first_of("/@"));
  }

  // What a manifest's packages are, each once. The manifest's reader has checked all texts.
  Result<std::map<std::string, WantedPackage>> WantedPackages() const {
    std::map<std::string, WantedPackage> wanted;
    const auto add_exact = [&](const manifest::PackageSource& source, Position at) -> Result<void> {
      PULLPROOF_ASSIGN_OR_RETURN(auto version, manifest::Version::Parse(source.version));
      wanted.try_emplace(
          KeyOf(source),
          WantedPackage{{source.package, source.registry, std::move(version), source.version}, at});
      return {};
    };
    const auto add = [&](const manifest::Dependency& dependency) -> Result<void> {
      if (const auto* exact = std::get_if<manifest::PackageSource>(&dependency.form)) {
        return add_exact(*exact, dependency.at);
      }
      const auto* version = std::get_if<manifest::Dependency::Version>(&dependency.form);
      if (version == nullptr) return {};
      PULLPROOF_ASSIGN_OR_RETURN(auto requirement,
                                 manifest::Requirement::Parse(version->requirement));
      wanted.try_emplace(KeyOf(dependency.name, *version),
                         WantedPackage{{PackageOf(dependency.name, *version), version->registry,
                                        std::move(requirement), version->requirement},
                                       dependency.at});
      return {};
    };
    for (const manifest::Component& component : manifest_.components) {
      if (const auto* exact = std::get_if<manifest::PackageSource>(&component.source.form)) {
        PULLPROOF_RETURN_IF_ERROR(add_exact(*exact, component.source.at));
      }
      for (const auto& dependency : component.dependencies) {
        PULLPROOF_RETURN_IF_ERROR(add(dependency));
      }
    }
    for (const manifest::Trigger& trigger : manifest_.triggers) {
      for (const auto& [role, dependencies] : trigger.dependencies) {
        for (const auto& dependency : dependencies) PULLPROOF_RETURN_IF_ERROR(add(dependency));
      }
    }
    return wanted;
  }

  Result<void> FindReleases() {
    PULLPROOF_ASSIGN_OR_RETURN(const auto wanted, WantedPackages());
    if (wanted.empty()) return {};
    if (options_.offline) {
      return Fail("cache.offline",
                  fmt::format("what {} {} is now is known to its registry only",
                              wanted.begin()->second.request.package,
                              wanted.begin()->second.request.written),
                  Place(wanted.begin()->second.at), "run without --offline");
    }
    PULLPROOF_ASSIGN_OR_RETURN(auto config,
                               sources::ReadWasmPkgConfig(environment_.wasm_pkg_config,
                                                          environment_.wasm_pkg_config_name));
    packages_ =
        std::make_unique<sources::Packages>(*environment_.transport, *environment_.clock, files_,
                                            environment_.registries, std::move(config));
    std::vector<std::pair<std::string, WantedPackage>> jobs(wanted.begin(), wanted.end());
    std::vector<std::optional<sources::Release>> found(jobs.size());
    PULLPROOF_RETURN_IF_ERROR(sources::ForEachParallel(
        jobs.size(), sources::kMaxTransfers, [&](std::size_t i) -> Result<void> {
          auto release = packages_->Find(jobs[i].second.request);
          if (!release) return std::unexpected(At(release.error(), Place(jobs[i].second.at)));
          found[i] = *std::move(release);
          return {};
        }));
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      releases_.emplace(jobs[i].first, *std::move(found[i]));
    }
    for (std::string& warning : packages_->Warnings()) {
      report_.warnings.push_back(
          {Severity::kWarning, "package.metadata", std::move(warning), {}, {}});
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
    PULLPROOF_ASSIGN_OR_RETURN(
        Located located,
        std::visit(
            [&](const auto& form) { return Locate(form, component.id, component.source.at); },
            component.source.form));
    if (const auto* module = std::get_if<manifest::ModuleSource>(&component.source.form)) {
      merge::AddProvenance(plan.locked, module->written,
                           opened_.at(module->reference.ToString()).digest, {});
    }
    Keep(std::move(located), plan.locked.source, plan);
    PULLPROOF_RETURN_IF_ERROR(PlanDependencies(component, plan));
    return plan;
  }

  // Notes what has to be brought here, and where it will be.
  static void Keep(Located located, lock::LockedSource& source, Plan& plan) {
    source = std::move(located.source);
    if (located.asset) plan.wasm.push_back(*std::move(located.asset));
  }

  Result<Located> Locate(const manifest::PathSource& source, const std::string& owner,
                         Position at) const {
    const fs::path path = (places_.root / source.path).lexically_normal();
    auto canonical = files_.Canonical(path);
    if (!canonical) {
      return Fail(canonical.error().id,
                  fmt::format("Failed to load component `{}`: \"{}\": {}", owner, source.path,
                              canonical.error().message),
                  Place(at), "has it been built?");
    }
    PULLPROOF_RETURN_IF_ERROR(CheckOutsideAssets(*canonical, at));
    return Located{{std::string(kWasmType), {FileUrl(path), std::nullopt, std::nullopt}},
                   std::nullopt};
  }

  Result<Located> Locate(const manifest::UrlSource& source, const std::string& /*owner*/,
                         Position at) {
    fs::path path = cache_.PathOf(cache::Shelf::kWasm, source.digest);
    wanted_urls_.try_emplace(path, WantedUrl{source.url, source.digest, at});
    return AsWasm({std::move(path), source.digest, true});
  }

  Result<Located> Locate(const manifest::PackageSource& source, const std::string& /*owner*/,
                         Position at) {
    return LocateRelease(releases_.at(KeyOf(source)), at);
  }

  Result<Located> Locate(const manifest::ModuleSource& source, const std::string& /*owner*/,
                         Position /*at*/) {
    const Artifact& artifact = opened_.at(source.reference.ToString());
    PULLPROOF_ASSIGN_OR_RETURN(const auto layer, artifacts_.Module(artifact, source.digest));
    return AsWasm(LayerAsset(artifact, layer));
  }

  // The Wasm alone, as a library component.
  Result<Located> Locate(const manifest::ComponentSource& source, const std::string& /*owner*/,
                         Position at) {
    const Artifact& artifact = opened_.at(source.reference.ToString());
    PULLPROOF_ASSIGN_OR_RETURN(
        const auto package,
        artifact::SelectComponent(*artifact.app, source.id, source.reference.ToString()));
    PULLPROOF_RETURN_IF_ERROR(merge::CheckWasmDigest(source, package.wasm.digest, Place(at)));
    return AsWasm(PackagedAsset(artifact, package.wasm));
  }

  Result<Located> LocateRelease(const sources::Release& release, Position at) {
    if (release.layer) {
      fs::path path = cache_.PathOf(cache::Shelf::kWasm, release.layer->digest);
      wanted_.try_emplace(path, sources::Wanted{release.repository, *release.layer,
                                                cache::Shelf::kWasm, release.client});
      return AsWasm({std::move(path), release.layer->digest, true});
    }
    oci::Hasher hasher;
    const auto read = files_.ReadPieces(release.file, [&](std::string_view piece) -> Result<void> {
      hasher.Update(piece);
      return {};
    });
    if (!read) return std::unexpected(At(read.error(), Place(at)));
    return AsWasm({release.file, hasher.Finish(), true});
  }

  // Where it will be among the assets.
  [[nodiscard]] Located AsWasm(Asset asset) const {
    asset.is_wasm = true;
    lock::LockedSource source{
        std::string(kWasmType),
        {FileUrl(places_.assets / WasmPath(asset)), std::nullopt, asset.digest}};
    return {std::move(source), std::move(asset)};
  }

  Result<Located> LocateDependency(const manifest::Dependency& dependency,
                                   const std::string& owner) {
    return std::visit(
        [&]<typename Form>(const Form& form) -> Result<Located> {
          if constexpr (std::is_same_v<Form, manifest::Dependency::Version>) {
            return LocateRelease(releases_.at(KeyOf(dependency.name, form)), dependency.at);
          } else if constexpr (std::is_same_v<Form, manifest::Dependency::OfComponent>) {
            return Fail("spin.dependency", fmt::format("dependency ID {} does not exist", form.id),
                        Place(dependency.at));
          } else {
            return Locate(form, owner, dependency.at);
          }
        },
        dependency.form);
  }

  Result<lock::LockedDependency> LockDependency(const manifest::Dependency& dependency,
                                                const std::string& owner, Plan& plan) {
    PULLPROOF_ASSIGN_OR_RETURN(Located located, LocateDependency(dependency, owner));
    lock::LockedDependency locked;
    Keep(std::move(located), locked.source, plan);
    locked.export_name = dependency.export_name;
    if (dependency.inherits) {
      locked.inherits = {dependency.inherits->all, dependency.inherits->kinds};
    }
    return locked;
  }

  Result<void> PlanDependencies(const manifest::Component& component, Plan& plan) {
    for (const manifest::Dependency& dependency : component.dependencies) {
      PULLPROOF_ASSIGN_OR_RETURN(auto locked, LockDependency(dependency, component.id, plan));
      plan.locked.dependencies.insert_or_assign(dependency.name, std::move(locked));
    }
    return {};
  }

  Result<void> PlanTriggers() {
    for (const manifest::Trigger& trigger : manifest_.triggers) {
      TriggerParts parts{trigger.id, {}};
      for (const auto& [role, dependencies] : trigger.dependencies) {
        for (const manifest::Dependency& dependency : dependencies) {
          PULLPROOF_ASSIGN_OR_RETURN(auto locked,
                                     LockDependency(dependency, trigger.id, trigger_plan_));
          parts.dependencies[role].push_back(std::move(locked));
        }
      }
      if (!parts.dependencies.empty()) trigger_parts_.push_back(std::move(parts));
    }
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
    Keep(AsWasm(PackagedAsset(artifact, merged.wasm)), plan.locked.source, plan);
    for (const auto& [name, dependency] : merged.dependencies) {
      auto& locked = plan.locked.dependencies[name];
      Keep(AsWasm(PackagedAsset(artifact, dependency.wasm)), locked.source, plan);
      locked.export_name = dependency.export_name;
      locked.inherits = dependency.inherits;
    }
    PULLPROOF_RETURN_IF_ERROR(PlanDependencies(component, plan));
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
    wanted_.try_emplace(path, sources::Wanted{artifact.reference, layer, shelf, nullptr});
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
    PULLPROOF_RETURN_IF_ERROR(artifacts_.Fetch(wanted));  // and what came out of archives
    std::vector<WantedUrl> urls;
    for (const auto& [path, item] : wanted_urls_) urls.push_back(item);
    return sources::ForEachParallel(urls.size(), sources::kMaxTransfers,
                                    [&](std::size_t i) { return FetchUrl(urls[i]); });
  }

  Result<void> FetchUrl(const WantedUrl& wanted) {
    PULLPROOF_ASSIGN_OR_RETURN(const bool has, cache_.Has(cache::Shelf::kWasm, wanted.digest));
    if (has) return {};
    if (options_.offline) {
      return Fail("cache.offline", "not in the cache, and no server may be asked",
                  wanted.digest.ToString(), "run once without --offline");
    }
    sources::Web web(*environment_.transport, *environment_.clock);
    return web.Download(wanted.url, wanted.digest,
                        [&] { return cache_.Begin(cache::Shelf::kWasm, wanted.digest); });
  }

  // The lock names places of the assets, which need not be there yet.
  Result<void> MakeLock() {
    lock::LockedApp app = BuildApp(manifest_, FileUrl(places_.manifest));
    for (Plan& plan : plans_) {
      if (plan.has_mount) {
        plan.locked.files.push_back(
            {"/", {FileUrl(places_.assets / plan.locked.id), std::nullopt, std::nullopt}});
      }
      app.components.push_back(plan.locked);
    }
    MoveTriggerDependencies(trigger_parts_, app);
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
    PULLPROOF_RETURN_IF_ERROR(StageWasm(trigger_plan_, staging));
    if (options_.locked) return staging.Place();  // the lock is there already
    PULLPROOF_ASSIGN_OR_RETURN(const auto pending, files_.Create(places_.lock));
    PULLPROOF_RETURN_IF_ERROR(pending->Append(report_.lock));
    return staging.Publish(places_.lock, *pending);
  }

  static fs::path WasmPath(const Asset& wasm) {
    return fs::path(kWasmDirectory) / fmt::format("{}-{}.wasm",
                                                  oci::AlgorithmName(wasm.digest->algorithm()),
                                                  wasm.digest->hex());
  }

  static Result<void> StageWasm(const Plan& plan, AssetStaging& staging) {
    for (const Asset& wasm : plan.wasm) {
      PULLPROOF_RETURN_IF_ERROR(staging.Add(WasmPath(wasm), wasm));
    }
    return {};
  }

  static Result<void> Stage(const Plan& plan, AssetStaging& staging) {
    PULLPROOF_RETURN_IF_ERROR(StageWasm(plan, staging));
    if (!plan.has_mount) return {};
    const fs::path mount(plan.locked.id);
    PULLPROOF_RETURN_IF_ERROR(staging.AddDirectory(mount));
    for (const auto& [path, asset] : plan.files) {
      PULLPROOF_RETURN_IF_ERROR(staging.Add(mount / path, asset));
    }
    return {};
  }

  const ResolveOptions& options_;
  const Environment& environment_;
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
  std::map<std::string, Artifact> opened_;  // by normalised reference
  std::unique_ptr<sources::Packages> packages_;
  std::map<std::string, sources::Release> releases_;  // by KeyOf
  std::map<fs::path, sources::Wanted> wanted_;        // by place in the cache
  std::map<fs::path, WantedUrl> wanted_urls_;         // likewise
  std::vector<Plan> plans_;
  Plan trigger_plan_;  // only for its Wasm
  std::vector<TriggerParts> trigger_parts_;
  ResolveReport report_;
};

}  // namespace

Result<ResolveReport> Resolve(const ResolveOptions& options, const Environment& environment,
                              Diagnostics* problems) {
  TimeLimitTransport transport(*environment.transport, *environment.clock, options.max_time);
  Environment bounded = environment;
  bounded.transport = &transport;
  return Resolution(options, bounded, problems).Run();
}

}  // namespace pullproof::resolver
