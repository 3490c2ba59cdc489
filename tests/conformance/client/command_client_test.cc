#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "conformance/client/client.h"
#include "conformance/client/home.h"
#include "mockregistry/registry.h"
#include "mockregistry/scenario.h"

namespace pullproof::conformance::client {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kHead = R"(
client   = 1
name     = "victim"
title    = "a program that does what it is told"
requires = "VICTIM"
install  = "it is built with the tests"
tried    = "by the tests"
)";

// A profile for the test program, whose path stands for VICTIM.
std::string ProfileText(std::string_view rest, std::string_view head = kHead) {
  std::string text = std::string(head) + std::string(rest);
  for (std::size_t at = text.find("VICTIM"); at != std::string::npos; at = text.find("VICTIM")) {
    text.replace(at, std::string_view("VICTIM").size(), PULLPROOF_VICTIM);
  }
  return text;
}

std::unique_ptr<Client> Load(std::string_view rest) {
  Result<std::unique_ptr<Client>> client = LoadCommandClient(ProfileText(rest), "victim.toml");
  EXPECT_TRUE(client.has_value()) << Describe(client.error());
  return client ? *std::move(client) : nullptr;
}

class CommandClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(directory_.has_value());
    task_.verb = Verb::kPull;
    task_.reference = "127.0.0.1:1/lib/app:1.0";
    task_.home = directory_->path() / "home";
    task_.output = directory_->path() / "out";
    task_.budget = std::chrono::seconds(30);
  }

  Attempt Run(std::string_view rest) { return Load(rest)->Run(task_, *registry_); }

  Result<TemporaryDirectory> directory_ = TemporaryDirectory::Create("command-client-test-");
  std::unique_ptr<mockregistry::Registry> registry_ =
      mockregistry::Registry::InMemory(mockregistry::EmptyScenario());
  Task task_;
};

TEST_F(CommandClientTest, KnowsItsNameItsVersionAndWhatItCanDo) {
  const std::unique_ptr<Client> client = Load(R"(
version = { command = ["VICTIM", "say", "victim version 1.2.3 of today"], after = "version" }
capabilities = ["platform", "auth.basic"]
verbs.pull = { commands = [["VICTIM"]] }
)");
  EXPECT_EQ(client->name(), "victim");
  EXPECT_EQ(client->version(), "1.2.3");
  EXPECT_TRUE(client->Supports(Verb::kPull, {}));
  EXPECT_TRUE(client->Supports(Verb::kPull, {"auth.basic", "platform"}));
  EXPECT_FALSE(client->Supports(Verb::kPull, {"platform", "referrers"}));
  EXPECT_FALSE(client->Supports(Verb::kPush, {}));
}

TEST_F(CommandClientTest, AVersionThatCannotBeFoundIsEmpty) {
  EXPECT_EQ(Load("verbs.pull = { commands = [[\"VICTIM\"]] }")->version(), "");
  EXPECT_EQ(Load("version = { command = [\"/nowhere/program\"] }\n"
                 "verbs.pull = { commands = [[\"VICTIM\"]] }")
                ->version(),
            "");
}

TEST_F(CommandClientTest, RunsItsCommandsInOrderAndShowsThem) {
  const Attempt attempt = Run(R"(
[verbs.pull]
commands = [["VICTIM", "say", "pulling {ref}"], ["VICTIM", "warn", "{output}"]]
)");
  EXPECT_EQ(attempt.outcome, Outcome::kOk);
  EXPECT_EQ(attempt.exit_status, 0);
  EXPECT_EQ(attempt.out, "pulling 127.0.0.1:1/lib/app:1.0\n");
  EXPECT_EQ(attempt.err, task_.output.string() + "\n");
  EXPECT_THAT(attempt.command,
              ElementsAre(PULLPROOF_VICTIM, "say", "pulling 127.0.0.1:1/lib/app:1.0", "&&",
                          PULLPROOF_VICTIM, "warn", task_.output.string()));
  EXPECT_GT(attempt.took, Duration::zero());
}

