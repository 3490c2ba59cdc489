// The quick reader against the careful one: what it takes, it must read in the same way.
#include "base/plain_json.h"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace pullproof {
namespace {

// Everything that a node is, positions included.
std::string Shape(const Node& node) {
  std::string text = fmt::format("{}:{} ", node.at().line, node.at().column);
  if (const auto* table = node.table()) {
    for (const Node::Member& member : *table) {
      text += fmt::format("{}:{} {}={};", member.at.line, member.at.column, member.name,
                          Shape(member.value));
    }
    return "{" + text + "}";
  }
  if (const auto* array = node.array()) {
    for (const Node& item : *array) text += Shape(item) + ",";
    return "[" + text + "]";
  }
  if (node.is_null()) return text + "null";
  if (const bool* value = node.boolean()) return text + (*value ? "true" : "false");
  if (const auto* value = node.integer()) return text + std::to_string(*value);
  if (const auto* value = node.string()) return text + "'" + *value + "'";
  return text + "other";
}

// An escape behind the text is what only the careful reader takes.
std::string CarefulShape(const std::string& text) {
  const auto both = ParseJson(fmt::format("[{}\n,\"\\u0041\"]", text), "test");
  return both ? Shape(both->array()->front()) : both.error().id;
}
std::string PlainShape(const std::string& text) {
  const auto plain = ParsePlainJson(fmt::format("[{}\n,\"A\"]", text), {});
  return plain ? Shape(plain->array()->front()) : "not plain";
}

TEST(ParsePlainJson, ReadsWhatItTakesAsTheCarefulReaderDoes) {
  for (const std::string text :
       {"{}", "[]", " [ ] ", "true", "false", "null", "0", "-1", "12", "123456789012345678",
        R"("")", R"("text with blanks / and {[:,]}")",
        R"({"schemaVersion":2,"layers":[{"size":3,"digest":"sha256:ab"}],"annotations":{}})",
        "{\n  \"a\" : [ 1 ,\r\n\t2 ] ,\n\n \"b\":{\"c\" :null}\n}",
        "[[[[]]],{\"a\":{\"a\":{}}}]"}) {
    EXPECT_EQ(PlainShape(text), CarefulShape(text)) << text;
    EXPECT_NE(PlainShape(text), "not plain") << text;
  }
}

TEST(ParsePlainJson, LeavesTheRestToTheCarefulReader) {
  for (const std::string text : {"",
                                 " ",
                                 "tru",
                                 "nulll",
                                 "01",
                                 "-",
                                 "-0",
                                 "1.5",
                                 "1e3",
                                 "+1",
                                 "1234567890123456789",
                                 R"("\n")",
                                 R"("é")",
                                 "\"\x7f\"",
                                 "\"\t\"",
                                 R"("open)",
                                 "'a'",
                                 "{",
                                 "[",
                                 "[1,]",
                                 "[,1]",
                                 "[1 2]",
                                 R"({"a"})",
                                 R"({"a":})",
                                 R"({"a":1,})",
                                 R"({"a":1 "b":2})",
                                 R"({a:1})",
                                 R"({"a":1,"a":2})",
                                 "[1]]",
                                 "{}{}",
                                 "// no\n1",
                                 "\xEF\xBB\xBF{}",
                                 "[\"a\"\v]"}) {
    EXPECT_FALSE(ParsePlainJson(text, {})) << text;
  }
}

TEST(ParsePlainJson, FindsADuplicateAmongManyMembers) {
  std::string members;
  for (int i = 0; i < 100; ++i) members += fmt::format("\"m{}\":{},", i, i);
  EXPECT_TRUE(ParsePlainJson("{" + members + "\"x\":1}", {}));
  EXPECT_FALSE(ParsePlainJson("{" + members + "\"m42\":1}", {}));
}

TEST(ParsePlainJson, KeepsTheLimits) {
  DocumentLimits limits;
  limits.max_depth = 3;
  limits.max_values = 5;
  EXPECT_TRUE(ParsePlainJson("[[[]]]", limits));
  EXPECT_FALSE(ParsePlainJson("[[[[]]]]", limits));
  EXPECT_TRUE(ParsePlainJson("[1,2,3,4]", limits));
  EXPECT_FALSE(ParsePlainJson("[1,2,3,4,5]", limits));
}

}  // namespace
}  // namespace pullproof
