#include "resolver/sources/artifacts.h"

#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oci/media_type.h"
#include "tests/resolver/testing/fake_registry.h"

namespace pullproof::resolver::sources {
namespace {

using resolver::testing::ArtifactBuilder;
using resolver::testing::DescriptorJson;
using resolver::testing::FakeRegistry;
using resolver::testing::TarGz;
using resolver::testing::WasmBytes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string DigestOf(std::string_view bytes) { return oci::Digest::Of(bytes).ToString(); }

std::string LockOf(std::string_view wasm, std::string_view files = "") {
  return fmt::format(
      R"({{"spin_lock_version":0,"triggers":[],"components":[{{"id":"a",)"
      R"("source":{{"content_type":"application/wasm","digest":"{}"}},"files":[{}]}}]}})",
      DigestOf(wasm), files);
}

class ArtifactsTest : public ::testing::Test {
 protected:
  ArtifactsTest()
      : directory_(*TemporaryDirectory::Create("pullproof-artifacts")),
        client_(registry_, clock_, {}),
        cache_(files_, directory_.path()),
        online_(&client_, cache_),
        offline_(nullptr, cache_) {}

  static oci::Reference Ref(const std::string& text) { return *oci::Reference::Parse(text); }
  const oci::Reference tagged_ = Ref("127.0.0.1:5000/lib/app:v1");

