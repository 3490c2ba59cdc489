#include "mockregistry/store/upload_sessions.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::mockregistry::store {
namespace {

using oci::Algorithm;
using oci::Digest;
using testing::MatchesRegex;

constexpr std::uint64_t kRoom = std::uint64_t{1} << 20;

class UploadSessionsTest : public testing::Test {
 protected:
  std::string Start() { return sessions_.Start("lib/app").id; }
  Result<UploadStatus> Append(const std::string& id, std::string_view bytes,
                              std::optional<std::uint64_t> first = std::nullopt,
                              std::uint64_t min_length = 0) {
    return sessions_.Append("lib/app", id, {bytes, first, min_length});
  }
  Result<content::Bytes> Finish(const std::string& id, std::string_view last,
                                const Digest& digest) {
    return sessions_.Finish("lib/app", id, {last, std::nullopt, 0}, digest);
  }

  std::shared_ptr<Budget> budget_ = std::make_shared<Budget>(kRoom);
  UploadSessions sessions_{budget_};
};

TEST_F(UploadSessionsTest, IdsAreUuidsAndDifferent) {
  const std::string first = Start();
  EXPECT_THAT(first,
              MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_NE(first, Start());
}

TEST_F(UploadSessionsTest, ChunksBecomeOneBlob) {
  const std::string id = Start();
  ASSERT_TRUE(Append(id, "hel", 0).has_value());
  const auto status = Append(id, "lo ", 3);
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->size, 6U);
  const auto bytes = Finish(id, "world", Digest::Of("hello world"));
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ(content::ReadAll(**bytes), "hello world");
  EXPECT_EQ(sessions_.size(), 0U);
}

TEST_F(UploadSessionsTest, AnUploadWithoutBytesIsTheEmptyBlob) {
  const auto bytes = Finish(Start(), "", Digest::Of("", Algorithm::kSha512));
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ((*bytes)->size(), 0U);
}

TEST_F(UploadSessionsTest, AOneChunkUploadIsSentWithoutACopy) {
  const std::string id = Start();
  ASSERT_TRUE(Append(id, "hello").has_value());
  const auto bytes = Finish(id, "", Digest::Of("hello"));
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ((*bytes)->Contiguous(), "hello");
}

TEST_F(UploadSessionsTest, ARefusedChunkChangesNothing) {
  const std::string id = Start();
  ASSERT_TRUE(Append(id, "hello", 0).has_value());
  for (const std::uint64_t wrong : {0U, 4U, 6U, 1000U}) {
    const auto refused = Append(id, "xyz", wrong);
    ASSERT_FALSE(refused.has_value()) << wrong;
    EXPECT_EQ(refused.error().id, "upload.out-of-order");
    EXPECT_EQ(refused.error().where, id);
  }
  const auto refused = sessions_.Finish("lib/app", id, {"xyz", 1, 0}, Digest::Of("hello"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().id, "upload.out-of-order");
  EXPECT_EQ(sessions_.Find("lib/app", id)->size, 5U);
  EXPECT_TRUE(Finish(id, "", Digest::Of("hello")).has_value());
}

TEST_F(UploadSessionsTest, OnlyTheLastChunkMayBeShort) {
  const std::string id = Start();
  ASSERT_TRUE(Append(id, "12345678", 0, 8).has_value());
  ASSERT_TRUE(Append(id, "9", 8, 8).has_value());  // may be the last one
  const auto refused = Append(id, "12345678", 9, 8);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().id, "upload.short-chunk");
  EXPECT_TRUE(Finish(id, "", Digest::Of("123456789")).has_value());
}

TEST_F(UploadSessionsTest, AWrongDigestLeavesNothing) {
  const std::string id = Start();
  ASSERT_TRUE(Append(id, "hello").has_value());
  const auto refused = Finish(id, "", Digest::Of("other"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().id, "digest.mismatch");
  EXPECT_EQ(sessions_.size(), 0U);
  EXPECT_EQ(budget_->used(), 0U);
}

TEST_F(UploadSessionsTest, ACancelledUploadLeavesNothing) {
  const std::string id = Start();
  ASSERT_TRUE(Append(id, "hello").has_value());
  EXPECT_GT(budget_->used(), 0U);
  EXPECT_TRUE(sessions_.Cancel("lib/app", id));
  EXPECT_FALSE(sessions_.Cancel("lib/app", id));
  EXPECT_EQ(budget_->used(), 0U);
  EXPECT_EQ(sessions_.size(), 0U);
  EXPECT_EQ(Append(id, "x").error().id, "upload.unknown");
  EXPECT_EQ(Finish(id, "", Digest::Of("")).error().id, "upload.unknown");
}

TEST_F(UploadSessionsTest, ASessionBelongsToItsRepository) {
  const std::string id = Start();
  EXPECT_EQ(sessions_.Find("lib/other", id).error().id, "upload.unknown");
  EXPECT_EQ(sessions_.Append("lib/other", id, {"x", 0, 0}).error().id, "upload.unknown");
  EXPECT_FALSE(sessions_.Cancel("lib/other", id));
  EXPECT_TRUE(sessions_.Find("lib/app", id).has_value());
}

TEST_F(UploadSessionsTest, TheSessionThatIsIdleLongestMakesRoomForANewOne) {
  const std::string oldest = Start();
  const std::string second = Start();
  for (std::size_t i = 2; i < kMaxUploadSessions; ++i) Start();
  EXPECT_EQ(sessions_.size(), kMaxUploadSessions);
  ASSERT_TRUE(sessions_.Find("lib/app", oldest).has_value());  // no longer idle longest
  Start();
  EXPECT_EQ(sessions_.size(), kMaxUploadSessions);
  EXPECT_TRUE(sessions_.Find("lib/app", oldest).has_value());
  EXPECT_FALSE(sessions_.Find("lib/app", second).has_value());
}

TEST_F(UploadSessionsTest, AbandonedBytesMakeRoomForNewOnes) {
  const std::string abandoned = Start();
  ASSERT_TRUE(Append(abandoned, std::string(kRoom / 2, 'a')).has_value());
  const std::string id = Start();
  EXPECT_TRUE(Append(id, std::string(kRoom / 2, 'b')).has_value());
  EXPECT_FALSE(sessions_.Find("lib/app", abandoned).has_value());
}

TEST_F(UploadSessionsTest, AnUploadNeverMakesRoomForItself) {
  const std::string id = Start();
  ASSERT_TRUE(Append(id, std::string(kRoom / 2, 'a')).has_value());
  const auto refused = Append(id, std::string(kRoom / 2, 'b'));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().id, "store.full");
  EXPECT_EQ(sessions_.Find("lib/app", id)->size, kRoom / 2);
}

TEST_F(UploadSessionsTest, WhatCanNeverFitCostsNobodyAnUpload) {
  const std::string other = Start();
  const auto refused = Append(Start(), std::string(kRoom + 1, 'x'));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().id, "store.full");
  EXPECT_TRUE(sessions_.Find("lib/app", other).has_value());
}

TEST_F(UploadSessionsTest, EmptyChunksAndSessionsAreBoundedToo) {
  const std::string id = Start();
  std::uint64_t chunks = 0;
  while (Append(id, "x").has_value()) ++chunks;
  EXPECT_EQ(chunks, kRoom / (kEntryBytes + 1));
}

}  // namespace
}  // namespace pullproof::mockregistry::store
