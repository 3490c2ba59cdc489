#include "resolver/merge/merge.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "resolver/artifact/list_some.h"
#include "resolver/artifact/path.h"
#include "resolver/manifest/dependency.h"
#include "resolver/manifest/identifier.h"
#include "resolver/manifest/outbound_host.h"
#include "resolver/manifest/template.h"
#include "resolver/merge/fold.h"
#include "resolver/merge/unstated.h"

namespace pullproof::resolver::merge {
namespace {

using manifest::Inheritable;

Node::Array StringArray(const std::vector<std::string>& strings) {
  Node::Array array;
  for (const std::string& text : strings) array.emplace_back(text);
  return array;
}

void SetMetadata(lock::LockedComponent& component, std::string_view name, Node value) {
  std::erase_if(component.metadata,
                [&](const Node::Member& member) { return member.name == name; });
  component.metadata.push_back({std::string(name), {}, std::move(value)});
}

// Empty lists and texts are left out of a lock.
void SetList(lock::LockedComponent& component, std::string_view name,
             const std::vector<std::string>& strings) {
  if (!strings.empty()) SetMetadata(component, name, Node(StringArray(strings)));
}
void SetText(lock::LockedComponent& component, std::string_view name, const std::string& text) {
  if (!text.empty()) SetMetadata(component, name, Node(text));
}

std::vector<std::string> Values(const std::vector<manifest::Text>& texts) {
  std::vector<std::string> values;
  for (const manifest::Text& text : texts) values.push_back(text.value);
  return values;
}

// A list in which every entry stands once, in the order in which they came. The package's part may
// be long, so looking an entry up must not be slow.
class UniqueList {
 public:
  explicit UniqueList(std::vector<std::string> entries)
      : entries_(std::move(entries)), seen_(entries_.begin(), entries_.end()) {}

  [[nodiscard]] bool Has(const std::string& entry) const { return seen_.contains(entry); }
  void Add(const std::string& entry) {
    if (seen_.insert(entry).second) entries_.push_back(entry);
  }
  [[nodiscard]] const std::vector<std::string>& entries() const { return entries_; }

 private:
  std::vector<std::string> entries_;
  std::set<std::string> seen_;
};

Node BuildNode(const manifest::Build& build) {
  Node::Table table;
  table.push_back({"command",
                   {},
                   build.one_command ? Node(build.commands.empty() ? "" : build.commands.front())
                                     : Node(StringArray(build.commands))});
  if (build.workdir) table.push_back({"workdir", {}, Node(*build.workdir)});
  if (!build.watch.empty()) table.push_back({"watch", {}, Node(StringArray(build.watch))});
  return Node(std::move(table));
}

class Merger {
 public:
  Merger(const artifact::PackagedComponent& package, const Importer& importer,
         const Options& options)
      : package_(package),
        importer_(importer),
        own_(*importer.component),
        source_(std::get<manifest::ComponentSource>(importer.component->source.form)),
        options_(options),
        kinds_(source_.inherits.value_or(manifest::InheritedKinds{Inheritable::kFiles})),
        outcome_{.component = OwnComponent(own_),
                 .wasm = package.wasm,
                 .files = {},
                 .dependencies = {},
                 .warnings = {},
                 .unstated = {}} {}

  Result<MergeOutcome> Run() && {
    PULLPROOF_RETURN_IF_ERROR(CheckGrants());
    PULLPROOF_RETURN_IF_ERROR(CheckWasmDigest(
        source_, package_.wasm.digest, FormatPosition(options_.manifest_name, own_.source.at)));
    if (own_.description.empty()) {
      SetText(outcome_.component, "description", package_.description);
    }
    MergeEnvironment();
    PULLPROOF_RETURN_IF_ERROR(MergeVariables());
    PULLPROOF_RETURN_IF_ERROR(MergeHosts());
    PULLPROOF_RETURN_IF_ERROR(MergeLists());
    PULLPROOF_RETURN_IF_ERROR(MergeFiles());
    PULLPROOF_RETURN_IF_ERROR(MergeDependencies());
    WarnAboutTriggers();
    WarnAboutReference();
    PULLPROOF_RETURN_IF_ERROR(ReportUnstated());
    AddProvenance(outcome_.component, source_.written, options_.manifest_digest, source_.id);
    return std::move(outcome_);
  }

 private:
  [[nodiscard]] bool Inherits(Inheritable kind) const { return kinds_.contains(kind); }
  // What an importer left out of a list that they wrote is declined, not forgotten.
  [[nodiscard]] bool Reports(Inheritable kind) const {
    return !source_.inherits.has_value() && !Inherits(kind);
  }

