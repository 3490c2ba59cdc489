// Lists of tags, over all pages.
#include "resolver/registry_client/tag_listing.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/resolver/registry_client/client_fixture.h"

namespace pullproof::resolver::registry_client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kFirst = "https://registry.test/v2/app/tags/list";

class TagsTest : public ClientTest {
 protected:
  TagsTest() : ClientTest({.credentials = {{"registry.test", {"u", "p"}}}, .plain_http = {}}) {}

  static Reply Page(const std::string& tags, const std::string& link = "") {
    Reply reply{.headers = {{"Content-Type", "application/json"}},
                .body = R"({"name":"app","tags":)" + tags + "}"};
    if (!link.empty()) reply.headers.Add("Link", link);
    return reply;
  }
  Result<std::vector<std::string>> List() { return client_.ListTags(Ref("registry.test/app")); }
};

TEST_F(TagsTest, OnePage) {
  transport_.On(kFirst, {Page(R"(["b","a"])")});
  const auto tags = List();
  ASSERT_TRUE(tags) << Describe(tags.error());
  EXPECT_THAT(*tags, ElementsAre("b", "a"));
  EXPECT_THAT(transport_.Urls(), ElementsAre(kFirst));
}

TEST_F(TagsTest, NoTags) {
  for (const char* none : {"[]", "null"}) {
    transport_.On(kFirst, {Page(none)});
    const auto tags = List();
    ASSERT_TRUE(tags) << none;
    EXPECT_THAT(*tags, IsEmpty());
  }
}

struct NextPage {
  const char* name;
  const char* link;
  const char* url;
};
class TagsNextTest : public TagsTest, public testing::WithParamInterface<NextPage> {};

TEST_P(TagsNextTest, IsFollowed) {
  transport_.On(kFirst, {Page(R"(["a"])", GetParam().link)});
  transport_.On(GetParam().url, {Page(R"(["b"])")});
  const auto tags = List();
  ASSERT_TRUE(tags) << Describe(tags.error());
  EXPECT_THAT(*tags, ElementsAre("a", "b"));
}

INSTANTIATE_TEST_SUITE_P(
    Table, TagsNextTest,
    testing::Values(NextPage{"Path", R"(</v2/app/tags/list?last=a&n=1>; rel="next")",
                             "https://registry.test/v2/app/tags/list?last=a&n=1"},
                    NextPage{"Absolute", R"(<https://registry.test/v2/x?y>; rel="next")",
                             "https://registry.test/v2/x?y"},
                    NextPage{"Query", "<?n=2&last=b>; rel=next",
                             "https://registry.test/v2/app/tags/list?n=2&last=b"},
                    NextPage{"OneOfSeveral", R"(<?x>; rel="first", <?opaque%2f>; rel="next")",
                             "https://registry.test/v2/app/tags/list?opaque%2f"}),
    [](const auto& row) { return row.param.name; });

TEST_F(TagsTest, PagesMayBeEmptyAndOverlapInAnyOrder) {
  transport_.On(kFirst, {Page(R"(["c","a"])", "<?p=2>; rel=next")});
  transport_.On(std::string(kFirst) + "?p=2", {Page("null", "<?p=3>; rel=next")});
  transport_.On(std::string(kFirst) + "?p=3", {Page(R"(["a","b"])")});
  const auto tags = List();
  ASSERT_TRUE(tags);
  EXPECT_THAT(*tags, ElementsAre("c", "a", "b"));
}

TEST_F(TagsTest, OtherRelationsEndTheList) {
  transport_.On(kFirst, {Page(R"(["a"])", R"(<?p=0>; rel="prev")")});
  EXPECT_EQ(IdOf(List()), "ok");
  EXPECT_EQ(transport_.requests().size(), 1U);
}

TEST_F(TagsTest, NotFromAnotherHost) {
  transport_.On(kFirst, {Page(R"(["a"])", R"(<https://other.test/v2/app/tags/list>; rel="next")")});
  EXPECT_EQ(IdOf(List()), "registry.link");
  EXPECT_THAT(transport_.Urls(), ElementsAre(kFirst));
}

