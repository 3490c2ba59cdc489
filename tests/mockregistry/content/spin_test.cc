// A published Spin application in a few lines: what it expands to, and what is refused.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/mockregistry/content/loaded.h"

namespace pullproof::mockregistry::content {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Spin {
 public:
  // `toml` stands below `[manifests.app.spin]`, from line 6 on.
  explicit Spin(const std::string& toml, const std::string& before = {})
      : loaded_(Load(before + "repos.r.tags.v = \"app\"\n[manifests.app.spin]\n" + toml)) {}

  [[nodiscard]] const std::string& problems() const { return loaded_.problems; }
  [[nodiscard]] json Lock(const std::string& name = "app.lock") const { return Of(name); }
  [[nodiscard]] json Manifest() const { return Of("app"); }
  [[nodiscard]] json Config() const { return Of("app.config"); }
  [[nodiscard]] std::string DigestOf(const std::string& name) const {
    return loaded_.DigestOf(name);
  }
  [[nodiscard]] std::string BytesOf(const std::string& name) const { return loaded_.BytesOf(name); }
  [[nodiscard]] const std::vector<std::string>& served() const {
    return loaded_.content->repositories.front().blobs;
  }
  [[nodiscard]] std::vector<std::string> LayerTypes() const {
    std::vector<std::string> types;
    const json manifest = Manifest();
    for (const json& layer : manifest["layers"]) types.push_back(layer["mediaType"]);
    return types;
  }

 private:
  [[nodiscard]] json Of(const std::string& name) const {
    if (!loaded_.content) return loaded_.problems;
    return json::parse(loaded_.BytesOf(name));
  }

