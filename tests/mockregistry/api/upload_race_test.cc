// Clients that push at the same time, through the API.
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/mockregistry/api/registry.h"

namespace pullproof::mockregistry::api {
namespace {

constexpr int kThreads = 8;
constexpr int kRounds = 25;

class UploadRaceTest : public RegistryTest {
 protected:
  template <typename Work>
  static void Race(Work work) {
    std::latch start(kThreads);
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&start, &work, i] {
        start.arrive_and_wait();
        work(i);
      });
    }
  }
  void Upload(const std::string& bytes) {
    const Response started = Send("POST", "/v2/lib/race/blobs/uploads/");
    EXPECT_THAT(started, HasStatus(202));
    const std::string url = started.headers.Find("Location").value_or("");
    const std::size_t half = bytes.size() / 2;
    EXPECT_THAT(Send("PATCH", url, {{"Content-Range", fmt::format("0-{}", half - 1)}},
                     bytes.substr(0, half)),
                HasStatus(202));
    EXPECT_THAT(Send("PUT", url + "?digest=" + DigestText(bytes), {}, bytes.substr(half)),
                HasStatus(201));
  }
};

TEST_F(UploadRaceTest, KeepsEveryBlobWhole) {
  const auto bytes_of = [](int thread, int round) {
    return fmt::format("{}-{}-{}", thread, round, std::string(500, 'x'));
  };
  Race([&](int thread) {
    for (int round = 0; round < kRounds; ++round) {
      Upload(bytes_of(thread, round));        // nobody else's
      Upload(bytes_of(kThreads, round % 3));  // everybody's
    }
  });
  for (int thread = 0; thread < kThreads; ++thread) {
    for (int round = 0; round < kRounds; ++round) {
      const std::string bytes = bytes_of(thread, round);
      EXPECT_THAT(Get("/v2/lib/race/blobs/" + DigestText(bytes)), HasBody(bytes));
    }
  }
  for (int round = 0; round < 3; ++round) {
    const std::string bytes = bytes_of(kThreads, round);
    EXPECT_THAT(Get("/v2/lib/race/blobs/" + DigestText(bytes)), HasBody(bytes));
  }
  EXPECT_EQ(store_.upload_sessions(), 0U);
}

TEST_F(UploadRaceTest, PushesAndDeletesOfOneTagAreSeenWhole) {
  Race([&](int thread) {
    for (int round = 0; round < kRounds; ++round) {
      if (thread % 3 == 0) {
        EXPECT_THAT(PutImage("/v2/lib/app/manifests/moving", AppManifest()), HasStatus(201));
      } else if (thread % 3 == 1) {
        EXPECT_THAT(Send("DELETE", "/v2/lib/app/manifests/moving"),
                    testing::AnyOf(HasStatus(202), HasStatus(404)));
      } else {
        const Response response = Get("/v2/lib/app/manifests/moving");
        if (response.status == 200) {
          EXPECT_THAT(response, HasBody(AppManifest()));
        } else {
          EXPECT_THAT(response, IsError(404, "MANIFEST_UNKNOWN"));
        }
      }
    }
  });
}

}  // namespace
}  // namespace pullproof::mockregistry::api
