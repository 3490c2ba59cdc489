#include "mockregistry/script/expression.h"

#include <gtest/gtest.h>

namespace pullproof::mockregistry::script {
namespace {

struct MatchCase {
  const char* name;
  std::string_view expression;
  std::string_view text;
  bool matches;
};

class ExpressionMatchTest : public testing::TestWithParam<MatchCase> {};

TEST_P(ExpressionMatchTest, DescribesTheWholeText) {
  const auto expression = Expression::Compile(GetParam().expression);
  ASSERT_TRUE(expression.has_value()) << expression.error().message;
  EXPECT_EQ(expression->Matches(GetParam().text), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ExpressionMatchTest,
    testing::Values(
        MatchCase{"Digest", "sha256:[0-9a-f]{64}",
                  "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", true},
        MatchCase{"PartIsNotEnough", "app", "lib/app", false},
        MatchCase{"Alternatives", "lib/(app|web)", "lib/web", true},
        MatchCase{"Class", R"(v\d+\.\d+)", "v1.10", true},
        MatchCase{"CaseCounts", "app", "App", false}, MatchCase{"EmptyText", "a*", "", true},
        MatchCase{"AnyByte", ".*", "\xff\xfe", true},
        MatchCase{"Lookahead", "(?!latest).*", "latest", false},
        MatchCase{"BraceInClass", "[{9999999}]+", "{9}", true},
        MatchCase{"BraceEscaped", R"(\{999999\})", "{999999}", true}),
    [](const auto& test) { return test.param.name; });

struct RefusalCase {
  const char* name;
  std::string expression;
  std::string_view message;
};

class ExpressionRefusalTest : public testing::TestWithParam<RefusalCase> {};

TEST_P(ExpressionRefusalTest, SaysWhy) {
  const auto expression = Expression::Compile(GetParam().expression);
  ASSERT_FALSE(expression.has_value());
  EXPECT_EQ(expression.error().id, "script.expression");
  EXPECT_EQ(expression.error().message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ExpressionRefusalTest,
    testing::Values(
        RefusalCase{"BackReference", R"((a+)\1)",
                    "the expression `(a+)\\1` has a back-reference, which can take for ever to "
                    "match"},
        RefusalCase{"NestedRepeats", "((a{100}){100}){100}",
                    "the expression `((a{100}){100}){100}` repeats too much"},
        RefusalCase{"HugeRepeat", "a{1,99999999999999999999}",
                    "the expression `a{1,99999999999999999999}` repeats too much"},
        RefusalCase{"UnclosedBrace", "a{9999", "the expression `a{9999` repeats too much"},
        RefusalCase{
            "TooLong", std::string(Expression::kMaxLength + 1, 'a'),
            "the expression `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` … is longer than 256 bytes"}),
    [](const auto& test) { return test.param.name; });

TEST(ExpressionTest, BadSyntaxIsRefusedWithTheLibrarysReason) {
  for (const std::string_view text : {"(", "[a", "a{2,1}", "*", "\\"}) {
    const auto expression = Expression::Compile(text);
    ASSERT_FALSE(expression.has_value()) << text;
    EXPECT_EQ(expression.error().id, "script.expression");
    EXPECT_NE(expression.error().message.find("is not valid: "), std::string::npos);
  }
}

TEST(ExpressionTest, LongTextsNeverMatch) {
  const auto expression = Expression::Compile("a*").value();
  EXPECT_TRUE(expression.Matches(std::string(Expression::kMaxText, 'a')));
  EXPECT_FALSE(expression.Matches(std::string(Expression::kMaxText + 1, 'a')));
}

// Exponential for an engine that back-tracks: this test would then not end in anybody's lifetime.
TEST(ExpressionTest, DoesNotBackTrack) {
  const auto expression = Expression::Compile("(a|a)*(a+)+b").value();
  EXPECT_FALSE(expression.Matches(std::string(Expression::kMaxText, 'a')));
}

// The deepest automaton that the bounds let through, on the longest text.
TEST(ExpressionTest, TheLargestExpressionIsHarmless) {
  std::string text = "(";
  while (text.size() < Expression::kMaxLength - 6) text += "a?";
  text += "){32}";
  const auto expression = Expression::Compile(text);
  ASSERT_TRUE(expression.has_value()) << expression.error().message;
  EXPECT_TRUE(expression->Matches("aaa"));
}

}  // namespace
}  // namespace pullproof::mockregistry::script
