#include "oci/challenge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::oci {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(ParseChallenges, ReadsABearerChallenge) {
  const auto challenges = ParseChallenges(
      R"(Bearer realm="https://auth.example/token",service="reg",scope="repository:a/b:pull,push")");
  ASSERT_TRUE(challenges);
  ASSERT_EQ(challenges->size(), 1U);
  EXPECT_EQ(challenges->front().scheme, "bearer");
  EXPECT_EQ(challenges->front().Find("realm"), "https://auth.example/token");
  EXPECT_EQ(challenges->front().Find("scope"), "repository:a/b:pull,push");
  EXPECT_EQ(challenges->front().Find("error"), std::nullopt);
}

TEST(ParseChallenges, IsAsLenientAsTheRfc) {
  struct Row {
    std::string_view text;
    std::string_view service;
  };
  for (const Row& row : std::vector<Row>{
           {R"(bearer REALM="x",Service="s")", "s"},
           {R"(Bearer realm="x",service=s)", "s"},
           {"Bearer realm = \"x\" ,\tservice = \"s\"", "s"},
           {R"(Bearer realm="x",foo="b,a=r",service="a\"b")", "a\"b"},
           {R"(Bearer realm="x",,service="s",)", "s"},
       }) {
    const auto challenges = ParseChallenges(row.text);
    ASSERT_TRUE(challenges) << row.text;
    ASSERT_EQ(challenges->size(), 1U) << row.text;
    EXPECT_EQ(challenges->front().Find("service"), row.service) << row.text;
  }
}

TEST(ParseChallenges, ReadsSeveralInOneLine) {
  const auto challenges =
      ParseChallenges(R"(Negotiate, Basic realm="r", Bearer realm="b",service=s)");
  ASSERT_TRUE(challenges);
  ASSERT_EQ(challenges->size(), 3U);
  EXPECT_EQ((*challenges)[0].scheme, "negotiate");
  EXPECT_THAT((*challenges)[0].parameters, testing::IsEmpty());
  EXPECT_EQ((*challenges)[1].scheme, "basic");
  EXPECT_THAT((*challenges)[2].parameters, ElementsAre(Pair("realm", "b"), Pair("service", "s")));
}

TEST(ParseChallenges, KeepsAnOpaqueValue) {
  const auto challenges = ParseChallenges("Negotiate abc==, Basic realm=r");
  ASSERT_TRUE(challenges);
  ASSERT_EQ(challenges->size(), 2U);
  EXPECT_EQ(challenges->front().token68, "abc==");
}

TEST(ParseChallenges, RefusesWhatIsNone) {
  for (const std::string& bad : {std::string(R"(Bearer realm="open)"), std::string(R"(realm="x")"),
                                 "Bearer realm=\"" + std::string(9000, 'x') + "\""}) {
    const auto challenges = ParseChallenges(bad);
    ASSERT_FALSE(challenges) << bad.substr(0, 40);
    EXPECT_EQ(challenges.error().id, "challenge.syntax");
  }
}

TEST(QuotedParameter, EscapesQuotesAndBackslashes) {
  EXPECT_EQ(QuotedParameter("service", R"(a"b\c)"), R"(service="a\"b\\c")");
}

}  // namespace
}  // namespace pullproof::oci
