#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/document.h"

namespace pullproof {
namespace {

TEST(ParseToml, KeepsTheOrderOfTheFileAndPositions) {
  const auto root = ParseToml("z = 1\n[t]\nb = \"x\"\na = [true, 2.5]\n[[r]]\nk = 1\n[[r]]\n", "f");
  ASSERT_TRUE(root) << root.error().message;
  const Node::Table& members = *root->table();
  ASSERT_EQ(members.size(), 3U);
  EXPECT_EQ(members[0].name, "z");
  EXPECT_EQ(members[1].name, "t");
  EXPECT_EQ(members[2].name, "r");
  EXPECT_EQ((*root->Find("t")->table())[0].name, "b");
  EXPECT_EQ(root->Find("t")->Find("b")->at(), (Position{3, 5}));
  EXPECT_EQ(*(*root->Find("t")->Find("a")->array())[0].boolean(), true);
  EXPECT_EQ(root->Find("r")->array()->size(), 2U);
}

TEST(ParseToml, SaysWhereItIsBroken) {
  struct Row {
    std::string what, text, id, where;
  };
  for (const Row& row : std::vector<Row>{
           {"no value", "a = 1\nb =\n", "toml.syntax", "f:2"},
           {"twice", "a = 1\na = 2\n", "toml.syntax", "f:2"},
           {"a date", "a = 1\nd = 2026-01-01\n", "toml.date", "f:2:5"},
           {"bad UTF-8", "a = \"\xFF\"", "toml.syntax", "f"},
           {"control character", std::string("[\x02\0", 3), "toml.syntax", "f:1"},
           {"unterminated", "a = \"x", "toml.syntax", "f:1"},
       }) {
    SCOPED_TRACE(row.what);
    const auto root = ParseToml(row.text, "f");
    ASSERT_FALSE(root);
    EXPECT_EQ(root.error().id, row.id);
    EXPECT_THAT(root.error().where, testing::StartsWith(row.where));
  }
}

TEST(ParseToml, IsBounded) {
  DocumentLimits limits;
  limits.max_depth = 2;
  EXPECT_EQ(ParseToml("a.b.c.d = 1", "f", limits).error().id, "limit.depth");
  limits.max_values = 3;
  EXPECT_EQ(ParseToml("a = 1\nb = 1\nc = 1\n", "f", limits).error().id, "limit.values");
  limits.max_bytes = 4;
  EXPECT_EQ(ParseToml("a = 1", "f", limits).error().id, "limit.bytes");
  EXPECT_FALSE(ParseToml("a = " + std::string(100'000, '['), "f"));
}

}  // namespace
}  // namespace pullproof