  TemporaryDirectory directory_;
  SystemFileSystem files_;
  ManualClock clock_;
  FakeRegistry registry_;
  registry_client::RegistryClient client_;
  cache::Cache cache_;
  Artifacts online_;
  Artifacts offline_;
};

TEST_F(ArtifactsTest, AColdOpenAsksForTheManifestAndTheLockOnly) {
  const std::string lock = LockOf(WasmBytes());
  ArtifactBuilder(registry_).Layer(oci::media::kWasmLayer, WasmBytes()).Lock(lock).Push("v1");
  const auto opened = online_.Open(tagged_, Artifacts::Contents::kWithLock);
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  EXPECT_EQ(opened->app->components.at(0).id, "a");
  EXPECT_THAT(registry_.Requests(), ElementsAre("GET /v2/lib/app/manifests/v1",
                                                "GET /v2/lib/app/blobs/" + DigestOf(lock)));
}

TEST_F(ArtifactsTest, APinnedOpenIsFreeWhenWarm) {
  const oci::Digest digest = ArtifactBuilder(registry_)
                                 .Layer(oci::media::kWasmLayer, WasmBytes())
                                 .Lock(LockOf(WasmBytes()))
                                 .Push("v1");
  ASSERT_TRUE(online_.Open(tagged_, Artifacts::Contents::kWithLock).has_value());
  registry_.ForgetRequests();
  const oci::Reference pinned = tagged_.WithDigest(digest);
  EXPECT_TRUE(online_.Open(pinned, Artifacts::Contents::kWithLock).has_value());
  EXPECT_TRUE(offline_.Open(pinned, Artifacts::Contents::kWithLock).has_value());
  EXPECT_THAT(registry_.Requests(), IsEmpty());
}

TEST_F(ArtifactsTest, OfflineTellsWhyItCannot) {
  const auto tagged = offline_.Open(tagged_, Artifacts::Contents::kManifestOnly);
  EXPECT_EQ(tagged.error().id, "cache.offline");
  EXPECT_THAT(tagged.error().hint, HasSubstr("pin the digest"));
  const auto pinned =
      offline_.Open(tagged_.WithDigest(oci::Digest::Of("x")), Artifacts::Contents::kManifestOnly);
  EXPECT_EQ(pinned.error().id, "cache.offline");
  EXPECT_THAT(pinned.error().hint, HasSubstr("without --offline"));
}

TEST_F(ArtifactsTest, TheOldGenerationHasItsLockAsConfig) {
  for (const std::string_view type : {oci::media::kSpinLock, oci::media::kImageConfig}) {
    ArtifactBuilder(registry_)
        .Layer(oci::media::kWasmLayer, WasmBytes())
        .Config(type, LockOf(WasmBytes()))
        .Push("v1");
    const auto opened = online_.Open(tagged_, Artifacts::Contents::kWithLock);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    EXPECT_EQ(opened->app->components.size(), 1U);
  }
}

TEST_F(ArtifactsTest, AnImageIsNoSpinApplication) {
  ArtifactBuilder(registry_).Layer(oci::media::kImageLayerGzip, "x").Push("v1");
  EXPECT_EQ(online_.Open(tagged_, Artifacts::Contents::kWithLock).error().id, "artifact.not-spin");
}

TEST_F(ArtifactsTest, FilesOfAnArchiveLayerAreUnpackedIntoTheCache) {
  const std::string archive = TarGz({{"./a.txt", "in the archive", '0'}, {"./b", "unused", '0'}});
  ArtifactBuilder(registry_)
      .Layer(oci::media::kWasmLayer, WasmBytes())
      .Layer(oci::media::kWasmBundle, archive)
      .Lock(LockOf(WasmBytes(),
                   fmt::format(R"({{"path":"a.txt","digest":"{}"}})", DigestOf("in the archive"))))
      .Push("v1");
  const auto opened = online_.Open(tagged_, Artifacts::Contents::kWithLock);
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  EXPECT_EQ(*cache_.Read(cache::Shelf::kData, oci::Digest::Of("in the archive"), 100),
            "in the archive");
  EXPECT_FALSE(*cache_.Has(cache::Shelf::kData, oci::Digest::Of("unused")));
}

TEST_F(ArtifactsTest, WhatIsInNoArchiveIsForeign) {
  ArtifactBuilder(registry_)
      .Layer(oci::media::kWasmLayer, WasmBytes())
      .Layer(oci::media::kWasmBundle, TarGz({{"a", "something else", '0'}}))
      .Lock(LockOf(WasmBytes(), fmt::format(R"({{"path":"a","digest":"{}"}})", DigestOf("mine"))))
      .Push("v1");
  // Even when another package left it in the cache.
  ASSERT_TRUE(cache_.Put(cache::Shelf::kData, oci::Digest::Of("mine"), "mine").has_value());
  EXPECT_EQ(online_.Open(tagged_, Artifacts::Contents::kWithLock).error().id,
            "artifact.foreign-digest");
}

TEST_F(ArtifactsTest, AnIndexLeadsToItsWasmEntry) {
  const std::string manifest =
      fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{}]}})",
                  oci::media::kImageManifest, DescriptorJson(oci::media::kImageConfig, "{}"),
                  DescriptorJson(oci::media::kWasmLayer, WasmBytes()));
  registry_.AddManifest(manifest, std::string(oci::media::kImageManifest));
  std::string child = DescriptorJson(oci::media::kImageManifest, manifest);
  child.insert(child.size() - 1, R"(,"platform":{"os":"wasi","architecture":"wasm"})");
  const oci::Digest top = registry_.AddManifest(
      fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}})",
                  oci::media::kImageIndex, child),
      std::string(oci::media::kImageIndex), "v1");
  const auto opened = online_.Open(tagged_, Artifacts::Contents::kManifestOnly);
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  EXPECT_EQ(opened->digest, top);
  EXPECT_EQ(opened->manifest.layers.size(), 1U);
}

TEST_F(ArtifactsTest, IndexesAreFollowedFourDeep) {
  std::string child_bytes =
      fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[]}})",
                  oci::media::kImageManifest, DescriptorJson(oci::media::kImageConfig, "{}"));
  std::string_view child_type = oci::media::kImageManifest;
  registry_.AddManifest(child_bytes, std::string(child_type));
  for (int depth = 1; depth <= 5; ++depth) {
    child_bytes = fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}})",
                              oci::media::kImageIndex, DescriptorJson(child_type, child_bytes));
    child_type = oci::media::kImageIndex;
    registry_.AddManifest(child_bytes, std::string(child_type), fmt::format("d{}", depth));
  }
  EXPECT_TRUE(online_.Open(Ref("127.0.0.1:5000/lib/app:d4"), Artifacts::Contents::kManifestOnly)
                  .has_value());
  EXPECT_EQ(
      online_.Open(Ref("127.0.0.1:5000/lib/app:d5"), Artifacts::Contents::kManifestOnly).error().id,
      "index.too-deep");
}

