// Publish, look into it, add it to another app, and resolve that: the loop closes without Spin.
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/file.h"
#include "conformance/client/in_process_transport.h"
#include "mockregistry/registry.h"
#include "mockregistry/scenario.h"
#include "oci/reference.h"
#include "resolver/add.h"
#include "resolver/inspect.h"
#include "resolver/publish.h"
#include "resolver/resolver.h"

namespace pullproof {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kWasm = std::string("\0asm\x0d\0\x01\0", 8) + std::string(5000, 'w');
const std::string kCss(3000, 'c');

class PublishLoopTest : public ::testing::Test {
 protected:
  PublishLoopTest() : directory_(*TemporaryDirectory::Create("pullproof-loop")) {
    Write("shop/site.wasm", kWasm);
    Write("shop/static/css/site.css", kCss);
    Write("shop/static/tiny.txt", "hello");
    Write("shop/static/empty", "");
    Write("shop/spin.toml", R"(spin_manifest_version = 2
[application]
name = "shop"
version = "1.0"
[variables]
greeting = { default = "hi" }
[[trigger.http]]
route = "/..."
component = "site"
[component.site]
source = "site.wasm"
files = [{ source = "static", destination = "/" }]
key_value_stores = ["default"]
[component.site.variables]
text = "{{ greeting }} there"
)");
    Start("fixture = 1\nid = \"loop\"\n");
  }

  void Start(std::string_view fixture) {
    Diagnostics problems("fixture.toml");
    auto scenario = mockregistry::LoadScenario(fixture, "fixture.toml", ".", problems);
    ASSERT_FALSE(problems.HasErrors()) << problems.FirstError().message;
    registry_ = mockregistry::Registry::InMemory(std::move(scenario), {.clock = &clock_});
    transport_ = std::make_unique<conformance::client::InProcessTransport>(*registry_, clock_);
  }

  [[nodiscard]] fs::path Path(std::string_view name) const { return directory_.path() / name; }
  void Write(std::string_view name, std::string_view bytes) {
    fs::create_directories(Path(name).parent_path());
    ASSERT_TRUE(WriteFile(files_, Path(name), bytes).has_value());
  }
  std::string Read(std::string_view name) {
    return files_.Read(Path(name), 1 << 20).value_or("(absent)");
  }
  [[nodiscard]] resolver::Environment Environment() {
    resolver::Environment environment;
    environment.transport = transport_.get();
    environment.clock = &clock_;
    environment.files = &files_;
    return environment;
  }
  [[nodiscard]] std::string Ref(std::string_view name = "apps/shop:1.0") const {
    return fmt::format("{}/{}", registry_->Authority(), name);
  }

  Result<resolver::PublishReport> Publish(const std::string& reference,
                                          const fs::path& manifest = "shop/spin.toml",
                                          bool archive = false) {
    fs::remove_all(Path("staging"));
    fs::create_directories(Path("staging"));
    resolver::PublishOptions options{.manifest = directory_.path() / manifest,
                                     .lock = Path("absent.lock"),
                                     .cache = Path("publisher-cache"),
                                     .staging = Path("staging"),
                                     .reference = *oci::Reference::Parse(reference)};
    options.build.archive_files = archive;
    return resolver::Publish(options, Environment());
  }

  void WriteImporter(std::string_view components = {}) {
    Write("mine/spin.toml",
          fmt::format("spin_manifest_version = 2\n[application]\nname = \"mine\"\n"
                      "[[trigger.http]]\nroute = \"/\"\ncomponent = \"site\"\n{}",
                      components));
  }
  Result<resolver::ResolveReport> Resolve() {
    resolver::ResolveOptions options;
    options.manifest = Path("mine/spin.toml");
    options.lock = Path("mine/spin.lock");
    options.assets = Path("mine/assets");
    options.cache = Path("importer-cache");
    return resolver::Resolve(options, Environment());
  }
  // Name and content of every file below the importer's assets.
  [[nodiscard]] std::map<std::string, std::string> Assets() {
    std::map<std::string, std::string> assets;
    for (const auto& entry : fs::recursive_directory_iterator(Path("mine/assets"))) {
      if (!entry.is_regular_file()) continue;
      assets[entry.path().lexically_relative(Path("mine/assets")).string()] =
          *files_.Read(entry.path(), 1 << 20);
    }
    return assets;
  }
  [[nodiscard]] std::size_t Count(const std::string& operation) {
    return registry_->journal().Count(mockregistry::Operation(operation));
  }

