// Real helpers, each a few lines of shell, and what is made of them.
#include "resolver/credentials/helper.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "resolver/credentials/file_source.h"

namespace pullproof::resolver::credentials {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class HelperTest : public testing::Test {
 protected:
  HelperTest() : directory_(*TemporaryDirectory::Create("helper-test")) {}

  [[nodiscard]] fs::path root() const { return directory_.path(); }
  void Install(const std::string& name, const std::string& script) {
    const fs::path path = root() / ("docker-credential-" + name);
    ASSERT_TRUE(WriteFile(files_, path, "#!/bin/sh\n" + script + "\n"));
    fs::permissions(path, fs::perms::owner_all);
  }
  std::string Get(const std::string& name, Duration timeout = kHelperTimeout) {
    SystemHelpers helpers(search_, environment_, timeout);
    const auto found = HelperGet(helpers, name, "registry.test:5000");
    if (!found) {
      error_ = Describe(found.error());
      return found.error().id;
    }
    if (!*found) return "none";
    return fmt::format("{}:{}:{}", (*found)->user, (*found)->password, (*found)->identity_token);
  }
  std::string Text(const char* name) { return files_.Read(root() / name, 1000).value_or("-"); }

  TemporaryDirectory directory_;
  SystemFileSystem files_;
  const std::string search_ = root().string() + ":/usr/bin:/bin";
  const std::vector<std::string> environment_ = {"PATH=/usr/bin:/bin", "MARK=here"};
  std::string error_;
};

TEST_F(HelperTest, GetsTheServerOnStdinAndTheVerbAsArgument) {
  Install("good", fmt::format("cd {}; echo \"$* $MARK\" > args; cat > in\n"
                              "echo '{{\"ServerURL\":\"x\",\"Username\":\"u\",\"Secret\":\"s\"}}'",
                              root().string()));
  EXPECT_EQ(Get("good"), "u:s:");
  EXPECT_EQ(Text("args"), "get here\n");
  EXPECT_EQ(Text("in"), "registry.test:5000");
}

TEST_F(HelperTest, AnswersAreToldApart) {
  Install("token", "echo '{\"Username\":\"<token>\",\"Secret\":\"idt\"}'");
  Install("none", "echo 'credentials not found in native keychain'; exit 1");
  Install("empty", "echo '{\"Username\":\"\",\"Secret\":\"\"}'");
  Install("locked", "echo 'the keychain is locked'; exit 1");
  Install("junk", "echo hunter2");
  Install("killed", "kill -9 $$");
  EXPECT_EQ(Get("token"), "::idt");
  EXPECT_EQ(Get("none"), "none");
  EXPECT_EQ(Get("empty"), "none");
  EXPECT_EQ(Get("locked"), "credentials.helper");
  EXPECT_THAT(error_, HasSubstr("the keychain is locked"));
  EXPECT_EQ(Get("junk"), "credentials.helper");
  EXPECT_THAT(error_, Not(HasSubstr("hunter2")));
  EXPECT_EQ(Get("killed"), "credentials.helper");
  EXPECT_EQ(Get("absent"), "credentials.helper");
  EXPECT_THAT(error_, HasSubstr("not installed"));
}

TEST_F(HelperTest, OneThatHangsIsEndedWithItsChildren) {
  Install("hang", fmt::format("sleep 600 & echo $! > {}/child; wait", root().string()));
  EXPECT_EQ(Get("hang", std::chrono::milliseconds(500)), "credentials.helper");
  EXPECT_THAT(error_, HasSubstr("did not answer within 500 ms"));
  // What runs no more has no command line, be it gone or left for init to reap. The kernel takes a
  // moment.
  const std::string child = Text("child");
  const std::string path = "/proc/" + child.substr(0, child.find('\n')) + "/cmdline";
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!files_.Read(path, 100).value_or("").empty()) {
    ASSERT_LT(std::chrono::steady_clock::now(), end) << "the helper's child goes on";
    std::this_thread::yield();
  }
}

