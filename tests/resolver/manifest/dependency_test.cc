#include "resolver/manifest/dependency.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::resolver::manifest {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(DependencyNameTest, TellsPackagesFromWords) {
  EXPECT_EQ(ParseDependencyName("plain-word")->package, "");
  const auto name = ParseDependencyName("ns:pkg/iface@1.2.3");
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name->package, "ns:pkg");
  EXPECT_EQ(name->interface, "iface");
  EXPECT_EQ(name->version->ToString(), "1.2.3");
  for (const char* const bad :
       {"", "a_b", "ns:", "ns:pkg@1", "ns:pkg/", "ns:pkg/i_f", "a/b", "A:b"}) {
    EXPECT_FALSE(ParseDependencyName(bad).has_value()) << bad;
  }
}

struct Pair {
  const char* a;
  const char* b;
  bool disjoint;
};

TEST(DisjointTest, NamesOfOnePackageMustDiffer) {
  for (const Pair& row : {
           Pair{"a:b", "a:c", true},
           Pair{"a:b", "a:b/i", false},
           Pair{"a:b/i", "a:b/j", true},
           Pair{"a:b/i@1.0.0", "a:b/j@1.0.0", true},
           Pair{"a:b@1.0.0", "a:b@1.2.0", false},
           Pair{"a:b@1.0.0", "a:b@2.0.0", true},
           Pair{"a:b@0.1.0", "a:b@0.2.0", true},
           Pair{"a:b@0.1.0", "a:b@0.1.9", false},
           Pair{"a:b@0.0.1", "a:b@0.0.2", true},
           Pair{"a:b@1.0.0-rc.1", "a:b@1.0.0", true},
           Pair{"a:b/i", "a:b/i@1.0.0", false},
           Pair{"a:b/i@1.0.0", "a:b@1.0.0", false},
           Pair{"x", "y", true},
       }) {
    const std::vector<std::string_view> names{row.a, row.b};
    const auto result = CheckDisjoint(names);
    EXPECT_EQ(result.has_value(), row.disjoint) << row.a << " " << row.b;
    if (!result) {
      EXPECT_THAT(result.error().message, HasSubstr("dependency conflicts with"));
    }
  }
}

struct Reading {
  Manifest manifest;
  std::vector<Diagnostic> problems;
};

Reading Read(const std::string& components) {
  Diagnostics problems("spin.toml");
  const auto document =
      ParseToml("spin_manifest_version = 2\n[application]\nname = \"a\"\n[trigger]\n" + components,
                "spin.toml");
  EXPECT_TRUE(document.has_value()) << (document ? "" : document.error().message);
  Reading reading;
  if (document) reading.manifest = ReadManifest(*document, problems);
  reading.problems = problems.all();
  return reading;
}

struct BadCase {
  const char* name;
  const char* dependencies;
  const char* id;
  const char* message;
};

class BadDependencyTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadDependencyTest, IsReported) {
  const Reading reading =
      Read(std::string("[component.a]\nsource = \"a.wasm\"\n") + GetParam().dependencies);
  ASSERT_FALSE(reading.problems.empty());
  EXPECT_EQ(reading.problems.front().id, GetParam().id);
  EXPECT_THAT(reading.problems.front().message, HasSubstr(GetParam().message));
}

constexpr const char* kOther = "\n[component.b]\nsource = \"b.wasm\"\n";

