// Which entry of which file is whose.
#include "resolver/credentials/docker_config.h"

#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resolver/credentials/file_source.h"

namespace pullproof::resolver::credentials {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

DockerConfig Parse(const std::string& text) {
  auto config = ParseDockerConfig(text, "config.json");
  EXPECT_TRUE(config) << Describe(config.error());
  return config.value_or(DockerConfig{});
}

std::string UserFor(const DockerConfig& config, std::string_view registry,
                    std::string_view repository = "team/app") {
  const auto found = config.Find(registry, repository);
  return found ? found->user : "-";
}

TEST(DockerConfig, ReadsEveryKindOfEntry) {
  const DockerConfig config = Parse(R"({
    "HttpHeaders": {"X": "y"}, "auths": {
      "a.test": {"auth": "dXNlcjpwYTpzcw==", "email": "x"},
      "b.test": {"username": "u", "password": "p"},
      "c.test": {"auth": "MDAwOg==", "identitytoken": "idt"},
      "d.test": {"registrytoken": "rt"},
      "e.test": {"auth": "dTpwAAA="},
      "spin.test": "dXNlcjpwYXNz",
      "empty.test": {}}})");
  EXPECT_EQ(config.Find("a.test", ""), (Credential{.user = "user", .password = "pa:ss"}));
  EXPECT_EQ(config.Find("b.test", ""), (Credential{.user = "u", .password = "p"}));
  EXPECT_EQ(config.Find("c.test", ""), (Credential{.user = "000", .identity_token = "idt"}));
  EXPECT_EQ(config.Find("d.test", ""), (Credential{.registry_token = "rt"}));
  EXPECT_EQ(config.Find("e.test", ""), (Credential{.user = "u", .password = "p"}));
  EXPECT_EQ(config.Find("spin.test", ""), (Credential{.user = "user", .password = "pass"}));
  EXPECT_EQ(config.Find("empty.test", ""), std::nullopt);
  EXPECT_EQ(config.Find("other.test", ""), std::nullopt);
}

TEST(DockerConfig, ThePortIsPartOfTheName) {
  const DockerConfig config = Parse(R"({"auths": {"a.test": {"username": "none"},
      "a.test:5000": {"username": "5000"}, "a.test:5001": {"username": "5001"}}})");
  EXPECT_EQ(UserFor(config, "a.test"), "none");
  EXPECT_EQ(UserFor(config, "a.test:5000"), "5000");
  EXPECT_EQ(UserFor(config, "a.test:5001"), "5001");
  EXPECT_EQ(UserFor(config, "a.test:50"), "-");
}

TEST(DockerConfig, TheMostSpecificKeyWins) {
  const DockerConfig config = Parse(R"({"auths": {"https://a.test/v1/": {"username": "url"},
      "a.test": {"username": "host"}, "a.test/team": {"username": "team"},
      "a.test/team/app": {"username": "app"}, "https://b.test/v2/": {"username": "b"},
      "http://c.test:80": {"username": "c"}, "d.test/v2/": {"username": "d"}}})");
  EXPECT_EQ(UserFor(config, "a.test", "team/app"), "app");
  EXPECT_EQ(UserFor(config, "a.test", "team/other"), "team");
  EXPECT_EQ(UserFor(config, "a.test", "teams/app"), "host");
  EXPECT_EQ(UserFor(config, "b.test"), "b");
  EXPECT_EQ(UserFor(config, "c.test:80"), "c");
  EXPECT_EQ(UserFor(config, "d.test"), "d");
}

TEST(DockerConfig, TheHubHasManyNames) {
  for (const char* key : {"https://index.docker.io/v1/", "docker.io", "index.docker.io",
                          "registry-1.docker.io", "https://docker.io"}) {
    const DockerConfig config =
        Parse(std::string(R"({"auths": {")") + key + R"(": {"username": "hub"}}})");
    EXPECT_EQ(UserFor(config, "docker.io"), "hub") << key;
    EXPECT_EQ(UserFor(config, "other.test"), "-") << key;
  }
}

TEST(DockerConfig, NamesTheHelper) {
  const DockerConfig config = Parse(R"({"credHelpers": {"a.test:5000": "one",
      "https://index.docker.io/v1/": "hub"}, "credsStore": "all"})");
  EXPECT_EQ(config.HelperFor("a.test:5000"), "one");
  EXPECT_EQ(config.HelperFor("a.test"), "all");
  EXPECT_EQ(config.HelperFor("docker.io"), "hub");
  EXPECT_EQ(Parse("{}").HelperFor("a.test"), "");
}

TEST(DockerConfig, BadFilesAreErrorsThatShowNoSecret) {
  const std::map<std::string, std::string> kTable = {
      {"[]", "credentials.syntax"},
      {"{", "json.syntax"},
      {R"({"auths": 1})", "credentials.syntax"},
      {R"({"auths": {"a.test": 5}})", "credentials.syntax"},
      {R"({"auths": {"a.test": {"auth": "hunter2!"}}})", "credentials.syntax"},
      {R"({"auths": {"a.test": {"auth": "aHVudGVyMg=="}}})", "credentials.syntax"},
      {R"({"auths": {"a.test": "hunter2!"}})", "credentials.syntax"},
      {R"({"credHelpers": {"a.test": 1}})", "credentials.syntax"},
      {std::string(kMaxConfigBytes + 1, '{'), "limit.bytes"},
  };
  for (const auto& [text, id] : kTable) {
    const auto config = ParseDockerConfig(text, "config.json");
    ASSERT_FALSE(config) << text.substr(0, 80);
    EXPECT_EQ(config.error().id, id) << text.substr(0, 80);
    EXPECT_THAT(Describe(config.error()), Not(HasSubstr("hunter2")));
  }
  EXPECT_TRUE(Parse(" \n").auths.empty());
}

TEST(ConfigFiles, AreLookedForInOrder) {
  const auto files = [](const std::map<std::string, std::string>& environment) {
    std::vector<std::string> paths;
    for (const auto& path : ConfigFiles([&](const std::string& name) {
           const auto found = environment.find(name);
           return found == environment.end() ? std::nullopt : std::optional(found->second);
         })) {
      paths.push_back(path.string());
    }
    return paths;
  };
  EXPECT_THAT(files({}), testing::IsEmpty());
  EXPECT_THAT(files({{"HOME", "/h"}}),
              ElementsAre("/h/.config/fermyon/registry-auth.json", "/h/.docker/config.json"));
  EXPECT_THAT(files({{"HOME", "/h"},
                     {"DOCKER_CONFIG", "/d"},
                     {"REGISTRY_AUTH_FILE", "/r.json"},
                     {"XDG_CONFIG_HOME", "/c"},
                     {"XDG_RUNTIME_DIR", "/run"}}),
              ElementsAre("/r.json", "/c/fermyon/registry-auth.json", "/run/containers/auth.json",
                          "/d/config.json"));
}

}  // namespace
}  // namespace pullproof::resolver::credentials
