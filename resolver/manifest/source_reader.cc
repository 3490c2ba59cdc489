#include "resolver/manifest/source_reader.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "resolver/manifest/dependency.h"
#include "resolver/manifest/identifier.h"
#include "resolver/manifest/semver.h"

namespace pullproof::resolver::manifest {
namespace {

// A member that must be a string with something in it.
std::optional<std::string> NonEmpty(TableReader& reader, std::string_view name) {
  if (reader.Required(name) == nullptr) return std::nullopt;
  auto text = reader.OptionalString(name);
  if (text && text->empty()) {
    reader.problems().Report("spin.source", reader.PositionOf(name),
                             fmt::format("`{}` of {} is empty", name, reader.what()));
    return std::nullopt;
  }
  return text;
}

std::optional<oci::Digest> ReadDigest(TableReader& reader) {
  const auto text = NonEmpty(reader, "digest");
  if (!text) return std::nullopt;
  auto digest = oci::Digest::Parse(*text);
  if (digest) return *std::move(digest);
  reader.problems().Report(
      digest.error().id, reader.PositionOf("digest"),
      fmt::format("`digest` of {} is \"{}\": {}", reader.what(), *text, digest.error().message),
      digest.error().hint);
  return std::nullopt;
}

std::optional<UrlSource> ReadUrl(TableReader& reader) {
  const auto url = NonEmpty(reader, "url");
  const auto text = NonEmpty(reader, "digest");
  if (text && !text->starts_with("sha256:")) {
    reader.problems().Report(
        "digest.syntax", reader.PositionOf("digest"),
        fmt::format("invalid `digest` \"{}\"; must start with 'sha256:'", *text));
    return std::nullopt;
  }
  const auto digest = text ? ReadDigest(reader) : std::nullopt;
  if (!url || !digest) return std::nullopt;
  return UrlSource{*url, *digest};
}

// A host and perhaps a port: no scheme, no path.
void CheckRegistry(const std::string& registry, TableReader& reader) {
  if (oci::Reference::Parse(registry + "/name") && !registry.contains('/')) return;
  reader.problems().Report(
      "spin.source", reader.PositionOf("registry"),
      fmt::format("`registry` of {} is \"{}\", which is no host", reader.what(), registry),
      "a registry is HOST[:PORT], without a scheme or a path");
}

std::optional<PackageSource> ReadPackage(TableReader& reader) {
  const auto package = NonEmpty(reader, "package");
  const auto version = NonEmpty(reader, "version");
  auto registry = reader.OptionalString("registry");
  if (registry) CheckRegistry(*registry, reader);
  if (!package || !version) return std::nullopt;
  if (auto ok = CheckPackageName(*package); !ok) {
    reader.problems().Report("spin.id", reader.PositionOf("package"),
                             fmt::format("`package` of {}: {}", reader.what(), ok.error().message));
    return std::nullopt;
  }
  if (auto exact = Version::Parse(*version); !exact) {
    reader.problems().Report(
        exact.error().id, reader.PositionOf("version"),
        fmt::format("{} specifies an invalid semantic version (\"{}\") for its package version",
                    reader.what(), *version),
        exact.error().hint);
    return std::nullopt;
  }
  return PackageSource{*package, *version, std::move(registry)};
}

std::optional<InheritedKinds> ReadInheritedKinds(TableReader& reader) {
  const Node* node = reader.Get("inherit_configuration");
  if (node == nullptr) return std::nullopt;
  InheritedKinds kinds;
  if (const bool* all = node->boolean()) {
    for (const auto& [name, kind] : kInheritableNames) {
      if (*all) kinds.insert(kind);
    }
    return kinds;
  }
  if (node->array() == nullptr) {
    reader.ReportKind(*node, "inherit_configuration", "a list of kinds, or true or false");
    return kinds;
  }
  std::vector<std::string_view> known;
  for (const auto& [name, kind] : kInheritableNames) known.push_back(name);
  for (const Node& item : *node->array()) {
    const std::string* text = item.string();
    if (text == nullptr) {
      reader.ReportKind(item, "inherit_configuration", "a list of strings");
      continue;
    }
    const auto found =
        std::ranges::find(kInheritableNames, *text, [](const auto& entry) { return entry.first; });
    if (found == kInheritableNames.end()) {
      reader.problems().Report(
          "inherit.unknown-kind", item.at(),
          fmt::format("`{}` is no kind of configuration that can be inherited", *text),
          SuggestFrom(*text, known));
      continue;
    }
    kinds.insert(found->second);
  }
  return kinds;
}

bool IsPackagedId(std::string_view id) {
  return std::ranges::none_of(id, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '/' || c == '\\' || byte < 0x20 || byte == 0x7F;
  });
}

using RegistrySource = std::variant<ModuleSource, ComponentSource>;

// `in_source`: where `inherit_configuration` belongs to the component form alone; in a dependency
// it has Spin's meaning and is read by the caller.
std::optional<RegistrySource> ReadReference(TableReader& reader, bool in_source) {
  const auto written = NonEmpty(reader, "reference");
  const bool has_id = reader.Has("id");
  const bool has_digest = reader.Has("digest");
  const auto id = has_id ? NonEmpty(reader, "id") : std::nullopt;
  const auto digest = has_digest ? ReadDigest(reader) : std::nullopt;
  if (!has_id && !has_digest) {
    reader.problems().Report(
        "spin.source", reader.at(), fmt::format("{} has neither `id` nor `digest`", reader.what()),
        "write `id` for a component of a Spin application, or `digest` for one Wasm module");
    return std::nullopt;
  }
  std::optional<InheritedKinds> inherits;
  if (in_source && has_id) inherits = ReadInheritedKinds(reader);
  if (in_source && !has_id && reader.Get("inherit_configuration") != nullptr) {
    reader.problems().Report(
        "spin.source", reader.PositionOf("inherit_configuration"),
        fmt::format("{} has `inherit_configuration` but no `id`", reader.what()),
        "a single module brings no configuration; name a component by `id`");
    return std::nullopt;
  }
  if (id && !IsPackagedId(*id)) {
    reader.problems().Report(
        "spin.source", reader.PositionOf("id"),
        fmt::format("`id` of {} holds a slash, a backslash or a control character", reader.what()));
    return std::nullopt;
  }
  if (!written || (has_id && !id) || (has_digest && !digest)) return std::nullopt;
  auto reference = oci::Reference::Parse(*written);
  if (!reference) {
    reader.problems().Report(reference.error().id, reader.PositionOf("reference"),
                             fmt::format("`reference` of {} is \"{}\": {}", reader.what(), *written,
                                         reference.error().message),
                             reference.error().hint);
    return std::nullopt;
  }
  if (!has_id) return ModuleSource{*written, *std::move(reference), *digest};
  return ComponentSource{*written, *std::move(reference), *id, digest, std::move(inherits)};
}

// Widens an optional alternative to an optional of the variant that holds it.
template <typename Variant, typename T>
std::optional<Variant> Widen(std::optional<T> value) {
  if (!value) return std::nullopt;
  return Variant(*std::move(value));
}

using SourceForm = decltype(Source::form);
using DependencyForm = decltype(Dependency::form);

std::optional<SourceForm> ReadSourceForm(TableReader& reader) {
  if (reader.Has("url")) return Widen<SourceForm>(ReadUrl(reader));
  if (reader.Has("package")) return Widen<SourceForm>(ReadPackage(reader));
  if (reader.Has("reference")) {
    auto form = ReadReference(reader, true);
    if (!form) return std::nullopt;
    return std::visit([](auto&& source) { return SourceForm(std::move(source)); },
                      *std::move(form));
  }
  return std::nullopt;
}

std::optional<DependencyInheritance> ReadDependencyInheritance(TableReader& reader) {
  const Node* node = reader.Get("inherit_configuration");
  if (node == nullptr) return std::nullopt;
  if (const bool* all = node->boolean()) return DependencyInheritance{*all, {}};
  DependencyInheritance inheritance{false, reader.Strings("inherit_configuration")};
  std::vector<std::string_view> known;
  for (const auto& [name, kind] : kInheritableNames) known.push_back(name);
  for (const std::string& kind : inheritance.kinds) {
    if (std::ranges::find(known, kind) != known.end()) continue;
    reader.problems().Warn(
        "inherit.ignored-kind", node->at(),
        fmt::format(
            "`{}` is no kind of configuration that a dependency can inherit; Spin ignores it",
            kind),
        SuggestFrom(kind, known));
  }
  return inheritance;
}

std::optional<Dependency::Version> ReadVersion(TableReader& reader) {
  const auto requirement = NonEmpty(reader, "version");
  Dependency::Version version{requirement.value_or(""), reader.OptionalString("registry"),
                              reader.OptionalString("package")};
  if (version.registry) CheckRegistry(*version.registry, reader);
  if (!requirement) return std::nullopt;
  return version;
}

std::optional<DependencyForm> ReadDependencyForm(TableReader& reader) {
  if (reader.Has("path")) {
    const auto path = NonEmpty(reader, "path");
    if (!path) return std::nullopt;
    return PathSource{*path};
  }
  if (reader.Has("url")) return Widen<DependencyForm>(ReadUrl(reader));
  if (reader.Has("component")) {
    const auto id = NonEmpty(reader, "component");
    if (!id) return std::nullopt;
    return Dependency::OfComponent{*id};
  }
  if (reader.Has("reference")) {
    auto form = ReadReference(reader, false);
    if (!form) return std::nullopt;
    return std::visit([](auto&& source) { return DependencyForm(std::move(source)); },
                      *std::move(form));
  }
  return Widen<DependencyForm>(ReadVersion(reader));
}

enum class Exports { kAllowed, kNone };

std::optional<Dependency> ReadDependency(const Node& node, std::string name,
                                         const std::string& what, Exports exports,
                                         Diagnostics& problems) {
  Dependency dependency;
  dependency.name = std::move(name);
  dependency.at = node.at();
  if (const std::string* requirement = node.string()) {
    dependency.form = Dependency::Version{*requirement, std::nullopt, std::nullopt};
    dependency.is_bare = true;
    return dependency;
  }
  TableReader reader(node, what, problems);
  if (node.table() == nullptr) return std::nullopt;
  auto form = ReadDependencyForm(reader);
  if (exports == Exports::kAllowed) dependency.export_name = reader.OptionalString("export");
  dependency.inherits = ReadDependencyInheritance(reader);
  reader.Finish();
  if (!form) return std::nullopt;
  dependency.form = *std::move(form);
  return dependency;
}

}  // namespace

