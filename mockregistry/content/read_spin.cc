// Reads `spin = { … }`: a published Spin application in a few lines, spelled like its spin.toml.
// Source of the lock's shape: Spin's crates/locked-app/src/locked.rs and crates/oci/src/client.rs.
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "mockregistry/content/content.h"
#include "mockregistry/content/names.h"
#include "mockregistry/content/read.h"
#include "mockregistry/content/tar.h"
#include "oci/media_type.h"

namespace pullproof::mockregistry::content {
namespace {

// Nobody declares more by hand, and every one has Wasm of its own.
constexpr std::size_t kMaxComponents = 1000;
// The Wasm that a component has when nothing is said: more than Spin writes into the lock.
constexpr std::uint64_t kDefaultWasmData = 1024;

Node Text(std::string_view text) { return Node(std::string(text)); }

void Add(Node::Table& table, std::string_view name, Node value) {
  table.push_back({std::string(name), {}, std::move(value)});
}

// Spin leaves out what is empty.
void AddText(Node::Table& table, std::string_view name, const std::string& text) {
  if (!text.empty()) Add(table, name, Text(text));
}
void AddTexts(Node::Table& table, std::string_view name, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  Node::Array array;
  for (const std::string& text : texts) array.push_back(Text(text));
  Add(table, name, Node(std::move(array)));
}
void AddMap(Node::Table& table, std::string_view name,
            const std::vector<std::pair<std::string, std::string>>& map) {
  if (map.empty()) return;
  Node::Table members;
  for (const auto& [key, value] : map) Add(members, key, Text(value));
  Add(table, name, Node(std::move(members)));
}

// Members that take the place of those that are made; null when none are stated.
Node ReadStated(TableReader& reader, std::string_view name) {
  const Node* stated = reader.Get(name);
  if (stated == nullptr) return {};
  if (stated->table() == nullptr) {
    reader.ReportKind(*stated, name, "a table");
    return {};
  }
  CheckValues(*stated, reader.problems());
  return *stated;
}

// Lays the members of a table over others of the same name.
void AddOver(Node::Table& table, const Node& stated) {
  if (stated.table() == nullptr) return;
  for (const Node::Member& member : *stated.table()) {
    const auto existing = std::ranges::find(table, member.name, &Node::Member::name);
    if (existing != table.end()) {
      existing->value = member.value;
    } else {
      table.push_back(member);
    }
  }
}

std::string TriggerType(const Node& trigger) {
  const Node* type = trigger.Find("type");
  return type != nullptr && type->string() != nullptr ? *type->string() : "http";
}

class SpinReader {
 public:
  SpinReader(const std::string& name, ManifestSpec& manifest, Diagnostics& problems)
      : name_(name), manifest_(manifest), problems_(problems) {}

  void Read(const Node& node, const std::string& of) {
    TableReader spin(node, "`spin` of " + of, problems_);
    if (node.table() == nullptr) return;
    SpinLockBlob lock;
    Node::Table metadata = ReadMetadata(spin);
    Node::Table variables = ReadVariables(spin);
    archive_ = spin.Bool("archive", false);
    ReadComponents(spin, lock);
    AddTriggerMetadata(spin, metadata);
    AddOver(metadata, ReadStated(spin, "metadata"));

    if (requirements_) {
      Add(lock.members, "must_understand", Node(Node::Array{Text("component_host_requirements")}));
    }
    Add(lock.members, "spin_lock_version", Node(std::int64_t{requirements_ ? 1 : 0}));
    if (!metadata.empty()) Add(lock.members, "metadata", Node(std::move(metadata)));
    if (!variables.empty()) Add(lock.members, "variables", Node(std::move(variables)));
    Add(lock.members, "triggers", Node(std::move(triggers_)));
    ReadImage(spin, std::move(lock));
    ReadAnnotations(spin);
    spin.Finish();
  }

 private:
  Node::Table ReadMetadata(TableReader& spin) {
    app_ = spin.RequiredString("app");
    version_ = spin.String("version");
    description_ = spin.String("description");
    authors_ = spin.Strings("authors");
    Node::Table metadata;
    AddText(metadata, "name", app_);
    AddText(metadata, "version", version_);
    AddText(metadata, "description", description_);
    AddTexts(metadata, "authors", authors_);
    return metadata;
  }

