// What clients change in a store.
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mockregistry/content/content.h"
#include "mockregistry/store/store.h"

namespace pullproof::mockregistry::store {
namespace {

using oci::Algorithm;
using oci::Digest;
using testing::ElementsAre;
using testing::IsEmpty;

ManifestPush PushOf(std::string bytes, std::vector<std::string> tags = {}) {
  return {.digest = Digest::Of(bytes),
          .media_type = "m/t",
          .bytes = std::move(bytes),
          .blobs = {},
          .manifests = {},
          .subject = std::nullopt,
          .descriptor = {},
          .artifact_type = {},
          .tags = std::move(tags)};
}

ManifestPush ReferrerPush(const std::string& bytes, const std::string& subject,
                          const std::string& artifact_type) {
  ManifestPush push = PushOf(bytes);
  push.subject = subject;
  push.descriptor = "{\"of\":\"" + bytes + "\"}";
  push.artifact_type = artifact_type;
  return push;
}

class StorePushTest : public testing::Test {
 protected:
  ReferrerPage Referrers(const std::string& subject,
                         std::optional<std::string> artifact_type = std::nullopt,
                         std::uint64_t after = 0, std::uint64_t count = 100,
                         std::uint64_t max_bytes = 10'000) {
    return store_.Referrers("r", subject, {std::move(artifact_type), after, count, max_bytes});
  }

