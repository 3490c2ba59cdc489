#include "mockregistry/wire/chunked_body.h"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mockregistry/wire/limits.h"

namespace pullproof::mockregistry::wire {
namespace {

constexpr std::string_view kEncoded =
    "5;name=value\r\nhello\r\nA\r\n, 10 bytes\r\n0\r\nTrailer: x\r\nContent-Length: 7\r\n\r\n";
constexpr std::string_view kDecoded = "hello, 10 bytes";

TEST(ChunkedBodyTest, DecodesAndStopsBehindTheBody) {
  ChunkedBody decoder;
  const std::string encoded = std::string(kEncoded) + "GET / HTTP/1.1";
  std::string_view input = encoded;
  std::string body;
  EXPECT_EQ(decoder.Decode(input, body), true);
  EXPECT_EQ(body, kDecoded);
  EXPECT_EQ(input, "GET / HTTP/1.1");
}

TEST(ChunkedBodyTest, DecodesUnderEveryCut) {
  for (std::size_t cut = 0; cut < kEncoded.size(); ++cut) {
    ChunkedBody decoder;
    std::string body;
    std::string_view first = kEncoded.substr(0, cut);
    ASSERT_EQ(decoder.Decode(first, body), false) << cut;
    std::string_view rest = kEncoded.substr(cut - first.size());
    EXPECT_EQ(decoder.Decode(rest, body), true) << cut;
    EXPECT_EQ(body, kDecoded) << cut;
    EXPECT_EQ(rest, "") << cut;
  }
}

TEST(ChunkedBodyTest, AnEmptyBodyIsOneLastChunk) {
  ChunkedBody decoder;
  std::string_view input = "000\r\n\r\n";
  std::string body;
  EXPECT_EQ(decoder.Decode(input, body), true);
  EXPECT_EQ(body, "");
}

struct BadChunk {
  std::string_view name;
  std::string encoded;
  Refusal refusal;
};

class BadChunkTest : public ::testing::TestWithParam<BadChunk> {};

TEST_P(BadChunkTest, IsRefusedWithTheReason) {
  ChunkedBody decoder;
  std::string_view input = GetParam().encoded;
  std::string body;
  const auto decoded = decoder.Decode(input, body);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().status, GetParam().refusal.status);
  EXPECT_EQ(decoded.error().why, GetParam().refusal.why);
}

constexpr Refusal kSize{400, "a chunk's size is not a hexadecimal number"};
constexpr Refusal kLine{400, "a line between chunks does not end in CR LF"};
constexpr Refusal kLongLine{400, "a line between chunks is longer than 1024 bytes"};
constexpr Refusal kTooLong{400, "a chunk is longer than its size says"};
constexpr Refusal kLarge{413, "the body is larger than 1 GiB"};

std::string TooManyTrailers() {
  std::string encoded = "0\r\n";
  for (std::size_t i = 0; i <= kMaxTrailerLines; ++i) encoded += "A: b\r\n";
  return encoded + "\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    Chunks, BadChunkTest,
    ::testing::Values(
        BadChunk{"Negative", "-2\r\nxx", kSize}, BadChunk{"Signed", "+2\r\nxx", kSize},
        BadChunk{"Prefixed", "0x2\r\nxx", kSize}, BadChunk{"Empty", "\r\nxx", kSize},
        BadChunk{"BlankBefore", " 2\r\nxx", kSize}, BadChunk{"NoDigit", "xyz\r\n", kSize},
        BadChunk{"OnlyAnExtension", ";a=b\r\n", kSize}, BadChunk{"BareLineFeed", "2\nxx", kLine},
        BadChunk{"LongLine", "2;" + std::string(kMaxChunkLine, 'x'), kLongLine},
        BadChunk{"MoreThanItsSize", "2\r\nxxx\r\n", kTooLong},
        BadChunk{"LineFeedBehind", "2\r\nxx\n", kTooLong},
        BadChunk{"TooLarge", "40000001\r\n", kLarge},
        BadChunk{"TooLargeTogether", "1\r\nx\r\n40000000\r\n", kLarge},
        BadChunk{"Above64Bits", "fffffffffffffffff\r\n", kLarge},
        BadChunk{
            "TooManyTrailers", TooManyTrailers(), {400, "there are more than 64 trailer lines"}}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace pullproof::mockregistry::wire