INSTANTIATE_TEST_SUITE_P(
    Table, BadDependencyTest,
    testing::Values(
        BadCase{"BareVersionOfAWord", "dependencies = { x = \"1\" }", "spin.dependency",
                "component a has invalid dependencies: dependency x must specify a package name"},
        BadCase{"VersionOfAWord", "dependencies = { x = { version = \"1\" } }", "spin.dependency",
                "must specify a package name"},
        BadCase{"ExportOfAPackage", "dependencies = { \"a:b\" = { path = \"x\", export = \"e\" } }",
                "spin.dependency", "using an export to satisfy the package dependency a:b"},
        BadCase{"Overlap", "dependencies = { \"a:b\" = \"1\", \"a:b/i\" = \"1\" }",
                "spin.dependency", "\"a:b/i\" dependency conflicts with \"a:b\""},
        BadCase{"BadRequirement", "dependencies = { \"a:b\" = \"one\" }", "semver.requirement",
                "specifies an invalid semantic version requirement (\"one\")"},
        BadCase{"BadPackage", "dependencies = { x = { version = \"1\", package = \"b\" } }",
                "spin.id", "specifies an invalid package name (\"b\")"},
        BadCase{"BadRegistry",
                "dependencies = { \"a:b\" = { version = \"1\", registry = \"https://x\" } }",
                "spin.source", "which is no host"},
        BadCase{"NoSuchComponent", "dependencies = { x = { component = \"zz\" } }",
                "spin.dependency", "dependency ID zz does not exist"},
        BadCase{"UnknownKind",
                "dependencies = { x = { path = \"x\", inherit_configuration = [\"file\"] } }",
                "inherit.ignored-kind", "`file`"},
        BadCase{"BothWays",
                "dependencies_inherit_configuration = false\n"
                "dependencies = { x = { path = \"x\", inherit_configuration = true } }",
                "spin.dependency",
                "Component `a` specifies both `dependencies_inherit_configuration` and "
                "per-dependency `inherit_configuration`"},
        BadCase{"ComponentWithResources",
                "dependencies = { x = { component = \"b\" } }\n[component.b]\nsource = \"b\"\n"
                "files = [\"f\"]\nai_models = [\"m\"]\nallowed_http_hosts = [\"h\"]",
                "spin.dependency",
                "Dependencies may not have their own resources or permissions. Component b cannot "
                "be used as a dependency of a because it specifies: ai_models, "
                "allowed_http_hosts, files"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(NormaliseDependenciesTest, AComponentStandsForItsSource) {
  const Reading reading =
      Read(std::string("[component.a]\nsource = \"a.wasm\"\ndependencies = { x = { component = "
                       "\"b\", export = \"e\" } }") +
           kOther);
  ASSERT_THAT(reading.problems, IsEmpty());
  const Dependency& dependency = reading.manifest.components[0].dependencies[0];
  EXPECT_EQ(std::get<PathSource>(dependency.form).path, "b.wasm");
  EXPECT_EQ(dependency.export_name, "e");
}

TEST(NormaliseDependenciesTest, TheComponentsFlagGoesToAllButBareVersions) {
  const Reading reading = Read(
      "[component.a]\nsource = \"a.wasm\"\ndependencies_inherit_configuration = true\n"
      "dependencies = { x = { path = \"x\" }, \"a:b\" = \"1\" }");
  ASSERT_THAT(reading.problems, IsEmpty());
  EXPECT_TRUE(reading.manifest.components[0].dependencies[0].inherits->all);
  EXPECT_FALSE(reading.manifest.components[0].dependencies[1].inherits.has_value());
}

TEST(NormaliseDependenciesTest, AProfileMayBringDependencies) {
  Diagnostics problems("spin.toml");
  const auto document = ParseToml(
      "spin_manifest_version = 2\n[application]\nname = \"a\"\n[trigger]\n[component.a]\n"
      "source = \"a.wasm\"\ndependencies = { x = { path = \"x\" } }\n"
      "[component.a.profile.p]\ndependencies = { x = { path = \"y\" }, z = { component = \"b\" } }"
      "\n[component.b]\nsource = \"b.wasm\"\n",
      "spin.toml");
  ASSERT_TRUE(document.has_value());
  const Manifest manifest = ReadManifest(*document, problems, "p");
  ASSERT_THAT(problems.all(), IsEmpty());
  const auto& dependencies = manifest.components[0].dependencies;
  ASSERT_EQ(dependencies.size(), 2U);
  EXPECT_EQ(std::get<PathSource>(dependencies[0].form).path, "y");
  EXPECT_EQ(std::get<PathSource>(dependencies[1].form).path, "b.wasm");
}

TEST(NormaliseDependenciesTest, ATriggerNeedsAComponentToPutThemAround) {
  Diagnostics problems("spin.toml");
  const auto document = ParseToml(
      "spin_manifest_version = 2\n[application]\nname = \"a\"\n[[trigger.http]]\n"
      "static_response = {}\ndependencies = { middleware = [{ path = \"m.wasm\" }] }\n",
      "spin.toml");
  ASSERT_TRUE(document.has_value());
  ReadManifest(*document, problems);
  ASSERT_TRUE(problems.HasErrors());
  EXPECT_EQ(problems.FirstError().id, "spin.dependency");
}

}  // namespace
}  // namespace pullproof::resolver::manifest
