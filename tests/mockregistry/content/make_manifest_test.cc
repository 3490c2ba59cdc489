// Manifests and the configs that are made for them, as bytes.
#include <string>

#include <gtest/gtest.h>

#include "tests/mockregistry/content/loaded.h"

namespace pullproof::mockregistry::content {
namespace {

// SHA-256 of "hello" and of nothing.
constexpr std::string_view kHello =
    "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

std::string Replace(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.replace(at, what.size(), by);
    at += by.size();
  }
  return text;
}

// The expected text, in which HELLO is that digest and {NAME} the digest of that content.
std::string Filled(std::string text, const Loaded& loaded,
                   std::initializer_list<std::string> names = {}) {
  for (const std::string& name : names)
    text = Replace(text, "{" + name + "}", loaded.DigestOf(name));
  return Replace(std::move(text), "HELLO", std::string(kHello));
}

TEST(Manifest, AnImageHasADefaultConfig) {
  const Loaded loaded =
      Load("blobs.b = \"hello\"\nmanifests.m = { image = { layers = [\"b\"] } }\n");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_EQ(loaded.BytesOf("m.config"),
            Filled(R"({"architecture":"amd64","os":"linux",)"
                   R"("rootfs":{"diff_ids":["HELLO"],"type":"layers"}})",
                   loaded));
  EXPECT_EQ(
      loaded.BytesOf("m"),
      Filled(R"({"config":{"digest":"{m.config}","mediaType":"application/vnd.oci.image.config.v1)"
             R"(+json","size":151},"layers":[{"digest":"HELLO","mediaType":"application/octet-)"
             R"(stream","size":5}],"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
             R"("schemaVersion":2})",
             loaded, {"m.config"}));
  const Blob& config = *loaded.content->FindBlob("m.config");
  EXPECT_EQ(config.media_type, "application/vnd.oci.image.config.v1+json");
  EXPECT_EQ(loaded.content->FindManifest("m")->media_type,
            "application/vnd.oci.image.manifest.v1+json");
}

TEST(Manifest, AStatedConfigIsLaidOverTheDefault) {
  const Loaded loaded = Load(R"(
blobs.b = "hello"
[manifests.m.image]
layers = ["b"]
config = { os = "windows", rootfs = {}, Labels = { d = { "$digest" = "b" } } }
)");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_EQ(loaded.BytesOf("m.config"),
            Filled(R"({"Labels":{"d":"HELLO"},"architecture":"amd64","os":"windows","rootfs":{}})",
                   loaded));
}

TEST(Manifest, AConfigMayBeABlobOfAnyType) {
  const Loaded loaded = Load(R"(
blobs.empty = "{}"
blobs.b     = "hello"
[manifests.m.image]
config       = "empty"
config_type  = "application/vnd.oci.empty.v1+json"
layers       = [ { ref = "b", type = "text/plain" } ]
artifactType = "application/vnd.example"
)");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_EQ(
      loaded.BytesOf("m"),
      Filled(R"({"artifactType":"application/vnd.example","config":{"digest":"{empty}",)"
             R"("mediaType":"application/vnd.oci.empty.v1+json","size":2},"layers":[{"digest":)"
             R"("HELLO","mediaType":"text/plain","size":5}],)"
             R"("mediaType":"application/vnd.oci.image.manifest.v1+json","schemaVersion":2})",
             loaded, {"empty"}));
  EXPECT_EQ(loaded.content->FindBlob("m.config"), nullptr);
  EXPECT_EQ(loaded.content->FindManifest("m")->children, (std::vector<std::string>{"empty", "b"}));
}

TEST(Manifest, LayersSayWhatIsStated) {
  const Loaded loaded = Load(R"(
blobs.l = { layer = 0 }
blobs.t = { tar = { files = {} } }
[manifests.m.image]
layers = ["l", "t", { ref = "t", annotations = { z = "1", a = "2" }, platform = "linux/arm/v7" }]
)");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  const std::string bytes = loaded.BytesOf("m");
  const std::string layers = bytes.substr(bytes.find("\"layers\""));
  EXPECT_EQ(layers,
            Filled(R"("layers":[)"
                   R"({"digest":"{l}","mediaType":"application/vnd.oci.image.layer.v1.tar",)"
                   R"("size":1536},)"
                   R"({"digest":"{t}","mediaType":"application/vnd.oci.image.layer.v1.tar",)"
                   R"("size":1024},)"
                   R"({"annotations":{"a":"2","z":"1"},"digest":"{t}",)"
                   R"("mediaType":"application/vnd.oci.image.layer.v1.tar",)"
                   R"("platform":{"architecture":"arm","os":"linux","variant":"v7"},"size":1024}],)"
                   R"("mediaType":"application/vnd.oci.image.manifest.v1+json",)"
                   R"("schemaVersion":2})",
                   loaded, {"l", "t"}));
}

TEST(Manifest, AnIndexListsManifestsWithTheirTypes) {
  const Loaded loaded = Load(R"(
[manifests]
m = { image = { layers = [] } }
n = { index = [] }
[manifests.i]
index        = [ { ref = "m", platform = "linux/amd64" }, "n" ]
annotations  = { k = "v" }
subject      = "m"
artifactType = "a/b"
)");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_EQ(loaded.BytesOf("n"), R"({"manifests":[],"mediaType":)"
                                 R"("application/vnd.oci.image.index.v1+json","schemaVersion":2})");
  EXPECT_EQ(
      loaded.BytesOf("i"),
      Filled(R"({"annotations":{"k":"v"},"artifactType":"a/b","manifests":[{"digest":"{m}",)"
             R"("mediaType":"application/vnd.oci.image.manifest.v1+json","platform":)"
             R"({"architecture":"amd64","os":"linux"},"size":247},{"digest":"{n}","mediaType":)"
             R"("application/vnd.oci.image.index.v1+json","size":88}],)"
             R"("mediaType":"application/vnd.oci.image.index.v1+json","schemaVersion":2,)"
             R"("subject":{"digest":"{m}",)"
             R"("mediaType":"application/vnd.oci.image.manifest.v1+json","size":247}})",
             loaded, {"m", "n"}));
  EXPECT_EQ(loaded.content->FindManifest("i")->subject, "m");
  EXPECT_EQ(loaded.content->FindManifest("i")->children, (std::vector<std::string>{"m", "n"}));
}

