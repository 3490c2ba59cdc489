// How to drive one client through its command line: what stands in clients/NAME.toml.
// Format: docs/clients.md.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_PROFILE_H_
#define PULLPROOF_CONFORMANCE_CLIENT_PROFILE_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/table_reader.h"
#include "conformance/client/client.h"
#include "conformance/client/template.h"

namespace pullproof::conformance::client {

// Where the tags of a listing stand on standard output.
struct TagFormat {
  bool is_json = false;  // else one tag a line
  std::string pointer;   // of the array in the JSON text (RFC 6901): "/Tags"
};

struct VerbProfile {
  std::vector<CommandTemplate> commands;  // run in order; the first that fails ends the step
  std::optional<Template> input;          // for the standard input of each
  // A pattern that a line of the output must match, beside exit status 0; empty: none.
  std::string success;
  TagFormat tags;  // of list-tags
};

// What an exit status, a line on standard error, or both together mean.
struct ErrorRule {
  std::string error_class;            // of kErrorClasses
  std::vector<int> statuses;          // empty: any
  std::vector<std::string> patterns;  // of which a line must match one; empty: any
};

struct Profile {
  enum class LoginFile { kDockerConfig, kNone };

  std::string name;
  std::string title;
  std::string homepage;
  std::string program;  // that must be in PATH
  std::string install;  // what to do when it is not
  std::string tried;    // with which version, against what; or "untried", and why
  std::vector<std::string> capabilities;
  // Media types of configs: of artifacts without one of these it can take nothing, and is not
  // judged by them. Empty: it takes any.
  std::vector<std::string> config_types;
  // Globs of the files in which it leaves what it did not finish, and which nobody takes for
  // content. Removed before anybody looks; below the output or the home.
  std::vector<Template> scratch;
  std::optional<CommandTemplate> version_command;
  std::string version_after;  // the version is the word after this text
  LoginFile login_file = LoginFile::kDockerConfig;
  std::vector<std::pair<std::string, Template>> environment;
  std::vector<std::pair<Template, Template>> files;  // path, text
  std::vector<std::string> crash_patterns;           // of a line on standard error
  std::vector<ErrorRule> errors;                     // the first that fits decides
  std::vector<std::pair<Verb, VerbProfile>> verbs;

  // Null when it cannot do that.
  [[nodiscard]] const VerbProfile* Find(Verb verb) const;
};

// Reads a profile. Reports client.* and model.* problems; nullopt when there are errors.
std::optional<Profile> ReadProfile(const Node& document, Diagnostics& problems);

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_PROFILE_H_