  Loaded loaded_;
};

constexpr const char* kLock = "application/vnd.fermyon.spin.application.v1+config";
constexpr const char* kWasm = "application/vnd.wasm.content.layer.v1+wasm";
constexpr const char* kData = "application/vnd.wasm.content.layer.v1+data";

TEST(SpinContent, IsWhatSpinPublishes) {
  const Spin app(R"(
app         = "shop"
version     = "1.2.3"
description = "sells"
authors     = ["a", "b"]
created     = "2026-01-02T03:04:05Z"
components.site = { files = { "style.css" = { random = "2KiB" }, "tiny.txt" = "hello" } }
)");
  EXPECT_EQ(app.problems(), "");
  EXPECT_EQ(
      app.Lock(),
      (json{{"spin_lock_version", 0},
            {"metadata",
             {{"name", "shop"},
              {"version", "1.2.3"},
              {"description", "sells"},
              {"authors", {"a", "b"}},
              {"triggers", json::object()},
              {"trigger", {{"type", "http"}}}}},
            {"triggers",
             {{{"id", "site-http-trigger"},
               {"trigger_type", "http"},
               {"trigger_config", {{"component", "site"}, {"route", "/site/..."}}}}}},
            {"components",
             {{{"id", "site"},
               {"source",
                {{"content_type", "application/wasm"}, {"digest", app.DigestOf("app.site.wasm")}}},
               {"files",
                {{{"path", "style.css"}, {"digest", app.DigestOf("app.site/style.css")}},
                 {{"path", "tiny.txt"},
                  {"inline", "aGVsbG8"},
                  {"digest", app.DigestOf("app.site/tiny.txt")}}}}}}}}));
  EXPECT_EQ(app.Config(),
            (json{{"architecture", "wasm"},
                  {"os", "Wasip1"},
                  {"config",
                   {{"Labels", {{"com.fermyon.spin.lockedAppDigest", app.DigestOf("app.lock")}}}}},
                  {"rootfs", {{"type", "layers"}, {"diff_ids", json::array()}}}}));
  const json manifest = app.Manifest();
  EXPECT_FALSE(manifest.contains("mediaType"));
  EXPECT_EQ(manifest["config"]["mediaType"], "application/vnd.oci.image.config.v1+json");
  EXPECT_EQ(manifest["annotations"],
            (json{{"org.opencontainers.image.authors", "a, b"},
                  {"org.opencontainers.image.created", "2026-01-02T03:04:05Z"},
                  {"org.opencontainers.image.description", "sells"},
                  {"org.opencontainers.image.title", "shop"},
                  {"org.opencontainers.image.version", "1.2.3"}}));
  // The lock is last, and what stands in it is nowhere else.
  EXPECT_THAT(app.LayerTypes(), ElementsAre(kWasm, kData, kLock));
  EXPECT_EQ(manifest["layers"].back()["digest"], app.DigestOf("app.lock"));
  EXPECT_THAT(app.served(),
              ElementsAre("app.site.wasm", "app.site/style.css", "app.lock", "app.config"));
}

TEST(SpinContent, DescribesAComponentAsItsManifestDoes) {
  const Spin app(R"(
app = "p"
variables = { greeting = "hi", key = { required = true, secret = true, description = "d" } }
[manifests.app.spin.components.api]
description = "answers"
environment = { A = "1" }
variables = { text = "{{ greeting }}" }
allowed_outbound_hosts = ["https://example.com"]
key_value_stores = ["default"]
sqlite_databases = ["db"]
ai_models = ["m"]
build = { command = "make" }
metadata = { odd = true }
dependencies = { "a:b/c" = { source = { hex = "00" }, export = "x", inherit = ["files"] }, "d" = { inherit = true }, "e" = {} }
)");
  EXPECT_EQ(app.problems(), "");
  EXPECT_EQ(app.Lock()["variables"], (json{{"greeting", {{"default", "hi"}}},
                                           {"key", {{"secret", true}, {"description", "d"}}}}));
  const json component = app.Lock()["components"][0];
  EXPECT_EQ(component["metadata"], (json{{"description", "answers"},
                                         {"allowed_outbound_hosts", {"https://example.com"}},
                                         {"key_value_stores", {"default"}},
                                         {"databases", {"db"}},
                                         {"ai_models", {"m"}},
                                         {"build", {{"command", "make"}}},
                                         {"odd", true}}));
  EXPECT_EQ(component["env"], (json{{"A", "1"}}));
  EXPECT_EQ(component["config"], (json{{"text", "{{ greeting }}"}}));
  const json& dependencies = component["dependencies"];
  EXPECT_EQ(dependencies["a:b/c"], (json{{"source",
                                          {{"content_type", "application/wasm"},
                                           {"inline", "AA"},
                                           {"digest", app.DigestOf("app.api.dependency.0.wasm")}}},
                                         {"export", "x"},
                                         {"inherit", {{"Some", {"files"}}}}}));
  EXPECT_EQ(dependencies["d"]["inherit"], "All");
  EXPECT_TRUE(dependencies["d"]["export"].is_null());
  EXPECT_FALSE(dependencies["e"].contains("inherit"));
  // Small Wasm is in the lock, and a layer all the same.
  EXPECT_THAT(app.LayerTypes(), ElementsAre(kWasm, kWasm, kWasm, kWasm, kLock));
}

TEST(SpinContent, ServiceChainingIsRequiredOfTheHost) {
  const Spin app(R"(
app = "p"
components.a.allowed_outbound_hosts = ["http://b.spin.internal"]
components.b.allowed_outbound_hosts = ["*://*:*", "http://{{ x }}.spin.internal", "no-scheme.spin.internal"]
)");
  EXPECT_EQ(app.Lock()["spin_lock_version"], 1);
  EXPECT_EQ(app.Lock()["must_understand"], json::array({"component_host_requirements"}));
  EXPECT_EQ(app.Lock()["components"][0]["host_requirements"],
            (json{{"local_service_chaining", "required"}}));
  EXPECT_FALSE(app.Lock()["components"][1].contains("host_requirements"));
}

TEST(SpinContent, TriggersAreAsStated) {
  const Spin app(R"(
app = "p"
trigger.redis = { address = "redis://r" }
components.a.triggers = [ { type = "redis", channel = "c" }, { type = "redis", channel = "d" }, { type = "redis", id = "mine" } ]
components.b.triggers = []
)");
  const json lock = app.Lock();
  ASSERT_EQ(lock["triggers"].size(), 3U);
  EXPECT_EQ(lock["triggers"][0]["id"], "a-redis-trigger");
  EXPECT_EQ(lock["triggers"][1]["id"], "redis-trigger1");
  EXPECT_EQ(lock["triggers"][2]["id"], "mine");
  EXPECT_EQ(lock["triggers"][0]["trigger_config"], (json{{"channel", "c"}, {"component", "a"}}));
  EXPECT_EQ(lock["metadata"]["triggers"], (json{{"redis", {{"address", "redis://r"}}}}));
  EXPECT_EQ(lock["metadata"]["trigger"], (json{{"type", "redis"}, {"address", "redis://r"}}));
}

TEST(SpinContent, OneLayerForSameContent) {
  const Spin app(R"(
app = "p"
components.a = { source = { blob = "w" }, files = { x = { zeros = 200 } } }
components.b = { source = { blob = "w" }, files = { y = { zeros = 200 } } }
)",
                 "blobs.w = { wasm = \"empty-core\", data = 300 }\n");
  EXPECT_THAT(app.LayerTypes(), ElementsAre(kWasm, kData, kLock));
}

