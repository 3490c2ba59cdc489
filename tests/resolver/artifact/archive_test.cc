#include "resolver/artifact/archive.h"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/resolver/testing/fake_registry.h"

namespace pullproof::resolver::artifact {
namespace {

using resolver::testing::ArchiveEntry;
using resolver::testing::TarGz;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

Result<std::map<std::string, std::string>> Unpacked(std::string_view bytes,
                                                    const ArchiveLimits& limits = {}) {
  std::map<std::string, std::string> files;
  const auto read = ReadArchive(
      bytes, "layer", limits, [&](std::string_view path, std::string_view content) -> Result<void> {
        files.emplace(path, content);
        return {};
      });
  if (!read) return std::unexpected(read.error());
  return files;
}

TEST(ReadArchiveTest, GivesRegularFilesWithoutTheLeadingDot) {
  const auto files = Unpacked(
      TarGz({{"./", "", '5'}, {"./a", "", '5'}, {"./a/b.txt", "hello", '0'}, {"c", "", '0'}}));
  ASSERT_TRUE(files.has_value()) << files.error().message;
  EXPECT_THAT(*files, ElementsAre(Pair("a/b.txt", "hello"), Pair("c", "")));
}

TEST(ReadArchiveTest, KeepsNamesThatAreNotAscii) {
  const auto files = Unpacked(TarGz({{"\xC3\xA4.txt", "x", '0'}}));
  ASSERT_TRUE(files.has_value()) << files.error().message;
  EXPECT_THAT(*files, ElementsAre(Pair("\xC3\xA4.txt", "x")));
}

struct BadCase {
  const char* name;
  ArchiveEntry entry;
  const char* id;
  const char* message;
};

class BadArchiveTest : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadArchiveTest, IsRefused) {
  const auto files = Unpacked(TarGz({{"ok", "x", '0'}, GetParam().entry}));
  ASSERT_FALSE(files.has_value());
  EXPECT_EQ(files.error().id, GetParam().id);
  EXPECT_EQ(files.error().where, "layer");
  EXPECT_THAT(files.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadArchiveTest,
    ::testing::Values(BadCase{"Link", {"l", "/etc/passwd", '2'}, "archive.entry", "symbolic link"},
                      BadCase{"HardLink", {"l", "ok", '1'}, "archive.entry", "hard link"},
                      BadCase{"Fifo", {"f", "", '6'}, "archive.entry", "FIFO"},
                      BadCase{"Parent", {"../x", "y", '0'}, "path.unsafe", "segment of dots"},
                      BadCase{"Absolute", {"/x", "y", '0'}, "path.unsafe", "absolute"},
                      BadCase{"ParentDirectory", {"a/../../b/", "", '5'}, "path.unsafe", "dots"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(ReadArchiveTest, RefusesWhatIsNoArchive) {
  for (const std::string& bytes : {std::string("hello"), std::string(2000, 'x')}) {
    const auto files = Unpacked(bytes);
    ASSERT_FALSE(files.has_value());
    EXPECT_EQ(files.error().id, "archive.syntax");
  }
}

TEST(ReadArchiveTest, RefusesACutArchive) {
  std::string archive = TarGz({{"a", std::string(100'000, 'a'), '0'}, {"b", "b", '0'}});
  archive.resize(archive.size() / 2);
  EXPECT_EQ(Unpacked(archive).error().id, "archive.syntax");
}

TEST(ReadArchiveTest, IsBoundedInEntriesFilesAndBytes) {
  const std::string archive = TarGz({{"a", "12345", '0'}, {"b", "12345", '0'}, {"c", "1", '0'}});
  for (const auto& [limits, message] : {
           std::pair(ArchiveLimits{2, 100, 100}, "more than 2 entries"),
           std::pair(ArchiveLimits{10, 4, 100}, "a file of more than 4 bytes"),
           std::pair(ArchiveLimits{10, 100, 9}, "more than 9 bytes in all"),
       }) {
    const auto files = Unpacked(archive, limits);
    ASSERT_FALSE(files.has_value());
    EXPECT_EQ(files.error().id, "limit.archive");
    EXPECT_THAT(files.error().message, HasSubstr(message));
  }
  EXPECT_TRUE(Unpacked(archive, {3, 5, 11}).has_value());
}

TEST(ReadArchiveTest, TheTakersErrorEndsIt) {
  int taken = 0;
  const auto read = ReadArchive(TarGz({{"a", "", '0'}, {"b", "", '0'}}), "layer", {},
                                [&](std::string_view, std::string_view) -> Result<void> {
                                  ++taken;
                                  return Fail("test.enough", "enough");
                                });
  EXPECT_EQ(read.error().id, "test.enough");
  EXPECT_EQ(taken, 1);
}

}  // namespace
}  // namespace pullproof::resolver::artifact
