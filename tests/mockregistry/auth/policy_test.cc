#include "mockregistry/auth/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/mockregistry/auth/diagnostics_of.h"

namespace pullproof::mockregistry::auth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const std::vector<std::string> kHosts{"registry", "auth", "mirror"};

std::vector<Policy> Read(std::string_view toml, Diagnostics& problems) {
  const Node document = ParseToml(toml, "case.toml").value();
  const Node* auth = document.Find("auth");
  return ReadPolicies(auth == nullptr ? Node() : *auth, kHosts, problems);
}

std::vector<std::string> Complaints(std::string_view toml) {
  Diagnostics problems("case.toml");
  Read(toml, problems);
  return TextsOf(problems);
}

TEST(ReadPoliciesTest, NoTableIsNoPolicy) {
  Diagnostics problems("case.toml");
  EXPECT_THAT(Read("", problems), IsEmpty());
  EXPECT_THAT(problems.all(), IsEmpty());
}

TEST(ReadPoliciesTest, ReadsEveryMember) {
  Diagnostics problems("case.toml");
  const auto policies = Read(R"(
[auth.registry]
scheme = "bearer"
realm = "auth"
service = "mock.example"
users = { alice = "s3cret", bob = "hunter2" }
anonymous = ["pull"]
token = { valid_uses = 2, claims_expires_in = "300s", field = "both" }
)",
                             problems);
  EXPECT_THAT(TextsOf(problems), IsEmpty());
  ASSERT_EQ(policies.size(), 1);
  const Policy& policy = policies.front();
  EXPECT_EQ(policy.host, "registry");
  EXPECT_EQ(policy.scheme, Policy::Scheme::kBearer);
  EXPECT_EQ(policy.realm, "auth");
  EXPECT_EQ(policy.service, "mock.example");
  EXPECT_THAT(policy.users, ElementsAre(Pair("alice", "s3cret"), Pair("bob", "hunter2")));
  EXPECT_THAT(policy.anonymous, ElementsAre("pull"));
  EXPECT_EQ(policy.token.valid_uses, 2);
  EXPECT_EQ(policy.token.claims_expires_in, 300);
  EXPECT_EQ(policy.token.field, TokenShape::Field::kBoth);
}

TEST(ReadPoliciesTest, AHostIsItsOwnRealmUnlessStated) {
  Diagnostics problems("case.toml");
  const auto policies =
      Read("auth.mirror = { scheme = \"bearer\", anonymous = [\"pull\"] }", problems);
  ASSERT_EQ(policies.size(), 1);
  EXPECT_EQ(policies.front().realm, "mirror");
  EXPECT_EQ(policies.front().token.field, TokenShape::Field::kToken);
  EXPECT_EQ(policies.front().token.valid_uses, std::nullopt);
  EXPECT_EQ(policies.front().token.claims_expires_in, std::nullopt);
}

struct ComplaintCase {
  const char* name;
  std::string_view toml;
  std::string_view complaint;
};

class PolicyComplaintTest : public testing::TestWithParam<ComplaintCase> {};