  Node::Table ReadVariables(TableReader& spin) {
    Node::Table variables;
    for (const Node::Member& member : spin.Table("variables")) {
      Node::Table variable;
      if (const std::string* value = member.value.string()) {
        Add(variable, "default", Text(*value));
      } else {
        TableReader reader(member.value,
                           fmt::format("variable `{}` of {}", member.name, spin.what()), problems_);
        AddText(variable, "description", reader.String("description"));
        const auto value_of = reader.OptionalString("default");
        const bool required = reader.Bool("required", false);
        if (value_of) Add(variable, "default", Text(*value_of));
        if (reader.Bool("secret", false)) Add(variable, "secret", Node(true));
        if (required == value_of.has_value()) {
          problems_.Report("content.spin-variable", member.at,
                           fmt::format("{} must be required or have a default", reader.what()),
                           "Spin demands one of the two, and refuses both");
        }
        reader.Finish();
      }
      Add(variables, member.name, Node(std::move(variable)));
    }
    return variables;
  }

  // A table by id; or an array, in which an id may stand twice.
  void ReadComponents(TableReader& spin, SpinLockBlob& lock) {
    const Node* components = spin.Required("components");
    if (components == nullptr) return;
    const std::size_t count = components->table() != nullptr   ? components->table()->size()
                              : components->array() != nullptr ? components->array()->size()
                                                               : 0;
    if (count > kMaxComponents) {
      problems_.Report("content.too-many", components->at(),
                       fmt::format("{} components, more than {}", count, kMaxComponents));
    } else if (const Node::Table* table = components->table()) {
      for (const Node::Member& member : *table) ReadComponent(member.value, &member.name, lock);
    } else if (const Node::Array* array = components->array()) {
      for (const Node& item : *array) ReadComponent(item, nullptr, lock);
    } else {
      spin.ReportKind(*components, "components", "a table, or an array");
    }
  }

  void ReadComponent(const Node& node, const std::string* key, SpinLockBlob& lock) {
    const std::string what =
        key != nullptr
            ? fmt::format("component `{}` of manifest `{}`", *key, name_)
            : fmt::format("component {} of manifest `{}`", lock.components.size(), name_);
    TableReader reader(node, what, problems_);
    if (node.table() == nullptr) return;
    const std::string id = key != nullptr ? *key : reader.RequiredString("id");
    // The second component of an id must not take the names of the first.
    const std::string prefix = prefixes_.insert(id).second
                                   ? fmt::format("{}.{}", name_, id)
                                   : fmt::format("{}.{}.{}", name_, id, lock.components.size());
    SpinLockBlob::Component component;
    Add(component.members, "id", Text(id));
    AddComponentMetadata(reader, component);
    AddMap(component.members, "env", reader.StringMap("environment"));
    AddMap(component.members, "config", reader.StringMap("variables"));
    ReadSource(reader, prefix, component);
    ReadDependencies(reader, prefix, component);
    ReadFiles(reader, prefix, component);
    ReadTriggers(reader, id);
    component.stated = ReadStated(reader, "lock");
    NoteStated(component.stated);
    reader.Finish();
    lock.components.push_back(std::move(component));
  }

  void AddComponentMetadata(TableReader& reader, SpinLockBlob::Component& component) {
    const std::vector<std::string> hosts = reader.Strings("allowed_outbound_hosts");
    Node::Table metadata;
    AddText(metadata, "description", reader.String("description"));
    AddTexts(metadata, "allowed_outbound_hosts", hosts);
    AddTexts(metadata, "key_value_stores", reader.Strings("key_value_stores"));
    AddTexts(metadata, "databases", reader.Strings("sqlite_databases"));
    AddTexts(metadata, "ai_models", reader.Strings("ai_models"));
    if (const Node* build = reader.Get("build")) Add(metadata, "build", *build);
    AddOver(metadata, ReadStated(reader, "metadata"));
    if (!metadata.empty()) Add(component.members, "metadata", Node(std::move(metadata)));

    Node::Table requirements;
    if (std::ranges::any_of(hosts, &IsSibling)) {
      Add(requirements, "local_service_chaining", Text("required"));
    }
    AddOver(requirements, ReadStated(reader, "host_requirements"));
    if (requirements.empty()) return;
    requirements_ = true;
    Add(component.members, "host_requirements", Node(std::move(requirements)));
  }

