#include "resolver/artifact/package.h"

#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oci/media_type.h"
#include "tests/resolver/testing/fake_registry.h"

namespace pullproof::resolver::artifact {
namespace {

using resolver::testing::DescriptorJson;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

oci::Manifest ManifestOf(const std::vector<std::string>& layers,
                         std::string_view config_type = oci::media::kImageConfig) {
  const std::string text = fmt::format(R"({{"schemaVersion":2,"config":{},"layers":[{}]}})",
                                       DescriptorJson(config_type, "{}"), fmt::join(layers, ","));
  return std::get<oci::Manifest>(*oci::ParseManifest(text, oci::media::kImageManifest, "ref"));
}

lock::LockedApp AppOf(std::string_view components) {
  const auto app = lock::ReadLock(
      fmt::format(
          R"({{"spin_lock_version":1,"variables":{{"v":{{"default":"1"}}}},)"
          R"("triggers":[{{"id":"t","trigger_type":"http","trigger_config":{{"component":"a"}}}}],)"
          R"("components":[{}]}})",
          components),
      "ref");
  EXPECT_TRUE(app.has_value()) << (app ? "" : app.error().message);
  return *app;
}

std::string DigestOf(std::string_view bytes) { return oci::Digest::Of(bytes).ToString(); }
std::string Source(std::string_view bytes) {
  return fmt::format(R"("source":{{"content_type":"application/wasm","digest":"{}"}})",
                     DigestOf(bytes));
}

TEST(FindLockTest, TheLayerWins) {
  const auto place = FindLock(ManifestOf({DescriptorJson(oci::media::kWasmLayer, "w"),
                                          DescriptorJson(oci::media::kSpinLock, "lock")},
                                         oci::media::kSpinLock),
                              "ref");
  ASSERT_TRUE(place.has_value());
  EXPECT_TRUE(place->certain);
  EXPECT_EQ(place->descriptor.digest.ToString(), DigestOf("lock"));
}

TEST(FindLockTest, TheOldGenerationHasItAsItsConfig) {
  const auto by_type = FindLock(ManifestOf({}, oci::media::kSpinLock), "ref");
  EXPECT_TRUE(by_type->certain);
  EXPECT_EQ(by_type->descriptor.digest.ToString(), DigestOf("{}"));
  EXPECT_FALSE(FindLock(ManifestOf({}), "ref")->certain);
  EXPECT_TRUE(CheckIsLock(R"({"spin_lock_version":0})", "ref").has_value());
  EXPECT_EQ(CheckIsLock("{}", "ref").error().id, "artifact.not-spin");
  EXPECT_EQ(CheckIsLock("no JSON", "ref").error().id, "artifact.not-spin");
}

TEST(FindLockTest, TwoLocksAreOneTooMany) {
  const auto place = FindLock(ManifestOf({DescriptorJson(oci::media::kSpinLock, "a"),
                                          DescriptorJson(oci::media::kSpinLock, "b")}),
                              "ref");
  EXPECT_EQ(place.error().id, "artifact.two-locks");
}

TEST(FindLockTest, AWasmPackageSuggestsTheModuleForm) {
  const auto place = FindLock(
      ManifestOf({DescriptorJson(oci::media::kWasm, "w")}, oci::media::kWasmConfig), "ref");
  EXPECT_EQ(place.error().id, "artifact.not-spin");
  EXPECT_THAT(place.error().hint, HasSubstr("{ reference, digest"));
}

TEST(FindModuleTest, AnyWasmLayerWillDo) {
  const oci::Manifest manifest = ManifestOf({DescriptorJson(oci::media::kWasmData, "data"),
                                             DescriptorJson(oci::media::kWasm, "w"),
                                             DescriptorJson(oci::media::kWasmLayer, "v")});
  EXPECT_TRUE(FindModule(manifest, oci::Digest::Of("w"), "ref")->certain);
  EXPECT_TRUE(FindModule(manifest, oci::Digest::Of("v"), "ref")->certain);
  EXPECT_FALSE(FindModule(manifest, oci::Digest::Of("data"), "ref")->certain);
  const auto foreign = FindModule(manifest, oci::Digest::Of("other"), "ref");
  EXPECT_EQ(foreign.error().id, "artifact.foreign-digest");
  EXPECT_THAT(foreign.error().hint, HasSubstr(DigestOf("v")));
}

TEST(FindModuleTest, TheLockMayNameALayerOfAnotherType) {
  const lock::LockedApp app = AppOf(R"({"id":"a",)" + Source("data") + "}");
  EXPECT_TRUE(CheckIsSource(app, oci::Digest::Of("data"), "ref").has_value());
  EXPECT_EQ(CheckIsSource(app, oci::Digest::Of("x"), "ref").error().id, "artifact.not-wasm");
}

TEST(CheckContentsTest, LayersAndInlineBytesBelong) {
  const auto archived = CheckContents(
      AppOf(fmt::format(
          R"({{"id":"a",{},"files":[{{"path":"f","digest":"{}","inline":"aGVsbG8"}}]}})",
          Source("w"), DigestOf("hello"))),
      ManifestOf({DescriptorJson(oci::media::kWasmLayer, "w")}), "ref");
  ASSERT_TRUE(archived.has_value()) << archived.error().message;
  EXPECT_TRUE(archived->empty());
}

TEST(CheckContentsTest, AForeignDigestOfAnyComponentIsRefused) {
  const lock::LockedApp app =
      AppOf(R"({"id":"a",)" + Source("w") + R"(},{"id":"b",)" + Source("elsewhere") + "}");
  const auto refused =
      CheckContents(app, ManifestOf({DescriptorJson(oci::media::kWasmLayer, "w")}), "ref");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().id, "artifact.foreign-digest");
  EXPECT_THAT(refused.error().message, HasSubstr(DigestOf("elsewhere")));
  // With an archive it may still turn up.
  const auto maybe = CheckContents(app,
                                   ManifestOf({DescriptorJson(oci::media::kWasmLayer, "w"),
                                               DescriptorJson(oci::media::kWasmBundle, "z")}),
                                   "ref");
  EXPECT_THAT(*maybe, ElementsAre(oci::Digest::Of("elsewhere")));
}

TEST(CheckContentsTest, InlineBytesMustNotLie) {
  const auto refused = CheckContents(
      AppOf(fmt::format(
          R"({{"id":"a",{},"files":[{{"path":"f","digest":"{}","inline":"aGVsbG8"}}]}})",
          Source("w"), DigestOf("other"))),
      ManifestOf({DescriptorJson(oci::media::kWasmLayer, "w")}), "ref");
  EXPECT_EQ(refused.error().id, "artifact.inline-mismatch");
}

TEST(CheckContentsTest, AUrlOfTheAuthorsMachineIsNoContent) {
  const auto refused = CheckContents(
      AppOf(R"({"id":"a","source":{"content_type":"w","source":"file:///home/a/x.wasm"}})"),
      ManifestOf({}), "ref");
  EXPECT_EQ(refused.error().id, "artifact.no-digest");
}

TEST(SelectComponentTest, BringsItsConfigurationAndItsApps) {
  const auto component = SelectComponent(
      AppOf(fmt::format(
          R"({{"id":"a","metadata":{{"description":"d","allowed_outbound_hosts":["https://x.example"],)"
          R"("allowed_http_hosts":["old.example"],"databases":["db"],"unknown_grant":true}},{},)"
          R"("env":{{"E":"1"}},"config":{{"k":"{{{{ v }}}}"}},)"
          R"("files":[{{"path":"b","inline":""}},{{"path":"a/x","inline":"aGk"}}]}})",
          Source("w"))),
      "a", "ref");
  ASSERT_TRUE(component.has_value()) << component.error().message;
  EXPECT_EQ(component->description, "d");
  EXPECT_THAT(component->allowed_outbound_hosts,
              ElementsAre("https://x.example", "http://old.example", "https://old.example"));
  EXPECT_THAT(component->sqlite_databases, ElementsAre("db"));
  EXPECT_THAT(component->trigger_types, ElementsAre("http"));
  EXPECT_EQ(component->variables.at("k"), "{{ v }}");
  EXPECT_EQ(component->app_variables.at("v").default_value, "1");
  ASSERT_EQ(component->files.size(), 2U);
  EXPECT_EQ(component->files[0].path, "a/x");
  EXPECT_EQ(component->files[0].content.digest, oci::Digest::Of("hi"));
}

struct BadCase {
  const char* name;
  const char* members;  // of component `a`
  const char* id;
  const char* message;
};

class BadComponentTest : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadComponentTest, IsRefused) {
  const auto component = SelectComponent(
      AppOf(fmt::format(R"({{"id":"a",{}{}}})", Source("w"), GetParam().members)), "a", "ref");
  ASSERT_FALSE(component.has_value());
  EXPECT_EQ(component.error().id, GetParam().id);
  EXPECT_THAT(component.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadComponentTest,
    ::testing::Values(
        BadCase{"Twice", R"(},{"id":"a","source":{"content_type":"w","inline":""})",
                "artifact.duplicate-component", "two components `a`"},
        BadCase{"Uncomposed", R"(,"trigger_dependencies":{"middleware":[]})", "artifact.uncomposed",
                "`middleware`"},
        BadCase{"ParentPath", R"(,"files":[{"path":"../x","inline":""}])", "path.unsafe", "dots"},
        BadCase{"AbsolutePath", R"(,"files":[{"path":"/x","inline":""}])", "path.unsafe",
                "absolute"},
        BadCase{"FileAndDirectory",
                R"(,"files":[{"path":"a","inline":""},{"path":"a/b","inline":""}])", "path.clash",
                "\"a\" of component `a` is a file, and the directory of \"a/b\""},
        BadCase{"TwoOfOneName",
                R"(,"files":[{"path":"a","inline":""},{"path":"a","inline":"aGk"}])", "path.clash",
                "two files \"a\""}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(SelectComponentTest, ListsTheIdsThatThereAre) {
  const auto component =
      SelectComponent(AppOf(R"({"id":"static-files",)" + Source("w") + "}"), "static-file", "ref");
  ASSERT_FALSE(component.has_value());
  EXPECT_EQ(component.error().id, "artifact.unknown-component");
  EXPECT_EQ(component.error().message,
            "the application has no component `static-file`, but static-files");
  EXPECT_EQ(component.error().hint, "did you mean `static-files`?");
}

}  // namespace
}  // namespace pullproof::resolver::artifact
