#include "resolver/lock/json_writer.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace pullproof::resolver::lock {
namespace {

Node Parsed(std::string_view text) { return *ParseJson(text, "test"); }

TEST(JsonWriterTest, PrettyTextIsIndentedByTwo) {
  EXPECT_EQ(*WriteJson(Parsed(R"({"b":[1,{"c":true}],"a":{},"d":[],"e":null})"), Style::kPretty),
            R"({
  "b": [
    1,
    {
      "c": true
    }
  ],
  "a": {},
  "d": [],
  "e": null
})");
}

TEST(JsonWriterTest, CompactTextHasNoBlanks) {
  EXPECT_EQ(*WriteJson(Parsed(R"({ "b" : [1, -2], "a" : "x\ny" })"), Style::kCompact),
            R"({"b":[1,-2],"a":"x\ny"})");
}

TEST(JsonWriterTest, FractionsStayFractions) {
  EXPECT_EQ(*WriteJson(Parsed("[1.5,2.0,1e300,0.1]"), Style::kCompact), "[1.5,2.0,1e+300,0.1]");
}

TEST(JsonWriterTest, IntegersKeepAllDigits) {
  EXPECT_EQ(*WriteJson(Parsed("[9223372036854775807,18446744073709551615]"), Style::kCompact),
            "[9223372036854775807,18446744073709551615]");
}

TEST(JsonWriterTest, RefusesInfinity) {
  const auto text = WriteJson(Node(std::numeric_limits<double>::infinity()), Style::kCompact);
  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error().id, "json.number");
}

TEST(JsonWriterTest, SortsAtEveryDepth) {
  EXPECT_EQ(*WriteJson(Sorted(Parsed(R"({"b":[{"d":1,"c":2}],"a":0})")), Style::kCompact),
            R"({"a":0,"b":[{"c":2,"d":1}]})");
}

}  // namespace
}  // namespace pullproof::resolver::lock
