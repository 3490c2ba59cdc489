// Spin's lock (LockedApp): what a published application carries, and what a resolved manifest
// becomes. Source: Spin, crates/locked-app/src/locked.rs.
#ifndef PULLPROOF_RESOLVER_LOCK_LOCKED_APP_H_
#define PULLPROOF_RESOLVER_LOCK_LOCKED_APP_H_

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/error.h"
#include "oci/digest.h"
#include "resolver/lock/json_writer.h"

namespace pullproof::resolver::lock {

// A lock lists every file of an application: 10,000 files with inline content of 128 bytes, the
// most that is inlined, are 4 MiB. Four times that is refused.
inline constexpr std::size_t kMaxLockBytes = std::size_t{16} << 20;

// Where bytes are. At least one of the three is there.
struct ContentReference {
  std::optional<std::string> source;        // a URL
  std::optional<std::string> inline_bytes;  // decoded; empty is a file without bytes
  std::optional<oci::Digest> digest;

  bool operator==(const ContentReference&) const = default;
};

struct LockedSource {
  std::string content_type;
  ContentReference content;

  bool operator==(const LockedSource&) const = default;
};

struct LockedFile {
  std::string path;
  ContentReference content;

  bool operator==(const LockedFile&) const = default;
};

struct LockedVariable {
  std::string description;
  std::optional<std::string> default_value;  // absent: required
  bool secret = false;

  bool operator==(const LockedVariable&) const = default;
};

struct LockedTrigger {
  std::string id;
  std::string type;
  Node config;  // any value
};

// What a dependency may use of the component's configuration.
struct LockedInheritance {
  bool all = false;
  std::vector<std::string> kinds;  // without `all`; empty is nothing

  bool operator==(const LockedInheritance&) const = default;
};

struct LockedDependency {
  LockedSource source;
  std::optional<std::string> export_name;
  LockedInheritance inherits;

  bool operator==(const LockedDependency&) const = default;
};

struct LockedComponent {
  std::string id;
  Node::Table metadata;
  LockedSource source;
  std::map<std::string, std::string> environment;
  std::vector<LockedFile> files;
  std::map<std::string, std::string> config;  // variables: templates over those of the app
  std::map<std::string, LockedDependency> dependencies;
  std::map<std::string, std::vector<LockedDependency>> trigger_dependencies;  // by role
  std::set<std::string> host_requirements;                                    // required features

  // The strings of a list in the metadata; empty when there is none.
  [[nodiscard]] std::vector<std::string> MetadataStrings(std::string_view name) const;
  // A string in the metadata; empty when there is none.
  [[nodiscard]] std::string MetadataString(std::string_view name) const;
};

struct LockedApp {
  Node::Table metadata;
  std::set<std::string> host_requirements;
  std::map<std::string, LockedVariable> variables;
  std::vector<LockedTrigger> triggers;
  std::vector<LockedComponent> components;
};

// Reads a lock that anybody may have written: bounded, digests and base64 checked, unknown members
// ignored. `name` is the reference, for errors. Pure.
// Errors: json.*, limit.*; lock.unsupported (a version above 1, something that must be understood
// and is not, a required feature that no host here has); lock.invalid (anything else).
Result<LockedApp> ReadLock(std::string_view bytes, std::string_view name);

// The bytes of a lock: members in Spin's order, free-form tables sorted, empty things left out,
// version 0 when no host feature is required and 1 otherwise. Pure. Error: json.number.
Result<std::string> WriteLock(const LockedApp& app, Style style = Style::kPretty);

}  // namespace pullproof::resolver::lock

#endif  // PULLPROOF_RESOLVER_LOCK_LOCKED_APP_H_
