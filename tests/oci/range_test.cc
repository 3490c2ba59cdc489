#include "oci/range.h"

#include <gtest/gtest.h>

namespace pullproof::oci {
namespace {

TEST(ByteRange, AsksForBytesWithinTheContent) {
  struct Row {
    std::string_view header;
    std::uint64_t size;
    std::optional<ByteSpan> span;
  };
  for (const Row& row : std::vector<Row>{
           {"bytes=0-0", 10, ByteSpan{0, 0}},
           {"bytes=2-5", 10, ByteSpan{2, 5}},
           {"bytes=5-", 10, ByteSpan{5, 9}},
           {"bytes=5-99", 10, ByteSpan{5, 9}},
           {"bytes=-3", 10, ByteSpan{7, 9}},
           {"bytes=-99", 10, ByteSpan{0, 9}},
           {"BYTES=9-", 10, ByteSpan{9, 9}},
           {"bytes=10-", 10, std::nullopt},
           {"bytes=-0", 10, std::nullopt},
           {"bytes=0-", 0, std::nullopt},
           {"bytes=-1", 0, std::nullopt},
       }) {
    const auto ranges = ByteRange::ParseHeader(row.header);
    ASSERT_TRUE(ranges) << row.header;
    ASSERT_EQ(ranges->size(), 1U);
    EXPECT_EQ(ranges->front().Within(row.size), row.span) << row.header;
  }
}

TEST(ByteRange, ReadsSeveral) {
  const auto ranges = ByteRange::ParseHeader("bytes=0-1, 4- ,-2");
  ASSERT_TRUE(ranges);
  ASSERT_EQ(ranges->size(), 3U);
  EXPECT_EQ((*ranges)[1].first(), 4U);
  EXPECT_TRUE((*ranges)[2].is_suffix());
}

TEST(ByteRange, RefusesBadSyntaxAndTooMany) {
  for (const std::string_view bad :
       {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=0-1,", "bytes=+1-2",
        "bytes=1 -2", "items=0-1", "bytes=99999999999999999999-", "bytes=9223372036854775808-"}) {
    const auto ranges = ByteRange::ParseHeader(bad);
    ASSERT_FALSE(ranges) << bad;
    EXPECT_EQ(ranges.error().id, "range.syntax");
  }
  std::string many = "bytes=0-0";
  for (std::size_t i = 1; i < ByteRange::kMaxRanges; ++i) many += ",0-0";
  EXPECT_TRUE(ByteRange::ParseHeader(many));
  EXPECT_FALSE(ByteRange::ParseHeader(many + ",0-0"));
}

TEST(ContentRange, ReadsAndPrints) {
  for (const std::string_view text : {"bytes 0-99/1234", "bytes 5-5/*", "bytes */10"}) {
    const auto range = ContentRange::Parse(text);
    ASSERT_TRUE(range) << text;
    EXPECT_EQ(range->ToString(), text);
  }
  const auto range = ContentRange::Parse("bytes 10-19/30");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->span, (ByteSpan{10, 19}));
  EXPECT_EQ(range->span->length(), 10U);
  EXPECT_EQ(range->total, 30U);
}

TEST(ContentRange, RefusesWhatCannotBe) {
  for (const std::string_view bad : {"", "bytes", "bytes 0-9", "bytes 9-0/10", "bytes 0-10/10",
                                     "bytes */*", "items 0-1/2", "bytes 0-1/x", "bytes -1/2"}) {
    EXPECT_FALSE(ContentRange::Parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace pullproof::oci
