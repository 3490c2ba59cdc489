#include "conformance/client/home.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"

namespace pullproof::conformance::client {
namespace {

namespace fs = std::filesystem;

class HomeTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(directory_.has_value()); }

  [[nodiscard]] fs::path home() const { return directory_->path() / "home"; }
  static std::string Read(const fs::path& path) {
    return SystemFileSystem().Read(path, 1 << 20).value_or("(nothing)");
  }
  static mode_t ModeOf(const fs::path& path) {
    struct stat info{};
    EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
    return info.st_mode;
  }

  Result<TemporaryDirectory> directory_ = TemporaryDirectory::Create("home-test-");
};

TEST_F(HomeTest, TheEnvironmentKnowsNothingOfTheCaller) {
  ::setenv("HTTP_PROXY", "http://proxy.example:1", 1);
  ::setenv("REGISTRY_TOKEN", "t0ken", 1);
  const Environment environment = BaseEnvironment("/case/home");
  ::unsetenv("HTTP_PROXY");
  ::unsetenv("REGISTRY_TOKEN");
  std::vector<std::string> names;
  for (const auto& [name, value] : environment) {
    names.push_back(name);
    if (name != "PATH" && name != "LC_ALL" && name != "TZ") {
      EXPECT_THAT(value, ::testing::StartsWith("/case/home")) << name;
    }
  }
  EXPECT_THAT(names, ::testing::UnorderedElementsAre(
                         "PATH", "HOME", "DOCKER_CONFIG", "XDG_CONFIG_HOME", "XDG_CACHE_HOME",
                         "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "ORAS_CACHE",
                         "TMPDIR", "LC_ALL", "TZ"));
}

TEST_F(HomeTest, TellsOfTheCasesOwnAuthorityAndProxyOnly) {
  Task task;
  EXPECT_THAT(NetworkEnvironment(task), ::testing::IsEmpty());
  task.ca_file = "/case/ca.pem";
  EXPECT_THAT(NetworkEnvironment(task),
              ::testing::ElementsAre(::testing::Pair("SSL_CERT_FILE", "/case/ca.pem")));
  task.proxy = "http://127.0.0.1:1";
  std::map<std::string, std::string> variables;
  for (const auto& [name, value] : NetworkEnvironment(task)) variables[name] = value;
  for (const char* const name : {"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"}) {
    EXPECT_EQ(variables[name], "http://127.0.0.1:1") << name;
  }
  EXPECT_EQ(variables["NO_PROXY"], "127.0.0.1,::1,localhost,.localhost");
  EXPECT_EQ(variables["no_proxy"], variables["NO_PROXY"]);
}

TEST_F(HomeTest, ALoginAtDockerHubHasTheKeyThatClientsLookFor) {
  ASSERT_TRUE(PrepareHome(home()).has_value());
  ASSERT_TRUE(WriteLogin(home(), "docker.io", Login{"alice", "secret"}).has_value());
  EXPECT_THAT(Read(LoginFileOf(home())), ::testing::HasSubstr("\"https://index.docker.io/v1/\""));
}

TEST_F(HomeTest, ItsDirectoriesAreTheOwnersAlone) {
  ASSERT_TRUE(PrepareHome(home()).has_value());
  ASSERT_TRUE(PrepareHome(home()).has_value()) << "again, for the next step";
  for (const char* const name : {"", ".docker", ".cache/oras", "run", "tmp"}) {
    EXPECT_EQ(ModeOf(home() / name), S_IFDIR | S_IRWXU) << name;
  }
}

TEST_F(HomeTest, ALoginIsAddedToThoseThatAreThere) {
  ASSERT_TRUE(WriteLogin(home(), "a.example:1", std::nullopt).has_value());
  EXPECT_EQ(Read(LoginFileOf(home())), R"({"auths":{}})");
  ASSERT_TRUE(WriteLogin(home(), "a.example:1", Login{"alice", "s3cret"}).has_value());
  ASSERT_TRUE(WriteLogin(home(), "b.example:2", Login{"bob", "pw"}).has_value());
  ASSERT_TRUE(WriteLogin(home(), "a.example:1", std::nullopt).has_value());
  EXPECT_EQ(Read(LoginFileOf(home())), R"({"auths":{"a.example:1":{"auth":"YWxpY2U6czNjcmV0"},)"
                                       R"("b.example:2":{"auth":"Ym9iOnB3"}}})");
  EXPECT_EQ(ModeOf(LoginFileOf(home())), S_IFREG | S_IRUSR | S_IWUSR);
}

TEST_F(HomeTest, KeepsWhatAClientWroteAndReplacesWhatItBroke) {
  ASSERT_TRUE(WritePrivateFile(LoginFileOf(home()), R"({"x":1,"auths":[]})").has_value());
  ASSERT_TRUE(WriteLogin(home(), "a.example", Login{"u", "p"}).has_value());
  EXPECT_EQ(Read(LoginFileOf(home())), R"({"auths":{"a.example":{"auth":"dTpw"}},"x":1})");
  ASSERT_TRUE(WritePrivateFile(LoginFileOf(home()), "not json").has_value());
  ASSERT_TRUE(WriteLogin(home(), "a.example", std::nullopt).has_value());
  EXPECT_EQ(Read(LoginFileOf(home())), R"({"auths":{}})");
}

TEST_F(HomeTest, AFileIsNotWrittenThroughALink) {
  const fs::path outside = directory_->path() / "outside";
  ASSERT_TRUE(WritePrivateFile(outside, "untouched").has_value());
  ASSERT_TRUE(PrepareHome(home()).has_value());
  fs::create_symlink(outside, LoginFileOf(home()));
  ASSERT_TRUE(WriteLogin(home(), "a.example", Login{"u", "p"}).has_value());
  EXPECT_EQ(Read(outside), "untouched");
  EXPECT_TRUE(S_ISREG(ModeOf(LoginFileOf(home()))));
}

TEST_F(HomeTest, AFileInTheWayIsAnErrorWithItsPath) {
  ASSERT_TRUE(WritePrivateFile(home(), "a file").has_value());
  const Result<void> prepared = PrepareHome(home());
  ASSERT_FALSE(prepared.has_value());
  EXPECT_EQ(prepared.error().id, "file.io");
  EXPECT_EQ(prepared.error().where, (home() / ".docker").string());
}

}  // namespace
}  // namespace pullproof::conformance::client