  // A host that stands for another component of the application.
  static bool IsSibling(std::string_view host) {
    const std::size_t scheme = host.find("://");
    if (scheme == std::string_view::npos || host.find("{{") != std::string_view::npos) return false;
    host.remove_prefix(scheme + 3);
    return host.substr(0, host.find_first_of(":/")).ends_with(".spin.internal");
  }

  // Content of the package that Spin describes in the lock by digest, and inline when it is small.
  SpinLockBlob::ContentRef ReadContent(const Node& node, const std::string& blob_name,
                                       const std::string& what, std::string_view media_type) {
    SpinLockBlob::ContentRef content;
    Node spec = node;
    if (Node::Table* members = spec.table()) {
      const auto stated = std::ranges::find(*members, "lock", &Node::Member::name);
      if (stated != members->end()) {
        if (stated->value.table() == nullptr) {
          problems_.Report(
              "model.kind", stated->at,
              fmt::format("`lock` of {} must be a table, not {}", what, stated->value.KindName()));
        }
        CheckValues(stated->value, problems_);
        content.stated = stated->value;
        NoteStated(content.stated);
        members->erase(stated);
      }
    }
    content.blob = ReadBrought(spec, blob_name, what, media_type, manifest_, problems_);
    return content;
  }

  void AddLayer(const NameRef& blob, std::string_view type, bool unless_inline) {
    EntrySpec& entry = layers_.emplace_back();
    entry.ref = blob.name;
    entry.at = blob.at;
    entry.type = type;
    entry.unless_inline = unless_inline;
  }

  SpinLockBlob::ContentRef ReadWasm(TableReader& reader, const std::string& blob_name) {
    const Node* source = reader.Get("source");
    SpinLockBlob::ContentRef content;
    if (source != nullptr) {
      content =
          ReadContent(*source, blob_name, "`source` of " + reader.what(), oci::media::kWasmLayer);
    } else {
      manifest_.brings.emplace_back(blob_name,
                                    BlobSpec{WasmBlob{true, kDefaultWasmData, {}}, reader.at(),
                                             std::string(oci::media::kWasmLayer)});
      content.blob = {blob_name, reader.at()};
    }
    AddLayer(content.blob, oci::media::kWasmLayer, false);
    return content;
  }

  void ReadSource(TableReader& reader, const std::string& prefix,
                  SpinLockBlob::Component& component) {
    component.source = ReadWasm(reader, prefix + ".wasm");
  }

  void ReadDependencies(TableReader& reader, const std::string& prefix,
                        SpinLockBlob::Component& component) {
    for (const Node::Member& member : reader.Table("dependencies")) {
      TableReader dependency(member.value,
                             fmt::format("dependency `{}` of {}", member.name, reader.what()),
                             problems_);
      SpinLockBlob::Dependency made;
      made.name = member.name;
      made.content = ReadWasm(
          dependency, fmt::format("{}.dependency.{}.wasm", prefix, component.dependencies.size()));
      const auto exported = dependency.OptionalString("export");
      Add(made.members, "export", exported ? Text(*exported) : Node(nullptr));
      if (const Node* inherit = dependency.Get("inherit")) AddInherit(dependency, *inherit, made);
      dependency.Finish();
      component.dependencies.push_back(std::move(made));
    }
  }

  static void AddInherit(TableReader& reader, const Node& inherit,
                         SpinLockBlob::Dependency& dependency) {
    if (const bool* all = inherit.boolean()) {
      if (*all) Add(dependency.members, "inherit", Text("All"));
    } else if (inherit.array() != nullptr) {
      Node::Table some;
      AddTexts(some, "Some", reader.Strings("inherit"));
      if (!some.empty()) Add(dependency.members, "inherit", Node(std::move(some)));
    } else {
      reader.ReportKind(inherit, "inherit", "true, false or an array of kinds");
    }
  }

  void ReadFiles(TableReader& reader, const std::string& prefix,
                 SpinLockBlob::Component& component) {
    TarBlob archive;
    archive.gzip = true;
    for (const Node::Member& member : reader.Table("files")) {
      CheckPath(member);
      const std::string what = fmt::format("file `{}` of {}", member.name, reader.what());
      SpinLockBlob::File file{
          member.name, ReadContent(member.value, fmt::format("{}/{}", prefix, member.name), what,
                                   oci::media::kWasmData)};
      if (archive_) {
        archive.files.emplace_back("./" + member.name,
                                   BlobSpec{SameBlob{file.content.blob}, member.at, {}});
      } else {
        AddLayer(file.content.blob, oci::media::kWasmData, true);
      }
      component.files.push_back(std::move(file));
    }
    if (archive.files.empty()) return;
    const std::string name = prefix + ".tar";
    manifest_.brings.emplace_back(
        name, BlobSpec{std::move(archive), reader.at(), std::string(oci::media::kWasmBundle)});
    AddLayer({name, reader.at()}, oci::media::kWasmBundle, false);
  }

