// Tags and the catalog, page by page. Spec: distribution-spec, "Listing Tags".
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/mockregistry/api/registry.h"

namespace pullproof::mockregistry::api {
namespace {

using testing::AllOf;
using Next = ListShape::Next;

constexpr std::string_view kTags = "/v2/lib/app/tags/list";

std::string TagsBody(const std::string& tags) {
  return R"({"name":"lib/app","tags":[)" + tags + "]}";
}

std::string LinkTo(const std::string& url) { return "<" + url + ">; rel=\"next\""; }

class ListingTest : public RegistryTest {
 protected:
  Response Tags(const std::string& query = "") { return Get(std::string(kTags) + query); }
};

TEST_F(ListingTest, IsWholeAndInByteOrder) {
  EXPECT_THAT(Tags(),
              AllOf(HasStatus(200), HasHeader("Content-Type", "application/json"),
                    HasBody(TagsBody(R"("1.0","docker","index","latest")")), HasNoHeader("Link")));
}

TEST_F(ListingTest, OfNothingIsAnArray) {
  EXPECT_THAT(Get("/v2/lib/empty/tags/list"),
              AllOf(HasStatus(200), HasBody(R"({"name":"lib/empty","tags":[]})")));
}

TEST_F(ListingTest, OfAnUnknownRepositoryIsNotFound) {
  EXPECT_THAT(Get("/v2/lib/other/tags/list"), IsError(404, "NAME_UNKNOWN"));
  EXPECT_THAT(Get("/v2/LIB/tags/list"), IsError(400, "NAME_INVALID"));
  EXPECT_THAT(Get("/v2//tags/list"), IsError(400, "NAME_INVALID"));
}

struct PageCase {
  std::string name;
  std::string query;
  std::string tags;
  std::string next;  // query of the next page; empty: no Link
};
class TagPage : public ListingTest, public testing::WithParamInterface<PageCase> {};

TEST_P(TagPage, IsCutWhereTheClientSays) {
  const Response response = Tags(GetParam().query);
  EXPECT_THAT(response, AllOf(HasStatus(200), HasBody(TagsBody(GetParam().tags))));
  if (GetParam().next.empty()) {
    EXPECT_THAT(response, HasNoHeader("Link"));
  } else {
    EXPECT_THAT(response, HasHeader("Link", LinkTo(std::string(kTags) + GetParam().next)));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, TagPage,
    testing::Values(PageCase{"First", "?n=2", R"("1.0","docker")", "?n=2&last=docker"},
                    PageCase{"Next", "?n=2&last=docker", R"("index","latest")", ""},
                    PageCase{"LastAlone", "?last=docker", R"("index","latest")", ""},
                    PageCase{"ExactlyFull", "?n=4", R"("1.0","docker","index","latest")", ""},
                    PageCase{"AfterAnAbsentTag", "?n=1&last=e", R"("index")", "?n=1&last=index"},
                    PageCase{"PastTheEnd", "?last=zzz", "", ""},
                    PageCase{"AfterTheLast", "?last=latest", "", ""},
                    PageCase{"None", "?n=0", "", ""},
                    PageCase{"NoneAfter", "?n=0&last=docker", "", ""},
                    PageCase{"LeadingZeros", "?n=002", R"("1.0","docker")", "?n=2&last=docker"},
                    PageCase{"MoreThanNumbersHold", "?n=99999999999999999999999",
                             R"("1.0","docker","index","latest")", ""},
                    PageCase{"OtherParametersStay", "?x=%26y&n=3", R"("1.0","docker","index")",
                             "?n=3&last=index&x=%26y"}),
    [](const auto& parameter) { return parameter.param.name; });

class BadPage : public ListingTest, public testing::WithParamInterface<std::string> {};

TEST_P(BadPage, IsRefused) {
  EXPECT_THAT(Tags(GetParam()), IsError(400, "PAGINATION_NUMBER_INVALID"));
  EXPECT_THAT(Get("/v2/_catalog" + GetParam()), IsError(400, "PAGINATION_NUMBER_INVALID"));
}

INSTANTIATE_TEST_SUITE_P(All, BadPage,
                         testing::Values("?n=-1", "?n=", "?n=abc", "?n=1.5", "?n=+1", "?n=0x10",
                                         "?n=1%00", "?n=%20", "?cursor=zz", "?cursor=abc"));

TEST_F(ListingTest, IsBoundedByTheLimitOfTheRegistry) {
  context_.limits.max_page = 3;
  const std::string next = std::string(kTags) + "?n=3&last=index";
  EXPECT_THAT(Tags(), AllOf(HasBody(TagsBody(R"("1.0","docker","index")")),
                            HasHeader("Link", LinkTo(next))));
  EXPECT_THAT(Tags("?n=100"), HasHeader("Link", LinkTo(next)));
}

TEST_F(ListingTest, AnswersHead) {
  const Response head = Send("HEAD", kTags);
  EXPECT_TRUE(head.head_only);
  EXPECT_THAT(head, AllOf(HasStatus(200), HasBody(BodyOf(Tags()))));
}

TEST_F(ListingTest, TheCatalogIsPagedAlike) {
  EXPECT_THAT(Get("/v2/_catalog"), AllOf(HasStatus(200), HasNoHeader("Link"),
                                         HasBody(R"({"repositories":["lib/app","lib/empty"]})")));
  EXPECT_THAT(Get("/v2/_catalog?n=1"),
              AllOf(HasBody(R"({"repositories":["lib/app"]})"),
                    HasHeader("Link", LinkTo("/v2/_catalog?n=1&last=lib%2Fapp"))));
  EXPECT_THAT(Get("/v2/_catalog?n=1&last=lib%2Fapp"),
              AllOf(HasBody(R"({"repositories":["lib/empty"]})"), HasNoHeader("Link")));
  EXPECT_THAT(Get("/v2/_catalog?n=0"), HasBody(R"({"repositories":[]})"));
  EXPECT_THAT(Get("/v2/_catalog?last=zzz"), HasBody(R"({"repositories":[]})"));
}

TEST_F(ListingTest, TheCatalogOfAnEmptyRegistryIsAnArray) {
  const content::Content nothing;
  store::Store store(nothing);
  context_.store = &store;
  EXPECT_THAT(Get("/v2/_catalog"), AllOf(HasStatus(200), HasBody(R"({"repositories":[]})")));
}

// --- Traps -------------------------------------------------------------------------------------

struct ShapeCase {
  std::string name;
  Next next;
  std::string link;  // after ?n=2; empty: none
};
class Shape : public ListingTest, public testing::WithParamInterface<ShapeCase> {};

TEST_P(Shape, BendsTheLink) {
  context_.list = ListShape{.page = 1, .next = GetParam().next, .origin = "http://127.0.0.1:9"};
  const Response response = Tags("?n=2");
  EXPECT_THAT(response, HasBody(TagsBody(R"("1.0")")));
  if (GetParam().link.empty()) {
    EXPECT_THAT(response, HasNoHeader("Link"));
  } else {
    EXPECT_THAT(response, HasHeader("Link", LinkTo(GetParam().link)));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, Shape,
    testing::Values(ShapeCase{"Relative", Next::kRelative, "?n=1&last=1.0"},
                    ShapeCase{"Cursor", Next::kCursor, "/v2/lib/app/tags/list?n=1&cursor=312e30"},
                    ShapeCase{"Self", Next::kSelf, "/v2/lib/app/tags/list?n=2"},
                    ShapeCase{"Again", Next::kAgain, "/v2/lib/app/tags/list?n=1"},
                    ShapeCase{"None", Next::kNone, ""},
                    ShapeCase{"Absolute", Next::kAbsolute,
                              "http://127.0.0.1:9/v2/lib/app/tags/list?n=1&last=1.0"}),
    [](const auto& parameter) { return parameter.param.name; });

TEST_F(ListingTest, CirclesHaveNoEnd) {
  context_.list = ListShape{.page = std::nullopt, .next = Next::kSelf, .origin = {}};
  EXPECT_THAT(Tags("?last=docker"), HasHeader("Link", LinkTo(std::string(kTags) + "?last=docker")));
  context_.list->next = Next::kAgain;
  EXPECT_THAT(Tags("?last=docker&n=9"), HasHeader("Link", LinkTo(std::string(kTags) + "?n=9")));
}

TEST_F(ListingTest, HonestShapesEndWhereTheListEnds) {
  for (const Next next : {Next::kRelative, Next::kCursor, Next::kAbsolute, Next::kNone}) {
    context_.list = ListShape{.page = 4, .next = next, .origin = "http://127.0.0.1:9"};
    EXPECT_THAT(Tags(), HasNoHeader("Link"));
  }
}

TEST_F(ListingTest, CursorsLeadToTheEndAndMadeUpPlacesAreRefused) {
  context_.list = ListShape{.page = 2, .next = Next::kCursor, .origin = {}};
  EXPECT_THAT(Tags("?n=2&cursor=" + HexEncode("docker")),
              AllOf(HasBody(TagsBody(R"("index","latest")")), HasNoHeader("Link")));
  EXPECT_THAT(Tags("?n=2&last=docker"), IsError(400, "PAGINATION_NUMBER_INVALID"));
  // A cursor that was given stays good when the rule fires no more.
  context_.list.reset();
  EXPECT_THAT(Tags("?cursor=" + HexEncode("docker")), HasBody(TagsBody(R"("index","latest")")));
}

TEST_F(ListingTest, APageOfNothingMayBeScripted) {
  context_.list = ListShape{.page = 0, .next = Next::kNone, .origin = {}};
  EXPECT_THAT(Tags(), AllOf(HasStatus(200), HasBody(TagsBody(""))));
}

TEST_F(ListingTest, ALinkNeverCarriesRawBytesOfTheRequest) {
  context_.list = ListShape{.page = 1, .next = Next::kSelf, .origin = {}};
  EXPECT_THAT(Tags("?x=a>\r\nEvil: 1"),
              HasHeader("Link", LinkTo(std::string(kTags) + "?x=a%3E%0D%0AEvil%3A%201")));
}

}  // namespace
}  // namespace pullproof::mockregistry::api