  [[nodiscard]] std::unexpected<Error> FailHere(std::string id, std::string message,
                                                std::string hint = {}) const {
    return Fail(std::move(id), std::move(message),
                FormatPosition(options_.manifest_name, own_.source.at), std::move(hint));
  }
  [[nodiscard]] std::unexpected<Error> FailHere(const Error& error, std::string_view what) const {
    return FailHere(
        error.id,
        fmt::format("{} of `{}` in {}: {}", what, source_.id, source_.written, error.message),
        error.hint);
  }
  void Warn(std::string id, Position at, std::string message, std::string hint = {}) {
    outcome_.warnings.push_back(
        {Severity::kWarning, std::move(id), std::move(message), std::move(hint), at});
  }

  [[nodiscard]] std::string PinnedReference() const {
    const std::string_view name = source_.written;
    return fmt::format("{}@{}", name.substr(0, name.find('@')),
                       options_.manifest_digest.ToString());
  }

  [[nodiscard]] Result<void> CheckGrants() const {
    if (options_.pinned) return {};
    for (const Inheritable kind : kinds_) {
      if (!manifest::IsAuthority(kind)) continue;
      return FailHere("merge.unpinned-grant",
                      fmt::format("component `{}` inherits `{}` from a tag, which may move",
                                  own_.id, manifest::InheritableName(kind)),
                      fmt::format("pin the package: reference = \"{}\"", PinnedReference()));
    }
    return {};
  }

  void MergeEnvironment() {
    for (const auto& [key, value] : package_.environment) {
      if (outcome_.component.environment.contains(key)) continue;
      if (Inherits(Inheritable::kEnvironment)) {
        outcome_.component.environment.emplace(key, value);
      } else if (Reports(Inheritable::kEnvironment)) {
        unstated_.environment.emplace_back(key, value);
      }
    }
  }

  Result<void> MergeVariables() {
    for (const auto& [key, text] : package_.variables) {
      if (outcome_.component.config.contains(key)) continue;
      if (Reports(Inheritable::kVariables)) unstated_.variables.emplace_back(key, text);
      if (!Inherits(Inheritable::kVariables)) continue;
      auto folded = Fold(text, package_.app_variables);
      if (!folded) {
        Unstated missing;
        missing.variables.emplace_back(key, text);
        return FailHere(folded.error().id,
                        fmt::format("the variable `{}` of `{}` in {} cannot be inherited: {}", key,
                                    source_.id, source_.written, folded.error().message),
                        "set it yourself:\n" + Paste(missing));
      }
      outcome_.component.config.emplace(key, *std::move(folded));
    }
    for (const manifest::Setting& variable : own_.variables) {
      if (package_.variables.contains(variable.name)) continue;
      Warn("merge.undeclared-variable", variable.at,
           fmt::format("component `{}` sets the variable `{}`, which `{}` in {} never declared",
                       own_.id, variable.name, source_.id, source_.written));
    }
    return {};
  }

  Result<void> MergeHosts() {
    UniqueList hosts(Values(own_.allowed_outbound_hosts));
    UniqueList unstated({});
    for (const std::string& entry : package_.allowed_outbound_hosts) {
      if (hosts.Has(entry)) continue;
      if (Reports(Inheritable::kAllowedOutboundHosts)) unstated.Add(entry);
      if (!Inherits(Inheritable::kAllowedOutboundHosts)) continue;
      PULLPROOF_ASSIGN_OR_RETURN(const std::string host, InheritedHost(entry));
      if (host.empty() || hosts.Has(host)) continue;
      PULLPROOF_RETURN_IF_ERROR(CheckInheritedHost(host));
      hosts.Add(host);
    }
    unstated_.allowed_outbound_hosts = unstated.entries();
    SetList(outcome_.component, "allowed_outbound_hosts", hosts.entries());
    RecomputeRequirements(outcome_.component, hosts.entries());
    return {};
  }

  // The entry as a literal; empty when its template comes out as no host at all, which Spin skips.
  [[nodiscard]] Result<std::string> InheritedHost(const std::string& entry) const {
    auto folded = Fold(entry, package_.app_variables);
    if (!folded) return FailHere(folded.error(), fmt::format("the host \"{}\"", entry));
    if (*folded != entry && (folded->empty() || *folded == "http://" || *folded == "https://")) {
      return std::string();
    }
    return *std::move(folded);
  }

  [[nodiscard]] Result<void> CheckInheritedHost(const std::string& entry) const {
    const auto host = manifest::ParseOutboundHost(entry);
    if (!host) return FailHere(host.error(), "a host");
    if (!host->IsHostsOwn()) return {};
    return FailHere("merge.forbidden-host",
                    fmt::format("the host \"{}\" of `{}` in {} cannot be inherited: it names "
                                "everything, or components of your own app",
                                entry, source_.id, source_.written),
                    fmt::format("if that is meant, write \"{}\" into allowed_outbound_hosts of "
                                "[component.{}] yourself",
                                entry, own_.id));
  }

