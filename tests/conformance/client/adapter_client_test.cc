#include "conformance/client/adapter_client.h"

#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/client/catalogue.h"
#include "tests/conformance/client/served.h"

namespace pullproof::conformance::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string SourcePath(std::string_view path) {
  return std::string(PULLPROOF_SOURCE_DIR) + "/" + std::string(path);
}

Result<std::unique_ptr<Client>> Bad(std::string how) {
  return StartAdapter(
      {.argv = {"python3", SourcePath("tests/conformance/client/bad_adapter.py"), std::move(how)},
       .directory = {},
       .install = "install Python 3"});
}

Attempt RunBad(const std::string& how, Verb verb, Duration budget = std::chrono::seconds(30)) {
  Served served(ImageFixture(""));
  const auto client = Bad(how);
  if (!client) {
    ADD_FAILURE() << Describe(client.error());
    return {};
  }
  Task task = served.TaskFor(verb, "{registry}/lib/app:1.0");
  task.budget = budget;
  return (*client)->Run(task, served.registry());
}

// --- The reference adapters, against the real registry ---

class ReferenceAdapter : public testing::TestWithParam<std::string> {};

TEST_P(ReferenceAdapter, PullsVerifiesAndFails) {
  Served honest(ImageFixture(""), Wire::kSockets);
  const auto client = OpenClient(GetParam(), Wire::kSockets);
  ASSERT_TRUE(client) << Describe(client.error());
  EXPECT_TRUE((*client)->Supports(Verb::kPull, {}));
  EXPECT_FALSE((*client)->Supports(Verb::kPull, {"auth.bearer"}));
  const Attempt pulled =
      (*client)->Run(honest.TaskFor(Verb::kPull, "{registry}/lib/app:1.0"), honest.registry());
  EXPECT_EQ(pulled.outcome, Outcome::kOk) << pulled.err;
  EXPECT_TRUE(honest.HasWhole("layer"));

  Served altered(ImageFixture(R"(
[[rules]]
id = "flip"
on = { op = "blob.get", name = "layer" }
do = { body = { flip_bit = 7 } }
)"),
                 Wire::kSockets);
  const Attempt refused =
      (*client)->Run(altered.TaskFor(Verb::kPull, "{registry}/lib/app:1.0"), altered.registry());
  EXPECT_EQ(refused.outcome, Outcome::kFailed);
  EXPECT_FALSE(altered.HasBlob("layer"));
}

INSTANTIATE_TEST_SUITE_P(All, ReferenceAdapter,
                         testing::Values("adapter:" + SourcePath("adapters/reference.py"),
                                         std::string("adapter:" PULLPROOF_REFERENCE_ADAPTER)),
                         [](const auto& tested) {
                           return tested.param.ends_with(".py") ? "Python" : "Cpp";
                         });

TEST(ReferenceAdapterInPython, ListsTagsOverPages) {
  Served served(R"(
fixture = 1
id = "test.tags"
limits = { max_page = 10 }
manifests.app = { image = { layers = [] } }
repos."lib/app" = { tags = { "v[00..24]" = "app" } }
)",
                Wire::kSockets);
  const auto client = OpenClient("adapter:" + SourcePath("adapters/reference.py"), Wire::kSockets);
  ASSERT_TRUE(client) << Describe(client.error());
  const Attempt attempt =
      (*client)->Run(served.TaskFor(Verb::kListTags, "{registry}/lib/app"), served.registry());
  EXPECT_EQ(attempt.outcome, Outcome::kOk) << attempt.err;
  EXPECT_EQ(attempt.tags.size(), 25U);
}

// --- What goes wrong at the start ---

struct BadStart {
  std::string how;
  std::string error;
  std::string says;
};

class StartAdapterRefuses : public testing::TestWithParam<BadStart> {};

TEST_P(StartAdapterRefuses, AndSaysWhy) {
  const auto client = Bad(GetParam().how);
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().id, GetParam().error);
  EXPECT_THAT(Describe(client.error()), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, StartAdapterRefuses,
    testing::Values(BadStart{"ends-at-once", "adapter.start", "no licence found"},
                    BadStart{"chatters", "adapter.protocol", "it said `Welcome to the adapter!`"},
                    BadStart{"other-version", "adapter.version", "speaks protocol 3"},
                    BadStart{"nameless", "adapter.protocol", "`name`"}),
    [](const auto& tested) {
      std::string name = tested.param.how;
      std::erase(name, '-');
      return name;
    });

TEST(StartAdapter, SaysHowToInstallWhatIsNotThere) {
  const auto client =
      StartAdapter({.argv = {"no-such-program"}, .directory = {}, .install = "make install"});
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().id, "process.not-found");
  EXPECT_EQ(client.error().hint, "make install");
}

// --- What goes wrong in a run ---

struct BadRun {
  std::string how;
  Verb verb;
  Outcome outcome;
  std::string says;
};

class AdapterRun : public testing::TestWithParam<BadRun> {};

TEST_P(AdapterRun, ComesTo) {
  const Attempt attempt = RunBad(GetParam().how, GetParam().verb);
  EXPECT_EQ(attempt.outcome, GetParam().outcome);
  EXPECT_THAT(attempt.err, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, AdapterRun,
    testing::Values(
        BadRun{"dies", Verb::kPull, Outcome::kBroken, "its last words: out of paper"},
        BadRun{"unknown-id", Verb::kPull, Outcome::kBroken, "to which there was no question"},
        BadRun{"no-outcome", Verb::kPull, Outcome::kBroken, "no `outcome`"},
        BadRun{"no-tags", Verb::kListTags, Outcome::kBroken, "`tags`"},
        BadRun{"floods", Verb::kPull, Outcome::kBroken, "longer than"},
        BadRun{"skips", Verb::kPull, Outcome::kUnsupported, "see: http://localhost/issues/7"},
        BadRun{"errs", Verb::kPull, Outcome::kBroken, "context: line 7"}),
    [](const auto& tested) {
      std::string name = tested.param.how;
      std::erase(name, '-');
      return name;
    });

TEST(AdapterRuns, ThatTakeTooLongAreEndedAndTheNextOneIsTriedAnew) {
  const auto client = Bad("hangs");
  ASSERT_TRUE(client);
  Served served(ImageFixture(""));
  Task task = served.TaskFor(Verb::kPull, "{registry}/lib/app:1.0");
  task.budget = std::chrono::milliseconds(50);
  EXPECT_EQ((*client)->Run(task, served.registry()).outcome, Outcome::kHung);
  EXPECT_EQ((*client)->Run(task, served.registry()).outcome, Outcome::kHung)
      << "by a process of its own: the first one is gone";
}

TEST(AdapterRuns, AreAnsweredInAnyOrder) {
  const auto client = Bad("backwards");
  ASSERT_TRUE(client);
  Served served(ImageFixture(""));
  std::vector<std::string> said(2);
  const auto run = [&](std::size_t number) {
    const Task task = served.TaskFor(Verb::kPull, "reference-" + std::to_string(number));
    said[number] = (*client)->Run(task, served.registry()).err;
  };
  std::thread other(run, 1);
  run(0);
  other.join();
  EXPECT_THAT(said, ElementsAre("reference-0", "reference-1"));
}

}  // namespace
}  // namespace pullproof::conformance::client