TEST(SpinContent, ComponentsHaveWasmOfTheirOwn) {
  const Spin app("app = \"p\"\ncomponents = { a = {}, b = {} }\n");
  EXPECT_NE(app.DigestOf("app.a.wasm"), app.DigestOf("app.b.wasm"));
  // A custom section of 1,024 bytes with a name of five behind eight bytes of head.
  EXPECT_EQ(app.BytesOf("app.a.wasm").substr(0, 16), std::string("\0asm\x0d\0\x01\0\0\x85\x08\x04"
                                                                 "data",
                                                                 16));
  EXPECT_EQ(app.BytesOf("app.a.wasm").size(), 8 + 3 + 5 + 1024U);
}

TEST(SpinContent, AnArchiveHoldsTheFiles) {
  const Spin app(R"(
app = "p"
archive = true
components.a.files = { "b.txt" = { zeros = 200 }, "a/tiny" = "x" }
components.b = {}
)");
  EXPECT_THAT(app.LayerTypes(),
              ElementsAre(kWasm, "application/vnd.wasm.content.bundle.v1.tar+gzip", kWasm, kLock));
  const json files = app.Lock()["components"][0]["files"];
  EXPECT_EQ(files[0], (json{{"path", "b.txt"}, {"digest", app.DigestOf("app.a/b.txt")}}));
  EXPECT_EQ(files[1]["inline"], "eA");
  EXPECT_THAT(app.BytesOf("app.a.tar"), HasSubstr("./a/tiny"));
  EXPECT_THAT(app.served(), testing::Not(testing::Contains("app.a/b.txt")));
}

TEST(SpinContent, AnOldApplicationHasItsLockInTheConfig) {
  const Spin app("app = \"p\"\nlock_in = \"config\"\ncomponents.a = {}\n");
  const json manifest = app.Manifest();
  EXPECT_EQ(manifest["config"]["mediaType"], kLock);
  EXPECT_EQ(manifest["config"]["digest"], app.DigestOf("app.lock"));
  EXPECT_THAT(app.LayerTypes(), ElementsAre(kWasm));
  const Spin other("app = \"p\"\nlock_in = \"config\"\nconfig_type = \"a/b\"\ncomponents.a = {}\n");
  EXPECT_EQ(other.Manifest()["config"]["mediaType"], "a/b");
}

TEST(SpinContent, AnythingMayBeStatedOverTheLock) {
  const Spin app(R"(
app = "p"
metadata = { name = "q" }
lock = { spin_lock_version = 7, must_understand = ["magic"] }
[[manifests.app.spin.components]]
id = "a"
source = { text = "not Wasm", lock = { digest = "sha256:ABC", inline = "!" } }
files = { x = { text = "x", lock = { path = "../x" } } }
lock = { trigger_dependencies = { middleware = [] } }
[[manifests.app.spin.components]]
id = "a"
lock = { id = { "$size" = "app.a.wasm" } }
)");
  EXPECT_EQ(app.problems(), "");
  const json lock = app.Lock();
  EXPECT_EQ(lock["spin_lock_version"], 7);
  EXPECT_EQ(lock["metadata"]["name"], "q");
  EXPECT_EQ(lock["must_understand"], json::array({"magic"}));
  const json& first = lock["components"][0];
  EXPECT_EQ(
      first["source"],
      (json{{"content_type", "application/wasm"}, {"digest", "sha256:ABC"}, {"inline", "!"}}));
  EXPECT_EQ(first["files"][0]["path"], "../x");
  EXPECT_TRUE(first.contains("trigger_dependencies"));
  EXPECT_EQ(lock["components"][1]["id"], 8);
}

TEST(SpinContent, TheLockAndTheLayersMayBeStatedWhole) {
  const Spin app(R"(
app = "p"
lock = "l"
config = { os = "linux" }
config_type = "x/y"
layers = ["l", { ref = "l", type = "z/z" }, "app.a.wasm"]
annotations = { mine = "1", "org.opencontainers.image.title" = "t" }
components.a = {}
)",
                 "blobs.l.text = \"{}\"\n");
  EXPECT_EQ(app.Lock("l"), json::object());
  EXPECT_THAT(app.LayerTypes(), ElementsAre("application/octet-stream", "z/z", kWasm));
  EXPECT_EQ(app.Config()["os"], "linux");
  EXPECT_EQ(app.Manifest()["config"]["mediaType"], "x/y");
  EXPECT_EQ(app.Manifest()["annotations"],
            (json{{"mine", "1"}, {"org.opencontainers.image.title", "t"}}));
}

