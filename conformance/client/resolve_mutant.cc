#include "conformance/client/resolve_mutant.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/document.h"
#include "base/file.h"
#include "base/text.h"
#include "mockregistry/content/byte_source.h"

namespace pullproof::conformance::client {
namespace {

namespace fs = std::filesystem;

// Far above any lock of the suite.
constexpr std::uint64_t kMaxLock = std::uint64_t{4} << 20;
constexpr std::string_view kManifest = "spin.toml";
constexpr std::string_view kInherit = "inherit_configuration";

void Erase(Node& table, std::string_view name) {
  std::erase_if(*table.table(), [&](const Node::Member& member) { return member.name == name; });
}

void Set(Node& table, std::string_view name, Node value) {
  Erase(table, name);
  table.table()->push_back({std::string(name), {}, std::move(value)});
}

// --- Before: the importer's manifest, altered as text ---

// `inherit_configuration = …` up to the end of its value, wherever it stands.
std::string WithoutLists(std::string text) {
  for (std::size_t at = 0; (at = text.find(kInherit, at)) != std::string::npos;) {
    std::size_t end = std::min(text.find('\n', at), text.size());
    if (const std::size_t bracket = text.find(']', at); bracket < end) {
      end = bracket + 1;
    } else if (const std::size_t brace = text.find(" }", at); brace < end) {
      end = brace;
    }
    text.replace(at, end - at, fmt::format("{} = []", kInherit));
    at += kInherit.size();
  }
  return text;
}

// Every component form without a list takes all the data that there is.
std::string WithAllData(std::string text) {
  for (std::size_t at = 0; (at = text.find("source = {", at)) != std::string::npos; ++at) {
    const std::size_t end = text.find(" }", at);
    const std::string_view source = std::string_view(text).substr(at, end - at);
    if (end == std::string::npos || !source.contains("id = ") || source.contains(kInherit))
      continue;
    text.insert(end, fmt::format(R"(, {} = ["files", "environment", "variables"])", kInherit));
  }
  return text;
}

// --- After: the lock and the assets ---

// The component of the package that this one was made from, as the fixture's locks have it.
const Node* PackagedComponent(const Node& component, const std::vector<Node>& locks) {
  const Node* metadata = component.Find("metadata");
  const Node* id = metadata == nullptr ? nullptr : metadata->Find("source_component");
  if (id == nullptr || id->string() == nullptr) return nullptr;
  for (const Node& lock : locks) {
    const Node* components = lock.Find("components");
    if (components == nullptr || components->array() == nullptr) continue;
    for (const Node& candidate : *components->array()) {
      const Node* own = candidate.Find("id");
      if (own != nullptr && own->string() != nullptr && *own->string() == *id->string()) {
        return &candidate;
      }
    }
  }
  return nullptr;
}

// Takes the package's word for everything: the members are copied as they are.
void CopyPackage(Node& component, const Node& packaged) {
  for (const std::string_view name : {"env", "config", "host_requirements", "metadata"}) {
    const Node* theirs = packaged.Find(name);
    if (theirs == nullptr) continue;
    if (component.Find(name) == nullptr) Set(component, name, Node(Node::Table{}));
    Node& ours = *component.Find(name);
    for (const Node::Member& member : *theirs->table()) Set(ours, member.name, member.value);
  }
}

// What the importer states of lists and tables is forgotten.
void ForgetImporter(Node& component, const Node& packaged) {
  for (const std::string_view name : {"env", "config"}) Erase(component, name);
  if (Node* metadata = component.Find("metadata")) {
    for (const std::string_view name : {"allowed_outbound_hosts", "key_value_stores", "databases",
                                        "ai_models", "build", "description"}) {
      Erase(*metadata, name);
    }
  }
  Erase(component, "host_requirements");
  CopyPackage(component, packaged);
}

void ForgetProvenance(Node& component) {
  Node* metadata = component.Find("metadata");
  if (metadata == nullptr) return;
  for (const std::string_view name :
       {"source_reference", "source_manifest_digest", "source_component"}) {
    Erase(*metadata, name);
  }
}

struct Behaviour {
  std::string (*before)(std::string manifest) = nullptr;
  void (*after)(Node& component, const Node& packaged) = nullptr;
  void (*app)(Node& lock) = nullptr;
  bool hides_failures = false;
  bool always_fails = false;
  bool loses_assets = false;
};

struct Entry {
  ResolveMutant mutant;
  Behaviour behaviour;
};

const std::array<Entry, 10>& Entries() {
  static const std::array<Entry, 10> entries = {{
      {{"resolves-anything", "says that it succeeded, whatever was wrong",
        "merge.files.unsafe-dot-dot"},
       {.hides_failures = true}},
      {{"resolves-nothing", "refuses every manifest", "merge.files.inherited"},
       {.always_fails = true}},
      {{"ignores-inheritance", "takes nothing along, whatever the list says",
        "merge.environment.inherited"},
       {.before = WithoutLists}},
      {{"inherits-unasked", "takes environment and variables along without being asked",
        "merge.environment.left-by-default"},
       {.before = WithAllData}},
      {{"trusts-the-package", "copies the package's configuration and grants as they are",
        "merge.hosts.left-by-default"},
       {.after = CopyPackage}},
      {{"forgets-the-importer", "lets the package replace what the importer states",
        "merge.environment.importer-only"},
       {.after = ForgetImporter}},
      {{"keeps-the-packages-id", "calls the component as the package calls it",
        "merge.id.importers-own"},
       {.after = [](Node& component,
                    const Node& packaged) { Set(component, "id", *packaged.Find("id")); }}},
      {{"forgets-provenance", "does not say where a component is from", "merge.lock.provenance"},
       {.after = [](Node& component, const Node&) { ForgetProvenance(component); }}},
      {{"writes-a-later-lock", "writes a lock that today's hosts refuse",
        "merge.lock.of-todays-hosts"},
       {.app = [](Node& lock) { Set(lock, "spin_lock_version", Node(std::int64_t{2})); }}},
      {{"loses-assets", "writes no files", "merge.files.importer-wins"}, {.loses_assets = true}},
  }};
  return entries;
}

class ResolveMutantClient final : public Client {
 public:
  ResolveMutantClient(const Entry& entry, Wire wire)
      : entry_(entry), builtin_(MakeBuiltinClient(wire)) {}

