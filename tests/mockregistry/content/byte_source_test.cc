#include "mockregistry/content/byte_source.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mockregistry/content/gzip.h"

namespace pullproof::mockregistry::content {
namespace {

std::string ReadPart(const ByteSource& source, std::uint64_t offset, std::size_t length) {
  std::string bytes(length, '?');
  source.Read(offset, bytes);
  return bytes;
}

struct SourceCase {
  std::string name;
  Bytes source;
};

std::vector<SourceCase> AllSources() {
  const Bytes text = FromString("the quick brown fox jumps over the lazy dog");
  return {
      {"Empty", FromString("")},
      {"Memory", text},
      {"Zeros", Zeros(20)},
      {"Random", Random(45, 7)},
      {"RandomOfWholeWords", Random(32, 7)},
      {"NoPieces", Concatenate({})},
      {"OnePiece", Concatenate({FromString(""), text})},
      {"Pieces", Concatenate({text, FromString(""), Zeros(3), Random(9, 1), FromString("end")})},
      {"SliceOfMemory", Slice(text, 4, 11)},
      {"SliceOfRandom", Slice(Random(100, 3), 13, 40)},
      {"EmptySlice", Slice(text, 43, 0)},
      {"Flipped", FlipBit(Random(45, 7), 100)},
      {"Gzip", Gzip(text)},
      {"GzipOfNothing", Gzip(Zeros(0))},
      {"Nested", Slice(FlipBit(Concatenate({Random(30, 1), text}), 250), 25, 20)},
  };
}

class EverySource : public testing::TestWithParam<SourceCase> {};

TEST_P(EverySource, ReadsTheSameBytesFromEveryOffset) {
  const ByteSource& source = *GetParam().source;
  const std::string whole = ReadPart(source, 0, source.size());
  EXPECT_EQ(ReadAll(source), whole);
  for (std::size_t offset = 0; offset <= whole.size(); ++offset) {
    for (std::size_t length = 0; length <= whole.size() - offset; ++length) {
      ASSERT_EQ(ReadPart(source, offset, length), whole.substr(offset, length))
          << length << " bytes from " << offset;
    }
  }
}

TEST_P(EverySource, HashesAsItsBytesDo) {
  const ByteSource& source = *GetParam().source;
  EXPECT_EQ(DigestOf(source), oci::Digest::Of(ReadAll(source)));
  EXPECT_EQ(DigestOf(source, oci::Algorithm::kSha512),
            oci::Digest::Of(ReadAll(source), oci::Algorithm::kSha512));
}

TEST_P(EverySource, IsContiguousOnlyWithTheRightBytes) {
  const ByteSource& source = *GetParam().source;
  if (const auto bytes = source.Contiguous()) {
    EXPECT_EQ(*bytes, ReadPart(source, 0, source.size()));
  }
}

INSTANTIATE_TEST_SUITE_P(ByteSource, EverySource, testing::ValuesIn(AllSources()),
                         [](const auto& test) { return test.param.name; });

TEST(ByteSource, MemoryIsServedWithoutACopy) {
  const Bytes text = FromString("hello");
  EXPECT_EQ(text->Contiguous(), "hello");
  EXPECT_EQ(Slice(text, 1, 3)->Contiguous(), "ell");
  EXPECT_EQ(Random(8, 0)->Contiguous(), std::nullopt);
}

TEST(ByteSource, ConcatenateKeepsTheOrder) {
  const Bytes whole = Concatenate({FromString("ab"), Zeros(2), FromString("c")});
  EXPECT_EQ(whole->size(), 5U);
  EXPECT_EQ(ReadAll(*whole), std::string("ab\0\0c", 5));
}

TEST(ByteSource, FlipBitTurnsOneBitOver) {
  EXPECT_EQ(ReadAll(*FlipBit(FromString("aa"), 0)), "`a");  // 0x61 -> 0x60
  EXPECT_EQ(ReadAll(*FlipBit(FromString("aa"), 9)), "ac");  // second byte, 0x61 -> 0x63
  EXPECT_EQ(ReadAll(*FlipBit(FromString("aa"), 7)),
            "\xe1"
            "a");
  EXPECT_EQ(ReadAll(*FlipBit(FromString("aa"), 16)), "aa");  // behind the end
}

TEST(ByteSource, HugeContentIsReadAnywhereWithoutBeingStored) {
  constexpr std::uint64_t kSize = std::uint64_t{100} << 30;
  const Bytes huge = Concatenate({Random(kSize, 5), Zeros(kSize), Gzip(FromString("x"))});
  EXPECT_EQ(ReadPart(*huge, kSize - 4, 8),
            ReadPart(*Random(kSize, 5), kSize - 4, 4) + std::string(4, '\0'));
  EXPECT_EQ(ReadPart(*huge, 2 * kSize - 1, 3), std::string("\0\x1f\x8b", 3));
}

TEST(ByteSource, ForEachChunkHandsOverEverythingInOrder) {
  const Bytes source = Random(1'000'003, 9);
  std::string together;
  std::size_t longest = 0;
  ForEachChunk(*source, [&](std::string_view chunk) {
    together += chunk;
    longest = std::max(longest, chunk.size());
  });
  EXPECT_EQ(together, ReadAll(*source));
  EXPECT_EQ(longest, std::size_t{64} << 10);
}

}  // namespace
}  // namespace pullproof::mockregistry::content
