#include "resolver/manifest/dependency.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "resolver/manifest/identifier.h"
#include "resolver/manifest/inheritance.h"

namespace pullproof::resolver::manifest {
namespace {

// Versions that may stand for one another are equal in this form. A pre-release stands for itself.
std::string CompatibleVersion(const Version& version) {
  if (version.IsPreRelease()) return version.ToString();
  if (version.major() > 0) return fmt::format("{}.0.0", version.major());
  if (version.minor() > 0) return fmt::format("0.{}.0", version.minor());
  return version.ToString();
}

bool MayOverlap(const DependencyName& a, const DependencyName& b) {
  if (a.package.empty() || a.package != b.package) return false;
  const bool versions_differ =
      a.version && b.version && CompatibleVersion(*a.version) != CompatibleVersion(*b.version);
  const bool interfaces_differ = a.interface && b.interface && *a.interface != *b.interface;
  return !versions_differ && !interfaces_differ;
}

// What a component that serves as a dependency must not have, by the names of a manifest.
std::vector<std::string_view> OwnResources(const Component& component) {
  std::vector<std::string_view> found;
  const auto add = [&](std::string_view name, bool has) {
    if (has) found.push_back(name);
  };
  add("ai_models", !component.ai_models.empty());
  add("allowed_http_hosts", component.has_http_hosts);
  add("allowed_outbound_hosts", component.has_outbound_hosts);
  add("dependencies", !component.dependencies.empty());
  add("environment", !component.environment.empty());
  add("files", !component.files.empty());
  add("key_value_stores", !component.key_value_stores.empty());
  add("sqlite_databases", !component.sqlite_databases.empty());
  add("variables", !component.variables.empty());
  return found;
}

class Normaliser {
 public:
  Normaliser(Manifest& manifest, Diagnostics& problems)
      : manifest_(manifest), problems_(problems) {}

  void Run() {
    for (Component& component : manifest_.components) FoldInheritance(component);
    // What a component has is judged as it was written: all are looked up before any is changed.
    const std::vector<Component> written = manifest_.components;
    for (Component& component : manifest_.components) {
      for (Dependency& dependency : component.dependencies) {
        Replace(dependency, component.id, written);
      }
      Check(component);
    }
    for (Trigger& trigger : manifest_.triggers) {
      if (!trigger.dependencies.empty() && !trigger.component) {
        problems_.Report("spin.dependency", trigger.at,
                         fmt::format("trigger `{}` has dependencies, but no component that they "
                                     "could be put around",
                                     trigger.id));
      }
      for (auto& [role, dependencies] : trigger.dependencies) {
        for (Dependency& dependency : dependencies) {
          Replace(dependency, trigger.id, written);
          CheckForm(dependency, fmt::format("`{}` of trigger `{}`", role, trigger.id), true);
        }
      }
    }
  }

 private:
  void FoldInheritance(Component& component) {
    if (!component.dependencies_inherit_configuration) return;
    const auto own = std::ranges::find_if(component.dependencies, [](const Dependency& dependency) {
      return dependency.inherits.has_value();
    });
    if (own != component.dependencies.end()) {
      problems_.Report(
          "spin.dependency", own->at,
          fmt::format("Component `{}` specifies both `dependencies_inherit_configuration` and "
                      "per-dependency `inherit_configuration`. These are mutually exclusive; use "
                      "one or the other.",
                      component.id));
      return;
    }
    if (!*component.dependencies_inherit_configuration) return;
    for (Dependency& dependency : component.dependencies) {
      // A bare version has no table that could say so: Spin leaves it without.
      if (!dependency.is_bare) dependency.inherits = DependencyInheritance{true, {}};
    }
  }

  void Replace(Dependency& dependency, const std::string& owner,
               const std::vector<Component>& components) {
    const auto* form = std::get_if<Dependency::OfComponent>(&dependency.form);
    if (form == nullptr) return;
    const auto found = std::ranges::find(components, form->id, &Component::id);
    if (found == components.end()) {
      std::vector<std::string_view> ids;
      for (const Component& component : components) ids.push_back(component.id);
      problems_.Report("spin.dependency", dependency.at,
                       fmt::format("dependency ID {} does not exist", form->id),
                       SuggestFrom(form->id, ids));
      return;
    }
    const auto resources = OwnResources(*found);
    if (!resources.empty()) {
      problems_.Report(
          "spin.dependency", dependency.at,
          fmt::format("Dependencies may not have their own resources or permissions. Component {} "
                      "cannot be used as a dependency of {} because it specifies: {}",
                      form->id, owner, fmt::join(resources, ", ")));
      return;
    }
    std::visit([&](const auto& source) { dependency.form = source; }, found->source.form);
  }

