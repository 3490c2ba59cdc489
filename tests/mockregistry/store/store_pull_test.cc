// What a store serves of a fixture before anybody pushed.
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mockregistry/content/content.h"
#include "mockregistry/store/store.h"
#include "oci/media_type.h"

namespace pullproof::mockregistry::store {
namespace {

using oci::Digest;
using testing::ElementsAre;
using testing::IsEmpty;

content::Blob BlobOf(std::string name, const std::string& bytes) {
  return {.name = std::move(name),
          .media_type = "application/octet-stream",
          .digest = Digest::Of(bytes),
          .bytes = content::FromString(bytes)};
}

content::StoredManifest ManifestOf(std::string name, const std::string& bytes) {
  return {.name = std::move(name),
          .media_type = std::string(oci::media::kImageManifest),
          .digest = Digest::Of(bytes),
          .bytes = bytes,
          .hashes_to = Digest::Of(bytes),
          .children = {},
          .subject = std::nullopt};
}

std::string DescriptorOf(const std::string& bytes, const std::string& artifact_type) {
  return R"({"artifactType":")" + artifact_type + R"(","digest":")" + Digest::Of(bytes).ToString() +
         R"("})";
}

class StorePullTest : public testing::Test {
 protected:
  StorePullTest() {
    content_.blobs = {BlobOf("layer", "the layer"), BlobOf("loose", "nobody's")};
    content_.manifests = {ManifestOf("app", "app bytes"),
                          ManifestOf("signature", "signature bytes"),
                          ManifestOf("truth", "true bytes"), ManifestOf("lie", "other bytes")};
    content_.manifests[3].digest = Digest::Of("true bytes");
    content_.repositories = {{.name = "lib/app",
                              .tags = {{"1.0", "app"}, {"latest", "app"}},
                              .manifests = {"app", "signature"},
                              .blobs = {"layer", "loose"}},
                             {.name = "lib/lies",
                              .tags = {{"lie", "lie"}, {"truth", "truth"}},
                              .manifests = {"truth", "lie"},
                              .blobs = {}},
                             {.name = "empty", .tags = {}, .manifests = {}, .blobs = {}}};
    content_.referrers = {
        {"app",
         {DescriptorOf("signature bytes", "a/sig"), DescriptorOf("stored nowhere", "a/ghost"),
          DescriptorOf("stored nowhere", "a/ghost")}}};
  }

  content::Content content_;
};

TEST_F(StorePullTest, KnowsItsRepositories) {
  const Store store(content_);
  EXPECT_TRUE(store.HasRepository("lib/app"));
  EXPECT_TRUE(store.HasRepository("empty"));
  EXPECT_FALSE(store.HasRepository("lib"));
  EXPECT_FALSE(store.HasRepository(""));
  EXPECT_THAT(store.Repositories({}, 9).names, ElementsAre("empty", "lib/app", "lib/lies"));
}

TEST_F(StorePullTest, SharesTheBytesOfBlobs) {
  const Store store(content_);
  const BlobPtr layer = store.FindBlob("lib/app", Digest::Of("the layer").ToString());
  ASSERT_NE(layer, nullptr);
  EXPECT_EQ(layer->bytes, content_.blobs[0].bytes);  // shared
  EXPECT_EQ(layer->digest_text, Digest::Of("the layer").ToString());
  EXPECT_EQ(layer->etag, "\"" + layer->digest_text + "\"");
  EXPECT_NE(store.FindBlob("lib/app", Digest::Of("nobody's").ToString()), nullptr);
}

TEST_F(StorePullTest, KeepsRepositoriesApart) {
  const Store store(content_);
  EXPECT_EQ(store.FindBlob("empty", Digest::Of("the layer").ToString()), nullptr);
  EXPECT_EQ(store.FindBlob("nowhere", Digest::Of("the layer").ToString()), nullptr);
  EXPECT_EQ(store.FindManifest("empty", "1.0"), nullptr);
  EXPECT_EQ(store.FindManifest("empty", Digest::Of("app bytes").ToString()), nullptr);
}

TEST_F(StorePullTest, FindsManifestsByTagAndDigest) {
  const Store store(content_);
  const ManifestPtr by_tag = store.FindManifest("lib/app", "1.0");
  ASSERT_NE(by_tag, nullptr);
  EXPECT_EQ(content::ReadAll(*by_tag->bytes), "app bytes");
  EXPECT_EQ(by_tag->media_type, oci::media::kImageManifest);
  EXPECT_EQ(by_tag, store.FindManifest("lib/app", by_tag->digest_text));
  EXPECT_EQ(store.FindManifest("lib/app", "2.0"), nullptr);
  EXPECT_EQ(store.FindManifest("lib/app", ""), nullptr);
}

