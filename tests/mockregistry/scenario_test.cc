#include "mockregistry/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace pullproof::mockregistry {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

struct Loaded {
  std::shared_ptr<const Scenario> scenario;
  std::vector<std::string> problems;  // "id line:column"
};

Loaded Load(const std::string& text) {
  Diagnostics problems("f.toml");
  Loaded loaded{LoadScenario(text, "f.toml", ".", problems), {}};
  for (const Diagnostic& problem : problems.all()) {
    loaded.problems.push_back(problem.id + " " + FormatPosition("", problem.at));
  }
  return loaded;
}

TEST(LoadScenario, TheRegistryComesFirstWhetherItIsNamedOrNot) {
  const Loaded unnamed = Load("fixture = 1\nid = \"a\"\n[hosts.cdn]\nname = \"localhost\"\n");
  ASSERT_NE(unnamed.scenario, nullptr) << testing::PrintToString(unnamed.problems);
  ASSERT_EQ(unnamed.scenario->hosts.size(), 2U);
  EXPECT_EQ(unnamed.scenario->hosts[0].id, "registry");
  EXPECT_EQ(unnamed.scenario->hosts[0].name, "127.0.0.1");
  EXPECT_EQ(unnamed.scenario->hosts[1].name, "localhost");

  const Loaded named =
      Load("fixture = 1\nid = \"a\"\n[hosts.cdn]\n[hosts.registry]\nname = \"::1\"\n");
  ASSERT_NE(named.scenario, nullptr);
  EXPECT_EQ(named.scenario->hosts[0].id, "registry");
  EXPECT_EQ(named.scenario->hosts[0].name, "::1");
}

TEST(LoadScenario, HostsStayOnThisMachine) {
  for (const std::string name : {"registry.example", "10.0.0.1", "127.0.0.1.example", "localhost.",
                                 "notlocalhost", "::", "0.0.0.0", ""}) {
    const Loaded loaded = Load("fixture = 1\nid = \"a\"\n[hosts.cdn]\nname = \"" + name + "\"\n");
    EXPECT_EQ(loaded.scenario, nullptr) << name;
    EXPECT_THAT(loaded.problems, ElementsAre("hosts.not-loopback :4:8")) << name;
  }
  for (const std::string name : {"127.0.0.1", "127.1.2.3", "localhost", "a.localhost", "::1"}) {
    EXPECT_NE(Load("fixture = 1\nid = \"a\"\n[hosts.cdn]\nname = \"" + name + "\"\n").scenario,
              nullptr)
        << name;
  }
}

TEST(LoadScenario, ReadsTlsAndTheNamesBehindTheProxy) {
  const Loaded loaded = Load(
      "fixture = 1\nid = \"a\"\n[hosts.hub]\nnames = [\"registry-1.docker.io\", \"ghcr.io\"]\n"
      "tls = true\n");
  ASSERT_NE(loaded.scenario, nullptr) << testing::PrintToString(loaded.problems);
  EXPECT_FALSE(loaded.scenario->hosts[0].tls);
  EXPECT_TRUE(loaded.scenario->hosts[1].tls);
  EXPECT_THAT(loaded.scenario->hosts[1].names, ElementsAre("registry-1.docker.io", "ghcr.io"));
  EXPECT_TRUE(loaded.scenario->HasProxy());
  EXPECT_FALSE(Load("fixture = 1\nid = \"a\"\n").scenario->HasProxy());
}

TEST(LoadScenario, OnlyNamesStandBehindTheProxy) {
  for (const std::string name :
       {"10.0.0.1", "192.0.2.1", "::1", "localhost", "a.localhost", "127.0.0.1", "Upper.example",
        "a..b", "-a.example", "a_b.example", "a.example:443", ""}) {
    const Loaded loaded =
        Load("fixture = 1\nid = \"a\"\n[hosts.hub]\nnames = [\"" + name + "\"]\n");
    EXPECT_EQ(loaded.scenario, nullptr) << name;
    EXPECT_THAT(loaded.problems, ElementsAre("hosts.name :4:9")) << name;
  }
  EXPECT_THAT(Load("fixture = 1\nid = \"a\"\n[hosts.b]\nnames = [\"x.example\"]\n"
                   "[hosts.c]\nnames = [\"x.example\"]\n")
                  .problems,
              ElementsAre("hosts.duplicate-name :5:1"));
  EXPECT_THAT(Load("fixture = 1\nid = \"a\"\n[hosts.proxy]\n").problems,
              ElementsAre("hosts.reserved :3:1"));
}

