#include "conformance/client/template.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/document.h"

namespace pullproof::conformance::client {
namespace {

using ::testing::ElementsAre;

Task PullTask() {
  Task task;
  task.verb = Verb::kPull;
  task.reference = "127.0.0.1:40123/lib/app:1.0";
  task.home = "/case/home";
  task.output = "/case/out";
  task.login = Login{"alice", "s3cret"};
  return task;
}

std::string Expand(std::string_view text, const Task& task) {
  Diagnostics problems("profile.toml");
  const std::optional<Template> parsed =
      Template::Parse(text, {}, "the text", Secrets::kAllowed, problems);
  EXPECT_TRUE(parsed.has_value()) << problems.all().front().message;
  return parsed ? parsed->Expand(ValuesOf(task)) : "";
}

std::string ErrorOf(std::string_view text, Secrets secrets = Secrets::kForbidden) {
  Diagnostics problems("profile.toml");
  EXPECT_FALSE(Template::Parse(text, {3, 7}, "the text", secrets, problems).has_value()) << text;
  return problems.HasErrors() ? Describe(problems.FirstError()) : "";
}

TEST(TemplateTest, FillsInWhatTheTaskSays) {
  const Task task = PullTask();
  EXPECT_EQ(Expand("docker://{ref}", task), "docker://127.0.0.1:40123/lib/app:1.0");
  EXPECT_EQ(Expand("{registry}|{repo}|{tag}|{digest}", task), "127.0.0.1:40123|lib/app|1.0|");
  EXPECT_EQ(Expand("{home}/x {output} {user}:{password} {verb}", task),
            "/case/home/x /case/out alice:s3cret pull");
  EXPECT_EQ(Expand("{{.Tag}} }}{{", task), "{.Tag} }{");
  EXPECT_EQ(Expand("", task), "");
}

TEST(TemplateTest, TakesAReferenceApartByItsPunctuation) {
  struct Row {
    std::string reference;
    std::string parts;
  };
  const Row rows[] = {
      {"host:5000/a/b:t@sha256:00", "host:5000|a/b|t|sha256:00"},
      {"host.example/a@sha256:00", "host.example|a||sha256:00"},
      {"localhost/a", "localhost|a||"},
      {"[::1]:5000/a:t", "[::1]:5000|a|t|"},
      {"alpine", "docker.io|alpine||"},
      {"team/app:1", "docker.io|team/app|1|"},
      {"host:1/../x", "host:1|../x||"},
  };
  for (const Row& row : rows) {
    Task task = PullTask();
    task.reference = row.reference;
    EXPECT_EQ(Expand("{registry}|{repo}|{tag}|{digest}", task), row.parts) << row.reference;
  }
}

TEST(TemplateTest, SaysHowTheRegistryIsToBeAsked) {
  Task task = PullTask();
  constexpr const char* kAll = "{scheme} {insecure} {secure} {tls} {ca}";
  EXPECT_EQ(Expand(kAll, task), "http true false disabled ");
  task.plain_http = false;
  task.ca_file = "/case/ca.pem";
  EXPECT_EQ(Expand(kAll, task), "https false true enabled /case/ca.pem");
}

TEST(TemplateTest, TakesAPlatformApart) {
  Task task = PullTask();
  EXPECT_EQ(Expand("{platform}|{os}|{arch}|{variant}", task), "|||");
  task.platform = "linux/arm/v7";
  EXPECT_EQ(Expand("{platform}|{os}|{arch}|{variant}", task), "linux/arm/v7|linux|arm|v7");
}

TEST(TemplateTest, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(ErrorOf("{reff}"),
            "profile.toml:3:7: the text has an unknown placeholder `{reff}` [client.placeholder]\n"
            "  did you mean `ref`?");
  EXPECT_THAT(ErrorOf("a{ref"), ::testing::HasSubstr("a `{` without its partner"));
  EXPECT_THAT(ErrorOf("a}"), ::testing::HasSubstr("a `}` without its partner"));
  EXPECT_THAT(ErrorOf("--creds={user}:{password}"), ::testing::HasSubstr("[client.secret]"));
  EXPECT_THAT(ErrorOf("--proxy={proxy}"), ::testing::HasSubstr("[client.secret]"));
}

CommandTemplate ReadCommand(const std::string& toml) {
  const Result<Node> document = ParseToml("c = " + toml, "c.toml");
  EXPECT_TRUE(document.has_value());
  Diagnostics problems("c.toml");
  std::optional<CommandTemplate> command =
      CommandTemplate::Read(*document->Find("c"), "the command", problems);
  EXPECT_TRUE(command.has_value());
  return command.value_or(CommandTemplate());
}

TEST(CommandTemplateTest, LeavesOutAGroupWithoutItsValue) {
  const CommandTemplate command = ReadCommand(
      R"(["pull", ["--os", "{os}"], ["--variant", "{variant}", "--exact"], "{ref}", "{tag}"])");
  Task task = PullTask();
  task.reference = "h:1/a";
  EXPECT_THAT(command.Expand(ValuesOf(task)), ElementsAre("pull", "h:1/a", ""));
  task.platform = "linux/arm";
  EXPECT_THAT(command.Expand(ValuesOf(task)), ElementsAre("pull", "--os", "linux", "h:1/a", ""));
  task.platform = "linux/arm/v7";
  EXPECT_THAT(command.Expand(ValuesOf(task)),
              ElementsAre("pull", "--os", "linux", "--variant", "v7", "--exact", "h:1/a", ""));
}

TEST(CommandTemplateTest, KnowsWhatItMentions) {
  const CommandTemplate command = ReadCommand(R"(["pull", ["--os", "{os}"], "{ref}"])");
  EXPECT_TRUE(command.Mentions("os"));
  EXPECT_TRUE(command.Mentions("ref"));
  EXPECT_FALSE(command.Mentions("arch"));
}

TEST(CommandTemplateTest, RefusesWhatIsNoCommand) {
  struct Row {
    std::string toml;
    std::string id;
  };
  const Row rows[] = {
      {R"("skopeo copy")", "client.command"},      {"[]", "client.command"},
      {R"([["--first"], "x"])", "client.command"}, {R"(["x", 3])", "model.kind"},
      {R"(["x", ["y", 3]])", "model.kind"},        {R"(["x", "{nothing}"])", "client.placeholder"},
  };
  for (const Row& row : rows) {
    const Result<Node> document = ParseToml("c = " + row.toml, "c.toml");
    ASSERT_TRUE(document.has_value()) << row.toml;
    Diagnostics problems("c.toml");
    EXPECT_FALSE(CommandTemplate::Read(*document->Find("c"), "the command", problems).has_value());
    ASSERT_TRUE(problems.HasErrors()) << row.toml;
    EXPECT_EQ(problems.FirstError().id, row.id) << row.toml;
  }
}

}  // namespace
}  // namespace pullproof::conformance::client
