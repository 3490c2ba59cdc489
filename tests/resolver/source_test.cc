// Every form of a source, in components, dependencies, profiles and triggers, from a manifest to a
// lock and its assets.
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/resolver/resolve_fixture.h"

namespace pullproof::resolver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SourceTest : public ResolveFixture {
 protected:
  // The lock's only component, or the one at `index`.
  static const Node& ComponentOf(const Node& lock, std::size_t index = 0) {
    return lock.Find("components")->array()->at(index);
  }

  Node Resolved(const ResolveOptions& options) {
    const auto report = Run(options);
    EXPECT_TRUE(report.has_value()) << (report ? "" : Describe(report.error()));
    if (!report) return Node(Node::Table{});
    warnings_.clear();
    for (const Diagnostic& warning : report->warnings) warnings_.push_back(warning.id);
    return *ParseJson(report->lock, "lock");
  }
  Node Resolved() { return Resolved(Options()); }

  Error Refused() {
    auto report = Run();
    EXPECT_FALSE(report.has_value());
    return report ? Error{} : std::move(report).error();
  }

  [[nodiscard]] std::string AssetUrl(const std::string& wasm) const {
    return fmt::format("file://{}/out/assets/_wasm/sha256-{}.wasm", app().string(),
                       oci::Digest::Of(wasm).hex());
  }

  // "http://127.0.0.1:5000/PATH" serves the bytes.
  std::string UrlSource(const std::string& path, const std::string& wasm) {
    registry_.AddDocument(path, wasm);
    return fmt::format("url = \"http://127.0.0.1:5000{}\", digest = \"{}\"", path,
                       oci::Digest::Of(wasm).ToString());
  }

  // A Wasm package under its version as a tag.
  oci::Digest PushPackage(const std::string& version, const std::string& wasm) {
    return testing::ArtifactBuilder(registry_)
        .Config(oci::media::kWasmConfig, "{\"os\":\"wasip2\"}")
        .Layer(oci::media::kWasm, wasm)
        .Push(version);
  }

  std::vector<std::string> warnings_;
};

TEST_F(SourceTest, AUrlIsFetchedOnceAndVerified) {
  const std::string wasm = testing::WasmBytes("url");
  WriteManifest("[component.main]\nsource = { " + UrlSource("/x/a.wasm", wasm) + " }\n");
  const Node lock = Resolved();
  const Node* source = ComponentOf(lock).Find("source");
  EXPECT_EQ(*source->Find("source")->string(), AssetUrl(wasm));
  EXPECT_EQ(*source->Find("digest")->string(), oci::Digest::Of(wasm).ToString());
  EXPECT_EQ(Tree(app() / "out/assets").begin()->second, wasm);
  EXPECT_THAT(registry_.Requests(), ElementsAre("GET /x/a.wasm"));
  registry_.ForgetRequests();
  ResolveOptions offline = Options();
  offline.offline = true;
  Resolved(offline);
  EXPECT_THAT(registry_.Requests(), IsEmpty());
}

TEST_F(SourceTest, AUrlThatServesOtherBytesIsRefused) {
  const std::string wasm = testing::WasmBytes("url");
  const std::string source = UrlSource("/a.wasm", wasm);
  registry_.AddDocument("/a.wasm", testing::WasmBytes("evil"));
  WriteManifest("[component.main]\nsource = { " + source + " }\n");
  const Error error = Refused();
  EXPECT_EQ(error.id, "digest.mismatch");
  EXPECT_THAT(error.message, HasSubstr("invalid content digest; expected sha256:"));
  EXPECT_THAT(Tree(root() / "cache/registry"), IsEmpty());
}

TEST_F(SourceTest, AUrlMustLeadToWasm) {
  WriteManifest("[component.main]\nsource = { " + UrlSource("/a.wasm", "#!/bin/sh") + " }\n");
  EXPECT_EQ(Refused().id, "artifact.not-wasm");
}

TEST_F(SourceTest, AUrlIsHttp) {
  WriteManifest(fmt::format(
      "[component.main]\nsource = {{ url = \"file:///etc/passwd\", digest = \"{}\" }}\n",
      oci::Digest::Of("x").ToString()));
  EXPECT_EQ(Refused().id, "url.scheme");
}

