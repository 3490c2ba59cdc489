// A spin.toml, read into a model: every table and member that Spin knows, plus the two sources that
// name a registry (docs/merge-rules.md). One of version 1 comes out as what Spin upgrades it to.
// Source: Spin, crates/manifest/src/schema/v2.rs.
#ifndef PULLPROOF_RESOLVER_MANIFEST_MANIFEST_H_
#define PULLPROOF_RESOLVER_MANIFEST_MANIFEST_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/document.h"
#include "base/table_reader.h"
#include "oci/digest.h"
#include "oci/reference.h"
#include "resolver/manifest/inheritance.h"

namespace pullproof::resolver::manifest {

// One string of a list, and one member of a map, with its place.
struct Text {
  std::string value;
  Position at;
};
struct Setting {
  std::string name;
  std::string value;
  Position at;
};

// The five forms of `source`.
struct PathSource {
  std::string path;  // relative to the directory of the manifest
};
struct UrlSource {
  std::string url;
  oci::Digest digest;  // always sha256
};
struct PackageSource {
  std::string package;  // "ns:name"
  std::string version;  // exact
  std::optional<std::string> registry;
};
// One Wasm module of an artifact, without any configuration.
struct ModuleSource {
  std::string written;  // the reference as it stands in the manifest
  oci::Reference reference;
  oci::Digest digest;  // of the Wasm layer
};
// A component of a published Spin application.
struct ComponentSource {
  std::string written;
  oci::Reference reference;
  std::string id;                          // in the package
  std::optional<oci::Digest> digest;       // a second lock on the Wasm
  std::optional<InheritedKinds> inherits;  // absent: nothing was written
};
struct Source {
  std::variant<PathSource, UrlSource, PackageSource, ModuleSource, ComponentSource> form;
  Position at;
};

struct Variable {
  std::string name;
  std::string description;
  std::optional<std::string> default_value;  // absent: required
  bool secret = false;
  Position at;
};

// A deployment target. Spin checks against it when building; resolving does not use it.
struct Target {
  enum class Kind { kName, kUrl, kPath };
  Kind kind = Kind::kName;
  std::string value;
};

struct Mount {
  std::string source;                      // file, directory or (without destination) glob
  std::optional<std::string> destination;  // in the guest
  Position at;
};

struct Build {
  std::vector<std::string> commands;
  bool one_command = true;  // written as a string, not a list
  std::optional<std::string> workdir;
  std::vector<std::string> watch;
};

// `inherit_configuration` of a dependency, in Spin's sense.
struct DependencyInheritance {
  bool all = false;
  std::vector<std::string> kinds;
};

struct Dependency {
  struct Version {
    std::string requirement;
    std::optional<std::string> registry;
    std::optional<std::string> package;
  };
  struct OfComponent {
    std::string id;
  };
  std::string name;
  // `{ component = … }` is replaced by that component's source, which may be a PackageSource.
  std::variant<Version, PathSource, UrlSource, ModuleSource, ComponentSource, OfComponent,
               PackageSource>
      form;
  bool is_bare = false;  // written as a version alone, without a table
  std::optional<std::string> export_name;
  std::optional<DependencyInheritance> inherits;
  Position at;
};

// What a component changes when it is built under a name.
struct Profile {
  std::string name;
  std::optional<Source> source;
  std::vector<Setting> environment;
  std::vector<Dependency> dependencies;
  std::vector<std::string> build_commands;
  bool one_build_command = true;  // written as a string, not a list
};

struct Component {
  std::string id;
  Source source;
  std::string description;
  std::vector<Setting> variables;    // templates over the app's variables
  std::vector<Setting> environment;  // constants
  std::vector<Mount> files;
  std::vector<Text> exclude_files;
  std::vector<Text> allowed_outbound_hosts;  // converted allowed_http_hosts at the end
  bool has_outbound_hosts = false;           // as it was written
  bool has_http_hosts = false;
  std::vector<Text> key_value_stores;
  std::vector<Text> sqlite_databases;
  std::vector<Text> ai_models;
  std::optional<std::vector<Target>> targets;
  std::optional<Build> build;
  std::optional<bool> dependencies_inherit_configuration;
  std::vector<Dependency> dependencies;
  std::vector<Profile> profiles;
  Position at;
};

struct Trigger {
  std::string type;
  std::string id;
  std::optional<std::string> component;
  // Named groups of further components.
  std::vector<std::pair<std::string, std::vector<std::string>>> components;
  std::vector<std::pair<std::string, std::vector<Dependency>>> dependencies;  // by role
  Node::Table config;  // everything else, verbatim
  Position at;
};

struct Application {
  std::string name;
  std::string version;
  std::string description;
  std::vector<std::string> authors;
  std::vector<Target> targets;
  Node::Table trigger_settings;  // by trigger type
};

struct Manifest {
  std::string profile;  // the chosen one, already laid over the components; empty: none
  Application application;
  std::vector<Variable> variables;
  std::vector<std::string> trigger_types;  // in the order of the file
  std::vector<Trigger> triggers;           // by type, then in the order of the file
  std::vector<Component> components;       // in the order of the file, inline ones at the end
};

// Reads a parsed spin.toml. `profile`, if not empty, is laid over the components that have one of
// that name. Trigger ids are filled in and inline components moved to the list, as
// Spin does (crates/manifest/src/normalize.rs). Everything that is wrong is reported; the model is
// only good when `problems` has no errors. Pure.
//
// Reported: those of TableReader (model.*); spin.version; spin.id; spin.duplicate-component (a
// warning); spin.variable; spin.source; spin.host; spin.template; spin.component (a trigger names
// none that exists); spin.dependency; spin.profile (no component has it); inherit.unknown-kind; and
// the errors of Reference and Digest.
Manifest ReadManifest(const Node& document, Diagnostics& problems, std::string_view profile = {});

// The types of the triggers that `id` serves, in the order of the file.
std::vector<std::string> TriggerTypesOf(const Manifest& manifest, std::string_view id);

}  // namespace pullproof::resolver::manifest

#endif  // PULLPROOF_RESOLVER_MANIFEST_MANIFEST_H_
