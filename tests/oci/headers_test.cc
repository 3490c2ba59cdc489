#include "oci/headers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::oci {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Headers, FindsNamesInAnyCaseAndJoinsLines) {
  const Headers headers{{"Accept", "a"}, {"X", "1"}, {"accept", "b"}};
  EXPECT_EQ(headers.Find("ACCEPT"), "a");
  EXPECT_EQ(headers.Joined("accept"), "a, b");
  EXPECT_THAT(headers.All("Accept"), ElementsAre("a", "b"));
  EXPECT_EQ(headers.Find("absent"), std::nullopt);
  EXPECT_EQ(headers.Joined("absent"), std::nullopt);
  EXPECT_THAT(headers.All("absent"), IsEmpty());
  EXPECT_FALSE(headers.Has("absent"));
}

TEST(Headers, SetReplacesEveryLineAtThePlaceOfTheFirst) {
  Headers headers{{"A", "1"}, {"B", "2"}, {"a", "3"}};
  headers.Set("A", "4");
  EXPECT_EQ(headers, (Headers{{"A", "4"}, {"B", "2"}}));
  headers.Set("C", "5");
  EXPECT_EQ(headers.lines().back(), Headers::Line("C", "5"));
  headers.Remove("b");
  EXPECT_EQ(headers, (Headers{{"A", "4"}, {"C", "5"}}));
  headers.Add("a", "6");
  EXPECT_EQ(headers.lines().size(), 3U);
}

TEST(Headers, KnowsWhichValuesAreSecret) {
  for (const std::string_view name :
       {"Authorization", "authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"}) {
    EXPECT_TRUE(IsSecretHeader(name)) << name;
  }
  EXPECT_FALSE(IsSecretHeader("WWW-Authenticate"));
  EXPECT_FALSE(IsSecretHeader("Accept"));
}

TEST(Headers, ValuesHoldNoControlCharacters) {
  EXPECT_TRUE(IsHeaderValue("a b\tc"));
  EXPECT_TRUE(IsHeaderValue(""));
  EXPECT_FALSE(IsHeaderValue("a\r\nEvil: 1"));
  EXPECT_FALSE(IsHeaderValue("a\n"));
  EXPECT_FALSE(IsHeaderValue(std::string_view("a\0b", 3)));
  EXPECT_FALSE(IsHeaderValue("a\x1b"));
  EXPECT_FALSE(IsHeaderValue("a\x7f"));
}

}  // namespace
}  // namespace pullproof::oci