TEST_F(SourceTest, AnExactVersionIsItsTag) {
  const std::string wasm = testing::WasmBytes("package");
  PushPackage("1.2.3", wasm);
  WriteManifest(
      "[component.main]\nsource = { registry = \"127.0.0.1:5000\", package = \"acme:tool\", "
      "version = \"1.2.3\" }\n");
  const Node lock = Resolved();
  EXPECT_EQ(*ComponentOf(lock).Find("source")->Find("source")->string(), AssetUrl(wasm));
  // The registry's document is missing, which is no fault.
  EXPECT_THAT(warnings_, IsEmpty());
  EXPECT_THAT(
      registry_.Requests(),
      ElementsAre("GET /.well-known/wasm-pkg/registry.json", "GET /v2/acme/tool/manifests/1.2.3",
                  "GET /v2/acme/tool/blobs/" + oci::Digest::Of(wasm).ToString()));
}

TEST_F(SourceTest, TheRegistrysMetadataMapsToItsRepositories) {
  PushPackage("1.0.0", testing::WasmBytes("p"));
  registry_.AddDocument("/.well-known/wasm-pkg/registry.json",
                        R"({"preferredProtocol":"oci","oci":{"registry":"127.0.0.1:7777",)"
                        R"("namespacePrefix":"pre/fix-"}})");
  WriteManifest(
      "[component.main]\nsource = { registry = \"127.0.0.1:5000\", package = \"acme:tool\", "
      "version = \"1.0.0\" }\n");
  Resolved();
  EXPECT_THAT(registry_.Requests(),
              ::testing::Contains("GET /v2/pre/fix-acme/tool/manifests/1.0.0"));
}

TEST_F(SourceTest, MetadataThatCannotBeReadIsAWarning) {
  PushPackage("1.0.0", testing::WasmBytes("p"));
  registry_.AddDocument("/.well-known/wasm-pkg/registry.json", "<html>");
  WriteManifest(
      "[component.main]\nsource = { registry = \"127.0.0.1:5000\", package = \"acme:tool\", "
      "version = \"1.0.0\" }\n");
  Resolved();
  EXPECT_THAT(warnings_, ElementsAre("package.metadata"));
}

TEST_F(SourceTest, MetadataMayNotLeadIntoThisMachine) {
  registry_.AddDocument("/.well-known/wasm-pkg/registry.json",
                        R"({"oci":{"registry":"127.0.0.1:5000"}})");
  WriteManifest(
      "[component.main]\nsource = { registry = \"registry.example\", package = \"acme:tool\", "
      "version = \"1.0.0\" }\n");
  const Error error = Refused();
  EXPECT_EQ(error.id, "package.registry");
  EXPECT_THAT(error.message, HasSubstr("says that its packages are at 127.0.0.1:5000"));
  EXPECT_THAT(registry_.Requests(), SizeIs(1));
}

TEST_F(SourceTest, TheConfigurationNamesTheRegistry) {
  PushPackage("1.0.0", testing::WasmBytes("p"));
  wasm_pkg_config_ =
      "[namespace_registries]\nacme = { registry = \"acme.example\", metadata = { oci = { registry "
      "= \"127.0.0.1:5000\", namespacePrefix = \"x/\" } } }\n";
  WriteManifest("[component.main]\nsource = { package = \"acme:tool\", version = \"1.0.0\" }\n");
  // What a configuration says is the user's own word: it may lead into this machine.
  Resolved();
  EXPECT_THAT(registry_.Requests(), ::testing::Contains("GET /v2/x/acme/tool/manifests/1.0.0"));
  wasm_pkg_config_ = "default_registry = \"127.0.0.1:5000\"\n";
  Resolved();
  EXPECT_THAT(registry_.Requests(), ::testing::Contains("GET /v2/acme/tool/manifests/1.0.0"));
}