TEST_F(HelperTest, OutputIsBounded) {
  Install("flood", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done");
  EXPECT_EQ(Get("flood"), "credentials.helper");
  EXPECT_THAT(error_, HasSubstr("wrote more than"));
}

TEST_F(HelperTest, OneThatDoesNotReadIsNoBrokenPipe) {
  Install("deaf", "exec <&-; echo '{\"Username\":\"u\",\"Secret\":\"s\"}'");
  SystemHelpers helpers(search_, environment_);
  const auto answer = helpers.Run("deaf", "get", std::string(1 << 20, 'x'));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 0);
}

TEST_F(HelperTest, NamesAreNoPaths) {
  for (const char* name : {"", "../evil", "a/b", ".hidden", "a b", "$(id)", "a;b", "\xC3\xA9"}) {
    EXPECT_EQ(Get(name), "credentials.helper-name") << name;
  }
  EXPECT_TRUE(IsHelperName("osxkeychain") && IsHelperName("ecr-login") && IsHelperName("a.b_c"));
}

TEST_F(HelperTest, StoresErasesAndLists) {
  Install("keep", fmt::format("cd {}; case $1 in store|erase) cat > $1;; list) "
                              "echo '{{\"a.test\":\"u\",\"b.test\":\"v\"}}';; esac",
                              root().string()));
  SystemHelpers helpers(search_, environment_);
  ASSERT_TRUE(HelperStore(helpers, "keep", "a.test", {.user = "u\"", .password = "p"}));
  EXPECT_EQ(Text("store"), R"({"Secret":"p","ServerURL":"a.test","Username":"u\""})");
  ASSERT_TRUE(HelperErase(helpers, "keep", "a.test"));
  EXPECT_EQ(Text("erase"), "a.test");
  EXPECT_THAT(*HelperList(helpers, "keep"), testing::ElementsAre("a.test", "b.test"));
}

TEST_F(HelperTest, AFileAsksItsHelperOnceForARegistry) {
  Install("count", fmt::format("echo x >> {}/count; cat > /dev/null\n"
                               "echo 'credentials not found in native keychain'; exit 1",
                               root().string()));
  ASSERT_TRUE(WriteFile(files_, root() / "config.json",
                        R"({"credsStore": "count", "auths": {"a.test": {"username": "file"}}})"));
  SystemHelpers helpers(search_, environment_);
  FileSource source(files_, helpers, root() / "config.json");
  for (int i = 0; i < 3; ++i) {
    const auto found = source.Find("a.test", "app");
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->user, "file");  // what the helper has not, the file may
  }
  EXPECT_EQ(Text("count"), "x\n");
}

TEST_F(HelperTest, FilesAreAskedInOrder) {
  ASSERT_TRUE(WriteFile(files_, root() / "one", R"({"auths": {"a.test": {"username": "1"}}})"));
  ASSERT_TRUE(
      WriteFile(files_, root() / "two",
                R"({"auths": {"a.test": {"username": "2"}, "b.test": {"username": "2"}}})"));
  ASSERT_TRUE(WriteFile(files_, root() / "bad", "{"));
  SystemHelpers helpers(search_, environment_);
  FileSource absent(files_, helpers, root() / "absent");
  FileSource one(files_, helpers, root() / "one");
  FileSource two(files_, helpers, root() / "two");
  FileSource bad(files_, helpers, root() / "bad");
  SourceChain chain({&absent, &one, &two});
  EXPECT_EQ((*chain.Find("a.test", ""))->user, "1");
  EXPECT_EQ((*chain.Find("b.test", ""))->user, "2");
  EXPECT_EQ(*chain.Find("c.test", ""), std::nullopt);
  EXPECT_FALSE(SourceChain({&bad, &one}).Find("a.test", ""));
}

}  // namespace
}  // namespace pullproof::resolver::credentials
