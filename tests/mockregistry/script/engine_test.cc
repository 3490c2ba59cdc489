#include "mockregistry/script/engine.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/mockregistry/script/script_fixture.h"

namespace pullproof::mockregistry::script {
namespace {

constexpr std::uint64_t kSeed = 42;

// An engine and the rules that it works on.
class Runner {
 public:
  explicit Runner(std::string_view toml)
      : script_(ReadScript(OneLine(toml))), engine_(script_.rules, kSeed) {
    for (const std::string& complaint : script_.complaints) {
      EXPECT_THAT(complaint, testing::HasSubstr("warning")) << complaint;
    }
  }

  // The id of the rule that fires, "-" for none.
  std::string Ask(std::string_view operation, std::string_view name = "layer",
                  std::uint64_t connection = 1) {
    const Subject subject{.operation = operation,
                          .host = "registry",
                          .repository = "lib/app",
                          .reference = name,
                          .name = name,
                          .method = "GET",
                          .target = "/"};
    const Rule* rule = engine_.Choose(subject, connection);
    return rule == nullptr ? "-" : rule->id;
  }

  // `times` answers for the layer, one after the other.
  std::string Series(int times) {
    std::string answers;
    for (int i = 0; i < times; ++i) answers += Ask("blob.get");
    return answers;
  }

  Engine& engine() { return engine_; }

 private:
  Script script_;
  Engine engine_;
};

Runner Picking(std::string_view pick) {
  return Runner(fmt::format(
      R"(rules = [{{ id = "x", on = {{ op = "blob.get" }}, pick = {{ {} }}, do = {{ status = 500 }} }}])",
      pick));
}

struct PickCase {
  const char* name;
  std::string_view pick;
  std::string_view series;
};

class PickTest : public testing::TestWithParam<PickCase> {};

TEST_P(PickTest, CountsTheRequestsThatMatch) {
  EXPECT_EQ(Picking(GetParam().pick).Series(static_cast<int>(GetParam().series.size())),
            GetParam().series);
}

INSTANTIATE_TEST_SUITE_P(Kinds, PickTest,
                         testing::Values(PickCase{"First", "first = 2", "xx----"},
                                         PickCase{"Nth", "nth = 3", "--x---"},
                                         PickCase{"Every", "every = 3", "--x--x--x"},
                                         PickCase{"EveryOne", "every = 1", "xxx"},
                                         PickCase{"From", "from = 3", "--xxxx"},
                                         PickCase{"ChanceZero", "chance = 0", "-----"},
                                         PickCase{"ChanceOne", "chance = 1.0", "xxxxx"}),
                         [](const auto& test) { return test.param.name; });

TEST(EngineTest, WithoutRulesEverythingIsHonest) { EXPECT_EQ(Runner("").Ask("blob.get"), "-"); }

TEST(EngineTest, WithoutPickARuleAlwaysFires) {
  Runner runner(R"(rules = [{ id = "x", on = { op = "blob.get" }, do = { status = 500 } }])");
  EXPECT_EQ(runner.Series(3), "xxx");
  EXPECT_EQ(runner.Ask("blob.head"), "-");
  EXPECT_EQ(runner.Ask(""), "-");
}

TEST(EngineTest, UnknownOperationsMatchOnlyTheStar) {
  Runner runner(R"(rules = [{ id = "x", on = { op = "*" }, do = { status = 500 } }])");
  EXPECT_EQ(runner.Ask(""), "x");
}

TEST(EngineTest, TheFirstRuleThatIsPickedWins) {
  Runner runner(R"(rules = [
    { id = "a", on = { op = "blob.get" }, pick = { nth = 2 }, do = { status = 500 } },
    { id = "b", on = { op = "blob.*" }, pick = { first = 2 }, do = { status = 501 } },
    { id = "c", on = { op = "blob.get" }, do = { status = 502 } }])");
  // `a` counts every request; `b` only those that `a` leaves to it.
  EXPECT_EQ(runner.Series(5), "babcc");
}

TEST(EngineTest, RulesThatDoNotMatchDoNotCount) {
  Runner runner(
      R"(rules = [{ id = "x", on = { op = "blob.get", name = "other" }, pick = { nth = 2 },
                    do = { status = 500 } }])");
  EXPECT_EQ(runner.Ask("blob.get", "layer"), "-");
  EXPECT_EQ(runner.Ask("blob.get", "other"), "-");
  EXPECT_EQ(runner.Ask("blob.get", "layer"), "-");
  EXPECT_EQ(runner.Ask("blob.get", "other"), "x");
}

// More names than the sieve of the engine has bits.
TEST(EngineTest, NamesAreToldApartHoweverMany) {
  Runner runner(R"(rules = [
    { id = "two", on = { op = "blob.get", name = ["layer", "other"] }, pick = { every = 2 },
      do = { status = 500 } },
    { id = "one", on = { op = "blob.get", name = "layer" }, do = { status = 500 } },
    { id = "any", on = { op = "blob.get" }, do = { status = 500 } }])");
  for (int i = 0; i < 200; ++i) EXPECT_EQ(runner.Ask("blob.get", std::to_string(i)), "any") << i;
  EXPECT_EQ(runner.Ask("blob.get", ""), "any");
  EXPECT_EQ(runner.Ask("blob.get", "layer"), "one");
  EXPECT_EQ(runner.Ask("blob.get", "other"), "two");
  EXPECT_EQ(runner.Ask("blob.get", "other"), "any");
}