  Result<void> MergeLists() {
    PULLPROOF_RETURN_IF_ERROR(MergeList(Inheritable::kKeyValueStores, "key_value_stores",
                                        own_.key_value_stores, package_.key_value_stores,
                                        unstated_.key_value_stores));
    PULLPROOF_RETURN_IF_ERROR(MergeList(Inheritable::kSqliteDatabases, "databases",
                                        own_.sqlite_databases, package_.sqlite_databases,
                                        unstated_.sqlite_databases));
    return MergeList(Inheritable::kAiModels, "ai_models", own_.ai_models, package_.ai_models,
                     unstated_.ai_models);
  }

  Result<void> MergeList(Inheritable kind, std::string_view metadata_name,
                         const std::vector<manifest::Text>& own,
                         const std::vector<std::string>& packaged,
                         std::vector<std::string>& unstated) {
    UniqueList merged(Values(own));
    UniqueList missing({});
    for (const std::string& entry : packaged) {
      if (merged.Has(entry)) continue;
      if (Reports(kind)) missing.Add(entry);
      if (!Inherits(kind)) continue;
      if (kind != Inheritable::kAiModels) {
        if (auto ok = manifest::CheckStoreLabel(entry); !ok) {
          return FailHere(ok.error(), fmt::format("`{}`", manifest::InheritableName(kind)));
        }
      }
      merged.Add(entry);
    }
    unstated = missing.entries();
    SetList(outcome_.component, metadata_name, merged.entries());
    return {};
  }

  Result<void> MergeFiles() {
    std::map<std::string, MergedFile> files;
    if (Inherits(Inheritable::kFiles)) {
      for (const artifact::PackagedFile& file : package_.files) {
        files.insert_or_assign(file.path, MergedFile{file.path, file.content});
      }
    }
    for (const OwnFile& file : *importer_.files) {
      files.insert_or_assign(file.path, MergedFile{file.path, file});
    }
    std::vector<std::string_view> paths;
    for (const auto& [path, file] : files) paths.push_back(path);
    if (const auto clash = artifact::FindPathClash(paths)) {
      const auto owner = [&](std::string_view path) {
        const bool packaged =
            std::holds_alternative<artifact::PackagedContent>(files.at(std::string(path)).from);
        return packaged ? source_.written : fmt::format("`files` of component `{}`", own_.id);
      };
      return FailHere(
          "path.clash",
          fmt::format("\"{}\" (from {}) is a file, and the directory of \"{}\" (from {})",
                      clash->file, owner(clash->file), clash->inside, owner(clash->inside)));
    }
    WarnAboutCaseTwins(paths);
    for (auto& [path, file] : files) outcome_.files.push_back(std::move(file));
    return {};
  }

  // One warning, however many there are.
  void WarnAboutCaseTwins(const std::vector<std::string_view>& paths) {
    std::map<std::string, std::string_view> seen;
    for (const std::string_view path : paths) {
      const auto [twin, fresh] = seen.emplace(ToLowerAscii(path), path);
      if (fresh) continue;
      return Warn("path.case-twins", own_.source.at,
                  fmt::format("the files \"{}\" and \"{}\" of component `{}` differ only in case",
                              twin->second, path, own_.id),
                  "on some file systems one of them is lost");
    }
  }

  // Dependencies are code of the package's author, not configuration: they come along with the
  // Wasm that needs them.
  Result<void> MergeDependencies() {
    std::vector<std::string_view> names;
    for (const manifest::Dependency& own : own_.dependencies) names.push_back(own.name);
    for (const auto& [name, dependency] : package_.dependencies) {
      if (std::ranges::find(own_.dependencies, name, &manifest::Dependency::name) !=
          own_.dependencies.end()) {
        continue;
      }
      if (const auto parsed = manifest::ParseDependencyName(name); !parsed) {
        return FailHere(parsed.error(), fmt::format("the dependency \"{}\"", name));
      }
      names.push_back(name);
      auto& kept = outcome_.dependencies.emplace(name, dependency).first->second;
      if (own_.dependencies_inherit_configuration == false) kept.inherits = {};
    }
    if (const auto disjoint = manifest::CheckDisjoint(names); !disjoint) {
      return FailHere("merge.dependency-conflict",
                      fmt::format("your dependencies and those of `{}` in {}: {}", source_.id,
                                  source_.written, disjoint.error().message),
                      "to replace one of the package's, give yours exactly its name");
    }
    return {};
  }

  void WarnAboutTriggers() {
    if (package_.trigger_types.empty()) return;
    for (const std::string& type : importer_.trigger_types) {
      if (std::ranges::find(package_.trigger_types, type) != package_.trigger_types.end()) continue;
      Warn("merge.trigger-type", own_.at,
           fmt::format(
               "component `{}` is served by the trigger `{}`, but `{}` in {} was made for {}",
               own_.id, type, source_.id, source_.written,
               artifact::ListSome(package_.trigger_types)));
    }
  }

