#include <algorithm>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oci/manifest.h"
#include "oci/media_type.h"
#include "resolver/resolver.h"
#include "tests/resolver/testing/fake_registry.h"

namespace pullproof::resolver {
namespace {

namespace media = oci::media;
using testing::ArtifactBuilder;
using testing::DescriptorJson;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class PullTest : public ::testing::Test {
 protected:
  PullTest() : directory_(*TemporaryDirectory::Create("pullproof-pull")) {}

  Result<void> Run(const std::string& reference, std::optional<std::string> platform = {}) {
    PullOptions options{.reference = *oci::Reference::Parse(reference),
                        .platform = std::nullopt,
                        .layout = layout()};
    if (platform) options.platform = *oci::Platform::Parse(*platform);
    return Pull(options,
                {.transport = &registry_, .clock = &clock_, .files = &files_, .registries = {}});
  }

  // An image of one layer, in the registry; its manifest's text.
  std::string Image(const std::string& layer) {
    registry_.AddBlob("{}");
    registry_.AddBlob(layer);
    std::string manifest =
        fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{}]}})",
                    media::kImageManifest, DescriptorJson(media::kImageConfig, "{}"),
                    DescriptorJson(media::kImageLayer, layer));
    registry_.AddManifest(manifest, std::string(media::kImageManifest));
    return manifest;
  }

  static std::string Entry(std::string_view type, std::string_view bytes, std::string_view os,
                           std::string_view architecture) {
    std::string entry = DescriptorJson(type, bytes);
    if (os.empty()) return entry;
    entry.insert(entry.size() - 1,
                 fmt::format(R"(,"platform":{{"os":"{}","architecture":"{}"}})", os, architecture));
    return entry;
  }

  std::string Index(const std::vector<std::string>& entries, const std::string& tag = {}) {
    std::string index = fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}})",
                                    media::kImageIndex, fmt::join(entries, ","));
    registry_.AddManifest(index, std::string(media::kImageIndex), tag);
    return index;
  }

  [[nodiscard]] std::filesystem::path layout() const { return directory_.path() / "layout"; }
  std::string Text(const std::filesystem::path& path) {
    return files_.Read(layout() / path, 1 << 20).value_or("(absent)");
  }
  std::string Blob(std::string_view bytes) {
    return "blobs/sha256/" + oci::Digest::Of(bytes).hex();
  }

  TemporaryDirectory directory_;
  SystemFileSystem files_;
  ManualClock clock_;
  testing::FakeRegistry registry_;
};

TEST_F(PullTest, WritesAnImageLayout) {
  const std::string style(500, 's');
  const oci::Digest digest = ArtifactBuilder(registry_)
                                 .Layer(media::kWasmLayer, "wasm")
                                 .Layer(media::kWasmData, style)
                                 .Layer(media::kWasmData, style)
                                 .Push("v1");
  const auto pulled = Run("127.0.0.1:5000/lib/app:v1");
  ASSERT_TRUE(pulled.has_value()) << Describe(pulled.error());
  EXPECT_EQ(Text("oci-layout"), R"({"imageLayoutVersion":"1.0.0"})");
  EXPECT_EQ(Text(Blob("wasm")), "wasm");
  EXPECT_EQ(Text(Blob(style)), style);
  EXPECT_THAT(*files_.List(layout() / "blobs/sha256"), SizeIs(4));
  EXPECT_EQ(Text("index.json"),
            fmt::format(R"({{
  "schemaVersion": 2,
  "mediaType": "application/vnd.oci.image.index.v1+json",
  "manifests": [
    {{
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "digest": "{}",
      "size": {},
      "annotations": {{
        "org.opencontainers.image.ref.name": "v1"
      }}
    }}
  ]
}})",
                        digest.ToString(), Text("blobs/sha256/" + digest.hex()).size()));
  // The manifest, the config, and each blob once.
  EXPECT_THAT(registry_.Requests(), SizeIs(4));
}

TEST_F(PullTest, AddsToALayoutAndMovesItsNames) {
  registry_.AddManifest(Image("one"), std::string(media::kImageManifest), "v1");
  ASSERT_TRUE(Run("127.0.0.1:5000/lib/app:v1").has_value());
  registry_.AddManifest(Image("two"), std::string(media::kImageManifest), "v2");
  ASSERT_TRUE(Run("127.0.0.1:5000/lib/app:v2").has_value());
  const oci::Digest two = oci::Digest::Of(Image("two"));
  ASSERT_TRUE(Run("127.0.0.1:5000/lib/app@" + two.ToString()).has_value());
  ASSERT_TRUE(Run("127.0.0.1:5000/lib/app@" + two.ToString()).has_value());
  registry_.AddManifest(Image("two"), std::string(media::kImageManifest), "v1");
  ASSERT_TRUE(Run("127.0.0.1:5000/lib/app:v1").has_value());
  const auto index = std::get<oci::Index>(
      *oci::ParseManifest(Text("index.json"), media::kImageIndex, "index.json"));
  ASSERT_THAT(index.manifests, SizeIs(3));  // v2, the nameless one, v1
  for (const oci::Descriptor& entry : index.manifests) EXPECT_EQ(entry.digest, two);
}

