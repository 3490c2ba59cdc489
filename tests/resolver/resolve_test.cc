#include <algorithm>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/resolver/resolve_fixture.h"

namespace pullproof::resolver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr const char* kComponentForm =
    "[component.main]\nsource = { reference = \"127.0.0.1:5000/lib/site:v1\", id = \"site\" }\n";

class ResolveTest : public ResolveFixture {};

TEST_F(ResolveTest, ALocalAppGivesSpinsLock) {
  Write("spin.toml", R"(spin_manifest_version = 2
[application]
name = "local"
version = "1.0.0"
authors = ["me"]
[application.trigger.http]
base = "/x"
[variables]
who = { default = "world" }
[[trigger.http]]
route = "/..."
component = "main"
[component.main]
source = "local.wasm"
environment = { A = "1" }
variables = { who = "{{ who }}" }
files = [{ source = "own", destination = "/" }]
key_value_stores = ["default"]
[component.main.build]
command = "make"
[component.lonely]
source = "local.wasm"
)");
  const auto report = Run();
  ASSERT_TRUE(report.has_value()) << Describe(report.error());
  const std::string url = "file://" + app().string();
  EXPECT_EQ(report->lock, fmt::format(R"({{
  "spin_lock_version": 0,
  "metadata": {{
    "authors": [
      "me"
    ],
    "name": "local",
    "origin": "{0}/spin.toml",
    "trigger": {{
      "base": "/x",
      "type": "http"
    }},
    "triggers": {{
      "http": {{
        "base": "/x"
      }}
    }},
    "version": "1.0.0"
  }},
  "variables": {{
    "who": {{
      "default": "world"
    }}
  }},
  "triggers": [
    {{
      "id": "main-http-trigger",
      "trigger_type": "http",
      "trigger_config": {{
        "component": "main",
        "route": "/..."
      }}
    }}
  ],
  "components": [
    {{
      "id": "main",
      "metadata": {{
        "build": {{
          "command": "make"
        }},
        "key_value_stores": [
          "default"
        ]
      }},
      "source": {{
        "content_type": "application/wasm",
        "source": "{0}/local.wasm"
      }},
      "env": {{
        "A": "1"
      }},
      "files": [
        {{
          "source": "{0}/out/assets/main",
          "path": "/"
        }}
      ],
      "config": {{
        "who": "{{{{ who }}}}"
      }}
    }},
    {{
      "id": "lonely",
      "source": {{
        "content_type": "application/wasm",
        "source": "{0}/local.wasm"
      }}
    }}
  ]
}})",
                                      url));
  EXPECT_THAT(Tree(app() / "out"), ElementsAre(Pair("assets/main/style.css", "own style"),
                                               Pair("spin.lock", report->lock)));
  EXPECT_THAT(registry_.Requests(), IsEmpty());
}

TEST_F(ResolveTest, APackagedComponentBringsItsFiles) {
  const oci::Digest manifest = PushSite();
  WriteManifest(std::string(kComponentForm) +
                "key_value_stores = [\"default\"]\n"
                "files = [{ source = \"own\", destination = \"/\" }]\n");
  const auto report = Run();
  ASSERT_TRUE(report.has_value()) << Describe(report.error());
  const std::string wasm = oci::Digest::Of(testing::WasmBytes("site")).hex();
  EXPECT_THAT(Tree(app() / "out/assets"),
              ElementsAre(Pair("_wasm/sha256-" + wasm + ".wasm", testing::WasmBytes("site")),
                          Pair("main/img/tiny.txt", "hello"), Pair("main/style.css", "own style")));
  EXPECT_THAT(report->lock, HasSubstr(fmt::format(R"(      "source": {{
        "content_type": "application/wasm",
        "source": "file://{}/out/assets/_wasm/sha256-{}.wasm",
        "digest": "sha256:{}"
      }})",
                                                  app().string(), wasm, wasm)));
  EXPECT_THAT(report->lock, HasSubstr(fmt::format(R"(      "metadata": {{
        "key_value_stores": [
          "default"
        ],
        "source_component": "site",
        "source_manifest_digest": "{}",
        "source_reference": "127.0.0.1:5000/lib/site:v1"
      }})",
                                                  manifest.ToString())));
  // The file that the importer replaced is not asked for: manifest, lock and Wasm are all.
  EXPECT_THAT(registry_.Requests(), SizeIs(3));
  ASSERT_EQ(report->warnings.size(), 1U);
  EXPECT_EQ(report->warnings[0].id, "merge.unpinned-reference");
  EXPECT_THAT(report->notes, IsEmpty());
}

