#include "mockregistry/content/tar.h"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "oci/digest.h"
#include "tests/mockregistry/content/archive_entries.h"

namespace pullproof::mockregistry::content {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::string Field(const std::string& tar, std::size_t offset, std::size_t length) {
  return tar.substr(offset, length);
}

std::string Nul(std::size_t count) { return std::string(count, '\0'); }

TEST(Tar, AHeaderIsThisByteForByte) {
  const std::string tar = ReadAll(*MakeTar({{"data", FromString("hello")}}, {}));
  ASSERT_EQ(tar.size(), 512U + 512U + 1024U);
  EXPECT_EQ(Field(tar, 0, 100), "data" + Nul(96));
  EXPECT_EQ(Field(tar, 100, 8), "0000644" + Nul(1));       // mode
  EXPECT_EQ(Field(tar, 108, 8), "0000000" + Nul(1));       // owner
  EXPECT_EQ(Field(tar, 116, 8), "0000000" + Nul(1));       // group
  EXPECT_EQ(Field(tar, 124, 12), "00000000005" + Nul(1));  // size
  EXPECT_EQ(Field(tar, 136, 12), "00000000000" + Nul(1));  // time
  EXPECT_EQ(Field(tar, 148, 8), "006574" + Nul(1) + " ");
  EXPECT_EQ(Field(tar, 156, 1), "0");         // type
  EXPECT_EQ(Field(tar, 157, 100), Nul(100));  // link name
  EXPECT_EQ(Field(tar, 257, 8), "ustar" + Nul(1) + "00");
  EXPECT_EQ(Field(tar, 265, 247), Nul(247));  // names, devices, prefix
  EXPECT_EQ(Field(tar, 512, 512), "hello" + Nul(507));
  EXPECT_EQ(Field(tar, 1024, 1024), Nul(1024));
}

// Python's tarfile writes the same bytes in its USTAR_FORMAT, but for the padding to a record.
TEST(Tar, IsWhatAnotherWriterMakes) {
  const Bytes tar =
      MakeTar({{"b/c.txt", FromString(std::string(600, 'x'))}, {"a", FromString("")}}, {});
  EXPECT_EQ(DigestOf(*tar).ToString(),
            "sha256:d669c8cc609f77cf37519f4b507cab9daeb505ceabbf3bdecf2b8e7dbad32b4f");
}

TEST(Tar, AnEmptyOneIsTwoBlocksOfZeros) { EXPECT_EQ(ReadAll(*MakeTar({}, {})), Nul(1024)); }

TEST(Tar, FilesStandInTheByteOrderOfTheirPaths) {
  const Bytes tar = MakeTar({{"b", FromString("2")},
                             {"a/b", FromString("1")},
                             {"\xc3\xa9", FromString("4")},
                             {"a.b", FromString("0")},
                             {"c", FromString("3")}},
                            {});
  EXPECT_THAT(ArchiveEntries(ReadAll(*tar)),
              ElementsAre(Pair("a.b", "0"), Pair("a/b", "1"), Pair("b", "2"), Pair("c", "3"),
                          Pair("\xc3\xa9", "4")));
}

TEST(Tar, ContentOfAWholeBlockHasNoPadding) {
  const Bytes tar = MakeTar({{"a", Zeros(512)}, {"b", Zeros(513)}}, {});
  EXPECT_EQ(tar->size(), 512U + 512 + 512 + 1024 + 1024);
}

TEST(Tar, ALongPathIsSplitAtTheFirstSlashThatFits) {
  const std::string directory(60, 'd');
  const std::string path = directory + "/" + directory + "/file";
  ASSERT_TRUE(IsTarPath(path));
  const std::string tar = ReadAll(*MakeTar({{path, FromString("x")}}, {}));
  EXPECT_EQ(Field(tar, 0, 100), directory + "/file" + Nul(35));
  EXPECT_EQ(Field(tar, 345, 155), directory + Nul(95));
  EXPECT_THAT(ArchiveEntries(tar), ElementsAre(Pair(path, "x")));
}

TEST(Tar, APathIsPlainAndFitsAHeader) {
  const std::string d100(100, 'd');
  const std::string d101(101, 'd');
  const std::string d155(155, 'd');
  for (const std::string& good :
       {std::string("a"), std::string("a/b.c"), std::string("..a/.b"), d100, d155 + "/" + d100}) {
    EXPECT_TRUE(IsTarPath(good)) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("/a"), std::string("a/"), std::string("a//b"),
        std::string("../a"), std::string("a/.."), std::string("./a"), d101, "a/" + d101,
        d155 + "d/" + d100, std::string("a\0b", 3)}) {
    EXPECT_FALSE(IsTarPath(bad)) << bad;
  }
}

TEST(Tar, RawEntriesFollowExactlyAsStated) {
  std::vector<TarBlob::RawEntry> raw(3);
  raw[0].name = "../../etc/passwd";
  raw[0].content = "root";
  raw[1].name = "link";
  raw[1].type = '2';
  raw[1].linkname = "/etc/shadow";
  raw[1].mode = 0777;
  raw[2].name = "short";
  raw[2].size = 4096;
  raw[2].content = "x";
  raw[2].checksum = 1;
  const std::string tar = ReadAll(*MakeTar({{"z", FromString("1")}}, raw));
  constexpr std::size_t kFirst = 1024;
  EXPECT_EQ(Field(tar, kFirst, 17), "../../etc/passwd" + Nul(1));
  EXPECT_EQ(Field(tar, kFirst + 124, 12), "00000000004" + Nul(1));
  EXPECT_EQ(Field(tar, kFirst + 512, 5), "root" + Nul(1));
  constexpr std::size_t kLink = kFirst + 1024;
  EXPECT_EQ(Field(tar, kLink + 100, 8), "0000777" + Nul(1));
  EXPECT_EQ(Field(tar, kLink + 156, 12), "2/etc/shadow");
  constexpr std::size_t kLast = kLink + 512;
  EXPECT_EQ(Field(tar, kLast + 124, 12), "00000010000" + Nul(1));
  EXPECT_EQ(Field(tar, kLast + 148, 8), "000001" + Nul(1) + " ");
  EXPECT_EQ(Field(tar, kLast + 512, 2), "x" + Nul(1));
  EXPECT_EQ(tar.size(), kLast + 1024 + 1024);
}

}  // namespace
}  // namespace pullproof::mockregistry::content