TEST(Manifest, DockerHasItsOwnTypes) {
  const Loaded loaded = Load(R"(
blobs.l = { layer = 0 }
blobs.b = "x"
manifests.m = { image = { docker = true, layers = ["l", "b"] } }
manifests.i = { index = ["m"], docker = true }
)");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_EQ(
      loaded.BytesOf("m"),
      Filled(R"({"config":{"digest":"{m.config}","mediaType":)"
             R"("application/vnd.docker.container.image.v1+json","size":225},"layers":[{"digest":)"
             R"("{l}","mediaType":"application/vnd.docker.image.rootfs.diff.tar","size":1536},)"
             R"({"digest":"{b}","mediaType":"application/octet-stream","size":1}],"mediaType":)"
             R"("application/vnd.docker.distribution.manifest.v2+json","schemaVersion":2})",
             loaded, {"m.config", "l", "b"}));
  EXPECT_EQ(loaded.content->FindManifest("i")->media_type,
            "application/vnd.docker.distribution.manifest.list.v2+json");
  EXPECT_NE(loaded.BytesOf("i").find("manifest.v2+json"), std::string::npos);
}

TEST(Manifest, RawBytesAreServedAsTheyAre) {
  const Loaded loaded = Load(R"(
manifests.plain = { raw = "not { json" }
manifests.typed = { raw = "{}", type = "text/html" }
)");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_EQ(loaded.BytesOf("plain"), "not { json");
  EXPECT_EQ(loaded.content->FindManifest("plain")->media_type,
            "application/vnd.oci.image.manifest.v1+json");
  EXPECT_EQ(loaded.content->FindManifest("typed")->media_type, "text/html");
}

TEST(Manifest, AMarkedLieIsWrittenAsStated) {
  const Loaded loaded = Load(R"(
blobs.b = "hello"
[manifests.m]
lie.why      = "the size is negative, the digest a path"
image.layers = [ { ref = "b", size = -1, digest = "sha256:../../../etc/passwd" } ]
)");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_EQ(loaded.problems, "");
  EXPECT_NE(loaded.BytesOf("m").find(R"("layers":[{"digest":"sha256:../../../etc/passwd",)"
                                     R"("mediaType":"application/octet-stream","size":-1}])"),
            std::string::npos);
  // The config is true: the lie is in one place only.
  EXPECT_NE(loaded.BytesOf("m.config").find(kHello), std::string::npos);
}

TEST(Manifest, StatingTheTruthNeedsNoMark) {
  const Loaded loaded = Load(
      "blobs.b = \"hello\"\nmanifests.m.image.layers = [ { ref = \"b\", "
      "size = 5, digest = \"" +
      std::string(kHello) + "\" } ]\n");
  EXPECT_TRUE(loaded.content.has_value());
  EXPECT_EQ(loaded.problems, "");
}

// Two manifests that hold each other's sizes: each is as long as its bytes say.
TEST(Manifest, SizesInsideACycleAreTrue) {
  const Loaded loaded = Load(R"(
blobs.page = { json = { size = { "$size" = "outer" }, digest = { "$digest" = "outer" } } }
manifests.outer = { index = ["inner", "page"], lie = { served_at = "sha256:)" +
                             std::string(64, '0') + R"(" } }
manifests.inner = { index = ["outer"] }
)");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  const std::string outer = loaded.BytesOf("outer");
  const std::string inner = loaded.BytesOf("inner");
  const std::string page = loaded.BytesOf("page");
  const auto size = [](const std::string& bytes) {
    return "\"size\":" + std::to_string(bytes.size()) + "}";
  };
  EXPECT_NE(inner.find(size(outer)), std::string::npos) << inner;
  EXPECT_NE(page.find(size(outer)), std::string::npos) << page;
  EXPECT_NE(outer.find(size(inner)), std::string::npos) << outer;
  EXPECT_NE(outer.find(size(page)), std::string::npos) << outer;
  EXPECT_NE(outer.find(loaded.DigestOf("page")), std::string::npos) << outer;
}

// A stated digest breaks a circle too: the index names a child that does not exist as such.
TEST(Manifest, AStatedDigestBreaksACycle) {
  const Loaded loaded = Load(R"(
manifests.self = { index = [ { ref = "self", digest = "sha256:00" } ], lie = { why = "itself" } }
)");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  const std::string self = loaded.BytesOf("self");
  EXPECT_NE(self.find("\"size\":" + std::to_string(self.size())), std::string::npos) << self;
}

TEST(Manifest, TheOrderOfTheFileDoesNotMatter) {
  const Loaded loaded = Load(R"(
manifests.top = { index = ["app"] }
manifests.app = { image = { layers = ["lock"] } }
blobs.lock    = { json = { d = { "$digest" = "data" } } }
blobs.data    = "hello"
)");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_EQ(loaded.BytesOf("lock"), Filled(R"({"d":"HELLO"})", loaded));
  EXPECT_EQ(loaded.content->blobs[0].name, "lock");
  EXPECT_EQ(loaded.content->manifests[0].name, "top");
}

}  // namespace
}  // namespace pullproof::mockregistry::content
