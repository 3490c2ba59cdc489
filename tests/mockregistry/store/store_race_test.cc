// Many clients at once: every step is whole or not at all. Meant for ThreadSanitizer too.
#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "mockregistry/content/content.h"
#include "mockregistry/store/store.h"

namespace pullproof::mockregistry::store {
namespace {

using oci::Digest;

constexpr int kThreads = 8;
constexpr int kRounds = 40;

// Runs `work(thread)` on all threads, which start together.
template <typename Work>
void Race(Work work) {
  std::latch start(kThreads);
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&start, &work, i] {
      start.arrive_and_wait();
      work(i);
    });
  }
}

std::string BytesOf(int thread, int round) {
  return std::string(1'000 + static_cast<std::size_t>(thread), static_cast<char>('a' + thread)) +
         std::to_string(round);
}

TEST(StoreRace, UploadsOfDifferentBlobsStayWhole) {
  const content::Content content;
  Store store(content);
  Race([&](int thread) {
    for (int round = 0; round < kRounds; ++round) {
      const std::string bytes = BytesOf(thread, round);
      const UploadStatus upload = store.StartUpload("r");
      const std::string_view view = bytes;
      EXPECT_TRUE(store.AppendUpload("r", upload.id, {view.substr(0, 500), 0, 0}).has_value());
      EXPECT_TRUE(store.FinishUpload("r", upload.id, {view.substr(500), 500, 0}, Digest::Of(bytes))
                      .has_value());
    }
  });
  for (int thread = 0; thread < kThreads; ++thread) {
    for (int round = 0; round < kRounds; ++round) {
      const std::string bytes = BytesOf(thread, round);
      const BlobPtr blob = store.FindBlob("r", Digest::Of(bytes).ToString());
      ASSERT_NE(blob, nullptr);
      EXPECT_EQ(content::ReadAll(*blob->bytes), bytes);
    }
  }
  EXPECT_EQ(store.upload_sessions(), 0U);
}

TEST(StoreRace, UploadsOfOneBlobAllSucceedAndKeepIt) {
  const content::Content content;
  Store store(content);
  const std::string bytes = BytesOf(0, 0);
  const Digest digest = Digest::Of(bytes);
  Race([&](int thread) {
    for (int round = 0; round < kRounds; ++round) {
      const std::string repository = "r" + std::to_string(thread % 2);
      const auto blob = store.PushBlob(repository, bytes, digest);
      ASSERT_TRUE(blob.has_value());
      EXPECT_EQ((*blob)->bytes->size(), bytes.size());
    }
  });
  EXPECT_EQ(store.FindBlob("r0", digest.ToString()), store.FindBlob("r1", digest.ToString()));
  EXPECT_EQ(store.pushed_bytes(), bytes.size() + 4 * kEntryBytes);
}

TEST(StoreRace, ChunksOfOneSessionAreTakenOnceEach) {
  const content::Content content;
  Store store(content);
  const UploadStatus upload = store.StartUpload("r");
  std::atomic<int> taken = 0;
  Race([&](int) {
    for (std::uint64_t offset = 0; offset < kRounds; ++offset) {
      while (true) {
        const auto status = store.AppendUpload("r", upload.id, {"x", offset, 0});
        if (status.has_value()) {
          ++taken;
          break;
        }
        ASSERT_EQ(status.error().id, "upload.out-of-order");
        const auto now = store.FindUpload("r", upload.id);
        ASSERT_TRUE(now.has_value());
        if (now->size > offset) break;  // somebody else's chunk
      }
    }
  });
  EXPECT_EQ(taken, kRounds);
  const std::string whole(kRounds, 'x');
  EXPECT_TRUE(
      store.FinishUpload("r", upload.id, {"", std::nullopt, 0}, Digest::Of(whole)).has_value());
}

TEST(StoreRace, ASessionIsFinishedOnce) {
  const content::Content content;
  Store store(content);
  for (int round = 0; round < kRounds; ++round) {
    const UploadStatus upload = store.StartUpload("r");
    std::atomic<int> finished = 0;
    Race([&](int) {
      const auto blob =
          store.FinishUpload("r", upload.id, {"hello", std::nullopt, 0}, Digest::Of("hello"));
      if (blob.has_value()) {
        ++finished;
      } else {
        EXPECT_EQ(blob.error().id, "upload.unknown");
      }
    });
    EXPECT_EQ(finished, 1);
  }
}

TEST(StoreRace, ReadersSeeATagMoveWhole) {
  const content::Content content;
  Store store(content);
  const auto push = [&](const std::string& bytes) {
    return store.PutManifest("r", {.digest = Digest::Of(bytes),
                                   .media_type = "m/t",
                                   .bytes = bytes,
                                   .blobs = {},
                                   .manifests = {},
                                   .subject = std::nullopt,
                                   .descriptor = {},
                                   .artifact_type = {},
                                   .tags = {"latest"}});
  };
  ASSERT_TRUE(push("start").has_value());
  Race([&](int thread) {
    for (int round = 0; round < kRounds; ++round) {
      if (thread % 2 == 0) {
        EXPECT_TRUE(push(BytesOf(thread, round)).has_value());
      } else {
        const ManifestPtr manifest = store.FindManifest("r", "latest");
        ASSERT_NE(manifest, nullptr);
        EXPECT_EQ(Digest::Of(content::ReadAll(*manifest->bytes)).ToString(), manifest->digest_text);
      }
    }
  });
}

}  // namespace
}  // namespace pullproof::mockregistry::store
