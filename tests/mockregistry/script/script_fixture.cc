#include "tests/mockregistry/script/script_fixture.h"

#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::mockregistry::script {
namespace {

constexpr std::string_view kContent = R"(
fixture = 1
id = "script"
blobs.layer = "0123456789"
blobs.other = "abcdefghijklmnopqrst"
manifests.app = { image = { layers = ["layer"] } }
manifests.multi = { index = [{ ref = "app", platform = "linux/amd64" }] }
repos."lib/app" = { tags = { "1.0" = "app", "all" = "multi" }, blobs = ["other"] }
)";

std::vector<std::string> TextsOf(const Diagnostics& problems) {
  std::vector<std::string> texts;
  for (const Diagnostic& problem : problems.all()) {
    texts.push_back(FormatDiagnostic(problems, problem));
  }
  return texts;
}

}  // namespace

const content::Content& SomeContent() {
  static const content::Content content = [] {
    Diagnostics problems("content.toml");
    const Node document = ParseToml(kContent, "content.toml").value();
    auto resolved = content::Resolve(content::ReadFixture(document, problems), ".", problems);
    EXPECT_THAT(TextsOf(problems), testing::IsEmpty());
    return resolved.value();
  }();
  return content;
}

const std::vector<std::string>& SomeHosts() {
  static const std::vector<std::string> hosts{"registry", "cdn"};
  return hosts;
}

Script ReadScript(std::string_view toml) {
  const Node document = ParseToml(toml, "case.toml").value();
  const Node* rules = document.Find("rules");
  Diagnostics problems("case.toml");
  Script script;
  script.rules =
      ReadRules(rules == nullptr ? Node() : *rules, SomeContent(), SomeHosts(), problems);
  script.complaints = TextsOf(problems);
  return script;
}

std::string OneLine(std::string_view text) {
  std::string line(text);
  std::ranges::replace(line, '\n', ' ');
  return line;
}

Rule ReadOne(std::string_view rule) {
  Script script = ReadScript(fmt::format("rules = [{{ id = \"r\", {} }}]", OneLine(rule)));
  EXPECT_THAT(script.complaints, testing::IsEmpty());
  return std::move(script.rules.at(0));
}

std::vector<std::string> ComplaintsAboutOn(std::string_view on) {
  const Node document = ParseToml(fmt::format("on = {{ {} }}", on), "case.toml").value();
  Diagnostics problems("case.toml");
  const bool was_read =
      Matcher::Read(*document.Find("on"), "`on` of rule `r`", problems).has_value();
  EXPECT_EQ(was_read, problems.all().empty());
  return TextsOf(problems);
}

}  // namespace pullproof::mockregistry::script