TEST_F(ResolveTest, APinnedRunIsFreeWhenWarmAndWorksOffline) {
  const oci::Digest manifest = PushSite();
  WriteManifest(
      fmt::format("[component.main]\nsource = {{ reference = \"127.0.0.1:5000/lib/site@{}\", "
                  "id = \"site\" }}\nkey_value_stores = [\"default\"]\n",
                  manifest.ToString()));
  const auto cold = Run();
  ASSERT_TRUE(cold.has_value()) << Describe(cold.error());
  EXPECT_THAT(registry_.Requests(), SizeIs(4));
  EXPECT_THAT(cold->warnings, IsEmpty());
  const auto assets = Tree(app() / "out/assets");
  registry_.ForgetRequests();
  ResolveOptions offline = Options();
  offline.offline = true;
  offline.strict = true;
  for (const auto& options : {Options(), offline}) {
    const auto warm = Run(options);
    ASSERT_TRUE(warm.has_value()) << Describe(warm.error());
    EXPECT_EQ(warm->lock, cold->lock);
    EXPECT_EQ(Tree(app() / "out/assets"), assets);
  }
  EXPECT_THAT(registry_.Requests(), IsEmpty());
}

TEST_F(ResolveTest, TheOutputNeedsNoCache) {
  PushSite();
  WriteManifest(kComponentForm);
  ASSERT_TRUE(Run().has_value());
  const auto assets = Tree(app() / "out/assets");
  std::filesystem::remove_all(root() / "cache");
  EXPECT_EQ(Tree(app() / "out/assets"), assets);
}

TEST_F(ResolveTest, UnstatedGrantsAreNotedAndStrictRefusesThem) {
  PushSite();
  WriteManifest(kComponentForm);
  const auto report = Run();
  ASSERT_TRUE(report.has_value()) << Describe(report.error());
  ASSERT_THAT(report->notes, SizeIs(1));
  EXPECT_THAT(report->notes[0], HasSubstr("[component.main]\nkey_value_stores = [\"default\"]\n"));
  ResolveOptions strict = Options();
  strict.strict = true;
  strict.lock = app() / "strict/spin.lock";
  const auto refused = Run(strict);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().id, "merge.unpinned-reference");
  EXPECT_THAT(refused.error().hint, HasSubstr("key_value_stores = [\"default\"]"));
  EXPECT_FALSE(std::filesystem::exists(app() / "strict"));
}

TEST_F(ResolveTest, TheLockOnDiskPinsAnUnchangedTag) {
  PushSite();
  WriteManifest(kComponentForm);
  ASSERT_TRUE(Run().has_value());
  const std::string grants =
      "[component.main]\nsource = { reference = \"127.0.0.1:5000/lib/site:v1\", id = \"site\", "
      "inherit_configuration = [\"key_value_stores\"] }\n";
  WriteManifest(grants);
  const auto granted = Run();
  ASSERT_TRUE(granted.has_value()) << Describe(granted.error());
  // The tag moves: the grant falls.
  testing::ArtifactBuilder(registry_)
      .Layer(oci::media::kWasmLayer, testing::WasmBytes("moved"))
      .Lock(fmt::format(
          R"({{"spin_lock_version":0,"triggers":[],"components":[{{"id":"site","source":{{"content_type":"w","digest":"{}"}}}}]}})",
          oci::Digest::Of(testing::WasmBytes("moved")).ToString()))
      .Push("v1");
  const auto moved = Run();
  ASSERT_FALSE(moved.has_value());
  EXPECT_EQ(moved.error().id, "merge.unpinned-grant");
}

TEST_F(ResolveTest, LockedAcceptsTheLockOnDiskAndNothingElse) {
  PushSite();
  WriteManifest(kComponentForm);
  ResolveOptions locked = Options();
  locked.locked = true;
  const auto without = Run(locked);
  ASSERT_FALSE(without.has_value());
  EXPECT_EQ(without.error().id, "lock.differs");
  EXPECT_EQ(without.error().message, "there is no lock");
  EXPECT_FALSE(std::filesystem::exists(app() / "out"));

  ASSERT_TRUE(Run().has_value());
  const auto out = Tree(app() / "out");
  std::filesystem::remove_all(app() / "out/assets");
  ASSERT_TRUE(Run(locked).has_value());
  EXPECT_EQ(Tree(app() / "out"), out);

  WriteManifest(std::string(kComponentForm) + "environment = { A = \"1\" }\n");
  const auto changed = Run(locked);
  ASSERT_FALSE(changed.has_value());
  EXPECT_EQ(changed.error().id, "lock.differs");
  EXPECT_EQ(changed.error().message,
            "the lock would change; components[0].env: nothing on disk, {\"A\":\"1\"} now");
  EXPECT_EQ(Tree(app() / "out"), out);
}