TEST_P(PolicyComplaintTest, SaysWhatAndWhere) {
  EXPECT_THAT(Complaints(GetParam().toml), ElementsAre(GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    Tables, PolicyComplaintTest,
    testing::Values(
        ComplaintCase{"NoTable", "auth = 3",
                      "case.toml:1:8: error: `auth` must be a table, not an integer [model.kind]"},
        ComplaintCase{"UnknownHost", R"(auth.registri = { scheme = "basic", users = { a = "b" } })",
                      "case.toml:1:6: error: `registri` is no host of this fixture "
                      "[auth.unknown-host]\n  did you mean `registry`?"},
        ComplaintCase{
            "UnknownRealm",
            R"(auth.registry = { scheme = "bearer", realm = "auht", users = { a = "b" } })",
            "case.toml:1:46: error: `auht` is no host of this fixture [auth.unknown-host]\n"
            "  expected one of: registry, auth, mirror"},
        ComplaintCase{"NoScheme", R"(auth.registry = { users = { a = "b" } })",
                      "case.toml:1:17: error: `auth.registry` has no `scheme` "
                      "[model.missing-member]"},
        ComplaintCase{"UnknownScheme",
                      R"(auth.registry = { scheme = "baer", users = { a = "b" } })",
                      "case.toml:1:28: error: `scheme` of `auth.registry` cannot be `baer` "
                      "[model.unknown-value]\n  expected one of: basic, bearer"},
        ComplaintCase{
            "UnknownMember",
            R"(auth.registry = { scheme = "basic", user = { a = "b" }, anonymous = ["pull"] })",
            "case.toml:1:37: error: `auth.registry` has an unknown member `user` "
            "[model.unknown-member]\n  did you mean `users`?"},
        ComplaintCase{"ColonInUser",
                      R"(auth.registry = { scheme = "basic", users = { "a:b" = "c" } })",
                      "case.toml:1:47: error: `a:b` cannot be a user's name [auth.user]\n"
                      "  it must not be empty and has neither colons nor control characters"},
        ComplaintCase{"EmptyPassword",
                      R"(auth.registry = { scheme = "basic", users = { a = "" } })",
                      "case.toml:1:51: error: the password of `a` is empty or has control "
                      "characters [auth.password]"},
        ComplaintCase{"UnknownAction",
                      R"(auth.registry = { scheme = "basic", anonymous = ["pul", "push"] })",
                      "case.toml:1:50: error: `anonymous` of `auth.registry` cannot be `pul` "
                      "[model.unknown-value]\n  did you mean `pull`?"},
        ComplaintCase{
            "RealmOfBasic",
            R"(auth.registry = { scheme = "basic", realm = "auth", users = { a = "b" } })",
            "case.toml:1:45: error: `realm` of `auth.registry` means nothing with scheme "
            "`basic` [auth.not-for-basic]\n"
            "  leave it out, or use scheme = \"bearer\""},
        ComplaintCase{"Nobody", R"(auth.registry = { scheme = "basic" })",
                      "case.toml:1:6: warning: `auth.registry` lets nobody in [auth.nobody]\n"
                      "  give it `users` or `anonymous` actions"},
        ComplaintCase{
            "HalfASecond",
            R"(auth.registry = { scheme = "bearer", anonymous = ["pull"], token = { claims_expires_in = "500ms" } })",
            "case.toml:1:90: error: `claims_expires_in` of `auth.registry.token` is `500ms`, no "
            "whole number of seconds [auth.expires-in]\n  write it as in \"300s\""},
        ComplaintCase{
            "NegativeUses",
            R"(auth.registry = { scheme = "bearer", anonymous = ["pull"], token = { valid_uses = -1 } })",
            "case.toml:1:83: error: `valid_uses` of `auth.registry.token` is -1, outside 0 to "
            "9223372036854775807 [model.range]"},
        ComplaintCase{
            "NoFieldIsForRules",
            R"(auth.registry = { scheme = "bearer", anonymous = ["pull"], token = { field = "none" } })",
            "case.toml:1:78: error: `field` of `auth.registry.token` cannot be `none` "
            "[model.unknown-value]\n  expected one of: token, access_token, both"},
        ComplaintCase{"SameService", R"([auth.registry]
scheme = "bearer"
realm = "auth"
anonymous = ["pull"]
[auth.mirror]
scheme = "bearer"
realm = "auth"
anonymous = ["pull"])",
                      "case.toml:5:1: error: `registry` and `mirror` share a realm and have the "
                      "same `service` [auth.same-service]\n  give each a `service` of its own"}),
    [](const auto& test) { return test.param.name; });

TEST(ReadTokenShapeTest, ARuleMayAnswerWithoutAnyToken) {
  Diagnostics problems("case.toml");
  const Node node = ParseToml("t = { field = \"none\", valid_uses = 0 }", "case.toml").value();
  const TokenShape shape = ReadTokenShape(*node.Find("t"), "`token`", AllowNoField::kYes, problems);
  EXPECT_THAT(TextsOf(problems), IsEmpty());
  EXPECT_EQ(shape.field, TokenShape::Field::kNone);
  EXPECT_EQ(shape.valid_uses, 0);
}

}  // namespace
}  // namespace pullproof::mockregistry::auth
