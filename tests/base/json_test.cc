#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/document.h"

namespace pullproof {
namespace {

TEST(ParseJson, KeepsOrderKindsAndPositions) {
  const auto root = ParseJson("{\n  \"b\": [1, -2, 18446744073709551615],\n  \"a\": \"x\"\n}", "f");
  ASSERT_TRUE(root) << root.error().message;
  ASSERT_NE(root->table(), nullptr);
  EXPECT_EQ((*root->table())[0].name, "b");
  const Node::Array& numbers = *root->Find("b")->array();
  EXPECT_EQ(*numbers[0].integer(), 1);
  EXPECT_EQ(*numbers[1].integer(), -2);
  EXPECT_EQ(numbers[2].integer(), nullptr);
  EXPECT_EQ(*numbers[2].unsigned_integer(), UINT64_MAX);
  EXPECT_EQ(root->Find("a")->at(), (Position{3, 8}));
  EXPECT_EQ(root->Find("absent"), nullptr);
}

TEST(ParseJson, CountsColumnsInCodePointsAsTomlDoes) {
  const auto json = ParseJson("{\"k\": \"\u00e9\U0001F600\", \"n\": 1}", "f.json");
  ASSERT_TRUE(json);
  EXPECT_EQ(json->Find("n")->at(), (Position{1, 18}));
  const auto toml = ParseToml("k = { k = \"\u00e9\U0001F600\", n = 1 }", "f.toml");
  ASSERT_TRUE(toml);
  EXPECT_EQ(toml->Find("k")->Find("n")->at(), (Position{1, 21}));
}

TEST(ParseJson, RefusesWhatIsNotIJson) {
  struct Row {
    std::string what, text, id, where;
  };
  for (const Row& row : std::vector<Row>{
           {"nothing", "", "json.syntax", "f"},
           {"unfinished", "{\"a\":", "json.syntax", "f:1"},
           {"two values", "{} {}", "json.syntax", "f:1:4"},
           {"a NUL, and more", std::string("1\0 2", 4), "json.syntax", "f"},
           {"a NUL at the end", std::string("{}\0", 3), "json.syntax", "f"},
           {"comment", "/* */ 1", "json.syntax", "f:1"},
           {"trailing comma", "[1,]", "json.syntax", "f:1:4"},
           {"duplicate", "{\"a\":1,\n \"a\":2}", "json.duplicate-member", "f:2:2"},
           {"duplicate by escape", R"({"a":1,"\u0061":2})", "json.duplicate-member", "f:1:8"},
           {"bad UTF-8", "\"\xFF\"", "json.utf8", "f"},
           {"surrogate bytes", "\"\xED\xA0\x80\"", "json.utf8", "f"},
           {"lone surrogate escape", R"("\ud800")", "json.syntax", "f"},
           {"byte order mark", "\xEF\xBB\xBF{}", "json.syntax", "f:1:1"},
           {"number too large", "1e999", "json.number", "f"},
           {"NaN", "NaN", "json.syntax", "f"},
       }) {
    SCOPED_TRACE(row.what);
    const auto root = ParseJson(row.text, "f");
    ASSERT_FALSE(root);
    EXPECT_EQ(root.error().id, row.id) << root.error().message;
    EXPECT_THAT(root.error().where, testing::StartsWith(row.where));
  }
}

TEST(ParseJson, IsBounded) {
  DocumentLimits limits;
  limits.max_depth = 3;
  EXPECT_TRUE(ParseJson("[[[1]]]", "f", limits));
  EXPECT_EQ(ParseJson("[[[[1]]]]", "f", limits).error().id, "limit.depth");
  limits.max_values = 3;
  EXPECT_EQ(ParseJson("[1,2,3,4]", "f", limits).error().id, "limit.values");
  limits.max_bytes = 4;
  EXPECT_EQ(ParseJson("[1,2]", "f", limits).error().id, "limit.bytes");
  // Deep enough to end a recursive parser's stack.
  EXPECT_EQ(ParseJson(std::string(1'000'000, '['), "f").error().id, "limit.depth");
}

TEST(CanonicalJson, FollowsRfc8785) {
  const auto root = ParseJson(
      R"({"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7,
         "n":[null,true,false,9223372036854775807,18446744073709551615,-1],"s":"\u001f\"\\\/\b"})",
      "f");
  ASSERT_TRUE(root) << root.error().message;
  const auto text = CanonicalJson(*root);
  ASSERT_TRUE(text);
  // The order of RFC 8785 section 3.2.3: by UTF-16 code units.
  EXPECT_EQ(*text,
            "{\"\\r\":2,\"1\":4,"
            "\"n\":[null,true,false,9223372036854775807,18446744073709551615,-1],"
            "\"s\":\"\\u001f\\\"\\\\/\\b\","
            "\"\xC2\x80\":6,\"\xC3\xB6\":7,\"\xE2\x82\xAC\":1,\"\xF0\x9F\x98\x80\":5,"
            "\"\xEF\xAC\xB3\":3}");
}

TEST(CanonicalJson, RefusesFractions) {
  const auto root = ParseJson("[1.5]", "f");
  ASSERT_TRUE(root);
  EXPECT_EQ(CanonicalJson(*root).error().id, "json.fraction");
}

}  // namespace
}  // namespace pullproof
