// What a login leaves in config.json, and what it leaves alone.
#include "resolver/credentials/store.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "resolver/credentials/file_source.h"

namespace pullproof::resolver::credentials {
namespace {

namespace fs = std::filesystem;

// Keeps what it is told.
class FakeHelpers final : public HelperRunner {
 public:
  Result<Answer> Run(const std::string& name, const std::string& verb,
                     std::string_view input) override {
    calls.push_back(name + " " + verb + " " + std::string(input));
    return answer;
  }
  std::vector<std::string> calls;
  Answer answer{.status = 0, .output = R"({"Username":"u","Secret":"p"})"};
};

class StoreTest : public testing::Test {
 protected:
  StoreTest() : directory_(*TemporaryDirectory::Create("store-test")) {}

  [[nodiscard]] fs::path path() const { return directory_.path() / "docker/config.json"; }
  void Write(const std::string& text) {
    fs::create_directories(path().parent_path());
    ASSERT_TRUE(WriteFile(files_, path(), text));
  }
  std::string Text() { return files_.Read(path(), 10'000).value_or("-"); }
  // Whether it is kept in clear.
  bool Save(const std::string& registry) {
    const auto kept = SaveLogin(files_, helpers_, path(), registry, {.user = "u", .password = "p"});
    EXPECT_TRUE(kept) << Describe(kept.error());
    return kept && kept->in_clear;
  }
  std::optional<Credential> Load(const std::string& registry) {
    return *FileSource(files_, helpers_, path()).Find(registry, "");
  }

  TemporaryDirectory directory_;
  SystemFileSystem files_;
  FakeHelpers helpers_;
};

TEST_F(StoreTest, MakesAFileForItsOwnerAlone) {
  EXPECT_TRUE(Save("127.0.0.1:5000"));
  EXPECT_EQ(Text(),
            "{\n\t\"auths\": {\n\t\t\"127.0.0.1:5000\": {\n\t\t\t\"auth\": \"dTpw\"\n"
            "\t\t}\n\t}\n}\n");
  EXPECT_EQ(fs::status(path()).permissions(), fs::perms(0600));
  EXPECT_EQ(Load("127.0.0.1:5000"), (Credential{.user = "u", .password = "p"}));
}

TEST_F(StoreTest, LeavesEverythingElseAlone) {
  Write(R"({"zeta": 1.5, "auths": {"b.test": {"auth": "eDp5"}}, "proxies": {"default": {}}})");
  Save("a.test");
  EXPECT_EQ(Text(),
            "{\n\t\"zeta\": 1.5,\n\t\"auths\": {\n\t\t\"b.test\": {\n\t\t\t\"auth\": "
            "\"eDp5\"\n\t\t},\n\t\t\"a.test\": {\n\t\t\t\"auth\": \"dTpw\"\n\t\t}\n\t},\n"
            "\t\"proxies\": {\n\t\t\"default\": {}\n\t}\n}\n");
}

TEST_F(StoreTest, ALaterLoginReplacesEverySpelling) {
  Write(
      R"({"auths": {"https://a.test/v1/": {"auth": "b2xkOng="}, "a.test/team": {"auth": "dDp0"}}})");
  Save("a.test");
  EXPECT_EQ(Load("a.test"), (Credential{.user = "u", .password = "p"}));
  EXPECT_EQ(Text().find("v1"), std::string::npos);
  EXPECT_NE(Text().find("a.test/team"), std::string::npos);
  EXPECT_TRUE(*EraseLogin(files_, helpers_, path(), "a.test"));
  EXPECT_EQ(Load("a.test"), std::nullopt);
  EXPECT_FALSE(*EraseLogin(files_, helpers_, path(), "a.test"));
  EXPECT_NE(Text().find("a.test/team"), std::string::npos);
}

TEST_F(StoreTest, TheHubIsKeptAsDockerKeepsIt) {
  Save("docker.io");
  EXPECT_NE(Text().find("\"https://index.docker.io/v1/\""), std::string::npos);
  EXPECT_EQ(Load("docker.io")->user, "u");
  EXPECT_TRUE(*EraseLogin(files_, helpers_, path(), "docker.io"));
}

TEST_F(StoreTest, AHelperKeepsItWhereOneIsConfigured) {
  const std::string config = R"({"credHelpers": {"a.test": "safe"}})";
  Write(config);
  EXPECT_FALSE(Save("a.test"));
  EXPECT_EQ(Text(), config);
  EXPECT_EQ(helpers_.calls.back(),
            R"(safe store {"Secret":"p","ServerURL":"a.test","Username":"u"})");
  EXPECT_TRUE(*EraseLogin(files_, helpers_, path(), "a.test"));
  EXPECT_EQ(helpers_.calls.back(), "safe erase a.test");
  helpers_.answer = {.status = 1, .output = "locked"};
  const auto kept = SaveLogin(files_, helpers_, path(), "a.test", {.user = "u", .password = "p"});
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().id, "credentials.helper");
}

TEST_F(StoreTest, ALinkStaysALink) {
  const fs::path real = directory_.path() / "dotfiles.json";
  ASSERT_TRUE(WriteFile(files_, real, "{}"));
  fs::create_directories(path().parent_path());
  fs::create_symlink(real, path());
  Save("a.test");
  EXPECT_TRUE(fs::is_symlink(path()));
  EXPECT_NE(files_.Read(real, 1000)->find("a.test"), std::string::npos);
}

TEST_F(StoreTest, AFileThatCannotBeReadIsNotReplaced) {
  Write("{ not json");
  EXPECT_FALSE(SaveLogin(files_, helpers_, path(), "a.test", {.user = "u", .password = "p"}));
  EXPECT_FALSE(EraseLogin(files_, helpers_, path(), "a.test"));
  EXPECT_EQ(Text(), "{ not json");
}

}  // namespace
}  // namespace pullproof::resolver::credentials