  void WarnAboutReference() {
    if (source_.reference.digest()) return;
    Warn("merge.unpinned-reference", own_.source.at,
         fmt::format("{} is not pinned: the tag may move", source_.written),
         fmt::format("reference = \"{}\"", PinnedReference()));
  }

  [[nodiscard]] std::string Paste(const Unstated& unstated) const {
    return RenderUnstated(unstated, own_, *importer_.variables, package_.app_variables);
  }

  void WarnUnstated(std::string id, std::string_view what, const std::vector<std::string>& names) {
    if (names.empty()) return;
    Warn(std::move(id), own_.source.at,
         fmt::format("`{}` in {} asks for {}, which component `{}` does not state: {}", source_.id,
                     source_.written, what, own_.id, artifact::ListSome(names)));
  }

  static std::vector<std::string> KeysOf(
      const std::vector<std::pair<std::string, std::string>>& entries) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : entries) keys.push_back(key);
    return keys;
  }

  Result<void> ReportUnstated() {
    if (unstated_.empty()) return {};
    outcome_.unstated = Paste(unstated_);
    if (!unstated_.variables.empty()) {
      return FailHere(
          "merge.unstated-variable",
          fmt::format("`{}` in {} reads variables that component `{}` does not set: {}", source_.id,
                      source_.written, own_.id, artifact::ListSome(KeysOf(unstated_.variables))),
          "put this into the manifest, as far as you agree:\n" + outcome_.unstated);
    }
    WarnUnstated("merge.unstated-environment", "environment variables",
                 KeysOf(unstated_.environment));
    WarnUnstated("merge.unstated-hosts", "outbound hosts", unstated_.allowed_outbound_hosts);
    WarnUnstated("merge.unstated-stores", "key-value stores", unstated_.key_value_stores);
    WarnUnstated("merge.unstated-databases", "SQLite databases", unstated_.sqlite_databases);
    WarnUnstated("merge.unstated-models", "AI models", unstated_.ai_models);
    return {};
  }

  const artifact::PackagedComponent& package_;
  const Importer& importer_;
  const manifest::Component& own_;
  const manifest::ComponentSource& source_;
  const Options& options_;
  manifest::InheritedKinds kinds_;
  MergeOutcome outcome_;
  Unstated unstated_;
};

}  // namespace

lock::LockedComponent OwnComponent(const manifest::Component& component) {
  lock::LockedComponent own;
  own.id = component.id;
  SetText(own, "description", component.description);
  const std::vector<std::string> hosts = Values(component.allowed_outbound_hosts);
  SetList(own, "allowed_outbound_hosts", hosts);
  SetList(own, "key_value_stores", Values(component.key_value_stores));
  SetList(own, "databases", Values(component.sqlite_databases));
  SetList(own, "ai_models", Values(component.ai_models));
  if (component.build) SetMetadata(own, "build", BuildNode(*component.build));
  for (const manifest::Setting& setting : component.environment) {
    own.environment.emplace(setting.name, setting.value);
  }
  for (const manifest::Setting& setting : component.variables) {
    own.config.emplace(setting.name, setting.value);
  }
  RecomputeRequirements(own, hosts);
  return own;
}

Result<void> CheckWasmDigest(const manifest::ComponentSource& source, const oci::Digest& wasm,
                             const std::string& where) {
  if (!source.digest || *source.digest == wasm) return {};
  return Fail("merge.digest-differs",
              fmt::format("the Wasm of `{}` in {} is {}, not {}", source.id, source.written,
                          wasm.ToString(), source.digest->ToString()),
              where, "the package has changed since the digest was written down, or it is another");
}

void RecomputeRequirements(lock::LockedComponent& component,
                           const std::vector<std::string>& outbound_hosts) {
  component.host_requirements.clear();
  for (const std::string& entry : outbound_hosts) {
    const auto text = manifest::Template::Parse(entry);
    if (!text || text->HasVariables()) continue;  // known only when the app runs
    const auto host = manifest::ParseOutboundHost(entry);
    if (host && host->IsServiceChaining()) {
      component.host_requirements.insert("local_service_chaining");
    }
  }
}

void AddProvenance(lock::LockedComponent& locked, const std::string& written,
                   const oci::Digest& manifest_digest, const std::string& component) {
  SetText(locked, "source_reference", written);
  SetText(locked, "source_manifest_digest", manifest_digest.ToString());
  SetText(locked, "source_component", component);
}

Result<MergeOutcome> Merge(const artifact::PackagedComponent& package, const Importer& importer,
                           const Options& options) {
  return Merger(package, importer, options).Run();
}

}  // namespace pullproof::resolver::merge
