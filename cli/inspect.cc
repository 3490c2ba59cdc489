// pullproof inspect: what an artifact holds and asks for.
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/surroundings.h"
#include "oci/reference.h"
#include "resolver/inspect.h"
#include "resolver/lock/json_writer.h"

namespace pullproof::cli {
namespace {

using resolver::Inspection;
using resolver::artifact::PackagedComponent;
using resolver::artifact::PackagedContent;
using resolver::lock::LockedVariable;

struct Options {
  std::string reference;
  std::string cache;
  bool json = false;
  bool offline = false;
  NetworkOptions network;
};

// Everything that is printed comes out of the artifact.
template <typename... Args>
void Line(fmt::format_string<Args...> format, Args&&... args) {
  fmt::print("{}\n", Printable(fmt::format(format, std::forward<Args>(args)...)));
}

std::uint64_t SizeOf(const Inspection& inspection, const PackagedContent& content) {
  if (content.inline_bytes) return content.inline_bytes->size();
  return inspection.SizeOf(content.digest).value_or(0);
}

void PrintList(std::string_view name, const std::vector<std::string>& items) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    Line("    {:<12} {}", i == 0 ? name : "", items[i]);
  }
}

void PrintMap(std::string_view name, const std::map<std::string, std::string>& items) {
  bool first = true;
  for (const auto& [key, value] : items) {
    Line("    {:<12} {} = {}", first ? name : "", key, CanonicalJsonString(value));
    first = false;
  }
}

void PrintComponent(const Inspection& inspection, const PackagedComponent& component) {
  Line("");
  Line("  {}{}{}", component.id, component.description.empty() ? "" : ": ", component.description);
  Line("    {:<12} {} ({} bytes)", "wasm", component.wasm.digest.ToString(),
       SizeOf(inspection, component.wasm));
  bool first = true;
  for (const auto& file : component.files) {
    const std::uint64_t size = SizeOf(inspection, file.content);
    const bool known = file.content.inline_bytes || inspection.SizeOf(file.content.digest);
    Line("    {:<12} {}{}", first ? "files" : "", file.path,
         known ? fmt::format(" ({} bytes)", size) : " (in an archive)");
    first = false;
  }
  PrintList("triggers", component.trigger_types);
  PrintMap("variables", component.variables);
  PrintMap("environment", component.environment);
  PrintList("hosts", component.allowed_outbound_hosts);
  PrintList("stores", component.key_value_stores);
  PrintList("databases", component.sqlite_databases);
  PrintList("models", component.ai_models);
}

void PrintVariables(const std::map<std::string, LockedVariable>& variables) {
  if (variables.empty()) return;
  Line("");
  Line("  variables of the application");
  for (const auto& [name, variable] : variables) {
    Line("    {} ({}{})", name,
         variable.default_value
             ? fmt::format("default {}", CanonicalJsonString(*variable.default_value))
             : std::string("required"),
         variable.secret ? ", secret" : "");
  }
}

void PrintText(const std::string& reference, const Inspection& inspection) {
  Line("{}", reference);
  Line("  manifest       {}", inspection.digest.ToString());
  if (inspection.kind == Inspection::Kind::kWasmPackage) {
    Line("  a Wasm package");
    for (const oci::Descriptor& layer : inspection.WasmLayers()) {
      Line("    {:<12} {} ({} bytes)", "wasm", layer.digest.ToString(), layer.size);
    }
    for (const auto& [name, value] : inspection.package) Line("    {:<12} {}", name, value);
    PrintList("exports", inspection.package_exports);
    PrintList("imports", inspection.package_imports);
    return;
  }
  Line("  a Spin application: {}{}{}", inspection.name, inspection.version.empty() ? "" : " ",
       inspection.version);
  if (!inspection.description.empty()) Line("  {}", inspection.description);
  for (const PackagedComponent& component : inspection.components) {
    PrintComponent(inspection, component);
  }
  if (!inspection.components.empty()) PrintVariables(inspection.components.front().app_variables);
  for (const Error& error : inspection.unusable) {
    Line("");
    Line("  cannot be imported: {}", Describe(error));
  }
}

// Members in the order in which they are added; empty ones stay, so that readers can rely on them.
class Json {
 public:
  Json& Add(std::string name, Node value) {
    table_.push_back({std::move(name), {}, std::move(value)});
    return *this;
  }
  Json& Text(std::string name, const std::string& value) {
    return Add(std::move(name), Node(value));
  }
  Json& Texts(std::string name, const std::vector<std::string>& values) {
    Node::Array array;
    for (const std::string& value : values) array.emplace_back(value);
    return Add(std::move(name), Node(std::move(array)));
  }
  Json& Map(std::string name, const std::map<std::string, std::string>& values) {
    Node::Table table;
    for (const auto& [key, value] : values) table.push_back({key, {}, Node(value)});
    return Add(std::move(name), Node(std::move(table)));
  }
  Node Take() { return Node(std::move(table_)); }

 private:
  Node::Table table_;
};