  [[nodiscard]] std::string name() const override {
    return fmt::format("mutant:{}", entry_.mutant.name);
  }
  [[nodiscard]] std::string version() const override { return builtin_->version(); }
  [[nodiscard]] bool Supports(Verb verb, const std::vector<std::string>& needs) const override {
    return verb == Verb::kResolve && builtin_->Supports(verb, needs);
  }

  Attempt Run(const Task& task, mockregistry::Registry& registry) override {
    const Behaviour& behaviour = entry_.behaviour;
    Attempt attempt;
    if (behaviour.always_fails) {
      attempt.outcome = Outcome::kFailed;
      return attempt;
    }
    if (behaviour.before != nullptr) Rewrite(task.input / kManifest, behaviour.before);
    attempt = builtin_->Run(task, registry);
    if (behaviour.hides_failures && attempt.outcome == Outcome::kFailed) {
      attempt.outcome = Outcome::kOk;
      attempt.exit_status = 0;
    }
    if (attempt.outcome == Outcome::kOk) Alter(task, registry);
    return attempt;
  }

 private:
  template <typename Change>
  static void Rewrite(const fs::path& path, const Change& change) {
    SystemFileSystem files;
    const Result<std::string> text = files.Read(path, kMaxLock);
    if (text) (void)WriteFile(files, path, change(*text));
  }

  void Alter(const Task& task, const mockregistry::Registry& registry) const {
    const Behaviour& behaviour = entry_.behaviour;
    if (behaviour.loses_assets) {
      std::error_code ignored;
      fs::remove_all(task.output / kAssetsName, ignored);
    }
    if (behaviour.after == nullptr && behaviour.app == nullptr) return;
    const std::vector<Node> locks = LocksOf(registry);
    Rewrite(task.output / kLockName, [&](const std::string& text) {
      Result<Node> lock = ParseJson(text, kLockName);
      if (!lock || lock->Find("components") == nullptr) return text;
      if (behaviour.app != nullptr) behaviour.app(*lock);
      for (Node& component : *lock->Find("components")->array()) {
        const Node* packaged = PackagedComponent(component, locks);
        if (packaged != nullptr && behaviour.after != nullptr)
          behaviour.after(component, *packaged);
      }
      return CanonicalJson(*lock).value_or(text);
    });
  }

  // What the fixture's applications say of themselves.
  static std::vector<Node> LocksOf(const mockregistry::Registry& registry) {
    std::vector<Node> locks;
    for (const auto& blob : registry.scenario().content.blobs) {
      if (!blob.name.ends_with(".lock")) continue;
      Result<Node> lock = ParseJson(mockregistry::content::ReadAll(*blob.bytes), blob.name);
      if (lock) locks.push_back(*std::move(lock));
    }
    return locks;
  }

  const Entry& entry_;
  std::unique_ptr<Client> builtin_;
};

}  // namespace

std::span<const ResolveMutant> ResolveMutants() {
  static const auto mutants = [] {
    std::array<ResolveMutant, std::tuple_size_v<std::decay_t<decltype(Entries())>>> list;
    std::ranges::transform(Entries(), list.begin(), &Entry::mutant);
    return list;
  }();
  return mutants;
}

Result<std::unique_ptr<Client>> MakeResolveMutantClient(std::string_view name, Wire wire) {
  for (const Entry& entry : Entries()) {
    if (entry.mutant.name == name) return std::make_unique<ResolveMutantClient>(entry, wire);
  }
  return Fail("client.unknown", fmt::format("there is no mutant `{}`", name));
}

}  // namespace pullproof::conformance::client