  void CheckPath(const Node::Member& member) {
    if (IsTarPath(member.name) && member.name.find('\\') == std::string::npos) return;
    problems_.Report("content.spin-path", member.at,
                     fmt::format("`{}` is no plain relative path", member.name),
                     "give the file a plain one, and state the other: lock = { path = \"…\" }");
  }

  // Spin gives a trigger without an id one of these two.
  std::string TriggerId(const std::string& component, const std::string& type) {
    std::string id = fmt::format("{}-{}-trigger", component, type);
    for (int number = 1; !trigger_ids_.insert(id).second; ++number) {
      id = fmt::format("{}-trigger{}", type, number);
    }
    return id;
  }

  void ReadTriggers(TableReader& reader, const std::string& component) {
    if (!reader.Has("triggers")) {
      Node::Table http;
      Add(http, "route", Text(fmt::format("/{}/...", component)));
      AddTrigger(reader, Node(std::move(http)), component);
    }
    for (const Node& trigger : reader.Array("triggers")) AddTrigger(reader, trigger, component);
  }

  void AddTrigger(TableReader& reader, const Node& node, const std::string& component) {
    const Node::Table* members = node.table();
    if (members == nullptr) {
      reader.ReportKind(node, "triggers", "an array of tables");
      return;
    }
    const std::string type = TriggerType(node);
    const Node* stated_id = node.Find("id");
    Node::Table config;
    Add(config, "component", Text(component));
    for (const Node::Member& member : *members) {
      if (member.name != "type" && member.name != "id") config.push_back(member);
    }
    Node::Table trigger;
    Add(trigger, "id", stated_id != nullptr ? *stated_id : Text(TriggerId(component, type)));
    Add(trigger, "trigger_type", Text(type));
    Add(trigger, "trigger_config", Node(std::move(config)));
    trigger_types_.insert(type);
    triggers_.push_back(Node(std::move(trigger)));
  }

  // `triggers` holds the settings of each type, and `trigger` those of the only one, with its type.
  void AddTriggerMetadata(TableReader& spin, Node::Table& metadata) {
    const Node settings = ReadStated(spin, "trigger");
    Add(metadata, "triggers", settings.table() != nullptr ? settings : Node(Node::Table{}));
    if (trigger_types_.size() != 1) return;
    Node::Table only;
    if (const Node* of_type = settings.Find(*trigger_types_.begin())) AddOver(only, *of_type);
    Add(only, "type", Text(*trigger_types_.begin()));
    Add(metadata, "trigger", Node(std::move(only)));
  }

  void ReadImage(TableReader& spin, SpinLockBlob lock) {
    static constexpr std::array<std::pair<std::string_view, bool>, 2> kPlaces{{
        {"layer", false},
        {"config", true},
    }};
    const NameRef lock_name = ReadLock(spin, std::move(lock));
    ImageSpec image;
    image.distinct = true;
    image.state_type = spin.Bool("mediaType", false);
    const bool lock_is_config = spin.Enum<bool>("lock_in", kPlaces, false);
    if (lock_is_config) {
      image.config_blob = lock_name;
      image.config_type = spin.String("config_type", std::string(oci::media::kSpinLock));
    } else {
      AddLayer(lock_name, oci::media::kSpinLock, false);
      BringConfig(spin, lock_name, image);
    }
    image.layers = std::move(layers_);
    if (const Node* layers = spin.Get("layers")) {
      image.layers = ReadEntries(*layers, "layer", spin.what(), problems_);
      image.distinct = false;
    }
    manifest_.kind = std::move(image);
  }

  NameRef ReadLock(TableReader& spin, SpinLockBlob lock) {
    if (const Node* stated = spin.Get("lock"); stated != nullptr && stated->string() != nullptr) {
      manifest_.unprovable = true;
      return {*stated->string(), stated->at()};
    }
    lock.stated = ReadStated(spin, "lock");
    NoteStated(lock.stated);
    const std::string name = name_ + ".lock";
    manifest_.brings.emplace_back(
        name, BlobSpec{std::move(lock), spin.at(), std::string(oci::media::kSpinLock)});
    return {name, spin.at()};
  }

