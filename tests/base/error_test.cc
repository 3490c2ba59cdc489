#include "base/error.h"

#include <gtest/gtest.h>

namespace pullproof {
namespace {

Result<int> Half(int number) {
  if (number % 2 != 0) return Fail("number.odd", "an odd number");
  return number / 2;
}

Result<int> Quarter(int number) {
  PULLPROOF_ASSIGN_OR_RETURN(const int half, Half(number));
  PULLPROOF_RETURN_IF_ERROR(Half(half));
  return half / 2;
}

TEST(Error, DescribesWhereWhatAndWhatToDo) {
  EXPECT_EQ(Describe({"a.b", "it is wrong", "f.toml:1:2", "write x"}),
            "f.toml:1:2: it is wrong [a.b]\n  write x");
  EXPECT_EQ(Describe({"a.b", "it is wrong", "", ""}), "it is wrong [a.b]");
}

TEST(Error, EscapesWhatComesFromOutside) {
  EXPECT_EQ(Describe({"a.b", "title \x1b[31m\n", "ref\x07", "say\x1b\nso"}),
            "ref\\x07: title \\x1b[31m\\n [a.b]\n  say\\x1b\nso");
}

TEST(Error, AtFillsOnlyAnEmptyPlace) {
  EXPECT_EQ(At({"a", "b", "", ""}, "here").where, "here");
  EXPECT_EQ(At({"a", "b", "there", ""}, "here").where, "there");
}

TEST(Error, MacrosPassErrorsOn) {
  EXPECT_EQ(Quarter(8), 2);
  EXPECT_EQ(Quarter(3).error().id, "number.odd");
  EXPECT_EQ(Quarter(6).error().id, "number.odd");
}

}  // namespace
}  // namespace pullproof