std::optional<Source> ReadSource(const Node& node, const std::string& what, Diagnostics& problems) {
  if (const std::string* path = node.string()) {
    if (path->empty()) {
      problems.Report("spin.source", node.at(), fmt::format("{} is empty", what));
      return std::nullopt;
    }
    return Source{PathSource{*path}, node.at()};
  }
  if (node.table() == nullptr) {
    problems.Report("model.kind", node.at(),
                    fmt::format("{} must be a string or a table, not {}", what, node.KindName()));
    return std::nullopt;
  }
  TableReader reader(node, what, problems);
  if (!reader.Has("url") && !reader.Has("package") && !reader.Has("reference")) {
    problems.Report("spin.source", node.at(),
                    fmt::format("{} has none of `url`, `package` and `reference`", what),
                    "a source is a path, { url, digest }, { package, version, registry? }, "
                    "{ reference, digest } or { reference, id, … }");
    return std::nullopt;
  }
  auto form = ReadSourceForm(reader);
  reader.Finish();
  if (!form) return std::nullopt;
  return Source{*std::move(form), node.at()};
}

std::vector<Dependency> ReadDependencies(TableReader& owner) {
  std::vector<Dependency> dependencies;
  for (const Node::Member& member : owner.Table("dependencies")) {
    const std::string what = fmt::format("dependency `{}` of {}", member.name, owner.what());
    if (auto ok = ParseDependencyName(member.name); !ok) {
      owner.problems().Report(ok.error().id, member.at,
                              fmt::format("{}: {}", what, ok.error().message));
    }
    auto dependency =
        ReadDependency(member.value, member.name, what, Exports::kAllowed, owner.problems());
    if (dependency) dependencies.push_back(*std::move(dependency));
  }
  return dependencies;
}

std::optional<Dependency> ReadTriggerDependency(const Node& node, const std::string& what,
                                                Diagnostics& problems) {
  return ReadDependency(node, {}, what, Exports::kNone, problems);
}

}  // namespace pullproof::resolver::manifest