TEST(SpinContent, SizesInACircleSettle) {
  // The lock states the size of the manifest that holds it.
  const Spin app(
      "app = \"p\"\nlock = { x = { \"$size\" = \"app\" } }\ncomponents = { a = {}, b = {} }\n");
  EXPECT_EQ(app.Lock()["x"], app.BytesOf("app").size());
}

struct Refused {
  const char* name;
  const char* toml;
  const char* problem;
};

class SpinRefuses : public testing::TestWithParam<Refused> {};

TEST_P(SpinRefuses, WithItsPlace) {
  const Spin app(GetParam().toml);
  EXPECT_THAT(app.problems(), HasSubstr(GetParam().problem));
}

INSTANTIATE_TEST_SUITE_P(
    Slips, SpinRefuses,
    testing::Values(
        Refused{"NoName", "components = {}", "has no `app` [model.missing-member]"},
        Refused{"NoComponents", "app = \"p\"", "has no `components` [model.missing-member]"},
        Refused{"Misspelt", "app = \"p\"\ncomponents.a = { enviroment = {} }",
                "did you mean `environment`?"},
        Refused{"MisspeltTop", "app = \"p\"\ncomponents = {}\nfoo = 1", "[model.unknown-member]"},
        Refused{"UnsafePath", "app = \"p\"\ncomponents.a.files = { \"../x\" = \"\" }",
                "case.toml:6:24: error: `../x` is no plain relative path [content.spin-path]"},
        Refused{"Backslash", "app = \"p\"\ncomponents.a.files = { 'a\\b' = \"\" }",
                "[content.spin-path]"},
        Refused{"VariableOfNeither", "app = \"p\"\ncomponents = {}\nvariables.x = {}",
                "must be required or have a default [content.spin-variable]"},
        Refused{"VariableOfBoth",
                "app = \"p\"\ncomponents = {}\nvariables.x = { default = \"\", required = true }",
                "[content.spin-variable]"},
        Refused{"UnknownBlob", "app = \"p\"\ncomponents.a.source = { blob = \"w\" }",
                "there is no blob or manifest `w` [content.unknown-name]"},
        Refused{"UnknownLock", "app = \"p\"\nlock = \"w\"\ncomponents.a = {}",
                "there is no blob or manifest `w` [content.unknown-name]"},
        Refused{"UnknownInLock",
                "app = \"p\"\nlock = { x = { \"$digest\" = \"w\" } }\ncomponents.a = {}",
                "there is no blob or manifest `w` [content.unknown-name]"},
        Refused{"LockOfAFile", "app = \"p\"\ncomponents.a.files.x = { text = \"\", lock = 1 }",
                "must be a table, not an integer [model.kind]"},
        Refused{"Components", "app = \"p\"\ncomponents = 1", "[model.kind]"},
        Refused{"Triggers", "app = \"p\"\ncomponents.a.triggers = [1]", "[model.kind]"},
        Refused{"Inherit", "app = \"p\"\ncomponents.a.dependencies.d.inherit = 1", "[model.kind]"},
        Refused{"OwnDigest",
                "app = \"p\"\nlock = { x = { \"$digest\" = \"app\" } }\ncomponents.a = {}",
                "content cannot hold its own digest"}),
    [](const auto& test) { return test.param.name; });

TEST(SpinContent, TakesNamesThatNobodyElseHas) {
  const Spin app("app = \"p\"\ncomponents.a = {}\n", "blobs.\"app.lock\" = \"\"\n");
  EXPECT_THAT(app.problems(), HasSubstr("`app.lock` names two blobs, one of which comes with a "
                                        "manifest [content.duplicate-name]"));
}

TEST(SpinContent, NamesStayWords) {
  const Spin app("app = \"p\"\ncomponents.a.files.\"" + std::string(130, 'x') + "\" = \"\"\n");
  EXPECT_THAT(app.problems(), HasSubstr("[content.spin-path]"));
  const Spin longer("app = \"p\"\ncomponents.a.files.\"" + std::string(99, 'x') + "/" +
                    std::string(40, 'y') + "\" = \"\"\n");
  EXPECT_THAT(longer.problems(), HasSubstr("which is longer than 128 bytes [content.name]"));
}

TEST(SpinContent, StatedIsNotNeedlesslyMarked) {
  const Loaded marked = Load(
      "[manifests.app]\nlie = { why = \"w\" }\nspin = { app = \"p\", lock = { x = 1 }, "
      "components = {} }\n");
  EXPECT_THAT(marked.problems, IsEmpty());
}

}  // namespace
}  // namespace pullproof::mockregistry::content
