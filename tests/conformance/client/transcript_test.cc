#include "conformance/client/transcript.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::conformance::client {
namespace {

using ::testing::ElementsAre;
using Strings = std::vector<std::string>;

TEST(TranscriptTest, MatchesWholeLines) {
  const std::string text = "first line\r\ngoroutine 1 [running]:\n";
  EXPECT_TRUE(AnyLineMatches(text, Strings{"goroutine * [*]:"}));
  EXPECT_TRUE(AnyLineMatches(text, Strings{"nothing", "first line"}));
  EXPECT_FALSE(AnyLineMatches(text, Strings{"goroutine"}));
  EXPECT_FALSE(AnyLineMatches(text, Strings{"*line*goroutine*"}));
  EXPECT_FALSE(AnyLineMatches(text, Strings{}));
}

TEST(TranscriptTest, AHostileLineCostsLittle) {
  const std::string line(std::size_t{1} << 20, 'a');
  EXPECT_FALSE(AnyLineMatches(line, Strings{"*a*a*a*a*a*b"}));
}

TEST(TranscriptTest, TheFirstRuleThatFitsDecides) {
  const std::vector<ErrorRule> rules = {
      {.error_class = "not_found", .statuses = {22}, .patterns = {"*404*"}},
      {.error_class = "timeout", .statuses = {28}, .patterns = {}},
      {.error_class = "network", .statuses = {}, .patterns = {"*refused*", "*reset*"}},
  };
  EXPECT_EQ(ClassifyError(rules, 22, "error: 404"), "not_found");
  EXPECT_EQ(ClassifyError(rules, 22, "error: 500"), "");
  EXPECT_EQ(ClassifyError(rules, 1, "error: 404"), "");
  EXPECT_EQ(ClassifyError(rules, 28, ""), "timeout");
  EXPECT_EQ(ClassifyError(rules, 1, "a\nconnection reset\n"), "network");
}

TEST(TranscriptTest, FindsTheVersion) {
  EXPECT_EQ(VersionIn("skopeo version 1.9.3\n", "version"), "1.9.3");
  EXPECT_EQ(VersionIn("0.20.2\n", ""), "0.20.2");
  EXPECT_EQ(VersionIn("Version:        1.2.0\nGo version: go1.22\n", "Version:"), "1.2.0");
  EXPECT_EQ(VersionIn("no such word", "version"), "");
  EXPECT_EQ(VersionIn("version   ", "version"), "");
}

TEST(TranscriptTest, ReadsTagsFromLines) {
  const Result<Strings> tags = ReadTags("1.0\r\n\n latest \n", {});
  ASSERT_TRUE(tags.has_value());
  EXPECT_THAT(*tags, ElementsAre("1.0", "latest"));
}

TEST(TranscriptTest, ReadsTagsFromJson) {
  struct Row {
    std::string text;
    std::string pointer;
    Strings tags;
  };
  const Row rows[] = {
      {R"({"Tags":["a","b"]})", "/Tags", {"a", "b"}},
      {R"([{"Tags":["a"]},{"Tags":["b"]}])", "/1/Tags", {"b"}},
      {R"(["a"])", "", {"a"}},
      {R"({"a/b":{"~":["x"]}})", "/a~1b/~0", {"x"}},
      {R"({"tags":null})", "/tags", {}},
      {R"({"tags":[]})", "/tags", {}},
  };
  for (const Row& row : rows) {
    const Result<Strings> tags = ReadTags(row.text, {.is_json = true, .pointer = row.pointer});
    ASSERT_TRUE(tags.has_value()) << row.text;
    EXPECT_EQ(*tags, row.tags) << row.text;
  }
}

TEST(TranscriptTest, AListingThatIsNoneIsAnError) {
  struct Row {
    std::string text;
    std::string pointer;
  };
  const Row rows[] = {
      {"", "/Tags"},
      {"oops", "/Tags"},
      {R"({"Tags":["a"]})", "/tags"},
      {R"({"Tags":"a"})", "/Tags"},
      {R"({"Tags":[1]})", "/Tags"},
      {R"([["a"]])", "/1"},
      {R"([["a"]])", "/x"},
  };
  for (const Row& row : rows) {
    const Result<Strings> tags = ReadTags(row.text, {.is_json = true, .pointer = row.pointer});
    ASSERT_FALSE(tags.has_value()) << row.text;
    EXPECT_EQ(tags.error().id, "client.tags");
  }
}

}  // namespace
}  // namespace pullproof::conformance::client
