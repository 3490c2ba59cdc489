#include "resolver/artifact/path.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::resolver::artifact {
namespace {

using testing::HasSubstr;

TEST(CheckRelativePathTest, AcceptsPlainNames) {
  for (const char* path : {"a", "a/b.txt", ".hidden", "a..b/c", "\xC3\xA4/\xE2\x82\xAC", "a b"}) {
    EXPECT_TRUE(CheckRelativePath(path, "ref").has_value()) << path;
  }
}

TEST(CheckRelativePathTest, RefusesEverythingElse) {
  const std::vector<std::pair<std::string, std::string>> unsafe = {
      {"", "is empty"},
      {"/etc/passwd", "is absolute"},
      {"../x", "segment of dots"},
      {"a/../../x", "segment of dots"},
      {"./a", "segment of dots"},
      {"a//b", "empty segment"},
      {"a/", "ends in a slash"},
      {"a\\b", "backslash"},
      {"C:x", "drive letter"},
      {std::string("a\0b", 3), "control character"},
      {"a\nb", "control character"},
      {"\xFF", "not UTF-8"},
      {std::string(5000, 'a'), "longer than"},
      {[] {
         std::string deep = "a";
         for (int i = 0; i < 200; ++i) deep += "/a";
         return deep;
       }(),
       "segments"},
  };
  for (const auto& [path, why] : unsafe) {
    const auto checked = CheckRelativePath(path, "ref");
    ASSERT_FALSE(checked.has_value()) << path;
    EXPECT_EQ(checked.error().id, "path.unsafe");
    EXPECT_EQ(checked.error().where, "ref");
    EXPECT_THAT(checked.error().message, HasSubstr(why));
  }
}

TEST(FindPathClashTest, FindsAFileThatIsADirectory) {
  // '-' sorts before '/', so that the two are no neighbours.
  const std::vector<std::string_view> paths = {"a", "a-b", "a/b", "c"};
  const auto clash = FindPathClash(paths);
  ASSERT_TRUE(clash.has_value());
  EXPECT_EQ(clash->file, "a");
  EXPECT_EQ(clash->inside, "a/b");
}

TEST(FindPathClashTest, FindsNothingAmongNeighbours) {
  const std::vector<std::string_view> paths = {"a/b", "a/c", "ab", "b/a"};
  EXPECT_FALSE(FindPathClash(paths).has_value());
}

}  // namespace
}  // namespace pullproof::resolver::artifact