TEST_F(ArtifactsTest, AModuleIsAWasmLayerOrASourceOfTheLock) {
  ArtifactBuilder(registry_)
      .Layer(oci::media::kWasm, WasmBytes("1"))
      .Layer(oci::media::kOctetStream, WasmBytes("2"))
      .Layer(oci::media::kWasmData, "data")
      .Lock(LockOf(WasmBytes("2")))
      .Push("v1");
  const Artifact artifact = *online_.Open(tagged_, Artifacts::Contents::kManifestOnly);
  EXPECT_TRUE(online_.Module(artifact, oci::Digest::Of(WasmBytes("1"))).has_value());
  EXPECT_TRUE(online_.Module(artifact, oci::Digest::Of(WasmBytes("2"))).has_value());
  EXPECT_EQ(online_.Module(artifact, oci::Digest::Of("data")).error().id, "artifact.not-wasm");
  EXPECT_EQ(online_.Module(artifact, oci::Digest::Of("x")).error().id, "artifact.foreign-digest");
}

TEST_F(ArtifactsTest, AWasmPackageNeedsNoLock) {
  ArtifactBuilder(registry_)
      .Config(oci::media::kWasmConfig, R"({"architecture":"wasm","os":"wasip2"})")
      .Layer(oci::media::kWasm, WasmBytes())
      .Push("v1");
  const Artifact artifact = *online_.Open(tagged_, Artifacts::Contents::kManifestOnly);
  EXPECT_TRUE(online_.Module(artifact, oci::Digest::Of(WasmBytes())).has_value());
  EXPECT_EQ(online_.Open(tagged_, Artifacts::Contents::kWithLock).error().id, "artifact.not-spin");
}

class FetchTest : public ArtifactsTest {
 protected:
  Wanted Want(std::string_view bytes, std::uint64_t size) {
    return {tagged_,
            {.media_type = std::string(oci::media::kWasmData),
             .digest = oci::Digest::Of(bytes),
             .size = size,
             .urls = {},
             .annotations = {},
             .data = std::nullopt,
             .platform = std::nullopt,
             .artifact_type = {}},
            cache::Shelf::kData};
  }
};

TEST_F(FetchTest, BringsWhatIsMissing) {
  registry_.AddBlob("one");
  registry_.AddBlob("two");
  ASSERT_TRUE(cache_.Put(cache::Shelf::kData, oci::Digest::Of("two"), "two").has_value());
  ASSERT_TRUE(online_.Fetch({Want("one", 3), Want("two", 3)}).has_value());
  EXPECT_EQ(*cache_.Read(cache::Shelf::kData, oci::Digest::Of("one"), 10), "one");
  EXPECT_THAT(registry_.Requests(), ElementsAre("GET /v2/lib/app/blobs/" + DigestOf("one")));
}

TEST_F(FetchTest, ADamagedEntryIsFetchedAnew) {
  registry_.AddBlob("one");
  const oci::Digest digest = oci::Digest::Of("one");
  ASSERT_TRUE(cache_.Put(cache::Shelf::kData, digest, "one").has_value());
  ASSERT_TRUE(WriteFile(files_, cache_.PathOf(cache::Shelf::kData, digest), "onf").has_value());
  ASSERT_TRUE(online_.Fetch({Want("one", 3)}).has_value());
  EXPECT_EQ(*cache_.Read(cache::Shelf::kData, digest, 10), "one");
}

TEST_F(FetchTest, WhatHashesToSomethingElseIsNotKept) {
  registry_.Corrupt(registry_.AddBlob("one"), "onf");
  EXPECT_EQ(online_.Fetch({Want("one", 3)}).error().id, "digest.mismatch");
  EXPECT_TRUE(files_.List(directory_.path() / "registry" / "data")->empty());
}

TEST_F(FetchTest, PromisedSizesAreBoundedInSum) {
  const std::uint64_t half = kMaxFetchBytes / 2 + 1;
  EXPECT_EQ(online_.Fetch({Want("one", half), Want("two", half)}).error().id, "limit.fetch");
  EXPECT_EQ(online_.Fetch({Want("one", UINT64_MAX)}).error().id, "limit.fetch");
  EXPECT_THAT(registry_.Requests(), IsEmpty());
}

}  // namespace
}  // namespace pullproof::resolver::sources