Node ContentNode(const Inspection& inspection, const PackagedContent& content, Json json) {
  json.Text("digest", content.digest.ToString());
  if (content.inline_bytes || inspection.SizeOf(content.digest)) {
    json.Add("size", Node(SizeOf(inspection, content)));
  }
  return json.Take();
}

Node ComponentNode(const Inspection& inspection, const PackagedComponent& component) {
  Node::Array files;
  for (const auto& file : component.files) {
    files.push_back(ContentNode(inspection, file.content, Json().Text("path", file.path)));
  }
  return Json()
      .Text("id", component.id)
      .Text("description", component.description)
      .Add("wasm", ContentNode(inspection, component.wasm, Json()))
      .Add("files", Node(std::move(files)))
      .Texts("triggers", component.trigger_types)
      .Map("variables", component.variables)
      .Map("environment", component.environment)
      .Texts("allowed_outbound_hosts", component.allowed_outbound_hosts)
      .Texts("key_value_stores", component.key_value_stores)
      .Texts("sqlite_databases", component.sqlite_databases)
      .Texts("ai_models", component.ai_models)
      .Take();
}

Node VariablesNode(const std::map<std::string, LockedVariable>& variables) {
  Node::Table table;
  for (const auto& [name, variable] : variables) {
    Json json;
    if (variable.default_value) json.Text("default", *variable.default_value);
    json.Add("required", Node(!variable.default_value)).Add("secret", Node(variable.secret));
    table.push_back({name, {}, json.Take()});
  }
  return Node(std::move(table));
}

Result<std::string> JsonText(const std::string& reference, const Inspection& inspection) {
  Json json;
  json.Text("reference", reference).Text("digest", inspection.digest.ToString());
  if (inspection.kind == Inspection::Kind::kWasmPackage) {
    Node::Array wasm;
    for (const oci::Descriptor& layer : inspection.WasmLayers()) {
      wasm.push_back(
          Json().Text("digest", layer.digest.ToString()).Add("size", Node(layer.size)).Take());
    }
    json.Text("kind", "wasm-package")
        .Add("wasm", Node(std::move(wasm)))
        .Map("config", inspection.package)
        .Texts("exports", inspection.package_exports)
        .Texts("imports", inspection.package_imports);
    return resolver::lock::WriteJson(json.Take(), resolver::lock::Style::kPretty);
  }
  Node::Array components;
  for (const PackagedComponent& component : inspection.components) {
    components.push_back(ComponentNode(inspection, component));
  }
  Node::Array unusable;
  for (const Error& error : inspection.unusable) {
    unusable.push_back(Json().Text("error", error.id).Text("message", error.message).Take());
  }
  json.Text("kind", "spin-application")
      .Text("name", inspection.name)
      .Text("version", inspection.version)
      .Text("description", inspection.description)
      .Add("variables", inspection.components.empty()
                            ? Node(Node::Table())
                            : VariablesNode(inspection.components.front().app_variables))
      .Add("components", Node(std::move(components)))
      .Add("unusable", Node(std::move(unusable)));
  return resolver::lock::WriteJson(json.Take(), resolver::lock::Style::kPretty);
}

int Run(const Options& options) {
  const auto reference = oci::Reference::Parse(options.reference);
  if (!reference) {
    PrintError(reference.error());
    return kFailed;
  }
  auto surroundings = Surroundings::Make(options.network);
  if (!surroundings) {
    PrintError(surroundings.error());
    return kMisuse;
  }
  const auto inspection = resolver::Inspect(
      {.reference = *reference, .cache = CacheDirectory(options.cache), .offline = options.offline},
      (*surroundings)->environment());
  if (!inspection) {
    PrintError(inspection.error());
    return kFailed;
  }
  if (!options.json) {
    PrintText(options.reference, *inspection);
    return kAsExpected;
  }
  const auto text = JsonText(options.reference, *inspection);
  if (!text) {
    PrintError(text.error());
    return kHarness;
  }
  fmt::print("{}\n", *text);
  return kAsExpected;
}

}  // namespace

void AddInspect(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "inspect",
      "Say what an artifact holds: components, their Wasm digests and files, and everything that\n"
      "they ask for. Spin applications of both generations, and Wasm packages.");
  command->footer(
      "Examples:\n"
      "  pullproof inspect ghcr.io/acme/shop:1.0\n"
      "  pullproof inspect --json ghcr.io/acme/shop:1.0 | jq -r '.components[].id'");
  auto options = std::make_shared<Options>();
  command->add_option("REF", options->reference, "[HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]")
      ->required();
  command->add_flag("--json", options->json, "As one JSON object");
  command->add_flag("--offline", options->offline, "Ask no registry, only the cache");
  command->add_option("--cache-dir", options->cache,
                      "Verified content by digest (default: the user's cache)");
  AddNetworkOptions(*command, options->network);
  command->callback([&action, options] { action = [options] { return Run(*options); }; });
}

}  // namespace pullproof::cli
