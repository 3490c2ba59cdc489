// A fixture made ready to serve: its content, its rules, its hosts, its authentication.
#ifndef PULLPROOF_MOCKREGISTRY_SCENARIO_H_
#define PULLPROOF_MOCKREGISTRY_SCENARIO_H_

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/table_reader.h"
#include "mockregistry/auth/auth.h"
#include "mockregistry/content/content.h"
#include "mockregistry/content/fixture.h"
#include "mockregistry/script/rule.h"

namespace pullproof::mockregistry {

// One of the fixture's hosts; each has a listener, hence a port, of its own.
struct Host {
  std::string id;                  // "registry", "cdn"
  std::string name = "127.0.0.1";  // where it listens: loopback names only
  // What it is called behind the fixture's proxy, and nowhere else: "registry-1.docker.io". The
  // first one stands in URLs in place of `name`.
  std::vector<std::string> names;
  bool tls = false;
  enum class Serves { kAll, kBlobs, kNone } serves = Serves::kAll;
  std::optional<script::Matcher> rejects;  // requests that it answers with `reject_status`
  int reject_status = 400;
};

// Immutable after loading, hence shared between registries and threads.
struct Scenario {
  content::Fixture fixture;
  content::Content content;
  std::vector<script::Rule> rules;
  std::vector<Host> hosts;         // at least one: "registry" comes first
  std::vector<auth::Policy> auth;  // by host

  // Whether the registry also plays a proxy: some host has names.
  [[nodiscard]] bool HasProxy() const;
};

// Reads, resolves and checks a fixture's text. `name` is its file name (".toml" or JSON) for
// messages; `directory` is where its `file = …` blobs lie. Null when `problems` got an error.
std::shared_ptr<const Scenario> LoadScenario(std::string_view text, const std::string& name,
                                             const std::filesystem::path& directory,
                                             Diagnostics& problems);

// The same of a document that was parsed already, or made.
std::shared_ptr<const Scenario> LoadScenario(Node document, const std::filesystem::path& directory,
                                             Diagnostics& problems);

// The empty registry: no content, no rules.
std::shared_ptr<const Scenario> EmptyScenario();

}  // namespace pullproof::mockregistry

#endif  // PULLPROOF_MOCKREGISTRY_SCENARIO_H_
