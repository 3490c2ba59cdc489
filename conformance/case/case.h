// One conformance case: what the registry serves, what the client is told to do, and what must come
// of it. One file is one case.
// Format: docs/cases.md (the tables `client` and `expect` of a fixture).
#ifndef PULLPROOF_CONFORMANCE_CASE_CASE_H_
#define PULLPROOF_CONFORMANCE_CASE_CASE_H_

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/table_reader.h"
#include "conformance/case/expectation.h"
#include "conformance/client/client.h"
#include "mockregistry/scenario.h"

namespace pullproof::conformance {

struct Step {
  client::Verb verb = client::Verb::kPull;
  std::string reference;  // may hold placeholders, as may `to` and the files
  std::string to;
  std::string platform;
  std::optional<client::Login> login;
  bool recursive = false;
  bool strict = false;    // of a resolve step: warnings are errors
  bool insecure = false;  // the registry may be asked in clear text, whatever its name
  // What the client is told to trust: the authority of the case's hosts, another one, or a file
  // that holds none.
  enum class Trust { kHosts, kAnother, kBroken } trust = Trust::kHosts;
  std::optional<client::Login> proxy_login;
  std::vector<std::string> enable;   // rules turned on before the step
  std::vector<std::string> disable;  // and off
  bool fresh = false;                // starts with an empty home
  std::vector<std::string> needs;    // capabilities, beside the case's own
  // Of a resolve step: the importer's directory, path and text.
  std::vector<std::pair<std::string, std::string>> files;
  Expectation expect;
};

// Immutable after reading, hence shared between threads.
struct Case {
  std::string file;  // for messages: "digest/blob-mismatch.toml"
  std::shared_ptr<const mockregistry::Scenario> scenario;
  std::vector<Step> steps;  // at least one
  Expectation expect;       // of the case as a whole

  [[nodiscard]] const std::string& id() const { return scenario->fixture.id; }
  [[nodiscard]] Level level() const { return scenario->fixture.level; }
  // The id of the benign case without which this one says nothing; may be empty.
  [[nodiscard]] const std::string& twin() const { return scenario->fixture.twin; }
  // The capabilities that a client needs for the step: those that the file names, and `tls` and
  // `proxy` wherever a host speaks TLS or has a name. No file can leave these out.
  [[nodiscard]] std::vector<std::string> NeedsOf(const Step& step) const;
  // What the step must come to: its own expectation, else the case's, else ok.
  [[nodiscard]] Wanted WantedOf(const Step& step) const;
  // Whether a client that fails at everything would be right in every step.
  [[nodiscard]] bool IsHostile() const;
};

// Reads and checks one case from its text. `name` is its file's name for messages (".toml" or
// JSON), `directory` where its `file = …` blobs lie. nullopt when `problems` got an error: those of
// the fixture, or
//   case.no-steps, case.no-twin, case.rule-never-enabled, case.unknown-rule, case.unknown-content,
//   case.unknown-host, case.outside-host, case.unknown-event, case.member-of-other-verb,
//   case.unsafe-path, case.cannot-fail, case.unknown-anchor, placeholder.*, bound.*, model.*;
// Warnings: case.rule-unwatched, nothing would notice if that rule never fired; case.no-twin, where
// a hostile case names none at all.
std::optional<Case> ReadCase(std::string_view text, const std::string& name,
                             const std::filesystem::path& directory, Diagnostics& problems);

}  // namespace pullproof::conformance

#endif  // PULLPROOF_CONFORMANCE_CASE_CASE_H_
