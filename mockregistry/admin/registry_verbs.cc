#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"
#include "mockregistry/admin/verbs.h"
#include "mockregistry/content/byte_source.h"
#include "mockregistry/journal/json_writer.h"

namespace pullproof::mockregistry::admin {
namespace {

using journal::JsonArray;
using journal::JsonObject;
using journal::JsonText;

// Where the `file = …` blobs of a fixture that was sent would lie: below what is no directory, so
// that none is ever found. Whoever sends a fixture sends its content.
constexpr const char* kNoDirectory = "/dev/null";

bool Everything(const journal::Entry&) { return true; }

std::string RegistryJson(const Tenant& tenant) {
  Registry& registry = *tenant.registry;
  const std::shared_ptr<const Scenario> scenario = registry.SharedScenario();
  JsonObject hosts;
  for (const Host& host : scenario->hosts) {
    hosts.Text(host.id, registry.Origin(host.id));
  }
  return JsonObject()
      .Text("id", tenant.id)
      .Text("fixture", scenario->fixture.id)
      .Raw("hosts", hosts.Finish())
      .Unsigned("requests", registry.journal().Count(Everything))
      .Unsigned("dropped", registry.journal().dropped())
      .Finish();
}

std::string RuleJson(const RuleState& rule) {
  return JsonObject()
      .Text("id", rule.id)
      .Text("why", rule.why)
      .Flag("enabled", rule.enabled)
      .Unsigned("matched", rule.matched)
      .Unsigned("fired", rule.fired)
      .Finish();
}

std::string Texts(const std::vector<std::string>& texts) {
  JsonArray array;
  for (const std::string& text : texts) array.Add(JsonText(text));
  return array.Finish();
}

std::string ContentJson(const content::Content& content) {
  JsonArray blobs;
  for (const content::Blob& blob : content.blobs) {
    blobs.Add(JsonObject()
                  .Text("name", blob.name)
                  .Text("mediaType", blob.media_type)
                  .Text("digest", blob.digest.ToString())
                  .Unsigned("size", blob.bytes->size())
                  .Finish());
  }
  JsonArray manifests;
  for (const content::StoredManifest& manifest : content.manifests) {
    manifests.Add(JsonObject()
                      .Text("name", manifest.name)
                      .Text("mediaType", manifest.media_type)
                      .Text("digest", manifest.digest.ToString())
                      .Unsigned("size", manifest.bytes.size())
                      .Finish());
  }
  JsonArray repositories;
  for (const content::Repository& repository : content.repositories) {
    JsonObject tags;
    for (const auto& [tag, name] : repository.tags) tags.Text(tag, name);
    repositories.Add(JsonObject()
                         .Text("name", repository.name)
                         .Raw("tags", tags.Finish())
                         .Raw("manifests", Texts(repository.manifests))
                         .Raw("blobs", Texts(repository.blobs))
                         .Finish());
  }
  return JsonObject()
      .Raw("blobs", blobs.Finish())
      .Raw("manifests", manifests.Finish())
      .Raw("repositories", repositories.Finish())
      .Finish();
}

api::Response RulesOf(const Call& call, int status = 200) {
  JsonArray rules;
  for (const RuleState& rule : call.registry().Rules()) rules.Add(RuleJson(rule));
  return Answer(status, JsonObject().Raw("rules", rules.Finish()).Finish());
}

api::Response StateOf(const Call& call) {
  JsonObject state;
  for (const auto& [key, value] : call.registry().State()) state.Text(key, value);
  return Answer(200, state.Finish());
}

}  // namespace

api::Response Health(const Call& call) {
  return Answer(
      200,
      JsonObject().Text("status", "ok").Unsigned("registries", call.house.All().size()).Finish());
}

api::Response Shutdown(const Call& call) {
  call.shutdown();
  return Answer(202, JsonObject().Text("status", "stopping").Finish());
}

api::Response ListRegistries(const Call& call) {
  JsonArray all;
  for (const auto& tenant : call.house.All()) all.Add(RegistryJson(*tenant));
  return Answer(200, JsonObject().Raw("registries", all.Finish()).Finish());
}

api::Response CreateRegistry(const Call& call) {
  const std::string type = ToLowerAscii(call.request.headers.Find("Content-Type").value_or(""));
  const std::string name = type.find("toml") != std::string::npos ? "fixture.toml" : "fixture.json";
  Diagnostics problems(name);
  auto scenario = LoadScenario(call.request.body, name, kNoDirectory, problems);
  if (scenario == nullptr) return Refusal(problems);
  const auto tenant = call.house.Start(std::move(scenario));
  if (!tenant) return Refusal(tenant.error());
  api::Response answer = Answer(201, RegistryJson(**tenant));
  answer.headers.Add("Location", "/v1/registries/" + (*tenant)->id);
  return answer;
}

api::Response ShowRegistry(const Call& call) { return Answer(200, RegistryJson(*call.tenant)); }

api::Response RemoveRegistry(const Call& call) {
  call.house.Remove(call.tenant->id);
  return Answer(200, JsonObject().Text("removed", call.tenant->id).Finish());
}

api::Response ResetRegistry(const Call& call) {
  call.registry().Reset();
  return ShowRegistry(call);
}

api::Response ShowContent(const Call& call) {
  return Answer(200, ContentJson(call.registry().SharedScenario()->content));
}

api::Response ListRules(const Call& call) { return RulesOf(call); }

api::Response AddRule(const Call& call) {
  std::optional<std::string> before;
  for (const auto& [name, value] : call.query) {
    if (name == "before") before = value;
  }
  const Result<void> added = call.registry().AddRule(call.request.body, before);
  return added ? RulesOf(call, 201) : Refusal(added.error());
}

api::Response ReplaceRule(const Call& call) {
  const Result<Node> body = ReadBody(call);
  if (!body) return Refusal(body.error());
  const Node* const id = body->Find("id");
  if (id == nullptr || id->string() == nullptr || *id->string() != call.rule) {
    return Refusal(
        Error{"admin.body",
              fmt::format("the rule that replaces `{0}` must have the id `{0}`", call.rule),
              {},
              {}});
  }
  const Result<void> replaced = call.registry().ReplaceRule(call.request.body);
  return replaced ? RulesOf(call) : Refusal(replaced.error());
}

api::Response EnableRule(const Call& call) {
  const Result<Node> body = ReadBody(call);
  if (!body) return Refusal(body.error());
  Diagnostics problems("body");
  TableReader reader(*body, "the body", problems);
  if (reader.Required("enabled") == nullptr) return Refusal(problems);
  const bool enabled = reader.Bool("enabled", true);
  reader.Finish();
  if (problems.HasErrors()) return Refusal(problems);
  if (!call.registry().EnableRule(call.rule, enabled)) {
    return Refusal(Error{"rules.unknown", fmt::format("there is no rule `{}`", call.rule), {}, {}});
  }
  return RulesOf(call);
}

api::Response ShowState(const Call& call) { return StateOf(call); }

api::Response SetState(const Call& call) {
  const Result<Node> body = ReadBody(call);
  if (!body) return Refusal(body.error());
  script::State state;
  for (const Node::Member& member : *body->table()) {
    if (member.value.string() == nullptr) {
      return Refusal(
          Error{"admin.body",
                fmt::format("`{}` is {}, not a string", member.name, member.value.KindName()),
                {},
                {}});
    }
    state.emplace(member.name, *member.value.string());
  }
  call.registry().SetState(std::move(state));
  return StateOf(call);
}

}  // namespace pullproof::mockregistry::admin