TEST_F(SourceTest, ALocalRegistryIsADirectory) {
  const std::string wasm = testing::WasmBytes("on disk");
  Write("packages/acme/tool/1.0.0.wasm", testing::WasmBytes("old"));
  Write("packages/acme/tool/1.1.0.wasm", wasm);
  Write("packages/acme/tool/2.0.0.wasm", testing::WasmBytes("new"));
  wasm_pkg_config_ =
      fmt::format("default_registry = \"here\"\n[registry.here]\nlocal = {{ root = \"{}\" }}\n",
                  (app() / "packages").string());
  WriteManifest(
      "[component.main]\nsource = \"local.wasm\"\ndependencies = { \"acme:tool\" = \"1\" }\n");
  const Node lock = Resolved();
  EXPECT_EQ(*ComponentOf(lock)
                 .Find("dependencies")
                 ->Find("acme:tool")
                 ->Find("source")
                 ->Find("source")
                 ->string(),
            AssetUrl(wasm));
  EXPECT_THAT(registry_.Requests(), IsEmpty());
}

TEST_F(SourceTest, ARequirementTakesTheNewestOverAllPages) {
  const std::string wasm = testing::WasmBytes("1.10.0");
  PushPackage("1.10.0", wasm);
  registry_.AddDocument("/v2/acme/tool/tags/list",
                        R"({"name":"acme/tool","tags":["latest","1.2.0","v1.99.0","1.9.0"]})",
                        "</v2/acme/tool/tags/list?last=1.9.0>; rel=\"next\"");
  registry_.AddDocument("/v2/acme/tool/tags/list?last=1.9.0",
                        R"({"name":"acme/tool","tags":["1.10.0","1.11.0-rc.1","2.0.0"]})");
  WriteManifest(
      "[component.main]\nsource = \"local.wasm\"\ndependencies = { \"acme:tool/face@1.0.0\" = { "
      "version = \"^1.2\", registry = \"127.0.0.1:5000\", inherit_configuration = true } }\n");
  const Node lock = Resolved();
  const Node* dependency = ComponentOf(lock).Find("dependencies")->Find("acme:tool/face@1.0.0");
  ASSERT_NE(dependency, nullptr);
  EXPECT_EQ(*dependency->Find("source")->Find("source")->string(), AssetUrl(wasm));
  EXPECT_TRUE(dependency->Find("export")->is_null());
  EXPECT_EQ(*dependency->Find("inherit")->string(), "All");
}

struct BadPackage {
  const char* what;
  const char* version;
  const char* id;
  const char* message;
};

TEST_F(SourceTest, WhatIsNoPackageIsRefused) {
  const std::string wasm = testing::WasmBytes("w");
  PushSite();  // an application, as v1
  testing::ArtifactBuilder(registry_)
      .Config(oci::media::kWasmConfig, "{}")
      .Layer(oci::media::kWasm, wasm)
      .Layer(oci::media::kWasm, testing::WasmBytes("two"))
      .Push("2.0.0");
  testing::ArtifactBuilder(registry_)
      .Config("application/vnd.unknown.config.v1+json", "{}")
      .Layer(oci::media::kWasm, wasm)
      .Push("3.0.0");
  testing::ArtifactBuilder(registry_)
      .Config(oci::media::kWasmConfig, "{}")
      .Layer(oci::media::kWasmLayer, wasm)
      .Push("4.0.0");
  testing::ArtifactBuilder(registry_).Config(oci::media::kWasmConfig, "{}").Push("5.0.0");
  for (const BadPackage& row : {
           BadPackage{"missing", "1.0.0", "package.version",
                      "No matching version found for acme:tool =1.0.0"},
           BadPackage{"two layers", "2.0.0", "package.artifact", "exactly one layer"},
           BadPackage{"another config", "3.0.0", "package.artifact", "a config of type"},
           BadPackage{"another layer", "4.0.0", "package.artifact", "a layer of type"},
           BadPackage{"no layer", "5.0.0", "package.artifact", "had no layers"},
       }) {
    WriteManifest(
        fmt::format("[component.main]\nsource = {{ registry = \"127.0.0.1:5000\", package = "
                    "\"acme:tool\", version = \"{}\" }}\n",
                    row.version));
    const Error error = Refused();
    EXPECT_EQ(error.id, row.id) << row.what;
    EXPECT_THAT(error.message, HasSubstr(row.message)) << row.what;
  }
}