TEST(EngineTest, PerContentEachNameHasItsCounter) {
  Runner runner = Picking(R"(first = 1, per = "content")");
  EXPECT_EQ(runner.Ask("blob.get", "layer"), "x");
  EXPECT_EQ(runner.Ask("blob.get", "other"), "x");
  EXPECT_EQ(runner.Ask("blob.get", "layer"), "-");
  EXPECT_EQ(runner.Ask("blob.get", "other"), "-");
}

TEST(EngineTest, PerConnectionEachConnectionHasItsCounter) {
  Runner runner = Picking(R"(nth = 2, per = "connection")");
  EXPECT_EQ(runner.Ask("blob.get", "layer", 1), "-");
  EXPECT_EQ(runner.Ask("blob.get", "layer", 2), "-");
  EXPECT_EQ(runner.Ask("blob.get", "other", 1), "x");
  EXPECT_EQ(runner.Ask("blob.get", "other", 2), "x");
  EXPECT_EQ(runner.Ask("blob.get", "layer", 1), "-");
}

TEST(EngineTest, ChanceFollowsTheSpecification) {
  Runner runner(
      R"(rules = [{ id = "flaky", on = {}, pick = { chance = 0.5 }, do = { status = 500 } }])");
  std::string fired;
  for (int n = 1; n <= 20; ++n) fired += runner.Ask("blob.get", "layer", 100U) == "-" ? '-' : 'x';
  EXPECT_EQ(fired, "--xx-xx--xx--xx----x");  // 3 4 6 7 10 11 14 15 20: see chance_test.cc
}

TEST(EngineTest, ChancePerContentIsKeyedByTheContent) {
  Runner runner(
      R"(rules = [{ id = "flaky", on = {}, pick = { chance = 0.7859, per = "content" },
                    do = { status = 500 } }])");
  EXPECT_EQ(runner.Ask("blob.get", "layer"), "flaky");  // 0.78589…, without the name 0.826…
}

TEST(EngineTest, StateMovesWhenARuleFires) {
  Runner runner(R"(rules = [
    { id = "a", on = { op = "blob.get" }, when = { phase = "" }, then = { phase = "1" }, do = { status = 500 } },
    { id = "b", on = { op = "blob.get" }, when = { phase = "1" }, then = { phase = "2", x = "y" }, do = { status = 500 } },
    { id = "c", on = { op = "blob.get" }, when = { phase = "2", x = "y" }, pick = { first = 2 }, do = { status = 500 } }])");
  EXPECT_EQ(runner.Ask("blob.head"), "-");
  EXPECT_EQ(runner.Series(6), "abcc--");
}

TEST(EngineTest, RequestsBeforeTheStateDoNotCount) {
  Runner runner(R"(rules = [
    { id = "late", on = { op = "blob.get" }, when = { open = "yes" }, pick = { first = 1 }, do = { status = 500 } },
    { id = "open", on = { op = "ping" }, then = { open = "yes" }, do = { status = 500 } }])");
  EXPECT_EQ(runner.Ask("blob.get"), "-");
  EXPECT_EQ(runner.Ask("blob.get"), "-");
  EXPECT_EQ(runner.Ask("ping"), "open");
  EXPECT_EQ(runner.Ask("blob.get"), "late");
  EXPECT_EQ(runner.Ask("blob.get"), "-");
}

TEST(EngineTest, ARuleThatDoesNotPickLeavesTheStateAlone) {
  Runner runner(R"(rules = [
    { id = "a", on = { op = "blob.get" }, pick = { nth = 2 }, then = { k = "v" }, do = { status = 500 } },
    { id = "b", on = { op = "ping" }, when = { k = "v" }, do = { status = 500 } }])");
  runner.Ask("blob.get");
  EXPECT_EQ(runner.Ask("ping"), "-");
  runner.Ask("blob.get");
  EXPECT_EQ(runner.Ask("ping"), "b");
}

TEST(EngineTest, RulesCanBeTurnedOnAndOff) {
  Runner runner(R"(rules = [
    { id = "a", on = { op = "blob.get" }, pick = { first = 1 }, do = { status = 500 } },
    { id = "b", on = { op = "blob.get" }, enabled = false, do = { status = 500 } }])");
  EXPECT_EQ(runner.Series(2), "a-");
  EXPECT_TRUE(runner.engine().Enable("b", true));
  EXPECT_EQ(runner.Ask("blob.get"), "b");
  EXPECT_TRUE(runner.engine().Enable("b", false));
  EXPECT_EQ(runner.Ask("blob.get"), "-");
  EXPECT_FALSE(runner.engine().Enable("c", true));
}

TEST(EngineTest, ResetGoesBackToTheStart) {
  Runner runner(R"(rules = [
    { id = "a", on = { op = "blob.get" }, pick = { first = 1 }, then = { k = "v" }, do = { status = 500 } },
    { id = "b", on = { op = "ping" }, when = { k = "v" }, do = { status = 500 } }])");
  EXPECT_EQ(runner.Series(2), "a-");
  EXPECT_EQ(runner.Ask("ping"), "b");
  runner.engine().Enable("a", false);
  runner.engine().Reset();
  EXPECT_EQ(runner.Ask("ping"), "-");
  EXPECT_EQ(runner.Series(2), "a-");
}

TEST(EngineTest, CountsExactlyUnderManyThreads) {
  constexpr int kThreads = 8;
  constexpr int kRequests = 200;
  Runner runner = Picking("first = 100");
  std::atomic<int> fired = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < kRequests; ++n) fired += runner.Ask("blob.get") == "x" ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(fired, 100);
}

}  // namespace
}  // namespace pullproof::mockregistry::script