  // What the importer must have: the component's Wasm and files, bit for bit.
  void ExpectTheComponent() {
    WriteImporter(
        fmt::format("[component.site]\nsource = {{ reference = \"{}\", id = \"site\" }}\n"
                    "[component.site.variables]\ntext = \"mine\"\n",
                    Ref()));
    const auto resolved = Resolve();
    ASSERT_TRUE(resolved.has_value()) << Describe(resolved.error());
    const auto assets = Assets();
    EXPECT_EQ(assets.at("site/css/site.css"), kCss);
    EXPECT_EQ(assets.at("site/tiny.txt"), "hello");
    EXPECT_EQ(assets.at("site/empty"), "");
    EXPECT_EQ(assets.at("_wasm/sha256-" + oci::Digest::Of(kWasm).hex() + ".wasm"), kWasm);
  }

  TemporaryDirectory directory_;
  SystemFileSystem files_;
  ManualClock clock_;
  std::unique_ptr<mockregistry::Registry> registry_;
  std::unique_ptr<conformance::client::InProcessTransport> transport_;
};

TEST_F(PublishLoopTest, WhatIsPublishedIsWhatIsImported) {
  const auto published = Publish(Ref());
  ASSERT_TRUE(published.has_value()) << Describe(published.error());
  EXPECT_EQ(published->upload.uploaded, 4U);  // Wasm, one file, lock, config
  ExpectTheComponent();
}

TEST_F(PublishLoopTest, AlsoOutOfAnArchive) {
  ASSERT_TRUE(Publish(Ref(), "shop/spin.toml", true).has_value());
  ExpectTheComponent();
}

TEST_F(PublishLoopTest, TheSecondTimeNothingIsSentButTheManifest) {
  const auto first = Publish(Ref());
  const auto second = Publish(Ref());
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->upload.digest, second->upload.digest);
  EXPECT_EQ(second->upload.existed, 4U);
  EXPECT_EQ(Count("upload.start"), 4U);
  EXPECT_EQ(Count("manifest.put"), 2U);
}

TEST_F(PublishLoopTest, AnImportIsPublishedByMounting) {
  ASSERT_TRUE(Publish(Ref()).has_value());
  WriteImporter(
      fmt::format("[component.site]\nsource = {{ reference = \"{}\", id = \"site\" }}\n"
                  "[component.site.variables]\ntext = \"mine\"\n",
                  Ref()));
  const auto published = Publish(Ref("apps/mine:1.0"), "mine/spin.toml");
  ASSERT_TRUE(published.has_value()) << Describe(published.error());
  EXPECT_EQ(published->upload.mounted, 2U);   // Wasm and file
  EXPECT_EQ(published->upload.uploaded, 2U);  // lock and config
}

struct Fault {
  const char* name;
  const char* rule;  // on and do
  const char* id;    // of the error; "" for success
};
class PublishFaultTest : public PublishLoopTest, public ::testing::WithParamInterface<Fault> {};

TEST_P(PublishFaultTest, EndsAsItShould) {
  Start(
      fmt::format("fixture = 1\nid = \"loop\"\n[[rules]]\nid = \"fault\"\n{}\n", GetParam().rule));
  const auto published = Publish(Ref());
  EXPECT_GT(registry_->journal().Count(mockregistry::FiredRule("fault")), 0U);
  if (*GetParam().id == '\0') {
    ASSERT_TRUE(published.has_value()) << Describe(published.error());
    ExpectTheComponent();
    return;
  }
  ASSERT_FALSE(published.has_value());
  EXPECT_EQ(published.error().id, GetParam().id);
}

INSTANTIATE_TEST_SUITE_P(
    Table, PublishFaultTest,
    ::testing::Values(
        Fault{"BusyOnce", "on = { op = \"upload.put\" }\npick = { nth = 1 }\ndo = { status = 503 }",
              ""},
        Fault{"BusyAtTheManifest",
              "on = { op = \"manifest.put\" }\npick = { nth = 1 }\ndo = { status = 500 }", ""},
        Fault{"NoStart", "on = { op = \"upload.start\" }\ndo = { status = 403 }",
              "registry.denied"},
        Fault{"ManifestTooLarge", "on = { op = \"manifest.put\" }\ndo = { status = 413 }",
              "registry.status"}),
    [](const auto& row) { return row.param.name; });