TEST_F(TagsTest, ALoopEnds) {
  transport_.On(kFirst, {Page(R"(["a"])", "<?p=2>; rel=next")});
  transport_.On(std::string(kFirst) + "?p=2", {Page(R"(["b"])", R"(<?p=2>; rel="next")")});
  EXPECT_EQ(IdOf(List()), "registry.link");
  EXPECT_EQ(transport_.requests().size(), 2U);
}

TEST_F(TagsTest, ALinkThatCannotBeReadIsNotTheEnd) {
  transport_.On(kFirst, {Page(R"(["a"])", "<?p=2; rel=next")});
  EXPECT_EQ(IdOf(List()), "link.syntax");
  transport_.On(kFirst, {Page(R"(["a"])", "<file:///etc/passwd>; rel=next")});
  EXPECT_EQ(IdOf(List()), "url.scheme");
}

TEST_F(TagsTest, PagesHaveAnEnd) {
  for (int i = 0; i <= kMaxTagPages; ++i) {
    transport_.On(i == 0 ? kFirst : fmt::format("{}?p={}", kFirst, i),
                  {Page(R"(["a"])", fmt::format("<?p={}>; rel=next", i + 1))});
  }
  EXPECT_EQ(IdOf(List()), "registry.link");
  EXPECT_EQ(transport_.requests().size(), static_cast<std::size_t>(kMaxTagPages));
}

TEST_F(TagsTest, APageHasABound) {
  transport_.On(kFirst, {{.body = std::string(kMaxTagPageBytes + 1, ' ')}});
  EXPECT_EQ(IdOf(List()), "limit.bytes");
}

TEST_F(TagsTest, AllPagesTogetherHaveABound) {
  constexpr std::size_t kPerPage = kMaxTags / 2;
  for (std::size_t page = 0; page < 3; ++page) {
    std::string tags = "[\"x\"";
    for (std::size_t i = 0; i < kPerPage; ++i) tags += fmt::format(",\"{}\"", page * kPerPage + i);
    transport_.On(page == 0 ? kFirst : fmt::format("{}?p={}", kFirst, page),
                  {Page(tags + "]", fmt::format("<?p={}>; rel=next", page + 1))});
  }
  EXPECT_EQ(IdOf(List()), "limit.tags");
}

struct BadPage {
  const char* name;
  const char* body;
  const char* id;
};
class BadPageTest : public TagsTest, public testing::WithParamInterface<BadPage> {};

TEST_P(BadPageTest, IsRefused) {
  transport_.On(kFirst, {{.body = GetParam().body}});
  EXPECT_EQ(IdOf(List()), GetParam().id);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadPageTest,
    testing::Values(BadPage{"Html", "<html>", "json.syntax"}, BadPage{"Empty", "", "json.syntax"},
                    BadPage{"NoTags", R"({"name":"app"})", "registry.tags"},
                    BadPage{"NotAList", R"({"tags":"a"})", "registry.tags"},
                    BadPage{"NotAnObject", "[]", "registry.tags"},
                    BadPage{"NotAText", R"({"tags":[1]})", "registry.tags"},
                    BadPage{"Escapes", R"({"tags":["\u001b[2J"]})", "registry.tags"},
                    BadPage{"LineBreak", R"({"tags":["a\nb"]})", "registry.tags"}),
    [](const auto& row) { return row.param.name; });

TEST_F(TagsTest, AnUnknownRepositoryIsNotAnEmptyOne) {
  transport_.On(kFirst, {{.status = 404}});
  const auto tags = List();
  ASSERT_FALSE(tags);
  EXPECT_EQ(tags.error().id, "registry.not-found");
  EXPECT_EQ(tags.error().where, "registry.test/app");
}

TEST_F(TagsTest, CredentialsGoWithEveryPage) {
  const Reply challenge{.status = 401, .headers = {{"WWW-Authenticate", "Basic realm=x"}}};
  transport_.On(kFirst, {challenge, Page(R"(["a"])", "<?p=2>; rel=next")});
  transport_.On(std::string(kFirst) + "?p=2", {Page(R"(["b"])")});
  EXPECT_EQ(IdOf(List()), "ok");
  EXPECT_THAT(transport_.Sent("Authorization"), ElementsAre("-", "Basic dTpw", "Basic dTpw"));
}

}  // namespace
}  // namespace pullproof::resolver::registry_client
