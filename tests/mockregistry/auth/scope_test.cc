#include "mockregistry/auth/scope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::mockregistry::auth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Scope Make(std::string type, std::string name, std::vector<std::string> actions) {
  return {.type = std::move(type), .name = std::move(name), .actions = std::move(actions)};
}

TEST(ParseScopesTest, ReadsOneOrSeveral) {
  EXPECT_THAT(ParseScopes("repository:team/app:pull,push").value(),
              ElementsAre(Make("repository", "team/app", {"pull", "push"})));
  EXPECT_THAT(ParseScopes(" repository:a:pull  registry:catalog:* ").value(),
              ElementsAre(Make("repository", "a", {"pull"}), Make("registry", "catalog", {"*"})));
  EXPECT_THAT(ParseScopes("").value(), IsEmpty());
}

TEST(ParseScopesTest, TheNameMayHoldColons) {
  EXPECT_THAT(ParseScopes("repository:localhost:5000/app:pull").value(),
              ElementsAre(Make("repository", "localhost:5000/app", {"pull"})));
}

TEST(ParseScopesTest, ActionsMayBeMissing) {
  EXPECT_THAT(ParseScopes("repository:a:").value(), ElementsAre(Make("repository", "a", {})));
  EXPECT_THAT(ParseScopes("repository:a:,pull,").value(),
              ElementsAre(Make("repository", "a", {"pull"})));
}

class BadScopeTest : public testing::TestWithParam<std::string_view> {};

TEST_P(BadScopeTest, IsRefused) {
  const auto scopes = ParseScopes(GetParam());
  ASSERT_FALSE(scopes.has_value());
  EXPECT_EQ(scopes.error().id, "auth.scope");
}

INSTANTIATE_TEST_SUITE_P(Texts, BadScopeTest,
                         testing::Values("pull", "repository:pull", ":a:pull", "repository::pull",
                                         "repository:a\"b:pull", "repository:a\\b:pull",
                                         "repository:a\x01:pull", "repository:caf\xc3\xa9:pull"));

TEST(ParseScopesTest, BoundsTheirNumber) {
  std::string text;
  for (std::size_t i = 0; i < kMaxScopes; ++i) text += "repository:a:pull ";
  EXPECT_EQ(ParseScopes(text).value().size(), kMaxScopes);
  EXPECT_EQ(ParseScopes(text + "repository:a:pull").error().message,
            "more than 64 scopes in one request");
}

TEST(JoinScopesTest, IsWhatParseScopesReads) {
  const std::string text = "repository:a:pull,push registry:catalog:*";
  EXPECT_EQ(JoinScopes(ParseScopes(text).value()), text);
  EXPECT_EQ(JoinScopes({}), "");
}

struct RouteCase {
  const char* name;
  std::string_view method;
  std::string_view target;
  std::string_view scopes;
};

class ScopesForTest : public testing::TestWithParam<RouteCase> {};

TEST_P(ScopesForTest, NeedsNoMoreThanTheOperation) {
  const api::Route route = api::RouteOf(GetParam().method, GetParam().target);
  EXPECT_EQ(JoinScopes(ScopesFor(route)), GetParam().scopes);
}

INSTANTIATE_TEST_SUITE_P(
    Routes, ScopesForTest,
    testing::Values(
        RouteCase{"Ping", "GET", "/v2/", ""}, RouteCase{"Unknown", "GET", "/v2/x", ""},
        RouteCase{"Token", "GET", "/token", ""},
        RouteCase{"Catalog", "GET", "/v2/_catalog", "registry:catalog:*"},
        RouteCase{"ManifestGet", "GET", "/v2/a/b/manifests/1", "repository:a/b:pull"},
        RouteCase{"ManifestHead", "HEAD", "/v2/a/manifests/1", "repository:a:pull"},
        RouteCase{"ManifestPut", "PUT", "/v2/a/manifests/1", "repository:a:pull,push"},
        RouteCase{"ManifestDelete", "DELETE", "/v2/a/manifests/1", "repository:a:delete"},
        RouteCase{"BlobGet", "GET", "/v2/a/blobs/sha256:0", "repository:a:pull"},
        RouteCase{"BlobHead", "HEAD", "/v2/a/blobs/sha256:0", "repository:a:pull"},
        RouteCase{"BlobDelete", "DELETE", "/v2/a/blobs/sha256:0", "repository:a:delete"},
        RouteCase{"Tags", "GET", "/v2/a/tags/list", "repository:a:pull"},
        RouteCase{"Referrers", "GET", "/v2/a/referrers/sha256:0", "repository:a:pull"},
        RouteCase{"UploadStart", "POST", "/v2/a/blobs/uploads/", "repository:a:pull,push"},
        RouteCase{"UploadPatch", "PATCH", "/v2/a/blobs/uploads/1", "repository:a:pull,push"},
        RouteCase{"UploadPut", "PUT", "/v2/a/blobs/uploads/1", "repository:a:pull,push"},
        RouteCase{"UploadGet", "GET", "/v2/a/blobs/uploads/1", "repository:a:pull,push"},
        RouteCase{"UploadDelete", "DELETE", "/v2/a/blobs/uploads/1", "repository:a:pull,push"},
        RouteCase{"Mount", "POST", "/v2/a/blobs/uploads/?mount=sha256:0&from=lib%2Fb",
                  "repository:a:pull,push repository:lib/b:pull"},
        RouteCase{"MountWithoutFrom", "POST", "/v2/a/blobs/uploads/?mount=sha256:0",
                  "repository:a:pull,push"},
        RouteCase{"MountFromItself", "POST", "/v2/a/blobs/uploads/?mount=sha256:0&from=a",
                  "repository:a:pull,push"}),
    [](const auto& test) { return test.param.name; });

struct CoverCase {
  const char* name;
  std::string_view granted;
  std::string_view needed;
  bool covers;
};

class CoversTest : public testing::TestWithParam<CoverCase> {};

TEST_P(CoversTest, NeedsEveryAction) {
  const auto granted = ParseScopes(GetParam().granted).value();
  const auto needed = ParseScopes(GetParam().needed).value();
  EXPECT_EQ(Covers(granted, needed.front()), GetParam().covers);
}

INSTANTIATE_TEST_SUITE_P(
    Scopes, CoversTest,
    testing::Values(CoverCase{"Equal", "repository:a:pull", "repository:a:pull", true},
                    CoverCase{"More", "repository:a:pull,push", "repository:a:pull", true},
                    CoverCase{"Less", "repository:a:pull", "repository:a:pull,push", false},
                    CoverCase{"TwoHalves", "repository:a:pull repository:a:push",
                              "repository:a:pull,push", true},
                    CoverCase{"Star", "repository:a:*", "repository:a:pull,push", true},
                    CoverCase{"OtherName", "repository:a:pull", "repository:ab:pull", false},
                    CoverCase{"OtherType", "plugin:a:pull", "repository:a:pull", false},
                    CoverCase{"Nothing", "", "repository:a:pull", false},
                    CoverCase{"Catalog", "registry:catalog:*", "registry:catalog:*", true},
                    CoverCase{"PullIsNoCatalog", "registry:catalog:pull", "registry:catalog:*",
                              false}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace pullproof::mockregistry::auth
