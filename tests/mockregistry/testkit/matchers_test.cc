// The matchers, and above all what they say when they do not match.
#include "mockregistry/testkit/matchers.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "mockregistry/scenario.h"

namespace pullproof::mockregistry::testkit {
namespace {

using testing::HasSubstr;

constexpr std::string_view kFixture = R"(
fixture = 1
id = "testkit"
blobs.layer = "hello"
manifests.app = { image = { layers = ["layer"] } }
repos."lib/app" = { tags = { "1.0" = "app" } }
rules = [ { id = "gone", on = { op = "blob.get" }, do = { status = 404 } } ]
)";

class MatchersTest : public testing::Test {
 protected:
  MatchersTest() {
    Diagnostics problems("f.toml");
    registry_ = Registry::InMemory(LoadScenario(kFixture, "f.toml", ".", problems));
    Get("/v2/", true);
    Get("/v2/lib/app/manifests/1.0?token=hidden", true);
    Get("/v2/lib/app/blobs/sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        true);
  }

  void Get(std::string target, bool complete) {
    api::Request request;
    request.method = "GET";
    request.target = std::move(target);
    const script::Plan plan = registry_->Exchange(request);
    if (complete) registry_->Complete(plan, 2, "complete");
  }
  const journal::Journal& journal() { return registry_->journal(); }
  // What EXPECT_THAT would print.
  std::string FailureOf(const JournalMatcher& matcher) {
    testing::StringMatchResultListener listener;
    EXPECT_FALSE(matcher.MatchAndExplain(journal(), &listener));
    std::ostringstream text;
    matcher.DescribeTo(&text);
    return text.str() + " | " + listener.str();
  }

  std::unique_ptr<Registry> registry_;
};

TEST_F(MatchersTest, CountWhatTheQuestionMeans) {
  EXPECT_THAT(journal(), Saw(R"(op = "manifest.get", name = "app")"));
  EXPECT_THAT(journal(), Saw(R"(status = 404)", 1));
  EXPECT_THAT(journal(), Saw(R"(status = "5xx")", 0));
  EXPECT_THAT(journal(), Saw("", testing::AllOf(testing::Gt(2), testing::Lt(4))));
  EXPECT_THAT(journal(), Fired("gone", 1));
  EXPECT_THAT(journal(), testing::Not(Fired("absent")));
}

TEST_F(MatchersTest, KnowTheOrder) {
  EXPECT_THAT(journal(), SawInOrder({R"(op = "ping")", R"(op = "blob.get")"}));
  EXPECT_THAT(journal(), testing::Not(SawInOrder({R"(op = "blob.get")", R"(op = "ping")"})));
  EXPECT_THAT(journal(), testing::Not(SawInOrder({R"(op = "ping")", R"(op = "ping")"})));
}

TEST_F(MatchersTest, SayWhatTheySaw) {
  EXPECT_EQ(
      FailureOf(Saw(R"(op = "blob.get")", 2)),
      R"(saw { op = "blob.get" } a number of times that is equal to 2 | which saw it 1 time: #3)");
  EXPECT_EQ(FailureOf(Fired("cut")),
            R"(saw { rule = "cut" } a number of times that is >= 1 | which saw it 0 times)");
  EXPECT_EQ(FailureOf(SawInOrder({R"(op = "blob.get")", R"(op = "ping")"})),
            R"(saw, in this order, { op = "blob.get" }, { op = "ping" } | )"
            R"(which saw no { op = "ping" } after #3, the { op = "blob.get" })");
}

TEST_F(MatchersTest, AFailureShowsTheExchanges) {
  EXPECT_EQ(
      testing::PrintToString(journal()),
      "3 exchanges\n"
      "  #1 GET /v2/ (ping) -> 200, 2 of 2 bytes, complete\n"
      "  #2 GET /v2/lib/app/manifests/1.0?token=" +
          journal::RedactParameter("token", "hidden") + " (manifest.get `app`) -> 200, 2 of " +
          std::to_string(journal().Snapshot()[1].body_size) +
          " bytes, complete\n"
          "  #3 GET /v2/lib/app/blobs/sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425"
          "e73043362938b9824 (blob.get `layer`) -> 404, 2 of " +
          std::to_string(journal().Snapshot()[2].body_size) + " bytes, complete, by rule `gone`\n");
  EXPECT_THAT(testing::PrintToString(journal().Snapshot()[0]), HasSubstr("#1 GET /v2/ (ping)"));
}

TEST_F(MatchersTest, AQuestionThatCannotBeReadFails) {
  EXPECT_THAT(FailureOf(Saw(R"(opp = "ping")")), HasSubstr("the question cannot be read"));
  EXPECT_THAT(FailureOf(Saw(R"(op = )")), HasSubstr("the question cannot be read"));
}

TEST_F(MatchersTest, AnExchangeThatIsNotOverIsShownAsThat) {
  Get("/v2/", false);
  EXPECT_THAT(testing::PrintToString(journal()),
              HasSubstr("#4 GET /v2/ (ping) -> 200, 0 of 2 bytes, not over"));
  EXPECT_THAT(journal(), Saw(R"(op = "ping")", 2));
}

TEST(StartRegistry, ListensOnLoopback) {
  const auto registry = StartRegistry(kFixture);
  ASSERT_NE(registry, nullptr);
  EXPECT_THAT(registry->Authority(), testing::StartsWith("127.0.0.1:"));
  EXPECT_THAT(registry->journal(), Saw("", 0));
}

TEST(StartRegistry, SaysWhatIsWrongWithTheFixture) {
  EXPECT_NONFATAL_FAILURE(
      EXPECT_EQ(StartRegistry("fixture = 1\n"), nullptr),
      "fixture.toml:1:1: error: the fixture has no `id` [model.missing-member]");
}

}  // namespace
}  // namespace pullproof::mockregistry::testkit
