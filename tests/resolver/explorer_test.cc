// The component that Spin's issue #1182 names as its example: a key-value explorer, whose variables
// come from required and secret variables of its app, which wants to reach every host, and which
// shows the store `default`. Imported with nothing granted, with what the report says, and with
// everything inherited.
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/resolver/resolve_fixture.h"

namespace pullproof::resolver {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ExplorerTest : public ResolveFixture {
 protected:
  ExplorerTest() {
    const std::string wasm = testing::WasmBytes("explorer");
    const std::string page(200, 'p');
    digest_ =
        testing::ArtifactBuilder(registry_)
            .Layer(oci::media::kWasmLayer, wasm)
            .Layer(oci::media::kWasmData, page)
            .Lock(fmt::format(
                R"({{"spin_lock_version":0,"metadata":{{"name":"kv-explorer"}},"variables":{{)"
                R"("kv_credentials":{{"secret":true}},"kv_user":{{}},)"
                R"("kv_title":{{"default":"Explorer"}}}},"triggers":[{{"id":"t",)"
                R"("trigger_type":"http","trigger_config":{{"component":"kv-explorer",)"
                R"("route":"/internal/kv-explorer/..."}}}}],"components":[{{"id":"kv-explorer",)"
                R"("metadata":{{"description":"Shows what is in a store",)"
                R"("allowed_outbound_hosts":["https://*:*"],"key_value_stores":["default"]}},)"
                R"("source":{{"content_type":"application/wasm","digest":"{}"}},)"
                R"("env":{{"LOG":"info"}},"files":[{{"path":"index.html","digest":"{}"}}],)"
                R"("config":{{"credentials":"{{{{ kv_user }}}}:{{{{ kv_credentials }}}}",)"
                R"("title":"{{{{ kv_title }}}}"}}}}]}})",
                oci::Digest::Of(wasm).ToString(), oci::Digest::Of(page).ToString()))
            .Push("v1")
            .ToString();
  }

  [[nodiscard]] std::string Head(const std::string& inherit = "") const {
    return fmt::format(
        "[component.main]\nsource = {{ reference = \"127.0.0.1:5000/fermyon/kv-explorer@{}\", id = "
        "\"kv-explorer\"{} }}\n",
        digest_, inherit);
  }

  std::string digest_;
};

constexpr const char* kPaste =
    R"([component.main]
allowed_outbound_hosts = ["https://*:*"]
key_value_stores = ["default"]

[component.main.environment]
LOG = "info"

[component.main.variables]
credentials = "{{ kv_user }}:{{ kv_credentials }}"
title = "{{ kv_title }}"

[variables]
kv_user = { required = true }
kv_credentials = { required = true, secret = true }
kv_title = { default = "Explorer" }
)";

TEST_F(ExplorerTest, WithNothingGrantedTheReportSaysWhatToPaste) {
  WriteManifest(Head());
  const auto report = Run();
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().id, "merge.unstated-variable");
  EXPECT_THAT(report.error().message, HasSubstr("credentials, title"));
  EXPECT_EQ(report.error().where, (app() / "spin.toml").string() + ":8:10");
  EXPECT_THAT(report.error().hint, HasSubstr(kPaste));
  EXPECT_THAT(Tree(app() / "out"), IsEmpty());
}

TEST_F(ExplorerTest, WhatTheReportSaysIsAllThatItTakes) {
  // A table is written once: the pasted one continues after the source.
  std::string pasted = kPaste;
  pasted.erase(0, pasted.find('\n') + 1);
  WriteManifest(Head() + pasted);
  ResolveOptions strict = Options();
  strict.strict = true;
  const auto report = Run(strict);
  ASSERT_TRUE(report.has_value()) << Describe(report.error());
  EXPECT_THAT(report->warnings, IsEmpty());
  EXPECT_THAT(report->notes, IsEmpty());
  EXPECT_THAT(report->lock, HasSubstr(R"("credentials": "{{ kv_user }}:{{ kv_credentials }}")"));
  EXPECT_THAT(report->lock, HasSubstr(R"("https://*:*")"));
  EXPECT_EQ(Tree(app() / "out/assets").at("main/index.html"), std::string(200, 'p'));
}

TEST_F(ExplorerTest, WithVariablesSetTheRestIsNoted) {
  WriteManifest(Head() + "variables = { credentials = \"a:b\", title = \"Mine\" }\n");
  const auto report = Run();
  ASSERT_TRUE(report.has_value()) << Describe(report.error());
  ASSERT_EQ(report->notes.size(), 1U);
  EXPECT_THAT(report->notes[0],
              HasSubstr("[component.main]\nallowed_outbound_hosts = [\"https://*:*\"]\n"
                        "key_value_stores = [\"default\"]\n\n[component.main.environment]\n"
                        "LOG = \"info\"\n"));
  EXPECT_THAT(report->notes[0], Not(HasSubstr("[variables]")));
  EXPECT_THAT(report->lock, Not(HasSubstr("key_value_stores")));
  EXPECT_THAT(report->lock, Not(HasSubstr("https://*")));
  EXPECT_THAT(report->lock, HasSubstr("\"title\": \"Mine\""));
}

TEST_F(ExplorerTest, EverythingCannotBeInherited) {
  // A secret of the package's app has no value here.
  WriteManifest(Head(", inherit_configuration = true"));
  const auto secret = Run();
  ASSERT_FALSE(secret.has_value());
  EXPECT_EQ(secret.error().id, "merge.unfoldable-variable");
  EXPECT_THAT(secret.error().message, HasSubstr("`credentials`"));
  EXPECT_THAT(secret.error().hint,
              HasSubstr("[component.main.variables]\n"
                        "credentials = \"{{ kv_user }}:{{ kv_credentials }}\"\n\n[variables]\n"
                        "kv_user = { required = true }\n"
                        "kv_credentials = { required = true, secret = true }\n"));
  // The host is everything, which only the importer can grant.
  WriteManifest(Head(", inherit_configuration = true") + "variables = { credentials = \"a:b\" }\n");
  const auto hosts = Run();
  ASSERT_FALSE(hosts.has_value());
  EXPECT_EQ(hosts.error().id, "merge.forbidden-host");
  EXPECT_THAT(hosts.error().hint, HasSubstr("write \"https://*:*\" into allowed_outbound_hosts of "
                                            "[component.main] yourself"));
}

TEST_F(ExplorerTest, EverythingElseIsInherited) {
  WriteManifest(Head(", inherit_configuration = true") +
                "variables = { credentials = \"a:b\" }\n"
                "allowed_outbound_hosts = [\"https://*:*\"]\n");
  ResolveOptions strict = Options();
  strict.strict = true;
  const auto report = Run(strict);
  ASSERT_TRUE(report.has_value()) << Describe(report.error());
  EXPECT_THAT(report->lock, HasSubstr(R"("title": "Explorer")"));
  EXPECT_THAT(report->lock, HasSubstr(R"("LOG": "info")"));
  EXPECT_THAT(report->lock, HasSubstr(R"("description": "Shows what is in a store")"));
  EXPECT_THAT(report->lock, HasSubstr("\"key_value_stores\": [\n          \"default\""));
}

TEST_F(ExplorerTest, ATagGrantsNothing) {
  WriteManifest(
      "[component.main]\nsource = { reference = \"127.0.0.1:5000/fermyon/kv-explorer:v1\", id = "
      "\"kv-explorer\", inherit_configuration = true }\n");
  const auto report = Run();
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().id, "merge.unpinned-grant");
  EXPECT_THAT(report.error().hint, HasSubstr(digest_));
}

}  // namespace
}  // namespace pullproof::resolver