TEST_F(SourceTest, ADependencyMayComeFromAnywhere) {
  PushSite();
  const std::string by_url = testing::WasmBytes("by url");
  Write("lib.wasm", testing::WasmBytes("lib"));
  WriteManifest(fmt::format(
      "[component.main]\nsource = \"local.wasm\"\n[component.main.dependencies]\n"
      "a-path = {{ path = \"lib.wasm\", export = \"e\" }}\n"
      "b-url = {{ {} }}\n"
      "c-module = {{ reference = \"127.0.0.1:5000/lib/site:v1\", digest = \"{}\" }}\n"
      "d-component = {{ reference = \"127.0.0.1:5000/lib/site:v1\", id = \"site\", "
      "inherit_configuration = [\"files\"] }}\n"
      "e-sibling = {{ component = \"other\" }}\n"
      "[component.other]\nsource = \"lib.wasm\"\n",
      UrlSource("/d.wasm", by_url), oci::Digest::Of(testing::WasmBytes("site")).ToString()));
  const Node lock = Resolved();
  const Node* dependencies = ComponentOf(lock).Find("dependencies");
  ASSERT_NE(dependencies, nullptr);
  std::vector<std::string> sources;
  for (const Node::Member& member : *dependencies->table()) {
    sources.push_back(*member.value.Find("source")->Find("source")->string());
  }
  const std::string site = AssetUrl(testing::WasmBytes("site"));
  const std::string lib = "file://" + app().string() + "/lib.wasm";
  EXPECT_THAT(sources, ElementsAre(lib, AssetUrl(by_url), site, site, lib));
  EXPECT_EQ(*dependencies->Find("a-path")->Find("export")->string(), "e");
  EXPECT_EQ(
      *dependencies->Find("d-component")->Find("inherit")->Find("Some")->array()->front().string(),
      "files");
  // A library component brings neither files nor anything else of its own.
  EXPECT_EQ(ComponentOf(lock).Find("files"), nullptr);
  EXPECT_THAT(Tree(app() / "out/assets"), SizeIs(2));
}

TEST_F(SourceTest, AProfileMayTakeItsSourceFromARegistry) {
  PushSite();
  WriteManifest(
      "[component.main]\nsource = \"local.wasm\"\n[component.main.profile.packed]\n"
      "source = { reference = \"127.0.0.1:5000/lib/site:v1\", id = \"site\", "
      "inherit_configuration = [] }\n");
  ResolveOptions options = Options();
  options.profile = "packed";
  const Node lock = Resolved(options);
  EXPECT_EQ(*ComponentOf(lock).Find("metadata")->Find("source_component")->string(), "site");
}

TEST_F(SourceTest, TriggersGiveTheirDependenciesToTheirComponents) {
  Write("auth.wasm", testing::WasmBytes("auth"));
  Write("spin.toml",
        "spin_manifest_version = 2\n[application]\nname = \"app\"\n"
        "[[trigger.http]]\nid = \"plain\"\nroute = \"/a\"\ncomponent = \"main\"\n"
        "[[trigger.http]]\nid = \"guarded\"\nroute = \"/b\"\ncomponent = \"main\"\n"
        "dependencies = { middleware = [{ path = \"auth.wasm\" }] }\n"
        "[[trigger.http]]\nid = \"lone\"\nroute = \"/c\"\ncomponent = \"other\"\n"
        "dependencies = { middleware = [{ path = \"auth.wasm\" }] }\n"
        "[component.main]\nsource = \"local.wasm\"\n[component.other]\nsource = \"local.wasm\"\n");
  const Node lock = Resolved();
  EXPECT_EQ(*lock.Find("spin_lock_version")->integer(), 1);
  const Node::Array& triggers = *lock.Find("triggers")->array();
  EXPECT_EQ(*triggers[0].Find("trigger_config")->Find("component")->string(), "main");
  EXPECT_EQ(*triggers[1].Find("trigger_config")->Find("component")->string(), "main-for-guarded");
  EXPECT_EQ(*triggers[2].Find("trigger_config")->Find("component")->string(), "other");
  EXPECT_EQ(ComponentOf(lock, 0).Find("trigger_dependencies"), nullptr);
  for (const std::size_t index : {std::size_t{1}, std::size_t{2}}) {
    const Node& component = ComponentOf(lock, index);
    EXPECT_EQ(component.Find("trigger_dependencies")->Find("middleware")->array()->size(), 1U);
    EXPECT_EQ(*component.Find("metadata")->Find("resolve-trigger-dependencies-using")->string(),
              "http");
    EXPECT_EQ(*component.Find("host_requirements")->Find("middleware")->string(), "required");
  }
  EXPECT_EQ(*ComponentOf(lock, 2).Find("id")->string(), "main-for-guarded");
}

