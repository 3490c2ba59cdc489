// The shipped profiles with the programs that they are for, where those are installed, against the
// mock registry over sockets.
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/client/catalogue.h"
#include "tests/conformance/client/served.h"

namespace pullproof::conformance::client {
namespace {

using ::testing::UnorderedElementsAre;

class ShippedProfileTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    Result<std::unique_ptr<Client>> client = OpenClient(GetParam(), Wire::kSockets);
    ASSERT_TRUE(client.has_value()) << Describe(client.error());
    client_ = *std::move(client);
    if (client_->version().empty()) GTEST_SKIP() << GetParam() << " is not installed here";
  }

  Attempt Run(Verb verb, const std::string& reference, std::string_view more = "",
              std::optional<Login> login = {}) {
    served_ = std::make_unique<Served>(ImageFixture(more), Wire::kSockets);
    Task task = served_->TaskFor(verb, reference);
    task.login = std::move(login);
    task.budget = std::chrono::seconds(60);
    std::filesystem::create_directories(task.output);
    return client_->Run(task, served_->registry());
  }

  // Whatever the form of its store, the layer's bytes must be in a file of the output.
  [[nodiscard]] bool OutputHas(std::string_view name) const {
    const auto digest = served_->registry().scenario().content.DigestOfName(name);
    const Task task = served_->TaskFor(Verb::kPull, "");
    for (const auto& entry : std::filesystem::recursive_directory_iterator(task.output)) {
      if (!entry.is_regular_file()) continue;
      const auto bytes = SystemFileSystem().Read(entry.path(), 1 << 24);
      if (bytes && oci::Digest::Of(*bytes) == digest) return true;
    }
    return false;
  }

  std::unique_ptr<Client> client_;
  std::unique_ptr<Served> served_;
};

class PullingProfileTest : public ShippedProfileTest {};
class ListingProfileTest : public ShippedProfileTest {};

constexpr auto kName = [](const ::testing::TestParamInfo<std::string>& name) { return name.param; };
INSTANTIATE_TEST_SUITE_P(Clients, PullingProfileTest,
                         ::testing::Values("skopeo", "podman", "buildah", "crane", "oras",
                                           "regctl"),
                         kName);
INSTANTIATE_TEST_SUITE_P(Clients, ListingProfileTest,
                         ::testing::Values("skopeo", "podman", "curl", "crane", "oras", "regctl"),
                         kName);

TEST_P(PullingProfileTest, BringsTheBytesAsTheyAre) {
  const Attempt attempt = Run(Verb::kPull, "{registry}/lib/app:1.0");
  ASSERT_EQ(attempt.outcome, Outcome::kOk) << attempt.err;
  EXPECT_TRUE(OutputHas("layer"));
  EXPECT_TRUE(OutputHas("app"));
  EXPECT_TRUE(attempt.peak_memory.has_value());
}

TEST_P(PullingProfileTest, LogsInWithoutASecretOnTheCommandLine) {
  constexpr std::string_view kAuth =
      "auth.registry = { scheme = \"basic\", users = { alice = \"s3cret\" } }\n";
  const Attempt attempt =
      Run(Verb::kPull, "{registry}/lib/app:1.0", kAuth, Login{"alice", "s3cret"});
  EXPECT_EQ(attempt.outcome, Outcome::kOk) << attempt.err;
  EXPECT_THAT(attempt.command, ::testing::Each(::testing::Not(::testing::HasSubstr("s3cret"))));
  EXPECT_EQ(Run(Verb::kPull, "{registry}/lib/app:1.0", kAuth).error_class, "unauthorized");
}

TEST_P(PullingProfileTest, SaysThatADigestDoesNotMatch) {
  const Attempt attempt = Run(Verb::kPull, "{registry}/lib/app:1.0", R"(
[[rules]]
id = "flip"
on = { op = "blob.get", name = "layer" }
do = { body = { flip_bit = 12345 } }
)");
  EXPECT_EQ(attempt.outcome, Outcome::kFailed);
  EXPECT_EQ(attempt.error_class, "digest_mismatch") << attempt.err;
}

TEST_P(PullingProfileTest, SaysThatATagIsNotThere) {
  const Attempt attempt = Run(Verb::kPull, "{registry}/lib/app:2.0");
  EXPECT_EQ(attempt.outcome, Outcome::kFailed);
  EXPECT_EQ(attempt.error_class, "not_found") << attempt.err;
}

TEST_P(ListingProfileTest, ListsTags) {
  const Attempt attempt = Run(Verb::kListTags, "{registry}/lib/app");
  ASSERT_EQ(attempt.outcome, Outcome::kOk) << attempt.err;
  EXPECT_THAT(attempt.tags, UnorderedElementsAre("1.0"));
}

TEST_P(ListingProfileTest, SaysThatARepositoryIsNotThere) {
  const Attempt attempt = Run(Verb::kListTags, "{registry}/lib/none");
  EXPECT_EQ(attempt.outcome, Outcome::kFailed);
  EXPECT_EQ(attempt.error_class, "not_found") << attempt.err;
}

}  // namespace
}  // namespace pullproof::conformance::client