  // The label makes the configs of two applications different: some clients take an image for the
  // one whose config they know.
  void BringConfig(TableReader& spin, const NameRef& lock, ImageSpec& image) {
    ImageSpec stated;
    ReadConfig(spin, stated);
    image.config_type = stated.config_type.value_or(std::string(oci::media::kImageConfig));
    if (stated.config_blob) {
      image.config_blob = stated.config_blob;
      return;
    }
    Node::Table digest;
    Add(digest, "$digest", Text(lock.name));
    Node::Table labels;
    Add(labels, "com.fermyon.spin.lockedAppDigest", Node(std::move(digest)));
    Node::Table inner;
    Add(inner, "Labels", Node(std::move(labels)));
    Node::Table rootfs;
    Add(rootfs, "type", Text("layers"));
    Add(rootfs, "diff_ids", Node(Node::Array{}));
    Node::Table config;
    Add(config, "architecture", Text("wasm"));
    Add(config, "os", Text("Wasip1"));
    Add(config, "config", Node(std::move(inner)));
    Add(config, "rootfs", Node(std::move(rootfs)));
    if (stated.config) AddOver(config, *stated.config);
    const std::string name = name_ + ".config";
    manifest_.brings.emplace_back(name, BlobSpec{JsonBlob{Node(std::move(config))}, spin.at(), {}});
    image.config_blob = NameRef{name, spin.at()};
  }

  void ReadAnnotations(TableReader& spin) {
    const std::string created = spin.String("created");
    const Node* stated = spin.Get("annotations");
    const bool off = stated != nullptr && stated->boolean() != nullptr && !*stated->boolean();
    auto& annotations = manifest_.annotations;
    if (!off) {
      std::string authors;
      for (const std::string& author : authors_) authors += (authors.empty() ? "" : ", ") + author;
      const std::array<std::pair<std::string_view, const std::string&>, 5> known{{
          {"authors", authors},
          {"created", created},
          {"description", description_},
          {"title", app_},
          {"version", version_},
      }};
      for (const auto& [key, value] : known) {
        if (!value.empty())
          annotations.emplace_back(fmt::format("{}{}", kImageAnnotation, key), value);
      }
    }
    if (stated == nullptr || stated->boolean() != nullptr) return;
    for (auto& [key, value] : spin.StringMap("annotations")) {
      std::erase_if(annotations, [&](const auto& known) { return known.first == key; });
      annotations.emplace_back(std::move(key), std::move(value));
    }
  }

  // What was stated may be a lie, and nobody can tell.
  void NoteStated(const Node& stated) {
    if (!stated.is_null()) manifest_.unprovable = true;
  }

  static constexpr std::string_view kImageAnnotation = "org.opencontainers.image.";

  const std::string& name_;
  ManifestSpec& manifest_;
  Diagnostics& problems_;
  std::string app_;
  std::string version_;
  std::string description_;
  std::vector<std::string> authors_;
  bool archive_ = false;
  bool requirements_ = false;  // some component has host requirements
  std::vector<EntrySpec> layers_;
  Node::Array triggers_;
  std::set<std::string> trigger_ids_;
  std::set<std::string> trigger_types_;
  std::set<std::string> prefixes_;
};

}  // namespace

NameRef ReadBrought(const Node& node, const std::string& name, const std::string& what,
                    std::string_view media_type, ManifestSpec& manifest, Diagnostics& problems) {
  BlobSpec blob = ReadBlob(node, what, problems);
  if (const auto* same = std::get_if<SameBlob>(&blob.kind)) return same->of;
  if (name.size() > kMaxNameBytes) {
    problems.Report("content.name", node.at(),
                    fmt::format("{} would be called `{}`, which is longer than {} bytes", what,
                                name, kMaxNameBytes),
                    "state it under `blobs`, and say { blob = \"NAME\" } here");
  }
  NameRef ref{name, node.at()};
  blob.media_type = media_type;
  manifest.brings.emplace_back(name, std::move(blob));
  return ref;
}

void ReadSpin(TableReader& reader, const std::string& name, ManifestSpec& manifest) {
  SpinReader(name, manifest, reader.problems()).Read(*reader.Get("spin"), reader.what());
}

}  // namespace pullproof::mockregistry::content
