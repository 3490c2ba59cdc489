#include "mockregistry/content/gzip.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "mockregistry/content/tar.h"
#include "tests/mockregistry/content/archive_entries.h"

namespace pullproof::mockregistry::content {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr std::string_view kHeader = "1f8b08000000000000ff";

TEST(Gzip, IsThisByteForByte) {
  EXPECT_EQ(HexEncode(ReadAll(*Gzip(FromString("hello")))),
            std::string(kHeader) + "010500faff" + "68656c6c6f" + "86a61036" + "05000000");
}

TEST(Gzip, NothingIsOneEmptyBlock) {
  EXPECT_EQ(HexEncode(ReadAll(*Gzip(Zeros(0)))),
            std::string(kHeader) + "010000ffff" + "00000000" + "00000000");
}

struct BlockCase {
  std::uint64_t bytes;
  std::uint64_t blocks;
  std::string last_block;  // its header
};

TEST(Gzip, OnlyTheLastBlockIsFinalAndMayBeShorter) {
  for (const BlockCase& c :
       {BlockCase{65'534, 1, "01feff0100"}, BlockCase{65'535, 1, "01ffff0000"},
        BlockCase{65'536, 2, "010100feff"}, BlockCase{131'070, 2, "01ffff0000"}}) {
    SCOPED_TRACE(c.bytes);
    const std::string bytes = ReadAll(*Gzip(Zeros(c.bytes)));
    EXPECT_EQ(bytes.size(), 10 + 5 * c.blocks + c.bytes + 8);
    const std::uint64_t last = 10 + (c.blocks - 1) * (5 + 65'535);
    EXPECT_EQ(HexEncode(bytes.substr(last, 5)), c.last_block);
    if (c.blocks > 1) {
      EXPECT_EQ(HexEncode(bytes.substr(10, 5)), "00ffff0000");
    }
  }
}

TEST(Gzip, AnotherReaderUnpacksIt) {
  const std::string content = ReadAll(*Random(200'000, 4));
  const Bytes tar = MakeTar({{"data", FromString(content)}}, {});
  EXPECT_THAT(ArchiveEntries(ReadAll(*Gzip(tar))), ElementsAre(Pair("data", content)));
}

}  // namespace
}  // namespace pullproof::mockregistry::content
