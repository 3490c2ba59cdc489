#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/table_reader.h"
#include "base/text.h"
#include "resolver/lock/locked_app.h"

namespace pullproof::resolver::lock {
namespace {

constexpr std::array<std::string_view, 2> kUnderstood = {"host_requirements",
                                                         "component_host_requirements"};
constexpr std::array<std::string_view, 2> kFeatures = {"local_service_chaining", "middleware"};

template <std::size_t N>
bool IsOneOf(std::string_view text, const std::array<std::string_view, N>& set) {
  return std::ranges::find(set, text) != set.end();
}

class LockReader {
 public:
  LockReader(const Node& root, std::string_view name)
      : root_(root), name_(name), problems_(std::string(name)) {}

  Result<LockedApp> Read() {
    PULLPROOF_RETURN_IF_ERROR(CheckVersion());
    TableReader reader(root_, "the lock", problems_);
    LockedApp app;
    PULLPROOF_RETURN_IF_ERROR(CheckMustUnderstand(reader));
    app.metadata = FreeForm(reader, "metadata");
    app.host_requirements = Requirements(reader);
    for (const Node::Member& variable : reader.Table("variables")) {
      app.variables.emplace(variable.name, ReadVariable(variable));
    }
    reader.Required("triggers");
    for (const Node& trigger : reader.Array("triggers"))
      app.triggers.push_back(ReadTrigger(trigger));
    reader.Required("components");
    for (const Node& component : reader.Array("components")) {
      app.components.push_back(ReadComponent(component));
    }
    if (problems_.HasErrors()) {
      Error error = problems_.FirstError();
      error.id = "lock.invalid";
      return std::unexpected(std::move(error));
    }
    PULLPROOF_RETURN_IF_ERROR(CheckFeatures(app));
    return app;
  }

 private:
  Result<void> CheckVersion() const {
    const Node* version = root_.Find("spin_lock_version");
    if (version == nullptr || version->integer() == nullptr || *version->integer() < 0) {
      return Fail("lock.invalid", "a lock without a `spin_lock_version`", std::string(name_),
                  "is this a Spin application?");
    }
    if (*version->integer() > 1) {
      return Fail("lock.unsupported", fmt::format("invalid version {} > 1", *version->integer()),
                  std::string(name_), "it was written by a newer Spin than this knows");
    }
    return {};
  }

  Result<void> CheckMustUnderstand(TableReader& reader) const {
    for (const std::string& item : reader.Strings("must_understand")) {
      if (IsOneOf(item, kUnderstood)) continue;
      return Fail("lock.unsupported",
                  fmt::format("the lock must not be used without understanding `{}`", item),
                  std::string(name_), "it was written by a newer Spin than this knows");
    }
    return {};
  }

  Result<void> CheckFeatures(const LockedApp& app) const {
    std::set<std::string> unknown;
    const auto collect = [&](const std::set<std::string>& features) {
      for (const std::string& feature : features) {
        if (!IsOneOf(feature, kFeatures)) unknown.insert(feature);
      }
    };
    collect(app.host_requirements);
    for (const LockedComponent& component : app.components) collect(component.host_requirements);
    if (unknown.empty()) return {};
    return Fail("lock.unsupported",
                fmt::format("This version of Spin does not support the following features required "
                            "by this application: {}",
                            fmt::join(unknown, ", ")),
                std::string(name_));
  }

  static Node::Table FreeForm(TableReader& reader, std::string_view name) {
    const auto members = reader.Table(name);
    return {members.begin(), members.end()};
  }

  // Features that are only wished for ("optional") do not count.
  static std::set<std::string> Requirements(TableReader& reader) {
    std::set<std::string> required;
    for (const Node::Member& feature : reader.Table("host_requirements")) {
      const std::string* level = feature.value.string();
      if (level == nullptr || *level != "optional") required.insert(feature.name);
    }
    return required;
  }

