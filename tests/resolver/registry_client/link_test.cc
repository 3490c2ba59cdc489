#include "resolver/registry_client/link.h"

#include <gtest/gtest.h>

namespace pullproof::resolver::registry_client {
namespace {

struct Row {
  const char* name;
  const char* value;
  const char* expected;  // the target; "-" for none; "!" for an error
};
class NextLinkTest : public testing::TestWithParam<Row> {};

TEST_P(NextLinkTest, FindsIt) {
  const auto next = NextLink(GetParam().value);
  if (!next) {
    EXPECT_EQ(next.error().id, "link.syntax");
    EXPECT_STREQ(GetParam().expected, "!");
    return;
  }
  EXPECT_EQ(next->value_or("-"), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, NextLinkTest,
    testing::Values(
        Row{"Quoted", R"(</v2/a/tags/list?last=x>; rel="next")", "/v2/a/tags/list?last=x"},
        Row{"Unquoted", "<?n=2&last=b>; rel=next", "?n=2&last=b"},
        Row{"AnyCase", R"(<x>; REL="NEXT")", "x"},
        Row{"BlanksAroundEquals", R"(<x> ; rel = "next")", "x"},
        Row{"ParametersBefore", R"(<x>; title="x, y; rel=prev"; rel="next")", "x"},
        Row{"EscapedQuote", R"(<x>; title="a\">; rel=prev"; rel="next")", "x"},
        Row{"SecondOfSeveral", R"(<a>; rel="first", <b>; rel="next", <c>; rel="last")", "b"},
        Row{"SeveralRelations", R"(<x>; rel="prev next")", "x"},
        Row{"FirstRelCounts", R"(<x>; rel="prev"; rel="next")", "-"},
        Row{"CommaInTheTarget", R"(<a,b>; rel="next")", "a,b"},
        Row{"Previous", R"(<x>; rel="prev")", "-"},
        Row{"NotQuiteNext", R"(<x>; rel="nextish")", "-"}, Row{"NoRelation", "<x>", "-"},
        Row{"Empty", "", "-"}, Row{"OnlyCommas", " , ,", "-"},
        Row{"AboutAnother", R"(<x>; rel="next"; anchor="/y")", "-"},
        Row{"ParameterWithoutValue", "<x>; crossorigin; rel=next", "x"},
        Row{"EmptyParameter", "<x>;; rel=next;", "x"}, Row{"EmptyTarget", "<>; rel=next", ""},
        Row{"NoBrackets", "/x; rel=next", "!"}, Row{"OpenBracket", "</x; rel=next", "!"},
        Row{"OpenQuote", R"(<x>; rel="next)", "!"}, Row{"Junk", "<x> rel=next", "!"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace pullproof::resolver::registry_client
