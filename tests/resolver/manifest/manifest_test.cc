#include "resolver/manifest/manifest.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::resolver::manifest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kHead = R"(spin_manifest_version = 2
[application]
name = "app"
[trigger]
)";

struct Reading {
  Manifest manifest;
  std::vector<Diagnostic> problems;
};

Reading Read(const std::string& text) {
  Diagnostics problems("spin.toml");
  const auto document = ParseToml(text, "spin.toml");
  EXPECT_TRUE(document.has_value()) << (document ? "" : document.error().message);
  Reading reading;
  if (document) reading.manifest = ReadManifest(*document, problems);
  reading.problems = problems.all();
  return reading;
}

TEST(ManifestTest, ReadsEveryTable) {
  const Reading reading = Read(R"(
spin_manifest_version = 2

[application]
name = "everything"
version = "1.2.3"
description = "all of it"
authors = ["A <a@example>", "B"]
targets = ["spin-up:3.3", { url = "https://t.example" }, { path = "t.toml" }]
[application.trigger.http]
base = "/api"
[application.tool.lint]
strict = true

[variables]
db_user = { default = "me", description = "who" }
db_password = { required = true, secret = true }

[[trigger.http]]
route = "/..."
component = "main"
[[trigger.redis]]
id = "mine"
channel = "c"
component = "main"

[component.main]
source = "main.wasm"
description = "the main one"
variables = { user = "{{ db_user }}" }
environment = { A = "1" }
files = ["static/*", { source = "x", destination = "/y" }]
exclude_files = ["*.map"]
allowed_http_hosts = ["old.example"]
allowed_outbound_hosts = ["https://{{ db_user }}.example"]
key_value_stores = ["default"]
sqlite_databases = ["my_db"]
ai_models = ["llama2-chat"]
targets = []
[component.main.build]
command = ["a", "b"]
workdir = "w"
watch = ["src/**"]
[component.main.tool.x]
[component.main.dependencies]
"acme:dep/iface@1.0.0" = ">=1"
plain = { package = "acme:x", version = "2", export = "run", inherit_configuration = ["files"] }
remote = { reference = "127.0.0.1:5000/lib/x:1", id = "x" }
local = { path = "x.wasm", inherit_configuration = false }
other = { component = "library" }
[component.main.profile.debug]
source = { url = "https://d.example/x.wasm", digest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
environment = { DEBUG = "1" }
build = { command = "make" }
[component.library]
source = { package = "acme:lib", version = "1.0.0" }
)");
  ASSERT_THAT(reading.problems, IsEmpty()) << reading.problems.front().message;
  const Manifest& manifest = reading.manifest;
  EXPECT_EQ(manifest.application.authors.size(), 2U);
  EXPECT_EQ(manifest.application.targets[2].kind, Target::Kind::kPath);
  EXPECT_EQ(manifest.application.trigger_settings[0].name, "http");
  ASSERT_EQ(manifest.variables.size(), 2U);
  EXPECT_EQ(manifest.variables[0].default_value, "me");
  EXPECT_TRUE(manifest.variables[1].secret);
  EXPECT_THAT(manifest.trigger_types, ElementsAre("http", "redis"));
  EXPECT_EQ(manifest.triggers[0].id, "main-http-trigger");
  EXPECT_EQ(manifest.triggers[1].id, "mine");
  EXPECT_EQ(manifest.triggers[1].config[0].name, "channel");
  ASSERT_EQ(manifest.components.size(), 2U);
  const Component& main = manifest.components[0];
  EXPECT_EQ(std::get<PathSource>(main.source.form).path, "main.wasm");
  EXPECT_EQ(main.files[1].destination, "/y");
  EXPECT_EQ(main.allowed_outbound_hosts.size(), 3U);
  EXPECT_EQ(main.allowed_outbound_hosts[1].value, "http://old.example");
  EXPECT_EQ(main.targets->size(), 0U);
  EXPECT_FALSE(main.build->one_command);
  ASSERT_EQ(main.dependencies.size(), 5U);
  EXPECT_EQ(std::get<ComponentSource>(main.dependencies[2].form).id, "x");
  EXPECT_EQ(main.dependencies[1].inherits->kinds.size(), 1U);
  EXPECT_EQ(std::get<PackageSource>(main.dependencies[4].form).package, "acme:lib");
  EXPECT_EQ(main.profiles[0].build_commands, std::vector<std::string>{"make"});
  EXPECT_THAT(TriggerTypesOf(manifest, "main"), ElementsAre("http", "redis"));
}

TEST(ManifestTest, ReadsTheFormsOfASource) {
  const Reading reading = Read(std::string(kHead) + R"(
[component.module]
source = { reference = "127.0.0.1:5000/a/b:v1", digest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
[component.packaged]
source = { reference = "127.0.0.1:5000/a/b:v1", id = "Some_Id", inherit_configuration = ["files", "ai_models"] }
[component.all]
source = { reference = "127.0.0.1:5000/a/b:v1", id = "x", inherit_configuration = true }
[component.none]
source = { reference = "127.0.0.1:5000/a/b:v1", id = "x", inherit_configuration = false }
[component.registry]
source = { registry = "r.example", package = "ns:name", version = "1.0.0" }
)");
  ASSERT_THAT(reading.problems, IsEmpty()) << reading.problems.front().message;
  const auto& components = reading.manifest.components;
  EXPECT_EQ(std::get<ModuleSource>(components[0].source.form).reference.path(), "a/b");
  const auto& packaged = std::get<ComponentSource>(components[1].source.form);
  EXPECT_EQ(packaged.id, "Some_Id");
  EXPECT_EQ(*packaged.inherits, (InheritedKinds{Inheritable::kFiles, Inheritable::kAiModels}));
  EXPECT_EQ(std::get<ComponentSource>(components[2].source.form).inherits->size(), 7U);
  EXPECT_EQ(std::get<ComponentSource>(components[3].source.form).inherits->size(), 0U);
  EXPECT_EQ(std::get<PackageSource>(components[4].source.form).registry, "r.example");
}

struct BadCase {
  const char* name;
  const char* text;  // after kHead, unless it starts with "spin_"
  const char* id;
  std::uint32_t line;
  const char* message;
  const char* hint;
};

class BadManifestTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadManifestTest, IsReportedInItsPlace) {
  const std::string_view text = GetParam().text;
  const Reading reading =
      Read(text.starts_with("spin_") || text.starts_with("x") ? std::string(text)
                                                              : kHead + std::string(text));
  ASSERT_FALSE(reading.problems.empty());
  const Diagnostic& first = reading.problems.front();
  EXPECT_EQ(first.id, GetParam().id);
  EXPECT_EQ(first.at.line, GetParam().line);
  EXPECT_THAT(first.message, HasSubstr(GetParam().message));
  EXPECT_THAT(first.hint, HasSubstr(GetParam().hint));
}

#define DIGEST "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
const BadCase kBad[] = {
    {"VersionZero", "spin_manifest_version = \"0\"", "spin.version", 1,
     "invalid manifest version: \"0\"", "spin_manifest_version = 2"},
    {"VersionThree", "spin_manifest_version = 3", "spin.version", 1, "invalid manifest version: 3",
     ""},
    {"VersionMissing", "x = 1", "model.missing-member", 1, "spin_manifest_version", ""},
    {"NoTrigger", "spin_manifest_version = 2\n[application]\nname = \"a\"", "model.missing-member",
     1, "missing field `trigger`", ""},
    {"NoName", "spin_manifest_version = 2\n[application]\n[trigger]", "model.missing-member", 2,
     "[application] has no `name`", ""},
    {"UnknownTop", "[componnet.a]\nsource = \"a\"", "model.unknown-member", 5, "componnet",
     "did you mean `component`?"},
    {"UnknownInComponent", "[component.a]\nsource = \"a\"\nfile = []", "model.unknown-member", 7,
     "`file`", "did you mean `files`?"},
    {"NoSource", "[component.a]", "model.missing-member", 5, "has no `source`", ""},
    {"ComponentId", "[component.a_b]\nsource = \"a\"", "spin.id", 5,
     "words must be separated with '-', not '_'", ""},
    {"VariableBoth", "[variables]\nx = { required = true, default = \"1\" }", "spin.variable", 6,
     "must be `required` OR have a `default`", ""},
    {"VariableNeither", "[variables]\nx = {}", "spin.variable", 6,
     "must be `required` OR have a `default`", ""},
    {"VariableName", "[variables]\nX = { default = \"1\" }", "spin.id", 6, "must be all lowercase",
     ""},
    {"SourceEmpty", "[component.a]\nsource = \"\"", "spin.source", 6, "is empty", ""},
    {"SourceNumber", "[component.a]\nsource = 1", "model.kind", 6, "must be a string or a table",
     ""},
    {"SourceNothing", "[component.a]\nsource = {}", "spin.source", 6,
     "none of `url`, `package` and `reference`", ""},
    {"SourceUrlDigest",
     "[component.a]\nsource = { url = \"https://x.example/a\", digest = \"md5:1\" }",
     "digest.syntax", 6, "must start with 'sha256:'", ""},
    {"SourceUrlWithout", "[component.a]\nsource = { url = \"https://x.example/a\" }",
     "model.missing-member", 6, "has no `digest`", ""},
    {"SourceNeither", "[component.a]\nsource = { reference = \"127.0.0.1/a:v\" }", "spin.source", 6,
     "neither `id` nor `digest`", "write `id`"},
    {"SourceUnknownKey",
     "[component.a]\nsource = { reference = \"127.0.0.1/a:v\", id = \"b\", inherit = [] }",
     "model.unknown-member", 6, "`inherit`", "inherit_configuration"},
    {"SourceInheritModule",
     "[component.a]\nsource = { reference = \"127.0.0.1/a:v\", digest = \"" DIGEST
     "\", inherit_configuration = [] }",
     "spin.source", 6, "`inherit_configuration` but no `id`", ""},
    {"SourceEmptyReference", "[component.a]\nsource = { reference = \"\", id = \"b\" }",
     "spin.source", 6, "`reference` of `source` of component `a` is empty", ""},
    {"SourceEmptyId", "[component.a]\nsource = { reference = \"127.0.0.1/a:v\", id = \"\" }",
     "spin.source", 6, "`id` of `source` of component `a` is empty", ""},
    {"SourceIdSlash", "[component.a]\nsource = { reference = \"127.0.0.1/a:v\", id = \"../b\" }",
     "spin.source", 6, "slash", ""},
    {"SourceBadReference", "[component.a]\nsource = { reference = \"127.0.0.1/A:v\", id = \"b\" }",
     "reference.uppercase", 6, "lower case", ""},
    {"SourceBadDigest",
     "[component.a]\nsource = { reference = \"127.0.0.1/a:v\", digest = \"sha256:abc\" }",
     "digest.length", 6, "sha256:abc", ""},
    {"SourceUpperDigest",
     "[component.a]\nsource = { reference = \"127.0.0.1/a:v\", digest = "
     "\"sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\" }",
     "digest.syntax", 6, "lower-case", ""},
    {"UnknownKind",
     "[component.a]\nsource = { reference = \"127.0.0.1/a:v\", id = \"b\", inherit_configuration = "
     "[\"file\"] }",
     "inherit.unknown-kind", 6, "`file`", "did you mean `files`?"},
    {"Host", "[component.a]\nsource = \"a\"\nallowed_outbound_hosts = [\"x.example\"]", "spin.host",
     7, "does not contain a scheme", "https://x.example"},
    {"HostTemplate",
     "[variables]\nh = { default = \"x/y\" }\n[component.a]\nsource = "
     "\"a\"\nallowed_outbound_hosts "
     "= [\"https://{{ h }}\"]",
     "spin.host", 9, "results in invalid config \"https://x/y\"", ""},
    {"HostOpenTemplate",
     "[component.a]\nsource = \"a\"\nallowed_outbound_hosts = [\"https://{{ h\"]", "spin.template",
     7, "has no `}}`", ""},
    {"OldHosts", "[component.a]\nsource = \"a\"\nallowed_http_hosts = [\"a/b\"]", "spin.host", 7,
     "One or more allowed_http_hosts entries was invalid", ""},
    {"Store", "[component.a]\nsource = \"a\"\nkey_value_stores = [\"a_b-c\"]", "spin.id", 7,
     "expected kebab-case or snake_case", ""},
    {"MountWithoutDestination", "[component.a]\nsource = \"a\"\nfiles = [{ source = \"x\" }]",
     "model.missing-member", 7, "has no `destination`", ""},
    {"ProfileUnknown", "[component.a]\nsource = \"a\"\n[component.a.profile.p]\nfiles = []",
     "model.unknown-member", 8, "`files`", ""},
    {"DependencyName", "[component.a]\nsource = \"a\"\ndependencies = { \"a_b\" = \"1\" }",
     "spin.id", 7, "dependency `a_b`", ""},
    {"TriggerNamesNone",
     "spin_manifest_version = 2\n[application]\nname = \"a\"\n[[trigger.http]]\ncomponent = "
     "\"mainn\"\n[component.main]\nsource = \"a\"",
     "spin.component", 4, "`mainn`, which does not exist", "did you mean `main`?"},
    {"TriggerNoArray",
     "spin_manifest_version = 2\n[application]\nname = \"a\"\n[trigger.http]\nx = 1", "model.kind",
     4, "[[trigger.http]]", ""},
};
#undef DIGEST

INSTANTIATE_TEST_SUITE_P(Table, BadManifestTest, testing::ValuesIn(kBad),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(NormaliseTest, NumbersTriggersByType) {
  const Reading reading = Read(R"(
spin_manifest_version = 2
[application]
name = "a"
[[trigger.http]]
component = "x"
[[trigger.http]]
component = "x"
[[trigger.http]]
static_response = {}
[[trigger.redis]]
component = "x"
[[trigger.redis]]
component = "x"
[component.x]
source = "x.wasm"
)");
  ASSERT_THAT(reading.problems, IsEmpty());
  std::vector<std::string> ids;
  for (const Trigger& trigger : reading.manifest.triggers) ids.push_back(trigger.id);
  EXPECT_THAT(ids, ElementsAre("x-http-trigger", "http-trigger1", "http-trigger2",
                               "x-redis-trigger", "redis-trigger1"));
}

TEST(NormaliseTest, MovesInlineComponents) {
  const Reading reading = Read(R"(
spin_manifest_version = 2
[application]
name = "a"
[[trigger.http]]
id = "front"
component = { source = "front.wasm" }
[[trigger.http]]
component = { source = "second.wasm" }
[[trigger.http]]
id = "has_underscore"
component = { source = "third.wasm" }
[[trigger.http]]
id = "group"
[trigger.http.components]
many = ["x", { source = "fourth.wasm" }]
[component.x]
source = "x.wasm"
)");
  ASSERT_THAT(reading.problems, IsEmpty()) << reading.problems.front().message;
  std::vector<std::string> ids;
  for (const Component& component : reading.manifest.components) ids.push_back(component.id);
  EXPECT_THAT(ids, ElementsAre("x", "front-component", "http-trigger1-component",
                               "inline-component1", "inline-component2"));
  EXPECT_EQ(reading.manifest.triggers[0].component, "front-component");
  EXPECT_THAT(reading.manifest.triggers[3].components[0].second,
              ElementsAre("x", "inline-component2"));
}

}  // namespace
}  // namespace pullproof::resolver::manifest
