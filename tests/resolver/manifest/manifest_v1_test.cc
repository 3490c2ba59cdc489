#include "resolver/manifest/manifest_v1.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::resolver::manifest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Manifest Read(const std::string& text, std::vector<Diagnostic>& problems) {
  Diagnostics found("spin.toml");
  const auto document = ParseToml(text, "spin.toml");
  EXPECT_TRUE(document.has_value()) << (document ? "" : document.error().message);
  Manifest manifest = document ? ReadManifest(*document, found) : Manifest{};
  problems = found.all();
  return manifest;
}

std::vector<std::string> Hosts(const Component& component) {
  std::vector<std::string> hosts;
  for (const Text& host : component.allowed_outbound_hosts) hosts.push_back(host.value);
  return hosts;
}

constexpr const char* kHead =
    "spin_version = \"1\"\nname = \"old\"\nversion = \"1.0.0\"\nauthors = [\"me\"]\n"
    "trigger = { type = \"http\", base = \"/x\" }\n[variables]\nv = { default = \"1\" }\n";

TEST(ManifestV1Test, BecomesWhatSpinMakesOfIt) {
  std::vector<Diagnostic> problems;
  const Manifest manifest = Read(std::string(kHead) + R"(
[[component]]
id = "Old_One"
source = "one.wasm"
description = "d"
environment = { A = "1" }
allowed_http_hosts = ["x.example"]
key_value_stores = ["default"]
[component.trigger]
route = "/one"
[component.config]
key = "{{ v }}"
[component.build]
command = "make"
[[component]]
id = "two"
source = "two.wasm"
allowed_outbound_hosts = ["https://y.example"]
allowed_http_hosts = ["self"]
trigger = { route = "/two", executor = { type = "spin" } }
)",
                                 problems);
  ASSERT_THAT(problems, IsEmpty()) << problems.front().message;
  EXPECT_EQ(manifest.application.name, "old");
  ASSERT_THAT(manifest.application.trigger_settings, SizeIs(1));
  EXPECT_EQ(*manifest.application.trigger_settings[0].value.Find("base")->string(), "/x");
  EXPECT_EQ(manifest.application.trigger_settings[0].value.Find("type"), nullptr);
  ASSERT_THAT(manifest.components, SizeIs(2));
  const Component& one = manifest.components[0];
  EXPECT_EQ(one.id, "old-one");
  EXPECT_EQ(one.variables[0].name, "key");
  EXPECT_EQ(one.build->commands[0], "make");
  EXPECT_THAT(Hosts(one), ElementsAre("redis://*:*", "mysql://*:*", "postgres://*:*",
                                      "http://x.example", "https://x.example"));
  EXPECT_THAT(Hosts(manifest.components[1]), ElementsAre("https://y.example", "http://self"));
  ASSERT_THAT(manifest.triggers, SizeIs(2));
  EXPECT_EQ(manifest.triggers[0].id, "trigger-old-one");
  EXPECT_EQ(manifest.triggers[0].component, "old-one");
  EXPECT_EQ(manifest.triggers[1].config.size(), 2U);
}

TEST(ManifestV1Test, TheSecondOfOneIdCounts) {
  std::vector<Diagnostic> problems;
  const Manifest manifest = Read(
      std::string(kHead) +
          "[[component]]\nid = \"a\"\nsource = \"1\"\ntrigger = {}\n[[component]]\nid = \"A\"\n"
          "source = \"2\"\ntrigger = {}\n[[component]]\nid = \"a\"\nsource = \"3\"\n"
          "trigger = {}\n",
      problems);
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_EQ(problems[0].id, "spin.duplicate-component");
  EXPECT_EQ(problems[0].severity, Severity::kWarning);
  ASSERT_THAT(manifest.components, SizeIs(2));
  EXPECT_EQ(std::get<PathSource>(manifest.components[0].source.form).path, "3");
  EXPECT_THAT(manifest.triggers, SizeIs(3));
}

struct BadCase {
  const char* text;
  const char* id;
  const char* message;
};

TEST(ManifestV1Test, MistakesAreReported) {
  for (const BadCase& row : {
           BadCase{"spin_version = \"1\"\nname = \"a\"\n", "model.missing-member", "`trigger`"},
           BadCase{"spin_version = \"1\"\nname = \"a\"\ntrigger = {}\n", "model.missing-member",
                   "`type`"},
           BadCase{"spin_version = \"1\"\nname = \"a\"\ntrigger = { type = \"t\" }\nx = 1\n",
                   "model.unknown-member", "`x`"},
           BadCase{"spin_version = \"1\"\nname = \"a\"\ntrigger = { type = \"t\" }\n"
                   "[[component]]\nid = \"a!\"\nsource = \"s\"\ntrigger = {}\n",
                   "spin.id", "invalid ID `a!`: "},
           BadCase{
               "spin_version = \"1\"\nname = \"a\"\ntrigger = { type = \"t\" }\n"
               "[[component]]\nid = \"a\"\nsource = { package = \"a:b\", version = \"1.0.0\" }\n"
               "trigger = {}\n",
               "spin.source", "version 1 knows only paths"},
           BadCase{"spin_version = \"1\"\nname = \"a\"\ntrigger = { type = \"t\" }\n"
                   "[[component]]\nid = \"a\"\nsource = \"s\"\ntrigger = {}\nvariables = {}\n",
                   "model.unknown-member", "`variables`"},
           BadCase{"spin_version = \"0\"\n", "spin.version", "invalid manifest version: \"0\""},
           BadCase{"spin_version = 1\n", "spin.version", "invalid manifest version: 1"},
           BadCase{"name = \"a\"\n", "model.missing-member",
                   "missing field `spin_manifest_version`"},
       }) {
    std::vector<Diagnostic> problems;
    Read(row.text, problems);
    ASSERT_FALSE(problems.empty()) << row.text;
    EXPECT_EQ(problems.front().id, row.id) << row.text;
    EXPECT_THAT(problems.front().message, HasSubstr(row.message));
  }
}

}  // namespace
}  // namespace pullproof::resolver::manifest