  // A string that may also be null, as an absent one is written by some.
  static std::optional<std::string> NullableString(TableReader& reader, std::string_view name) {
    const Node* value = reader.Get(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    return reader.OptionalString(name);
  }

  LockedVariable ReadVariable(const Node::Member& member) {
    TableReader reader(member.value, fmt::format("variable `{}`", member.name), problems_);
    return {NullableString(reader, "description").value_or(""), NullableString(reader, "default"),
            reader.Bool("secret", false)};
  }

  LockedTrigger ReadTrigger(const Node& node) {
    TableReader reader(node, "a trigger", problems_);
    LockedTrigger trigger;
    trigger.id = reader.RequiredString("id");
    trigger.type = reader.RequiredString("trigger_type");
    if (const Node* config = reader.Required("trigger_config")) trigger.config = *config;
    return trigger;
  }

  ContentReference ReadContent(TableReader& reader) {
    ContentReference content;
    content.source = NullableString(reader, "source");
    if (auto digest = NullableString(reader, "digest")) {
      auto parsed = oci::Digest::Parse(*digest);
      if (parsed) {
        content.digest = *std::move(parsed);
      } else {
        problems_.Report(parsed.error().id, reader.PositionOf("digest"),
                         fmt::format("`digest` of {} is \"{}\": {}", reader.what(), *digest,
                                     parsed.error().message));
      }
    }
    if (auto encoded = NullableString(reader, "inline")) {
      // The lock's base64 has no padding; two spellings of one content would be one too many.
      auto decoded = Base64Decode(*encoded);
      if (encoded->ends_with('=')) decoded = Fail("base64.syntax", "base64 with padding");
      if (decoded) {
        content.inline_bytes = *std::move(decoded);
      } else {
        problems_.Report(decoded.error().id, reader.PositionOf("inline"),
                         fmt::format("`inline` of {}: {}", reader.what(), decoded.error().message));
      }
    }
    return content;
  }

  LockedFile ReadFile(const Node& node, const std::string& owner) {
    TableReader reader(node, fmt::format("a file of {}", owner), problems_);
    std::string path = reader.RequiredString("path");
    return {std::move(path), ReadContent(reader)};
  }

  std::map<std::string, std::string> ReadStrings(TableReader& reader, std::string_view name) {
    const auto pairs = reader.StringMap(name);
    return {pairs.begin(), pairs.end()};
  }

  LockedSource ReadSource(TableReader& owner) {
    LockedSource source;
    const Node* node = owner.Required("source");
    if (node == nullptr) return source;
    TableReader reader(*node, fmt::format("`source` of {}", owner.what()), problems_);
    source.content_type = reader.RequiredString("content_type");
    source.content = ReadContent(reader);
    return source;
  }

  // "All", or { "Some": [...] }; absent is nothing.
  LockedInheritance ReadInheritance(TableReader& owner) {
    const Node* node = owner.Get("inherit");
    if (node == nullptr || node->is_null()) return {};
    if (const std::string* text = node->string()) {
      if (*text == "All") return {true, {}};
      owner.ReportKind(*node, "inherit", "\"All\" or { \"Some\": [...] }");
      return {};
    }
    TableReader reader(*node, fmt::format("`inherit` of {}", owner.what()), problems_);
    reader.Required("Some");
    return {false, reader.Strings("Some")};
  }

  LockedDependency ReadDependency(const Node& node, const std::string& what) {
    TableReader reader(node, what, problems_);
    LockedDependency dependency;
    dependency.source = ReadSource(reader);
    dependency.export_name = NullableString(reader, "export");
    dependency.inherits = ReadInheritance(reader);
    return dependency;
  }

  void ReadDependencies(TableReader& reader, LockedComponent& component) {
    for (const Node::Member& member : reader.Table("dependencies")) {
      component.dependencies.emplace(
          member.name, ReadDependency(member.value, fmt::format("dependency `{}` of {}",
                                                                member.name, reader.what())));
    }
    for (const Node::Member& role : reader.Table("trigger_dependencies")) {
      auto& dependencies = component.trigger_dependencies[role.name];
      if (role.value.array() == nullptr) {
        reader.ReportKind(role.value, fmt::format("trigger_dependencies.{}", role.name),
                          "an array");
        continue;
      }
      for (const Node& item : *role.value.array()) {
        dependencies.push_back(
            ReadDependency(item, fmt::format("a `{}` of {}", role.name, reader.what())));
      }
    }
  }

  LockedComponent ReadComponent(const Node& node) {
    TableReader reader(node, "a component", problems_);
    LockedComponent component;
    component.id = reader.RequiredString("id");
    const std::string what = fmt::format("component `{}`", component.id);
    component.metadata = FreeForm(reader, "metadata");
    component.source = ReadSource(reader);
    component.environment = ReadStrings(reader, "env");
    for (const Node& file : reader.Array("files")) component.files.push_back(ReadFile(file, what));
    component.config = ReadStrings(reader, "config");
    ReadDependencies(reader, component);
    component.host_requirements = Requirements(reader);
    return component;
  }

  const Node& root_;
  std::string_view name_;
  Diagnostics problems_;
};

}  // namespace

std::vector<std::string> LockedComponent::MetadataStrings(std::string_view name) const {
  std::vector<std::string> strings;
  for (const Node::Member& member : metadata) {
    if (member.name != name || member.value.array() == nullptr) continue;
    for (const Node& item : *member.value.array()) {
      if (const std::string* text = item.string()) strings.push_back(*text);
    }
  }
  return strings;
}

std::string LockedComponent::MetadataString(std::string_view name) const {
  for (const Node::Member& member : metadata) {
    if (member.name == name && member.value.string() != nullptr) return *member.value.string();
  }
  return {};
}

Result<LockedApp> ReadLock(std::string_view bytes, std::string_view name) {
  DocumentLimits limits;
  limits.max_bytes = kMaxLockBytes;
  PULLPROOF_ASSIGN_OR_RETURN(const Node root, ParseJson(bytes, name, limits));
  return LockReader(root, name).Read();
}

}  // namespace pullproof::resolver::lock
