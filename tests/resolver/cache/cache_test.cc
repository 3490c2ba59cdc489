#include "resolver/cache/cache.h"

#include <string>

#include <gtest/gtest.h>

namespace pullproof::resolver::cache {
namespace {

class CacheTest : public testing::Test {
 protected:
  CacheTest()
      : directory_(*TemporaryDirectory::Create("pullproof-cache")),
        cache_(files_, directory_.path() / "cache") {}

  TemporaryDirectory directory_;
  SystemFileSystem files_;
  Cache cache_;
  const oci::Digest digest_ = oci::Digest::Of("hello");
};

TEST_F(CacheTest, WhatIsKeptIsThereAtOnceAndForOthersAfterFlush) {
  const Cache other(files_, directory_.path() / "cache");
  ASSERT_TRUE(cache_.Keep(Shelf::kData, digest_, "hello"));
  EXPECT_FALSE(*other.Has(Shelf::kData, digest_));
  ASSERT_TRUE(cache_.Flush());
  EXPECT_TRUE(*other.Has(Shelf::kData, digest_));

  const oci::Digest bye = oci::Digest::Of("bye");
  ASSERT_TRUE(cache_.Keep(Shelf::kData, bye, "bye"));
  ASSERT_TRUE(cache_.Keep(Shelf::kData, bye, "bye")) << "twice is once";
  EXPECT_EQ(*cache_.Read(Shelf::kData, bye, 10), "bye") << "the reader need not know";
  EXPECT_EQ(cache_.Keep(Shelf::kData, bye, "byE").error().id, "digest.mismatch");
}

TEST_F(CacheTest, WhatIsKeptIsCommittedAtTheEnd) {
  {
    const Cache short_lived(files_, directory_.path() / "cache");
    ASSERT_TRUE(short_lived.Keep(Shelf::kData, digest_, "hello"));
  }
  EXPECT_TRUE(*cache_.Has(Shelf::kData, digest_));
}

TEST_F(CacheTest, LaysOutAsSpinDoes) {
  const std::string name =
      "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  const std::filesystem::path root = directory_.path() / "cache" / "registry";
  EXPECT_EQ(cache_.PathOf(Shelf::kWasm, digest_), root / "wasm" / name);
  EXPECT_EQ(cache_.PathOf(Shelf::kData, digest_), root / "data" / name);
  EXPECT_EQ(cache_.PathOf(Shelf::kManifests, digest_), root / "manifests" / name);
}

TEST_F(CacheTest, StartsEmptyAndCreatesNothingByLooking) {
  EXPECT_FALSE(*cache_.Has(Shelf::kData, digest_));
  EXPECT_EQ(*cache_.Read(Shelf::kData, digest_, 100), std::nullopt);
  EXPECT_EQ(files_.Stat(directory_.path() / "cache").error().id, "file.not-found");
}

TEST_F(CacheTest, KeepsWhatIsPut) {
  ASSERT_TRUE(cache_.Put(Shelf::kData, digest_, "hello").has_value());
  EXPECT_TRUE(*cache_.Has(Shelf::kData, digest_));
  EXPECT_FALSE(*cache_.Has(Shelf::kWasm, digest_));
  EXPECT_EQ(*cache_.Read(Shelf::kData, digest_, 100), "hello");
  EXPECT_EQ(*cache_.Read(Shelf::kData, digest_, 4), std::nullopt);
}

TEST_F(CacheTest, RefusesWhatDoesNotHashToItsName) {
  const auto put = cache_.Put(Shelf::kData, digest_, "hallo");
  ASSERT_FALSE(put.has_value());
  EXPECT_EQ(put.error().id, "digest.mismatch");
  EXPECT_FALSE(*cache_.Has(Shelf::kData, digest_));
}

TEST_F(CacheTest, ADamagedEntryIsAbsentUntilItIsReplaced) {
  ASSERT_TRUE(cache_.Put(Shelf::kData, digest_, "hello").has_value());
  ASSERT_TRUE(WriteFile(files_, cache_.PathOf(Shelf::kData, digest_), "hellp").has_value());
  EXPECT_FALSE(*cache_.Has(Shelf::kData, digest_));
  EXPECT_EQ(*cache_.Read(Shelf::kData, digest_, 100), std::nullopt);
  ASSERT_TRUE(cache_.Put(Shelf::kData, digest_, "hello").has_value());
  EXPECT_TRUE(*cache_.Has(Shelf::kData, digest_));
}

TEST_F(CacheTest, AnUnfinishedEntryIsInvisible) {
  {
    const auto file = cache_.Begin(Shelf::kData, digest_);
    ASSERT_TRUE(file.has_value());
    ASSERT_TRUE((*file)->Append("hello").has_value());
    EXPECT_FALSE(*cache_.Has(Shelf::kData, digest_));
  }
  EXPECT_TRUE(files_.List(cache_.PathOf(Shelf::kData, digest_).parent_path())->empty());
}

}  // namespace
}  // namespace pullproof::resolver::cache