TEST_F(ResolveTest, AProfileIsLaidOverTheComponentsThatHaveIt) {
  Write("debug.wasm", testing::WasmBytes("debug"));
  WriteManifest(
      "[component.main]\nsource = \"local.wasm\"\nenvironment = { A = \"1\", B = \"2\" }\n"
      "build = { command = \"make\", workdir = \"w\" }\n"
      "[component.main.profile.debug]\nsource = \"debug.wasm\"\n"
      "environment = { B = \"3\", C = \"4\" }\nbuild = { command = [\"make\", \"debug\"] }\n"
      "[component.other]\nsource = \"local.wasm\"\n");
  ResolveOptions options = Options();
  options.profile = "debug";
  const auto report = Run(options);
  ASSERT_TRUE(report.has_value()) << Describe(report.error());
  const Node lock = *ParseJson(report->lock, "lock");
  EXPECT_EQ(*lock.Find("metadata")->Find("profile")->string(), "debug");
  EXPECT_THAT(report->lock, HasSubstr(R"(      "env": {
        "A": "1",
        "B": "3",
        "C": "4"
      })"));
  EXPECT_THAT(report->lock, HasSubstr("/debug.wasm\""));
  EXPECT_THAT(report->lock, HasSubstr("/local.wasm\""));
  EXPECT_THAT(report->lock, HasSubstr(R"("workdir": "w")"));
  options.profile = "debgu";
  const auto unknown = Run(options);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().id, "spin.profile");
  EXPECT_EQ(unknown.error().message, "Profile debgu is not defined in this application");
  EXPECT_EQ(unknown.error().hint, "expected one of: debug");
}

TEST_F(ResolveTest, EveryProblemOfAManifestIsTold) {
  WriteManifest("[component.main]\nsourc = \"x\"\nkey_value_stores = [\"a b\"]\n");
  Diagnostics problems("spin.toml");
  const auto report = Resolve(
      Options(), {.transport = &registry_, .clock = &clock_, .files = files_, .registries = {}},
      &problems);
  ASSERT_FALSE(report.has_value());
  EXPECT_THAT(problems.all(), SizeIs(3));
}

TEST_F(ResolveTest, OnePackageTwiceIsPulledOnceAndMountedTwice) {
  PushSite();
  WriteManifest(std::string(kComponentForm) +
                "[component.other]\nsource = { reference = \"127.0.0.1:5000/lib/site:v1\", id = "
                "\"site\" }\nfiles = [{ source = \"own\", destination = \"/\" }]\n");
  ASSERT_TRUE(Run().has_value());
  EXPECT_THAT(registry_.Requests(), SizeIs(4));
  const auto assets = Tree(app() / "out/assets");
  EXPECT_EQ(assets.size(), 5U);
  EXPECT_EQ(assets.at("main/style.css"), std::string(300, 's'));
  EXPECT_EQ(assets.at("other/style.css"), "own style");
}

TEST_F(ResolveTest, AModuleComesWithoutConfiguration) {
  PushSite();
  WriteManifest(
      fmt::format("[component.main]\nsource = {{ reference = "
                  "\"127.0.0.1:5000/lib/site:v1\", digest = \"{}\" }}\n",
                  oci::Digest::Of(testing::WasmBytes("site")).ToString()));
  const auto report = Run();
  ASSERT_TRUE(report.has_value()) << Describe(report.error());
  EXPECT_THAT(registry_.Requests(), SizeIs(2));
  EXPECT_THAT(report->lock, Not(HasSubstr("key_value_stores")));
  EXPECT_THAT(report->lock, HasSubstr("source_manifest_digest"));
  EXPECT_THAT(Tree(app() / "out/assets"), SizeIs(1));
}

TEST_F(ResolveTest, OldAssetsAreReplacedAsAWhole) {
  PushSite();
  WriteManifest(kComponentForm);
  ASSERT_TRUE(Run().has_value());
  Write("out/assets/main/stale.txt", "stale");
  ASSERT_TRUE(Run().has_value());
  EXPECT_FALSE(std::filesystem::exists(app() / "out/assets/main/stale.txt"));
  EXPECT_THAT(*system_.List(app() / "out"), ElementsAre("assets", "spin.lock"));
}