  void Report(const Dependency& dependency, const std::string& where, const std::string& message) {
    problems_.Report("spin.dependency", dependency.at,
                     fmt::format("{} has invalid dependencies: {}", where, message));
  }

  // `unnamed`: of a trigger, where only `package` can say what is meant.
  void CheckForm(const Dependency& dependency, const std::string& where, bool unnamed) {
    const auto* version = std::get_if<Dependency::Version>(&dependency.form);
    if (version == nullptr) return;
    if (auto requirement = Requirement::Parse(version->requirement); !requirement) {
      problems_.Report(requirement.error().id, dependency.at,
                       fmt::format("Component dependency {} specifies an invalid semantic version "
                                   "requirement (\"{}\") for its package version",
                                   unnamed ? where : dependency.name, version->requirement),
                       requirement.error().hint);
    }
    if (version->package) {
      if (auto ok = CheckPackageName(*version->package); !ok) {
        problems_.Report(
            "spin.id", dependency.at,
            fmt::format("Component dependency {} specifies an invalid package name "
                        "(\"{}\"): {}",
                        unnamed ? where : dependency.name, *version->package, ok.error().message));
      }
    } else if (unnamed || !dependency.name.contains(':')) {
      Report(dependency, where,
             fmt::format("dependency {} must specify a package name",
                         unnamed ? version->requirement : dependency.name));
    }
  }

  void Check(const Component& component) {
    const std::string where = fmt::format("component {}", component.id);
    std::vector<std::string_view> names;
    for (const Dependency& dependency : component.dependencies) {
      CheckForm(dependency, where, false);
      const auto name = ParseDependencyName(dependency.name);
      if (!name) continue;  // told when it was read
      names.push_back(dependency.name);
      const bool checked = std::holds_alternative<Dependency::Version>(dependency.form) ||
                           std::holds_alternative<PathSource>(dependency.form);
      if (checked && dependency.export_name && !name->package.empty() && !name->interface) {
        Report(dependency, where,
               fmt::format("using an export to satisfy the package dependency {} is not currently "
                           "permitted",
                           dependency.name));
      }
    }
    if (auto disjoint = CheckDisjoint(names); !disjoint) {
      Report(component.dependencies.front(), where, disjoint.error().message);
    }
  }

  Manifest& manifest_;
  Diagnostics& problems_;
};

}  // namespace

Result<DependencyName> ParseDependencyName(std::string_view name) {
  DependencyName parsed;
  if (!name.contains(':') && !name.contains('/')) {
    PULLPROOF_RETURN_IF_ERROR(CheckKebabId(name));
    return parsed;
  }
  std::string_view rest = name;
  if (const std::size_t at = rest.find('@'); at != std::string_view::npos) {
    PULLPROOF_ASSIGN_OR_RETURN(parsed.version, Version::Parse(rest.substr(at + 1)));
    rest = rest.substr(0, at);
  }
  if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
    PULLPROOF_RETURN_IF_ERROR(CheckKebabId(rest.substr(slash + 1)));
    parsed.interface = rest.substr(slash + 1);
    rest = rest.substr(0, slash);
  }
  PULLPROOF_RETURN_IF_ERROR(CheckPackageName(rest));
  parsed.package = rest;
  return parsed;
}

Result<void> CheckDisjoint(std::span<const std::string_view> names) {
  // Only names of one package can overlap, so only those are held against each other.
  std::map<std::string, std::vector<std::pair<std::string_view, DependencyName>>> by_package;
  for (const std::string_view name : names) {
    auto parsed = ParseDependencyName(name);
    if (!parsed) continue;
    auto& others = by_package[parsed->package];
    for (const auto& [other_name, other] : others) {
      if (!MayOverlap(other, *parsed)) continue;
      return Fail("spin.dependency",
                  fmt::format("\"{}\" dependency conflicts with \"{}\"", name, other_name), {},
                  "two names of one package must differ in interface or in compatible version");
    }
    others.emplace_back(name, *std::move(parsed));
  }
  return {};
}

void NormaliseDependencies(Manifest& manifest, Diagnostics& problems) {
  Normaliser(manifest, problems).Run();
}

}  // namespace pullproof::resolver::manifest
