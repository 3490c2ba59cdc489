#include "resolver/sources/glob.h"

#include <string>

#include <gtest/gtest.h>

namespace pullproof::resolver::sources {
namespace {

struct Case {
  const char* pattern;
  const char* text;
  bool matches;
};

class GlobTest : public testing::TestWithParam<Case> {};

TEST_P(GlobTest, Matches) {
  const auto glob = Glob::Parse(GetParam().pattern);
  ASSERT_TRUE(glob.has_value());
  EXPECT_EQ(glob->Matches(GetParam().text), GetParam().matches)
      << GetParam().pattern << " on " << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Table, GlobTest,
    testing::Values(
        Case{"a", "a", true}, Case{"a", "A", false}, Case{"", "", true}, Case{"*", ".hidden", true},
        Case{"*", "", true}, Case{"static/*", "static/a/b", true},
        Case{"static/*", "static", false}, Case{"*.map", "a/b.map", true}, Case{"a?c", "abc", true},
        Case{"a?c",
             "a\xC3\xA4"
             "c",
             true},
        Case{"a?c", "ac", false}, Case{"[ab]x", "bx", true}, Case{"[!ab]x", "bx", false},
        Case{"[a-c]", "c", true}, Case{"[a-c]", "d", false}, Case{"[]]", "]", true},
        Case{"[a-]", "-", true}, Case{"**/x", "x", true}, Case{"**/x", "a/b/x", true},
        Case{"**/x", "ax", false}, Case{"a/**/b", "a/b", true}, Case{"a/**/b", "a/x/y/b", true},
        Case{"a/**/b", "a/xb", false}, Case{"a/**", "a/b/c", true}, Case{"a/**", "ab", false},
        Case{"**/*.js", "x/y.js", true}, Case{"**", "anything/at/all", true}));

TEST(GlobTest, RefusesBrokenPatterns) {
  for (const char* pattern : {"[a", "[", "a**", "**a", "***", "[]"}) {
    const auto glob = Glob::Parse(pattern);
    ASSERT_FALSE(glob.has_value()) << pattern;
    EXPECT_EQ(glob.error().id, "files.glob");
  }
}

TEST(GlobTest, ManyStarsTakeNoTime) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "*a";
  EXPECT_FALSE(Glob::Parse(pattern + "b")->Matches(std::string(5'000, 'a')));
}

}  // namespace
}  // namespace pullproof::resolver::sources
