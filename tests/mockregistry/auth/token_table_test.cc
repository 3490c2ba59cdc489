#include "mockregistry/auth/token_table.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::mockregistry::auth {
namespace {

constexpr std::uint64_t kSeed = 7;

Policy PolicyOf(std::string host) {
  Policy policy;
  policy.host = std::move(host);
  return policy;
}

Grant For(const Policy& policy, std::string user = "alice") {
  return {.policy = &policy, .user = std::move(user), .scopes = {}, .uses_left = std::nullopt};
}

// The values were computed by another program from the definition in the header.
TEST(TokenTableTest, TokensAreSpecified) {
  const Policy registry = PolicyOf("registry");
  const Policy mirror = PolicyOf("mirror");
  TokenTable table(kSeed, "token");
  EXPECT_EQ(table.Issue(For(registry)),
            "7df43b50ae5d7e8e14ad8e36ff2c2af41d22cbb4e1ebbdc47b9c5cc782bedb2e");
  EXPECT_EQ(table.Issue(For(registry)),
            "503e2b0778cfb2f2bd0d528951b3bbaaa534ac564f227529c432804bbeea1ba5");
  EXPECT_EQ(TokenTable(kSeed, "refresh token").Issue(For(registry)),
            "e2d8db3d9c667ce6afc07dded19765718f73184c737948dfb5d82d688b30d6d0");
  EXPECT_EQ(TokenTable(kSeed + 1, "token").Issue(For(registry)),
            "46b0965d99403be344f76fe2c8ad5f3bf6072dbdc834527592920f4922e1f972");
  EXPECT_EQ(TokenTable(kSeed, "token").Issue(For(mirror)),
            "9abf208668dfad8bb3d637a8151317117cc7ba0322df4d9c2ed58d9a5406c741");
}

TEST(TokenTableTest, FindsWhatWasIssued) {
  const Policy policy = PolicyOf("registry");
  TokenTable table(kSeed, "token");
  const std::string alice = table.Issue(For(policy, "alice"));
  const std::string bob = table.Issue(For(policy, "bob"));
  ASSERT_NE(table.Find(alice), nullptr);
  EXPECT_EQ(table.Find(alice)->user, "alice");
  EXPECT_EQ(table.Find(bob)->user, "bob");
  EXPECT_EQ(table.Find("nonsense"), nullptr);
  EXPECT_EQ(table.Find(""), nullptr);
}

TEST(TokenTableTest, VisitsInTheOrderOfIssue) {
  const Policy policy = PolicyOf("registry");
  TokenTable table(kSeed, "token");
  table.Issue(For(policy, "first"));
  table.Issue(For(policy, "second"));
  std::vector<std::string> users;
  table.ForEach([&users](const std::string&, const Grant& grant) { users.push_back(grant.user); });
  EXPECT_THAT(users, testing::ElementsAre("first", "second"));
}

TEST(TokenTableTest, StartsAnewAfterClear) {
  const Policy policy = PolicyOf("registry");
  TokenTable table(kSeed, "token");
  const std::string token = table.Issue(For(policy));
  table.Clear();
  EXPECT_EQ(table.Find(token), nullptr);
  EXPECT_EQ(table.Issue(For(policy)), token);
}

TEST(TokenTableTest, LetsTheOldestGoWhenFull) {
  const Policy policy = PolicyOf("registry");
  TokenTable table(kSeed, "token");
  std::set<std::string> tokens;
  const std::string first = table.Issue(For(policy));
  const std::string second = table.Issue(For(policy));
  for (std::size_t i = 2; i < TokenTable::kCapacity; ++i) tokens.insert(table.Issue(For(policy)));
  EXPECT_NE(table.Find(first), nullptr);
  table.Issue(For(policy));
  EXPECT_EQ(table.Find(first), nullptr);
  EXPECT_NE(table.Find(second), nullptr);
  EXPECT_EQ(tokens.size(), TokenTable::kCapacity - 2);  // no token was given twice
}

}  // namespace
}  // namespace pullproof::mockregistry::auth