TEST_F(StorePullTest, NamesWhatItServes) {
  const Store store(content_);
  EXPECT_EQ(store.NameOf("lib/app", "latest"), "app");
  EXPECT_EQ(store.NameOf("lib/app", Digest::Of("app bytes").ToString()), "app");
  EXPECT_EQ(store.NameOf("lib/app", Digest::Of("the layer").ToString()), "layer");
  EXPECT_EQ(store.NameOf("lib/app", Digest::Of("true bytes").ToString()), "");
}

TEST_F(StorePullTest, ServesALieByTagAndTheFirstOneByDigest) {
  const Store store(content_);
  const std::string digest = Digest::Of("true bytes").ToString();
  EXPECT_EQ(content::ReadAll(*store.FindManifest("lib/lies", "lie")->bytes), "other bytes");
  EXPECT_EQ(store.FindManifest("lib/lies", "lie")->digest_text, digest);
  EXPECT_EQ(content::ReadAll(*store.FindManifest("lib/lies", "truth")->bytes), "true bytes");
  EXPECT_EQ(store.NameOf("lib/lies", digest), "truth");
}

TEST_F(StorePullTest, ListsReferrersWhereTheyAreStoredAndLiesWhereTheirSubjectIs) {
  const Store store(content_);
  const std::string subject = Digest::Of("app bytes").ToString();
  const ReferrerQuery all{
      .artifact_type = std::nullopt, .after = 0, .count = 10, .max_bytes = 10'000};
  EXPECT_THAT(store.Referrers("lib/app", subject, all).descriptors,
              ElementsAre(DescriptorOf("signature bytes", "a/sig"),
                          DescriptorOf("stored nowhere", "a/ghost"),
                          DescriptorOf("stored nowhere", "a/ghost")));
  EXPECT_THAT(store.Referrers("empty", subject, all).descriptors, IsEmpty());
  EXPECT_THAT(store.Referrers("nowhere", subject, all).descriptors, IsEmpty());
}

struct PageCase {
  std::string name;
  std::string last;
  std::uint64_t count;
  std::vector<std::string> names;
  bool more;
};

class TagPages : public testing::TestWithParam<PageCase> {};

TEST_P(TagPages, AreCutInByteOrder) {
  content::Content content;
  content.manifests = {ManifestOf("app", "app bytes")};
  content.repositories = {{.name = "r",
                           .tags = {{"v10", "app"}, {"B", "app"}, {"a", "app"}, {"v9", "app"}},
                           .manifests = {"app"},
                           .blobs = {}}};
  const Store store(content);
  const auto page = store.Tags("r", GetParam().last, GetParam().count);
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->names, GetParam().names);
  EXPECT_EQ(page->more, GetParam().more);
}

using Names = std::vector<std::string>;
INSTANTIATE_TEST_SUITE_P(
    All, TagPages,
    testing::Values(PageCase{"Whole", "", 100, Names{"B", "a", "v10", "v9"}, false},
                    PageCase{"ExactlyFull", "", 4, Names{"B", "a", "v10", "v9"}, false},
                    PageCase{"FirstPage", "", 2, Names{"B", "a"}, true},
                    PageCase{"NextPage", "a", 2, Names{"v10", "v9"}, false},
                    PageCase{"AfterAnAbsentTag", "b", 1, Names{"v10"}, true},
                    PageCase{"AfterTheEnd", "z", 2, Names{}, false},
                    PageCase{"NothingAskedFor", "", 0, Names{}, false}),
    [](const auto& parameter) { return parameter.param.name; });

TEST(StoreTags, OfAnUnknownRepositoryAreNone) {
  const content::Content content;
  EXPECT_FALSE(Store(content).Tags("nowhere", "", 1).has_value());
}

TEST(StoreTags, OfARepositoryWithoutTagsAreAnEmptyPage) {
  content::Content content;
  content.repositories = {{.name = "empty", .tags = {}, .manifests = {}, .blobs = {}}};
  const auto page = Store(content).Tags("empty", "", 5);
  ASSERT_TRUE(page.has_value());
  EXPECT_THAT(page->names, IsEmpty());
  EXPECT_FALSE(page->more);
}

}  // namespace
}  // namespace pullproof::mockregistry::store
