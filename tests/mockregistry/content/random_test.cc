#include "mockregistry/content/random.h"

#include <string>

#include <gtest/gtest.h>

#include "base/text.h"
#include "mockregistry/content/byte_source.h"

namespace pullproof::mockregistry::content {
namespace {

std::string HexOf(std::uint64_t size, std::uint64_t seed) {
  return HexEncode(ReadAll(*Random(size, seed)));
}

// The first outputs of the published generator for seed 0 are e220a8397b1dcdaf, 6e789e6aa1b965f4
// and 06c45d188009454f; for 1234567 they begin with 599ed017fb08fc85.
TEST(Random, IsSplitMix64InLittleEndianWords) {
  EXPECT_EQ(HexOf(24, 0), "afcd1d7b39a820e2f465b9a16a9e786e4f450980185dc406");
  EXPECT_EQ(HexOf(8, 1234567), "85fc08fb17d09e59");
}

TEST(Random, TheLastWordIsCutShort) {
  EXPECT_EQ(HexOf(0, 0), "");
  EXPECT_EQ(HexOf(3, 0), "afcd1d");
  EXPECT_EQ(HexOf(11, 0), "afcd1d7b39a820e2f465b9");
}

TEST(Random, TheSeedMayBeAnyWord) { EXPECT_EQ(HexOf(8, ~std::uint64_t{0}), "202c651b7771d9e4"); }

// SHA-256 of "pull.blob.digest-mismatch" NUL "layer" begins with the seed's bytes, lowest first.
TEST(Random, ASeedThatIsNotStatedComesFromTheNames) {
  EXPECT_EQ(SeedOf("pull.blob.digest-mismatch", "layer"), 0x5280c1dcef36893aU);
  EXPECT_EQ(SeedOf("42", "tar/a.txt"), 0xe7f60c1476217071U);
}

}  // namespace
}  // namespace pullproof::mockregistry::content
