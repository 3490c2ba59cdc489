#include "resolver/lock/difference.h"

#include <gtest/gtest.h>

namespace pullproof::resolver::lock {
namespace {

struct Case {
  const char* what;
  const char* on_disk;
  const char* now;
  const char* expected;
};

class FirstDifferenceTest : public ::testing::TestWithParam<Case> {};

TEST_P(FirstDifferenceTest, NamesThePlace) {
  EXPECT_EQ(FirstDifference(GetParam().on_disk, GetParam().now), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    All, FirstDifferenceTest,
    ::testing::Values(
        Case{"a value", R"({"a":{"b":[1,"x"]}})", R"({"a":{"b":[1,"y"]}})",
             R"(a.b[1]: "x" on disk, "y" now)"},
        Case{"a new member", R"({})", R"({"a":1})", "a: nothing on disk, 1 now"},
        Case{"a lost member", R"({"a":1})", R"({})", "a: 1 on disk, nothing now"},
        Case{"a longer list", R"({"a":[]})", R"({"a":[2]})", "a[0]: nothing on disk, 2 now"},
        Case{"a shorter list", R"({"a":[2]})", R"({"a":[]})", "a[0]: 2 on disk, nothing now"},
        Case{"another kind", R"({"a":1})", R"({"a":{}})", "a: 1 on disk, {} now"},
        Case{"the layout", "{\n\"a\":1}", "{\n \"a\":1}", "line 2 is written in another way"},
        Case{"no JSON", "x\ny", "{}", "line 1 is written in another way"}),
    [](const auto& row) {
      std::string name = row.param.what;
      for (char& c : name) c = c == ' ' ? '_' : c;
      return name;
    });

}  // namespace
}  // namespace pullproof::resolver::lock
