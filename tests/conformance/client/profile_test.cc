#include "conformance/client/profile.h"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/document.h"
#include "base/table_reader.h"

namespace pullproof::conformance::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kWhole = R"(
client   = 1
name     = "tool"
title    = "a tool"
homepage = "https://tool.example"
requires = "tool"
install  = "build it"
tried    = "untried: an example"
login    = "none"
capabilities = ["platform"]
crash    = ["panic: *"]
version  = { command = ["tool", "--version"], after = "tool" }

[environment]
TOOL_HOME = "{home}/tool"

[[files]]
path = "{home}/.toolrc"
text = "user = {user}\npassword = {password}\n"

[verbs.pull]
commands = [["tool", "pull", "{ref}"], ["tool", "export", "{output}"]]
stdin    = "{password}"
success  = "done*"

[verbs.list-tags]
commands = [["tool", "tags", "{repo}"]]
tags     = { json = "/tags" }

[[errors]]
class  = "not_found"
status = [4, 5]
stderr = "*no such*"
)";

std::optional<Profile> Read(std::string_view text, Diagnostics& problems) {
  const Result<Node> document = ParseToml(text, "tool.toml");
  EXPECT_TRUE(document.has_value()) << Describe(document.error());
  return document ? ReadProfile(*document, problems) : std::nullopt;
}

TEST(ProfileTest, ReadsEveryMember) {
  Diagnostics problems("tool.toml");
  const std::optional<Profile> profile = Read(kWhole, problems);
  ASSERT_TRUE(profile.has_value()) << Describe(problems.FirstError());
  EXPECT_EQ(profile->name, "tool");
  EXPECT_EQ(profile->program, "tool");
  EXPECT_EQ(profile->install, "build it");
  EXPECT_EQ(profile->login_file, Profile::LoginFile::kNone);
  EXPECT_THAT(profile->capabilities, ElementsAre("platform"));
  EXPECT_THAT(profile->crash_patterns, ElementsAre("panic: *"));
  EXPECT_EQ(profile->version_after, "tool");
  EXPECT_EQ(profile->files.size(), 1U);
  EXPECT_EQ(profile->environment.front().first, "TOOL_HOME");
  ASSERT_EQ(profile->errors.size(), 1U);
  EXPECT_EQ(profile->errors[0].error_class, "not_found");
  EXPECT_THAT(profile->errors[0].statuses, ElementsAre(4, 5));
  EXPECT_THAT(profile->errors[0].patterns, ElementsAre("*no such*"));

  const VerbProfile* pull = profile->Find(Verb::kPull);
  ASSERT_NE(pull, nullptr);
  EXPECT_EQ(pull->commands.size(), 2U);
  EXPECT_EQ(pull->success, "done*");
  EXPECT_TRUE(pull->input.has_value());
  const VerbProfile* list = profile->Find(Verb::kListTags);
  ASSERT_NE(list, nullptr);
  EXPECT_TRUE(list->tags.is_json);
  EXPECT_EQ(list->tags.pointer, "/tags");
  EXPECT_EQ(profile->Find(Verb::kPush), nullptr);
}

// The whole profile with one thing changed.
struct Slip {
  std::string_view from;
  std::string_view to;
  std::string_view error;  // as FormatDiagnostic says it, in part
};

TEST(ProfileTest, SaysWhatIsWrongWhereAndWhatToWrite) {
  const Slip slips[] = {
      {"name     = \"tool\"", "", "the profile has no `name`"},
      {"client   = 1", "client = 2", "`client` of the profile is 2, outside 1 to 1"},
      {"tried    = \"untried: an example\"", "", "the profile has no `tried`"},
      {"capabilities", "capabilitys", "tool.toml:10:1: error: the profile has an unknown member"},
      {"login    = \"none\"", "login = \"docker\"", "`login` of the profile cannot be `docker`"},
      {"[verbs.pull]", "[verbs.pul]",
       "there is no verb `pul` [model.unknown-member]\n"
       "  did you mean `pull`?"},
      {"class  = \"not_found\"", "class = \"notfound\"", "did you mean `not_found`?"},
      {"status = [4, 5]", "status = [0]", "an exit status that means an error is 1 to 255"},
      {"status = [4, 5]\nstderr = \"*no such*\"", "", "[client.error-rule]"},
      {"tags     = { json = \"/tags\" }", "", "[verbs.list-tags] has no `tags`"},
      {"tags     = { json = \"/tags\" }", "tags = { json = \"tags\" }", "[client.pointer]"},
      {"tags     = { json = \"/tags\" }", "tags = 3", "must be \"lines\" or { json = POINTER }"},
      {"path = \"{home}/.toolrc\"", "path = \"/etc/toolrc\"", "[client.path]"},
      {"path = \"{home}/.toolrc\"", "path = \"{home}/../toolrc\"", "[client.path]"},
      {"text = \"user", "txt = \"user", "a file of the profile has no `text`"},
      {"\"{home}/tool\"", "\"{password}\"", "[client.secret]"},
      {"\"{ref}\"]", "\"{password}\"]", "[client.secret]"},
      {"\"{ref}\"]", "\"{reff}\"]", "[client.placeholder]"},
      {"commands = [[\"tool\", \"tags\", \"{repo}\"]]", "commands = []",
       "[verbs.list-tags] needs at least one command"},
      {"success  = \"done*\"", "sucess = \"done*\"", "did you mean `success`?"},
      {"version  = { command = [\"tool\", \"--version\"], after = \"tool\" }",
       "version = { after = \"tool\" }", "`version` has no `command`"},
  };
  for (const Slip& slip : slips) {
    std::string text(kWhole);
    const std::size_t at = text.find(slip.from);
    ASSERT_NE(at, std::string::npos) << slip.from;
    text.replace(at, slip.from.size(), slip.to);
    Diagnostics problems("tool.toml");
    EXPECT_FALSE(Read(text, problems).has_value()) << slip.to;
    std::string all;
    for (const Diagnostic& problem : problems.all()) all += FormatDiagnostic(problems, problem);
    EXPECT_THAT(all, HasSubstr(slip.error));
  }
}

TEST(ProfileTest, AClientMustBeAbleToDoSomething) {
  std::string text(kWhole);
  text = text.substr(0, text.find("[verbs.pull]")) + "[verbs]\n";
  Diagnostics problems("tool.toml");
  EXPECT_FALSE(Read(text, problems).has_value());
  EXPECT_EQ(problems.FirstError().id, "client.no-verbs");
}

}  // namespace
}  // namespace pullproof::conformance::client