TEST_F(PublishLoopTest, InspectSaysWhatIsInIt) {
  const auto published = Publish(Ref());
  ASSERT_TRUE(published.has_value());
  const auto inspection = resolver::Inspect(
      {.reference = *oci::Reference::Parse(Ref()), .cache = Path("c"), .offline = false},
      Environment());
  ASSERT_TRUE(inspection.has_value()) << Describe(inspection.error());
  EXPECT_EQ(inspection->kind, resolver::Inspection::Kind::kSpinApplication);
  EXPECT_EQ(inspection->digest, published->upload.digest);
  EXPECT_EQ(inspection->name, "shop");
  ASSERT_THAT(inspection->components, SizeIs(1));
  const auto& site = inspection->components[0];
  EXPECT_EQ(site.wasm.digest, oci::Digest::Of(kWasm));
  EXPECT_EQ(inspection->SizeOf(site.wasm.digest), kWasm.size());
  EXPECT_THAT(site.key_value_stores, ElementsAre("default"));
  EXPECT_THAT(site.files, SizeIs(3));
  EXPECT_THAT(inspection->unusable, IsEmpty());
}

TEST_F(PublishLoopTest, AddThenResolve) {
  const auto published = Publish(Ref());
  ASSERT_TRUE(published.has_value());
  WriteImporter("# mine\n[component.site]\nsource = \"x.wasm\"\n# the end");
  const std::string before = Read("mine/spin.toml");
  resolver::AddOptions options{.manifest = Path("mine/spin.toml"),
                               .reference = Ref(),
                               .id = {},
                               .digest = {},
                               .name = {},
                               .cache = Path("importer-cache"),
                               .offline = false};
  const auto clash = resolver::Add(options, Environment());
  ASSERT_FALSE(clash.has_value());
  EXPECT_EQ(clash.error().id, "edit.exists");
  EXPECT_EQ(Read("mine/spin.toml"), before);

  options.name = "shop-site";
  const auto added = resolver::Add(options, Environment());
  ASSERT_TRUE(added.has_value()) << Describe(added.error());
  EXPECT_EQ(
      added->table,
      fmt::format("[component.shop-site]\nsource = {{ reference = \"{}@{}\", id = \"site\", "
                  "digest = \"{}\" }}\n",
                  Ref(), published->upload.digest.ToString(), oci::Digest::Of(kWasm).ToString()));
  EXPECT_EQ(Read("mine/spin.toml"), before + "\n\n" + added->table);
  EXPECT_EQ(added->unstated,
            "[component.shop-site]\nkey_value_stores = [\"default\"]\n\n"
            "[component.shop-site.variables]\ntext = \"{{ greeting }} there\"\n\n"
            "[variables]\ngreeting = { default = \"hi\" }\n");
  EXPECT_THAT(added->trigger_types, ElementsAre("http"));
  EXPECT_FALSE(added->is_served);
  EXPECT_EQ(resolver::Add(options, Environment()).error().id, "edit.exists");

  options.name = "module";
  options.digest = oci::Digest::Of(kWasm);
  const auto module = resolver::Add(options, Environment());
  ASSERT_TRUE(module.has_value()) << Describe(module.error());
  EXPECT_TRUE(module->module);
  Write("mine/x.wasm", kWasm);
  Write("mine/spin.toml",
        Read("mine/spin.toml") + "[component.shop-site.variables]\ntext = \"mine\"\n");
  const auto resolved = Resolve();
  ASSERT_TRUE(resolved.has_value()) << Describe(resolved.error());
  EXPECT_EQ(Assets().at("shop-site/css/site.css"), kCss);
}

TEST_F(PublishLoopTest, AddAsksWhichOne) {
  Write("shop/spin.toml", Read("shop/spin.toml") + "[component.other]\nsource = \"site.wasm\"\n");
  ASSERT_TRUE(Publish(Ref()).has_value());
  WriteImporter("[component.site]\nsource = \"x.wasm\"\n");
  resolver::AddOptions options{.manifest = Path("mine/spin.toml"),
                               .reference = Ref(),
                               .id = {},
                               .digest = {},
                               .name = {},
                               .cache = Path("importer-cache"),
                               .offline = false};
  const auto which = resolver::Add(options, Environment());
  ASSERT_FALSE(which.has_value());
  EXPECT_EQ(which.error().id, "edit.choose");
  EXPECT_THAT(which.error().hint, HasSubstr("site, other"));
  options.id = "absent";
  EXPECT_EQ(resolver::Add(options, Environment()).error().id, "artifact.unknown-component");
  options.id = "other";
  EXPECT_TRUE(resolver::Add(options, Environment()).has_value());
}

TEST_F(PublishLoopTest, ADigestIsNoPlaceToPushTo) {
  const auto published = Publish(Ref("apps/shop@" + oci::Digest::Of("x").ToString()));
  ASSERT_FALSE(published.has_value());
  EXPECT_EQ(published.error().id, "publish.digest");
  EXPECT_THAT(registry_->journal().Snapshot(), IsEmpty());
}

}  // namespace
}  // namespace pullproof