struct BadCase {
  const char* components;
  const char* id;
  const char* where;
};

TEST_F(ResolveTest, ErrorsNameTheirPlaceAndLeaveTheOutputAlone) {
  PushSite();
  WriteManifest(kComponentForm);
  ASSERT_TRUE(Run().has_value());
  const auto before = Tree(app() / "out");
  const std::string file = (app() / "spin.toml").string();
  for (const BadCase& row : {
           BadCase{"[component.main]\nsource = { url = \"http://127.0.0.1/missing\", digest = "
                   "\"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" }",
                   "registry.not-found", ""},
           BadCase{"[component.main]\nsource = { package = \"a:b\", version = \"1.0.0\" }",
                   "package.registry", ":8:10"},
           BadCase{"[component.main]\nsource = \"local.wasm\"\ndependencies = { x = { path = "
                   "\"a.wasm\" } }",
                   "file.not-found", ":9:22"},
           BadCase{"[component.main]\nsource = \"missing.wasm\"", "file.not-found", ":8:10"},
           BadCase{"[component.main]\nsource = \"local.wasm\"\nfiles = [\"missing\"]",
                   "files.not-found", ":9:10"},
           BadCase{"[component.main]\nsourc = \"x\"", "model.missing-member", ":7:1"},
           BadCase{"[component.main]\nsource = { reference = \"127.0.0.1:5000/lib/site:v2\", id = "
                   "\"site\" }",
                   "registry.not-found", ""},
           BadCase{"[component.main]\nsource = { reference = \"127.0.0.1:5000/lib/site:v1\", id = "
                   "\"sit\" }",
                   "artifact.unknown-component", ""},
           BadCase{"[component.main", "toml.syntax", ""},
       }) {
    WriteManifest(row.components);
    const auto report = Run();
    ASSERT_FALSE(report.has_value()) << row.components;
    EXPECT_EQ(report.error().id, row.id) << Describe(report.error());
    if (*row.where != '\0') {
      EXPECT_EQ(report.error().where, file + row.where);
    }
    EXPECT_EQ(Tree(app() / "out"), before);
  }
}

TEST_F(ResolveTest, ContentThatIsNotWasmIsNotRun) {
  testing::ArtifactBuilder(registry_)
      .Layer(oci::media::kWasmLayer, "#!/bin/sh")
      .Lock(fmt::format(
          R"({{"spin_lock_version":0,"triggers":[],"components":[{{"id":"site","source":{{"content_type":"w","digest":"{}"}}}}]}})",
          oci::Digest::Of("#!/bin/sh").ToString()))
      .Push("v1");
  WriteManifest(kComponentForm);
  const auto report = Run();
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().id, "artifact.not-wasm");
  EXPECT_THAT(Tree(app() / "out"), IsEmpty());
}

TEST_F(ResolveTest, ALayerThatLiesIsNotKept) {
  PushSite();
  registry_.Corrupt(oci::Digest::Of(testing::WasmBytes("site")), testing::WasmBytes("evil"));
  WriteManifest(kComponentForm);
  const auto report = Run();
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().id, "digest.mismatch");
  EXPECT_THAT(Tree(app() / "out"), IsEmpty());
  EXPECT_THAT(Tree(root() / "cache/registry/wasm"), IsEmpty());
}

TEST_F(ResolveTest, TheAssetsDirectoryMustBeItsOwn) {
  WriteManifest("[component.main]\nsource = \"local.wasm\"\n");
  ResolveOptions options = Options();
  options.assets = app();
  EXPECT_EQ(Run(options).error().id, "assets.overlap");
  options.assets = root();
  EXPECT_EQ(Run(options).error().id, "assets.overlap");
  options.assets = app() / "out" / "..";
  EXPECT_EQ(Run(options).error().id, "assets.overlap");
  Write("mine/report.txt", "precious");
  options.assets = app() / "mine";
  EXPECT_EQ(Run(options).error().id, "assets.foreign");
  WriteManifest("[component.main]\nsource = \"local.wasm\"\nfiles = [\"own\"]\n");
  options.assets = app() / "own";
  EXPECT_EQ(Run(options).error().id, "assets.overlap");
  EXPECT_TRUE(std::filesystem::exists(app() / "mine/report.txt"));
  EXPECT_TRUE(std::filesystem::exists(app() / "own/style.css"));
}

}  // namespace
}  // namespace pullproof::resolver