TEST(LoadScenario, RulesForHandshakesAskForAHostThatHasThem) {
  const auto problems_of = [](const std::string& on, const std::string& conn,
                              const std::string& hosts) {
    return Load("fixture = 1\nid = \"a\"\n" + hosts + "[[rules]]\nid = \"r\"\non = " + on +
                "\ndo = { conn = \"" + conn + "\" }\n")
        .problems;
  };
  const std::string tls = "hosts.registry.tls = true\n";
  EXPECT_THAT(problems_of("{}", "tls-alert", tls), IsEmpty());
  EXPECT_THAT(problems_of("{ host = \"registry\" }", "tls-expired", tls), IsEmpty());
  EXPECT_THAT(problems_of("{ op = \"*\" }", "tls-wrong-name", tls), IsEmpty());
  EXPECT_THAT(problems_of("{}", "refuse", ""), IsEmpty());
  EXPECT_THAT(problems_of("{}", "tls-alert", ""), ElementsAre("script.no-effect :3:1"));
  EXPECT_THAT(problems_of("{ host = \"registry\" }", "tls-alert", "hosts.b.tls = true\n"),
              ElementsAre("script.no-effect :4:1"));
  for (const std::string on :
       {"{ op = \"ping\" }", "{ repo = \"a\" }", "{ method = \"GET\" }", "{ auth = \"none\" }",
        "{ header = { A = \"b\" } }", "{ path = \"/\" }", "{ range = \"any\" }"}) {
    EXPECT_THAT(problems_of(on, "refuse", ""), ElementsAre("script.too-early :5:6")) << on;
    EXPECT_THAT(problems_of(on, "tls-alert", tls), ElementsAre("script.too-early :6:6")) << on;
  }
}

TEST(LoadScenario, ReadsWhatAHostRejects) {
  const Loaded loaded = Load(
      "fixture = 1\nid = \"a\"\n[hosts.cdn]\nserves = \"blobs\"\n"
      "rejects = { header = { Authorization = { present = true } }, status = 418 }\n");
  ASSERT_NE(loaded.scenario, nullptr) << testing::PrintToString(loaded.problems);
  const Host& cdn = loaded.scenario->hosts[1];
  EXPECT_EQ(cdn.serves, Host::Serves::kBlobs);
  EXPECT_EQ(cdn.reject_status, 418);
  ASSERT_TRUE(cdn.rejects);
  const oci::Headers with{{"authorization", "Basic x"}};
  const oci::Headers without;
  script::Subject subject;
  subject.headers = &with;
  EXPECT_TRUE(cdn.rejects->Matches(subject));
  subject.headers = &without;
  EXPECT_FALSE(cdn.rejects->Matches(subject));
}

TEST(LoadScenario, PointsAtWhatIsWrong) {
  EXPECT_THAT(Load("fixture = 1\nid = \n").problems, ElementsAre("toml.syntax :2:6"));
  EXPECT_THAT(Load("fixture = 1\nid = \"a\"\n[hosts.b]\nserves = \"blob\"\n").problems,
              ElementsAre("model.unknown-value :4:10"));
  EXPECT_THAT(Load("fixture = 1\nid = \"a\"\n[hosts.b]\nname_ = \"localhost\"\n").problems,
              ElementsAre("model.unknown-member :4:1"));
  EXPECT_THAT(Load("fixture = 1\nid = \"a\"\nhosts = 3\n").problems, Contains("model.kind :3:9"));
}

TEST(LoadScenario, BoundsTheNumberOfHosts) {
  std::string text = "fixture = 1\nid = \"a\"\n";
  for (int i = 0; i < 17; ++i) text += "[hosts.h" + std::to_string(i) + "]\n";
  EXPECT_THAT(Load(text).problems, Contains(testing::StartsWith("hosts.too-many")));
}

TEST(EmptyScenario, IsOneHostWithNothing) {
  const auto scenario = EmptyScenario();
  ASSERT_EQ(scenario->hosts.size(), 1U);
  EXPECT_EQ(scenario->hosts[0].id, "registry");
  EXPECT_THAT(scenario->rules, IsEmpty());
  EXPECT_THAT(scenario->content.manifests, IsEmpty());
}

}  // namespace
}  // namespace pullproof::mockregistry