TEST_F(CommandClientTest, TellsHowItEnded) {
  struct Row {
    std::string command;
    Outcome outcome;
    int status;
    std::string error_class;
  };
  const Row rows[] = {
      {R"("exit", "0")", Outcome::kOk, 0, ""},
      {R"("warn", "x: 404", "exit", "1")", Outcome::kFailed, 1, "not_found"},
      {R"("warn", "?", "exit", "1")", Outcome::kFailed, 1, ""},
      {R"("exit", "28")", Outcome::kFailed, 28, "timeout"},
      {R"("warn", "goroutine 1 [running]:", "exit", "2")", Outcome::kCrashed, 2, ""},
      // A registry can make a client print anything; then it still succeeded.
      {R"("warn", "goroutine 1 [running]:", "exit", "0")", Outcome::kOk, 0, ""},
      {R"("abort")", Outcome::kCrashed, SIGABRT, ""},
      {R"("exit", "127")", Outcome::kUnsupported, 127, ""},
      {R"("exit", "126")", Outcome::kBroken, 126, ""},
  };
  for (const Row& row : rows) {
    const Attempt attempt = Run(R"(
crash = ["goroutine * [*]:"]
errors = [{ class = "not_found", stderr = "*404*" }, { class = "timeout", status = [28] }]
verbs.pull = { commands = [["VICTIM", )" +
                                row.command + "]] }");
    EXPECT_EQ(attempt.outcome, row.outcome) << row.command;
    EXPECT_EQ(attempt.exit_status, row.status) << row.command;
    EXPECT_EQ(attempt.error_class, row.error_class) << row.command;
  }
}

TEST_F(CommandClientTest, TheFirstCommandThatFailsEndsTheStep) {
  const Attempt attempt = Run(R"(
[verbs.pull]
commands = [["VICTIM", "say", "one", "exit", "4"], ["VICTIM", "say", "two"]]
)");
  EXPECT_EQ(attempt.outcome, Outcome::kFailed);
  EXPECT_EQ(attempt.exit_status, 4);
  EXPECT_EQ(attempt.out, "one\n");
}

TEST_F(CommandClientTest, ACommandThatDoesNotEndHangs) {
  task_.budget = milliseconds(100);
  const Attempt attempt = Run(R"(
[verbs.pull]
commands = [["VICTIM", "hang"]]
)");
  EXPECT_EQ(attempt.outcome, Outcome::kHung);
  EXPECT_GE(attempt.took, milliseconds(100));
}

TEST_F(CommandClientTest, SuccessMayAlsoTakeAPattern) {
  constexpr std::string_view kVerb = R"(
[verbs.pull]
success  = "Digest: *"
)";
  EXPECT_EQ(Run(std::string(kVerb) + R"(commands = [["VICTIM", "say", "Digest: x"]])").outcome,
            Outcome::kOk);
  EXPECT_EQ(Run(std::string(kVerb) + R"(commands = [["VICTIM", "say", "nothing"]])").outcome,
            Outcome::kFailed);
}

TEST_F(CommandClientTest, ListsTags) {
  task_.verb = Verb::kListTags;
  const Attempt attempt = Run(R"(
[verbs.list-tags]
commands = [["VICTIM", "say", '{{"Tags":["a","b"]}}']]
tags     = { json = "/Tags" }
)");
  EXPECT_EQ(attempt.outcome, Outcome::kOk) << attempt.err;
  EXPECT_THAT(attempt.tags, ElementsAre("a", "b"));
}

TEST_F(CommandClientTest, AListingThatCannotBeReadIsTheAdaptersFault) {
  task_.verb = Verb::kListTags;
  const Attempt attempt = Run(R"(
[verbs.list-tags]
commands = [["VICTIM", "say", "oops"]]
tags     = { json = "/Tags" }
)");
  EXPECT_EQ(attempt.outcome, Outcome::kBroken);
  EXPECT_THAT(attempt.err, HasSubstr("[client.tags]"));
}

TEST_F(CommandClientTest, WorksInAWorldOfItsOwn) {
  const Attempt attempt = Run(R"(
environment = { TOOL = "{home}/tool", LC_ALL = "C" }
verbs.pull = { commands = [["VICTIM", "show-directory", "show-environment"]] }
)");
  const std::string home = task_.home.string();
  EXPECT_THAT(attempt.out, ::testing::StartsWith(home + "\n"));
  EXPECT_THAT(attempt.out, HasSubstr("\nHOME=" + home + "\n"));
  EXPECT_THAT(attempt.out, HasSubstr("\nTOOL=" + home + "/tool\n"));
  EXPECT_THAT(attempt.out, HasSubstr("\nLC_ALL=C\n"));
  EXPECT_THAT(attempt.out, ::testing::Not(HasSubstr("LC_ALL=C.UTF-8")));
}

TEST_F(CommandClientTest, SecretsGoIntoFilesAndNowhereElse) {
  task_.login = Login{"alice", "s3cret"};
  const Attempt attempt = Run(R"(
[[files]]
path = "{home}/.netrc"
text = "login {user} password {password}"

[verbs.pull]
commands = [["VICTIM", "show-environment", "pass-input"]]
stdin    = "{password}"
)");
  ASSERT_EQ(attempt.outcome, Outcome::kOk) << attempt.err;
  EXPECT_THAT(attempt.out, ::testing::EndsWith("\ns3cret"));  // from standard input only
  EXPECT_EQ(attempt.out.find("s3cret"), attempt.out.size() - 6);
  EXPECT_THAT(attempt.command, ::testing::Each(::testing::Not(HasSubstr("s3cret"))));
  SystemFileSystem files;
  EXPECT_EQ(files.Read(task_.home / ".netrc", 1000), "login alice password s3cret");
  EXPECT_EQ(files.Read(LoginFileOf(task_.home), 1000),
            R"({"auths":{"127.0.0.1:1":{"auth":"YWxpY2U6czNjcmV0"}}})");
  struct stat info{};
  ASSERT_EQ(::stat((task_.home / ".netrc").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, mode_t{0600});
}

TEST_F(CommandClientTest, WhatTheProfileHasNoWordsForIsUnsupported) {
  constexpr std::string_view kNoLogin =
      "login = \"none\"\n"
      "verbs.pull = { commands = [[\"VICTIM\"]] }\n";
  EXPECT_EQ(Run(kNoLogin).outcome, Outcome::kOk);
  task_.login = Login{"alice", "s3cret"};
  EXPECT_EQ(Run(kNoLogin).outcome, Outcome::kUnsupported);
  task_.login.reset();
  task_.platform = "linux/arm64";
  EXPECT_EQ(Run(kNoLogin).outcome, Outcome::kUnsupported);
  EXPECT_EQ(Run("verbs.pull = { commands = [[\"VICTIM\", [\"{platform}\"]]] }").outcome,
            Outcome::kOk);
  task_.platform.clear();
  task_.recursive = true;
  EXPECT_EQ(Run(kNoLogin).outcome, Outcome::kUnsupported);
  task_.recursive = false;
  task_.verb = Verb::kDelete;
  EXPECT_EQ(Run(kNoLogin).outcome, Outcome::kUnsupported);
}

TEST_F(CommandClientTest, AMissingProgramIsBrokenAndSaysWhatToInstall) {
  Result<std::unique_ptr<Client>> client = LoadCommandClient(R"(
client   = 1
name     = "absent"
title    = "a program that is not there"
requires = "no-such-program"
install  = "apt-get install no-such-program"
tried    = "by the tests"
verbs.pull = { commands = [["no-such-program", "{ref}"]] }
)",
                                                             "absent.toml");
  ASSERT_TRUE(client.has_value());
  const Attempt attempt = (*client)->Run(task_, *registry_);
  EXPECT_EQ(attempt.outcome, Outcome::kBroken);
  EXPECT_THAT(attempt.err, HasSubstr("`no-such-program` is in no directory of PATH"));
  EXPECT_THAT(attempt.err, HasSubstr("apt-get install no-such-program"));
}

TEST_F(CommandClientTest, AHomeThatCannotBeMadeIsBroken) {
  ASSERT_TRUE(WritePrivateFile(task_.home, "a file in the way").has_value());
  const Attempt attempt = Run("verbs.pull = { commands = [[\"VICTIM\"]] }");
  EXPECT_EQ(attempt.outcome, Outcome::kBroken);
  EXPECT_THAT(attempt.err, HasSubstr("[file.io]"));
}

TEST_F(CommandClientTest, MemoryIsBounded) {
  task_.max_memory = 500'000'000;
  EXPECT_EQ(Run("verbs.pull = { commands = [[\"VICTIM\", \"allocate\", \"1000000000\"]] }").out,
            "refused\n");
}

TEST(LoadCommandClientTest, ABadProfileIsAnErrorWithItsPlace) {
  const auto syntax = LoadCommandClient("client = ", "x.toml");
  ASSERT_FALSE(syntax.has_value());
  EXPECT_EQ(syntax.error().id, "toml.syntax");
  const auto model = LoadCommandClient("client = 1\nname = 3\n", "x.toml");
  ASSERT_FALSE(model.has_value());
  EXPECT_EQ(model.error().id, "model.kind");
  EXPECT_EQ(model.error().where, "x.toml:2:8");
}

}  // namespace
}  // namespace pullproof::conformance::client