TEST_F(SourceTest, AManifestOfVersionOneIsResolved) {
  Write("spin.toml",
        "spin_version = \"1\"\nname = \"old\"\ntrigger = { type = \"http\" }\n[[component]]\n"
        "id = \"Old_One\"\nsource = \"local.wasm\"\ntrigger = { route = \"/\" }\n");
  const Node lock = Resolved();
  EXPECT_EQ(*ComponentOf(lock).Find("id")->string(), "old-one");
  const Node& trigger = lock.Find("triggers")->array()->front();
  EXPECT_EQ(*trigger.Find("id")->string(), "trigger-old-one");
}

// What a resolve costs a registry, counted: it is the same however fast the machine.
TEST_F(SourceTest, ColdEachPartIsAskedForOnceAndPinnedAndWarmNothingIs) {
  constexpr int kArtifacts = 16;
  constexpr int kFiles = 8;
  std::string by_tag;
  std::string by_digest;
  for (int i = 0; i < kArtifacts; ++i) {
    const std::string wasm = testing::WasmBytes(fmt::format("wasm {}", i));
    testing::ArtifactBuilder builder(registry_);
    builder.Layer(oci::media::kWasmLayer, wasm);
    std::string files;
    for (int f = 0; f < kFiles; ++f) {
      const std::string bytes = fmt::format("{} {} {}", i, f, std::string(200, 'x'));
      builder.Layer(oci::media::kWasmData, bytes);
      files += fmt::format(R"({}{{"path":"f{}","digest":"{}"}})", f == 0 ? "" : ",", f,
                           oci::Digest::Of(bytes).ToString());
    }
    builder.Lock(fmt::format(
        R"({{"spin_lock_version":0,"triggers":[],"components":[{{"id":"p",)"
        R"("source":{{"content_type":"application/wasm","digest":"{}"}},"files":[{}]}}]}})",
        oci::Digest::Of(wasm).ToString(), files));
    const std::string digest = builder.Push(fmt::format("v{}", i)).ToString();
    const auto component = [&](const std::string& version) {
      return fmt::format(
          "[component.{}]\nsource = {{ reference = \"127.0.0.1:5000/lib/p{}\", id = \"p\" }}\n",
          i == 0 ? "main" : fmt::format("c{}", i), version);
    };
    by_tag += component(fmt::format(":v{}", i));
    by_digest += component("@" + digest);
  }
  WriteManifest(by_tag);
  Resolved();
  const auto requests = registry_.Requests();
  // The manifest, then every layer: Wasm, files and lock. No ping, no HEAD, no config, no list.
  EXPECT_THAT(requests, SizeIs(kArtifacts * (1 + 1 + kFiles + 1)));
  for (const std::string& request : requests) {
    EXPECT_TRUE(request.starts_with("GET /v2/lib/p/manifests/") ||
                request.starts_with("GET /v2/lib/p/blobs/sha256:"))
        << request;
  }
  registry_.ForgetRequests();
  WriteManifest(by_digest);
  Resolved();
  EXPECT_THAT(registry_.Requests(), IsEmpty());
}