TEST_F(PullTest, WhatIsThereIsNotFetchedAgain) {
  registry_.AddManifest(Image("one"), std::string(media::kImageManifest), "v1");
  ASSERT_TRUE(Run("127.0.0.1:5000/lib/app:v1").has_value());
  registry_.ForgetRequests();
  ASSERT_TRUE(Run("127.0.0.1:5000/lib/app:v1").has_value());
  EXPECT_THAT(registry_.Requests(), ElementsAre("GET /v2/lib/app/manifests/v1"));
}

TEST_F(PullTest, ADamagedBlobIsFetchedAnew) {
  registry_.AddManifest(Image("one"), std::string(media::kImageManifest), "v1");
  ASSERT_TRUE(Run("127.0.0.1:5000/lib/app:v1").has_value());
  for (const char* damaged : {"onf", "longer", ""}) {
    ASSERT_TRUE(WriteFile(files_, layout() / Blob("one"), damaged).has_value());
    ASSERT_TRUE(Run("127.0.0.1:5000/lib/app:v1").has_value());
    EXPECT_EQ(Text(Blob("one")), "one");
  }
}

TEST_F(PullTest, ALyingBlobLeavesNoName) {
  registry_.AddManifest(Image("one"), std::string(media::kImageManifest), "v1");
  registry_.Corrupt(oci::Digest::Of("one"), "onf");
  const auto pulled = Run("127.0.0.1:5000/lib/app:v1");
  ASSERT_FALSE(pulled.has_value());
  EXPECT_EQ(pulled.error().id, "digest.mismatch");
  EXPECT_EQ(Text(Blob("one")), "(absent)");
  EXPECT_EQ(Text("index.json"), "(absent)");
}

TEST_F(PullTest, AnIndexLeadsToThePlatform) {
  const std::string amd64 = Image("amd64");
  const std::string arm64 = Image("arm64");
  Index({Entry(media::kImageManifest, Image("attestation"), "unknown", "unknown"),
         Entry(media::kImageManifest, arm64, "linux", "arm64"),
         Entry(media::kImageManifest, amd64, "linux", "amd64")},
        "v1");
  ASSERT_TRUE(Run("127.0.0.1:5000/lib/app:v1").has_value());
  EXPECT_EQ(Text(Blob("amd64")), "amd64");
  EXPECT_EQ(Text(Blob("arm64")), "(absent)");
  ASSERT_TRUE(Run("127.0.0.1:5000/lib/app:v1", "linux/arm64/v8").has_value());
  EXPECT_EQ(Text(Blob("arm64")), "arm64");
}

TEST_F(PullTest, AMissingPlatformListsThoseThatThereAre) {
  Index({Entry(media::kImageManifest, Image("a"), "linux", "arm64"),
         Entry(media::kImageManifest, Image("b"), "windows", "amd64")},
        "v1");
  const auto pulled = Run("127.0.0.1:5000/lib/app:v1", "linux/s390x");
  ASSERT_FALSE(pulled.has_value());
  EXPECT_EQ(pulled.error().id, "index.no-platform");
  EXPECT_EQ(pulled.error().message,
            "there is no image for linux/s390x, but linux/arm64, windows/amd64");
  EXPECT_THAT(registry_.Requests(), SizeIs(1));
}

TEST_F(PullTest, NestedIndexesAreSearched) {
  const std::string amd64 = Image("amd64");
  const std::string empty = Index({});
  const std::string inner = Index({Entry(media::kImageManifest, amd64, "linux", "amd64")});
  Index({Entry(media::kImageIndex, empty, "", ""), Entry(media::kImageIndex, inner, "", "")}, "v1");
  const auto pulled = Run("127.0.0.1:5000/lib/app:v1");
  ASSERT_TRUE(pulled.has_value()) << Describe(pulled.error());
  EXPECT_EQ(Text(Blob("amd64")), "amd64");
}

TEST_F(PullTest, NestingIsBounded) {
  std::string bytes = Image("deep");
  std::string_view type = media::kImageManifest;
  for (int depth = 1; depth <= 5; ++depth) {
    bytes =
        Index({Entry(type, bytes, depth == 1 ? "linux" : "", "amd64")}, fmt::format("d{}", depth));
    type = media::kImageIndex;
  }
  EXPECT_TRUE(Run("127.0.0.1:5000/lib/app:d4").has_value());
  EXPECT_EQ(Run("127.0.0.1:5000/lib/app:d5").error().id, "index.too-deep");
}

TEST_F(PullTest, PromisedSizesAreBoundedInSum) {
  const std::string huge = fmt::format(
      R"({{"schemaVersion":2,"config":{},"layers":[{{"mediaType":"x","digest":"{}","size":9223372036854775807}}]}})",
      DescriptorJson(media::kImageConfig, "{}"), oci::Digest::Of("x").ToString());
  registry_.AddManifest(huge, std::string(media::kImageManifest), "v1");
  EXPECT_EQ(Run("127.0.0.1:5000/lib/app:v1").error().id, "limit.image");
  EXPECT_THAT(registry_.Requests(), SizeIs(1));
}

TEST_F(PullTest, AnIndexThatIsNoneIsNotOverwritten) {
  registry_.AddManifest(Image("one"), std::string(media::kImageManifest), "v1");
  std::filesystem::create_directories(layout());
  ASSERT_TRUE(WriteFile(files_, layout() / "index.json", "precious").has_value());
  EXPECT_EQ(Run("127.0.0.1:5000/lib/app:v1").error().id, "json.syntax");
  EXPECT_EQ(Text("index.json"), "precious");
}

}  // namespace
}  // namespace pullproof::resolver