  const content::Content content_;
  Store store_{content_};
};

TEST_F(StorePushTest, APushedBlobIsThereUnderEveryAlgorithm) {
  for (const Algorithm algorithm : {Algorithm::kSha256, Algorithm::kSha384, Algorithm::kSha512}) {
    const Digest digest = Digest::Of("hello", algorithm);
    ASSERT_TRUE(store_.PushBlob("r", "hello", digest).has_value());
    const BlobPtr blob = store_.FindBlob("r", digest.ToString());
    ASSERT_NE(blob, nullptr);
    EXPECT_EQ(content::ReadAll(*blob->bytes), "hello");
    EXPECT_EQ(blob->name, "");
  }
}

TEST_F(StorePushTest, AWrongDigestIsRefusedAndMakesNoRepository) {
  const auto refused = store_.PushBlob("r", "hello", Digest::Of("other"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().id, "digest.mismatch");
  EXPECT_FALSE(store_.HasRepository("r"));
  EXPECT_EQ(store_.pushed_bytes(), 0U);
}

TEST_F(StorePushTest, AnAbandonedUploadLeavesNoRepository) {
  const UploadStatus upload = store_.StartUpload("r");
  ASSERT_TRUE(store_.AppendUpload("r", upload.id, {"hello", 0, 0}).has_value());
  EXPECT_FALSE(store_.HasRepository("r"));
  EXPECT_EQ(store_.FindBlob("r", Digest::Of("hello").ToString()), nullptr);
  EXPECT_TRUE(store_.CancelUpload("r", upload.id));
  EXPECT_EQ(store_.pushed_bytes(), 0U);
  EXPECT_EQ(store_.upload_sessions(), 0U);
}

TEST_F(StorePushTest, AFinishedUploadIsABlob) {
  const UploadStatus upload = store_.StartUpload("r");
  ASSERT_TRUE(store_.AppendUpload("r", upload.id, {"hel", 0, 0}).has_value());
  const auto blob = store_.FinishUpload("r", upload.id, {"lo", 3, 0}, Digest::Of("hello"));
  ASSERT_TRUE(blob.has_value());
  EXPECT_EQ(store_.FindBlob("r", Digest::Of("hello").ToString()), *blob);
}

TEST_F(StorePushTest, TheSameBlobIsKeptOnceForAllRepositories) {
  const auto first = store_.PushBlob("r", "hello", Digest::Of("hello"));
  const auto second = store_.PushBlob("s", "hello", Digest::Of("hello"));
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(*first, *second);
}

TEST_F(StorePushTest, MountsFromOneRepositoryOrAny) {
  const Digest digest = Digest::Of("hello");
  ASSERT_TRUE(store_.PushBlob("r", "hello", digest).has_value());
  EXPECT_EQ(*store_.MountBlob("s", digest, "elsewhere"), nullptr);
  EXPECT_FALSE(store_.HasRepository("s"));
  EXPECT_NE(*store_.MountBlob("s", digest, "r"), nullptr);
  EXPECT_NE(*store_.MountBlob("t", digest, std::nullopt), nullptr);
  EXPECT_EQ(*store_.MountBlob("u", Digest::Of("absent"), std::nullopt), nullptr);
  EXPECT_TRUE(store_.DeleteBlob("r", digest.ToString()));
  EXPECT_EQ(content::ReadAll(*store_.FindBlob("s", digest.ToString())->bytes), "hello");
  EXPECT_NE(store_.FindBlob("t", digest.ToString()), nullptr);
}

TEST_F(StorePushTest, DeletesABlobOnce) {
  const Digest digest = Digest::Of("hello");
  ASSERT_TRUE(store_.PushBlob("r", "hello", digest).has_value());
  const BlobPtr reader = store_.FindBlob("r", digest.ToString());
  EXPECT_TRUE(store_.DeleteBlob("r", digest.ToString()));
  EXPECT_FALSE(store_.DeleteBlob("r", digest.ToString()));
  EXPECT_FALSE(store_.DeleteBlob("nowhere", digest.ToString()));
  EXPECT_EQ(content::ReadAll(*reader->bytes), "hello");  // who reads it reads on
}

TEST_F(StorePushTest, DeletedContentGivesItsRoomBackWhenTheLastReaderIsDone) {
  const Digest digest = Digest::Of("hello");
  BlobPtr reader = *store_.PushBlob("r", "hello", digest);
  const std::uint64_t with_repository = store_.pushed_bytes();
  ASSERT_TRUE(store_.DeleteBlob("r", digest.ToString()));
  EXPECT_EQ(store_.pushed_bytes(), with_repository - kEntryBytes);
  reader.reset();
  EXPECT_EQ(store_.pushed_bytes(), kEntryBytes);  // the repository itself
}

TEST_F(StorePushTest, AManifestNeedsItsBlobsAndItsChildren) {
  const std::string blob = Digest::Of("hello").ToString();
  ManifestPush push = PushOf("manifest", {"v1"});
  push.blobs = {blob};
  auto refused = store_.PutManifest("r", push);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().id, "manifest.blob-unknown");
  EXPECT_EQ(refused.error().where, blob);
  EXPECT_FALSE(store_.HasRepository("r"));

  ASSERT_TRUE(store_.PushBlob("r", "hello", Digest::Of("hello")).has_value());
  ASSERT_TRUE(store_.PutManifest("r", push).has_value());

  ManifestPush index = PushOf("index");
  index.manifests = {push.digest.ToString(), blob, Digest::Of("absent").ToString()};
  refused = store_.PutManifest("r", index);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().where, Digest::Of("absent").ToString());
  index.manifests.pop_back();
  EXPECT_TRUE(store_.PutManifest("r", index).has_value());
}

TEST_F(StorePushTest, TagsMoveAndOldManifestsStay) {
  ASSERT_TRUE(store_.PutManifest("r", PushOf("one", {"a", "b"})).has_value());
  ASSERT_TRUE(store_.PutManifest("r", PushOf("two", {"b"})).has_value());
  EXPECT_EQ(content::ReadAll(*store_.FindManifest("r", "a")->bytes), "one");
  EXPECT_EQ(content::ReadAll(*store_.FindManifest("r", "b")->bytes), "two");
  EXPECT_NE(store_.FindManifest("r", Digest::Of("one").ToString()), nullptr);
}

TEST_F(StorePushTest, PushingAgainUnderAnotherTypeChangesWhatTagsServe) {
  ASSERT_TRUE(store_.PutManifest("r", PushOf("one", {"a"})).has_value());
  ManifestPush again = PushOf("one");
  again.media_type = "other/type";
  ASSERT_TRUE(store_.PutManifest("r", again).has_value());
  EXPECT_EQ(store_.FindManifest("r", "a")->media_type, "other/type");
}

TEST_F(StorePushTest, DeletingATagKeepsTheManifest) {
  ASSERT_TRUE(store_.PutManifest("r", PushOf("one", {"a", "b"})).has_value());
  EXPECT_TRUE(store_.DeleteManifest("r", "a"));
  EXPECT_FALSE(store_.DeleteManifest("r", "a"));
  EXPECT_NE(store_.FindManifest("r", "b"), nullptr);
  EXPECT_NE(store_.FindManifest("r", Digest::Of("one").ToString()), nullptr);
}

TEST_F(StorePushTest, DeletingAManifestTakesItsTagsAlong) {
  ASSERT_TRUE(store_.PutManifest("r", PushOf("one", {"a", "b"})).has_value());
  ASSERT_TRUE(store_.PutManifest("r", PushOf("two", {"c"})).has_value());
  EXPECT_TRUE(store_.DeleteManifest("r", Digest::Of("one").ToString()));
  EXPECT_FALSE(store_.DeleteManifest("r", Digest::Of("one").ToString()));
  EXPECT_FALSE(store_.DeleteManifest("nowhere", "a"));
  EXPECT_THAT(store_.Tags("r", "", 9)->names, ElementsAre("c"));
}

TEST_F(StorePushTest, ReferrersComeBeforeTheirSubjectAndGoWithThemselves) {
  const std::string subject = Digest::Of("subject").ToString();
  ASSERT_TRUE(store_.PutManifest("r", ReferrerPush("sig", subject, "a/sig")).has_value());
  ASSERT_TRUE(store_.PutManifest("r", ReferrerPush("sig", subject, "a/sig")).has_value());
  ASSERT_TRUE(store_.PutManifest("r", ReferrerPush("sbom", subject, "a/sbom")).has_value());
  EXPECT_THAT(Referrers(subject).descriptors, ElementsAre(R"({"of":"sig"})", R"({"of":"sbom"})"));
  EXPECT_THAT(Referrers(subject, "a/sbom").descriptors, ElementsAre(R"({"of":"sbom"})"));
  EXPECT_THAT(Referrers(subject, "a/none").descriptors, IsEmpty());
  EXPECT_TRUE(store_.DeleteManifest("r", Digest::Of("sig").ToString()));
  EXPECT_THAT(Referrers(subject).descriptors, ElementsAre(R"({"of":"sbom"})"));
}

TEST_F(StorePushTest, ReferrersComeInPagesByCountAndByBytes) {
  const std::string subject = Digest::Of("subject").ToString();
  for (const char* name : {"1", "2", "3"}) {
    ASSERT_TRUE(store_.PutManifest("r", ReferrerPush(name, subject, "a/t")).has_value());
  }
  ReferrerPage page = Referrers(subject, std::nullopt, 0, 2);
  EXPECT_THAT(page.descriptors, ElementsAre(R"({"of":"1"})", R"({"of":"2"})"));
  EXPECT_TRUE(page.more);
  // A page goes on after its last one, even when that is gone meanwhile.
  ASSERT_TRUE(store_.DeleteManifest("r", Digest::Of("2").ToString()));
  page = Referrers(subject, std::nullopt, page.last, 2);
  EXPECT_THAT(page.descriptors, ElementsAre(R"({"of":"3"})"));
  EXPECT_FALSE(page.more);

  page = Referrers(subject, std::nullopt, 0, 100, 10);  // one descriptor has 10 bytes
  EXPECT_THAT(page.descriptors, ElementsAre(R"({"of":"1"})"));
  EXPECT_TRUE(page.more);
  page = Referrers(subject, std::nullopt, 0, 100, 1);  // never an empty page that goes on
  EXPECT_THAT(page.descriptors, ElementsAre(R"({"of":"1"})"));
  EXPECT_THAT(Referrers(subject, std::nullopt, 0, 0).descriptors, IsEmpty());
  EXPECT_FALSE(Referrers(subject, std::nullopt, 0, 0).more);
}

TEST(StoreLimits, RefusesPushesBeyondItsMemory) {
  const content::Content content;
  Store store(content, 10 * kEntryBytes);
  const std::string big(9 * kEntryBytes, 'x');
  const auto blob = store.PushBlob("r", big, Digest::Of(big));
  ASSERT_FALSE(blob.has_value());  // the repository and the link need room too
  EXPECT_EQ(blob.error().id, "store.full");
  const auto manifest = store.PutManifest("r", PushOf(big));
  ASSERT_FALSE(manifest.has_value());
  EXPECT_EQ(manifest.error().id, "store.full");
  EXPECT_FALSE(store.HasRepository("r"));
  EXPECT_EQ(store.pushed_bytes(), 0U);
  const std::string fits(8 * kEntryBytes, 'x');
  EXPECT_TRUE(store.PushBlob("r", fits, Digest::Of(fits)).has_value());
}

TEST(StoreLimits, TagsAndMountsCostRoomToo) {
  const content::Content content;
  Store store(content, 8 * kEntryBytes);
  ASSERT_TRUE(store.PushBlob("r", "", Digest::Of("")).has_value());
  int mounted = 0;
  while (store.MountBlob("r" + std::to_string(mounted), Digest::Of(""), "r").has_value()) {
    ++mounted;
  }
  EXPECT_EQ(mounted, 3);  // a repository and a link each
}

}  // namespace
}  // namespace pullproof::mockregistry::store
