// One Wasm component as an artifact: what it expands to.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/mockregistry/content/loaded.h"

namespace pullproof::mockregistry::content {
namespace {

using nlohmann::json;

json Of(const Loaded& loaded, const std::string& name) {
  if (!loaded.content) return loaded.problems;
  return json::parse(loaded.BytesOf(name));
}

TEST(WasmPackage, IsAnArtifactOfOneLayer) {
  const Loaded loaded = Load(
      "[manifests.pkg.wasm_package]\nauthor = \"me\"\ntitle = \"x.wasm\"\nexports = [\"a:b/c\"]\n"
      "annotations = { k = \"v\" }\n");
  EXPECT_EQ(loaded.problems, "");
  const json manifest = Of(loaded, "pkg");
  EXPECT_EQ(manifest["mediaType"], "application/vnd.oci.image.manifest.v1+json");
  EXPECT_EQ(manifest["config"]["mediaType"], "application/vnd.wasm.config.v0+json");
  EXPECT_EQ(manifest["annotations"], (json{{"k", "v"}}));
  EXPECT_EQ(manifest["layers"],
            (json{{{"mediaType", "application/wasm"},
                   {"digest", loaded.DigestOf("pkg.wasm")},
                   {"size", 8 + 3 + 5 + 1024},
                   {"annotations", {{"org.opencontainers.image.title", "x.wasm"}}}}}));
  EXPECT_EQ(Of(loaded, "pkg.config"),
            (json{{"created", "1970-01-01T00:00:00Z"},
                  {"author", "me"},
                  {"architecture", "wasm"},
                  {"os", "wasip2"},
                  {"layerDigests", {loaded.DigestOf("pkg.wasm")}},
                  {"component", {{"exports", {"a:b/c"}}, {"imports", json::array()}}}}));
}

TEST(WasmPackage, ACoreModuleSaysSo) {
  const Loaded loaded =
      Load("manifests.pkg.wasm_package = { source = { wasm = \"empty-core\" } }\n");
  const json config = Of(loaded, "pkg.config");
  EXPECT_EQ(config["os"], "wasip1");
  EXPECT_FALSE(config.contains("component"));
}

TEST(WasmPackage, MayBeWrong) {
  const Loaded loaded = Load(
      "blobs.w = \"not Wasm\"\n[manifests.pkg.wasm_package]\nsource = { blob = \"w\" }\n"
      "config = { os = \"linux\" }\nconfig_type = \"a/b\"\nlayers = [\"w\", \"w\"]\n");
  EXPECT_EQ(loaded.problems, "");
  const json manifest = Of(loaded, "pkg");
  EXPECT_EQ(manifest["config"]["mediaType"], "a/b");
  EXPECT_EQ(manifest["layers"].size(), 2U);
  EXPECT_EQ(Of(loaded, "pkg.config")["os"], "linux");
}

TEST(WasmPackage, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(Load("manifests.pkg.wasm_package = { expots = [] }\n").problems,
              testing::HasSubstr("did you mean `exports`?"));
  EXPECT_THAT(Load("manifests.pkg.wasm_package = 1\n").problems,
              testing::HasSubstr("[model.kind]"));
}

}  // namespace
}  // namespace pullproof::mockregistry::content
