#include "mockregistry/admin/access.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mockregistry/admin/count_range.h"

namespace pullproof::mockregistry::admin {
namespace {

TEST(IsLoopbackAuthorityTest, TakesOnlyNamesOfThisMachine) {
  for (const char* good : {"127.0.0.1", "127.0.0.1:40123", "127.255.0.3:1", "localhost",
                           "LOCALHOST:80", "a.localhost:1", "[::1]", "[::1]:8080"}) {
    EXPECT_TRUE(IsLoopbackAuthority(good)) << good;
  }
  for (const char* bad :
       {"", "example.test", "example.test:80", "127.0.0.1.example.test",
        "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:123456", "localhost.example.test", "notlocalhost",
        "127.1", "127.0.0.0001", "127.0.0.", "128.0.0.1", "[::2]", "[::1", "::1", "localhost:1:2",
        "127.0.0.1@example.test", "example.test@127.0.0.1"}) {
    EXPECT_FALSE(IsLoopbackAuthority(bad)) << bad;
  }
}

TEST(SameSecretTest, ComparesTheWhole) {
  EXPECT_TRUE(SameSecret("abc", "abc"));
  EXPECT_FALSE(SameSecret("abd", "abc"));
  EXPECT_FALSE(SameSecret("ab", "abc"));
  EXPECT_FALSE(SameSecret("", "abc"));
}

TEST(RandomTokenTest, IsLongAndNeverTheSame) {
  const auto a = RandomToken();
  const auto b = RandomToken();
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->size(), 32U);
  EXPECT_NE(*a, *b);
}

struct AccessCase {
  const char* name;
  oci::Headers headers;
  const char* refusal;  // the id; empty: it may
};

class AccessTest : public testing::TestWithParam<AccessCase> {};

TEST_P(AccessTest, Decides) {
  const Result<void> checked = Access("letmein").Check(GetParam().headers);
  EXPECT_EQ(checked ? "" : checked.error().id, GetParam().refusal);
}

const std::pair<std::string, std::string> kHost{"Host", "127.0.0.1:1"};
const std::pair<std::string, std::string> kToken{"Authorization", "Bearer letmein"};

INSTANTIATE_TEST_SUITE_P(
    Headers, AccessTest,
    testing::Values(
        AccessCase{"Good", {kHost, kToken}, ""},
        AccessCase{"SchemeOfAnyCase", {kHost, {"Authorization", "bearer letmein"}}, ""},
        AccessCase{"NoToken", {kHost}, "admin.unauthorized"},
        AccessCase{
            "WrongToken", {kHost, {"Authorization", "Bearer letmeout"}}, "admin.unauthorized"},
        AccessCase{"EmptyToken", {kHost, {"Authorization", "Bearer "}}, "admin.unauthorized"},
        AccessCase{"Basic", {kHost, {"Authorization", "Basic letmein"}}, "admin.unauthorized"},
        AccessCase{"NoHost", {kToken}, "admin.host"},
        AccessCase{"TwoHosts", {kHost, kHost, kToken}, "admin.host"},
        AccessCase{"ReboundName", {{"Host", "rebound.example.test:1"}, kToken}, "admin.host"},
        AccessCase{
            "PageElsewhere", {kHost, kToken, {"Origin", "https://example.test"}}, "admin.origin"},
        AccessCase{"SandboxedPage", {kHost, kToken, {"Origin", "null"}}, "admin.origin"},
        AccessCase{"PageHere", {kHost, kToken, {"Origin", "http://localhost:3000"}}, ""}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(OpenAccessTest, NeedsNoTokenAndStillNoForeignPage) {
  const Access open(std::nullopt);
  EXPECT_TRUE(open.Check({kHost}));
  EXPECT_FALSE(open.Check({kHost, {"Origin", "https://example.test"}}));
  EXPECT_FALSE(open.Check({{"Host", "example.test"}}));
}

std::string Described(const Node& node) {
  const auto range = CountRange::Read(node);
  return range ? range->Describe() : range.error().id;
}

TEST(CountRangeTest, ReadsNumbersAndRanges) {
  EXPECT_EQ(Described(Node(std::int64_t{2})), "exactly 2");
  EXPECT_EQ(Described(Node(std::string("2"))), "exactly 2");
  EXPECT_EQ(Described(Node(std::string("1.."))), "at least 1");
  EXPECT_EQ(Described(Node(std::string("0..3"))), "0 to 3");
  for (const char* bad : {"", "x", "1.", "3..2", "..2", "1...2", "-1"}) {
    EXPECT_EQ(Described(Node(std::string(bad))), "admin.count") << bad;
  }
  EXPECT_EQ(Described(Node(std::int64_t{-1})), "admin.count");
  EXPECT_EQ(Described(Node(true)), "admin.count");
}

TEST(CountRangeTest, HoldsFromLowToHigh) {
  const CountRange range{.low = 1, .high = 2};
  EXPECT_FALSE(range.Holds(0));
  EXPECT_TRUE(range.Holds(1));
  EXPECT_TRUE(range.Holds(2));
  EXPECT_FALSE(range.Holds(3));
  EXPECT_TRUE((CountRange{.low = 1, .high = std::nullopt}).Holds(1'000'000));
}

}  // namespace
}  // namespace pullproof::mockregistry::admin
