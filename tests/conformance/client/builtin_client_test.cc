#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/conformance/client/served.h"

namespace pullproof::conformance::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class BuiltinClientTest : public ::testing::TestWithParam<Wire> {
 protected:
  Attempt Run(Verb verb, const std::string& reference, std::string_view more) {
    served_ = std::make_unique<Served>(ImageFixture(more), GetParam());
    return client_->Run(served_->TaskFor(verb, reference), served_->registry());
  }

  std::unique_ptr<Client> client_ = MakeBuiltinClient(GetParam());
  std::unique_ptr<Served> served_;
};

INSTANTIATE_TEST_SUITE_P(Wires, BuiltinClientTest,
                         ::testing::Values(Wire::kInProcess, Wire::kSockets),
                         [](const ::testing::TestParamInfo<Wire>& wire) {
                           return wire.param == Wire::kSockets ? "Sockets" : "InProcess";
                         });

TEST_P(BuiltinClientTest, PullsIntoALayout) {
  const Attempt attempt = Run(Verb::kPull, "{registry}/lib/app:1.0", "");
  EXPECT_EQ(attempt.outcome, Outcome::kOk) << attempt.err;
  EXPECT_TRUE(served_->HasWhole("layer"));
  EXPECT_TRUE(served_->HasWhole("app"));
  EXPECT_THAT(attempt.command, ::testing::IsEmpty());
}

TEST_P(BuiltinClientTest, SaysWhatWentWrong) {
  const Attempt attempt = Run(Verb::kPull, "{registry}/lib/app:1.0", R"(
[[rules]]
id = "flip"
on = { op = "blob.get", name = "layer" }
do = { body = { flip_bit = 4 } }
)");
  EXPECT_EQ(attempt.outcome, Outcome::kFailed);
  EXPECT_EQ(attempt.exit_status, 1);
  EXPECT_EQ(attempt.error_class, "digest_mismatch");
  EXPECT_THAT(attempt.err, HasSubstr("[digest.mismatch]"));
  EXPECT_FALSE(served_->HasBlob("layer"));
}

TEST_P(BuiltinClientTest, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(Run(Verb::kPull, "{registry}/lib/app:2.0", "").error_class, "not_found");
}

TEST_P(BuiltinClientTest, ListsTags) {
  const Attempt attempt = Run(Verb::kListTags, "{registry}/lib/app", "");
  EXPECT_EQ(attempt.outcome, Outcome::kOk) << attempt.err;
  EXPECT_THAT(attempt.tags, ElementsAre("1.0"));
}

TEST_P(BuiltinClientTest, ABadReferenceAsksForNothing) {
  const Attempt attempt = Run(Verb::kPull, "{registry}/Lib/APP", "");
  EXPECT_EQ(attempt.outcome, Outcome::kFailed);
  EXPECT_EQ(served_->registry().journal().Snapshot().size(), 0U);
}

TEST_P(BuiltinClientTest, WhatItCannotDoIsUnsupported) {
  EXPECT_FALSE(client_->Supports(Verb::kPush, {}));
  EXPECT_TRUE(client_->Supports(Verb::kResolve, {}));
  EXPECT_FALSE(client_->Supports(Verb::kPull, {"no-such-capability"}));
  EXPECT_EQ(Run(Verb::kPush, "{registry}/lib/app:1.0", "").outcome, Outcome::kUnsupported);
}

// Only in process are long waits free.
TEST(BuiltinClientBudgetTest, AServerThatHangsSpendsASmallBudget) {
  Served served(
      ImageFixture("[[rules]]\nid = \"hang\"\non = { op = \"manifest.get\" }\n"
                   "do = { conn = \"hang\" }\n"));
  Task task = served.TaskFor(Verb::kPull, "{registry}/lib/app:1.0");
  task.budget = std::chrono::seconds(2);
  const std::unique_ptr<Client> client = MakeBuiltinClient(Wire::kInProcess);
  const Attempt attempt = client->Run(task, served.registry());
  EXPECT_EQ(attempt.outcome, Outcome::kHung);
  EXPECT_LE(attempt.took, std::chrono::seconds(2));
}

TEST(BuiltinClientBudgetTest, AServerThatHangsIsLeftLongBeforeALargeBudgetIsSpent) {
  Served served(
      ImageFixture("[[rules]]\nid = \"hang\"\non = { op = \"manifest.get\" }\n"
                   "do = { conn = \"hang\" }\n"));
  const std::unique_ptr<Client> client = MakeBuiltinClient(Wire::kInProcess);
  const Attempt attempt =
      client->Run(served.TaskFor(Verb::kPull, "{registry}/lib/app:1.0"), served.registry());
  EXPECT_EQ(attempt.outcome, Outcome::kFailed);
  EXPECT_GE(attempt.took, std::chrono::seconds(3));
  EXPECT_LE(attempt.took, std::chrono::seconds(20));
}

TEST(BuiltinClientBudgetTest, ARetryAfterIsWaitedForOnTheSharedClock) {
  Served served(ImageFixture(R"(
[[rules]]
id   = "limit"
on   = { op = "manifest.*" }
pick = { first = 1 }
do   = { status = 429, error = "TOOMANYREQUESTS", headers = { "Retry-After" = "7" } }
)"));
  const std::unique_ptr<Client> client = MakeBuiltinClient(Wire::kInProcess);
  const Attempt attempt =
      client->Run(served.TaskFor(Verb::kPull, "{registry}/lib/app:1.0"), served.registry());
  EXPECT_EQ(attempt.outcome, Outcome::kOk) << attempt.err;
  EXPECT_GE(attempt.took, std::chrono::seconds(7));
  const auto entries = served.registry().journal().Snapshot();
  ASSERT_GE(entries.size(), 2U);
  EXPECT_GE(entries[1].received - entries[0].received, std::chrono::seconds(7));
}

}  // namespace
}  // namespace pullproof::conformance::client