// A package whose component was pushed with its library beside it.
class PackagedDependencyTest : public SourceTest {
 protected:
  PackagedDependencyTest() {
    testing::ArtifactBuilder(registry_)
        .Layer(oci::media::kWasmLayer, main_)
        .Layer(oci::media::kWasmLayer, library_)
        .Lock(fmt::format(
            R"({{"spin_lock_version":0,"triggers":[],"components":[{{"id":"p",)"
            R"("source":{{"content_type":"application/wasm","digest":"{}"}},"dependencies":{{)"
            R"("acme:lib/face":{{"source":{{"content_type":"application/wasm","digest":"{}"}},)"
            R"("export":"e","inherit":"All"}}}}}}]}})",
            oci::Digest::Of(main_).ToString(), oci::Digest::Of(library_).ToString()))
        .Push("v1");
  }

  Node WithOwn(const std::string& own) {
    Write("mine.wasm", testing::WasmBytes("mine"));
    WriteManifest(
        "[component.main]\nsource = { reference = \"127.0.0.1:5000/lib/p:v1\", id = \"p\" }\n" +
        own);
    const Node lock = Resolved();
    const Node& component = ComponentOf(lock);
    return component.Find("dependencies") == nullptr ? Node() : *component.Find("dependencies");
  }

  const std::string main_ = testing::WasmBytes("p");
  const std::string library_ = testing::WasmBytes("library");
};

TEST_F(PackagedDependencyTest, ComesAlongWithItsOwnInheritance) {
  const Node dependencies = WithOwn("");
  const Node* library = dependencies.Find("acme:lib/face");
  ASSERT_NE(library, nullptr);
  EXPECT_EQ(*library->Find("source")->Find("source")->string(), AssetUrl(library_));
  EXPECT_EQ(*library->Find("export")->string(), "e");
  EXPECT_EQ(*library->Find("inherit")->string(), "All");
}

TEST_F(PackagedDependencyTest, IsSilencedByTheImporter) {
  const Node dependencies = WithOwn("dependencies_inherit_configuration = false\n");
  EXPECT_EQ(dependencies.Find("acme:lib/face")->Find("inherit"), nullptr);
}

TEST_F(PackagedDependencyTest, YieldsToTheImporters) {
  const Node dependencies = WithOwn(
      "dependencies = { \"acme:lib/face\" = { path = \"mine.wasm\" }, \"acme:more\" = { "
      "path = \"mine.wasm\" } }\n");
  EXPECT_EQ(dependencies.table()->size(), 2U);
  EXPECT_THAT(*dependencies.Find("acme:lib/face")->Find("source")->Find("source")->string(),
              HasSubstr("/mine.wasm"));
  EXPECT_EQ(dependencies.Find("acme:lib/face")->Find("inherit"), nullptr);
  EXPECT_THAT(Tree(app() / "out/assets"), SizeIs(1));
}

TEST_F(PackagedDependencyTest, MustNotOverlapTheImporters) {
  Write("mine.wasm", testing::WasmBytes("mine"));
  WriteManifest(
      "[component.main]\nsource = { reference = \"127.0.0.1:5000/lib/p:v1\", id = \"p\" }\n"
      "dependencies = { \"acme:lib\" = { path = \"mine.wasm\" } }\n");
  const Error error = Refused();
  EXPECT_EQ(error.id, "merge.dependency-conflict");
  EXPECT_THAT(error.message, HasSubstr("\"acme:lib/face\" dependency conflicts with \"acme:lib\""));
}

TEST_F(PackagedDependencyTest, MustBelongToTheArtifact) {
  testing::ArtifactBuilder(registry_)
      .Layer(oci::media::kWasmLayer, main_)
      .Lock(fmt::format(
          R"({{"spin_lock_version":0,"triggers":[],"components":[{{"id":"p",)"
          R"("source":{{"content_type":"application/wasm","digest":"{}"}},"dependencies":{{)"
          R"("acme:lib":{{"source":{{"content_type":"application/wasm","digest":"{}"}}}}}}}}]}})",
          oci::Digest::Of(main_).ToString(), oci::Digest::Of("elsewhere").ToString()))
      .Push("v1");
  WriteManifest(
      "[component.main]\nsource = { reference = \"127.0.0.1:5000/lib/p:v1\", id = \"p\" }\n");
  EXPECT_EQ(Refused().id, "artifact.foreign-digest");
}

}  // namespace
}  // namespace pullproof::resolver
