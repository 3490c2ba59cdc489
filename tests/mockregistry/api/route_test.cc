#include "mockregistry/api/route.h"

#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::mockregistry::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(OperationName, IsDifferentForEachAndEmptyForTheUnknown) {
  EXPECT_EQ(OperationName(Operation::kUnknown), "");
  EXPECT_EQ(OperationName(Operation::kPing), "ping");
  EXPECT_EQ(OperationName(Operation::kUploadMount), "upload.mount");
  EXPECT_EQ(OperationName(Operation::kToken), "token");
  const std::vector<std::string_view> names = OperationNames();
  EXPECT_EQ(names.size(), 18U);
  EXPECT_EQ(std::set<std::string_view>(names.begin(), names.end()).size(), names.size());
  EXPECT_EQ(names.front(), "ping");
  EXPECT_EQ(names.back(), "token");
}

struct RouteCase {
  std::string method;
  std::string target;
  std::string operation;  // empty: no operation
  std::string repository;
  std::string reference;
};

void PrintTo(const RouteCase& route, std::ostream* out) {
  *out << route.method << ' ' << route.target;
}

class Routes : public testing::TestWithParam<RouteCase> {};

TEST_P(Routes, AreReadFromTheRawBytes) {
  const Route route = RouteOf(GetParam().method, GetParam().target);
  EXPECT_EQ(OperationName(route.operation), GetParam().operation);
  EXPECT_EQ(route.repository, GetParam().repository);
  EXPECT_EQ(route.reference, GetParam().reference);
}

INSTANTIATE_TEST_SUITE_P(
    Endpoints, Routes,
    testing::Values(
        RouteCase{"GET", "/v2/", "ping", "", ""}, RouteCase{"HEAD", "/v2/", "ping", "", ""},
        RouteCase{"GET", "/v2/a/manifests/1.0", "manifest.get", "a", "1.0"},
        RouteCase{"HEAD", "/v2/a/b/manifests/sha256:0", "manifest.head", "a/b", "sha256:0"},
        RouteCase{"PUT", "/v2/a/manifests/x", "manifest.put", "a", "x"},
        RouteCase{"DELETE", "/v2/a/manifests/x", "manifest.delete", "a", "x"},
        RouteCase{"GET", "/v2/a/blobs/sha256:0", "blob.get", "a", "sha256:0"},
        RouteCase{"HEAD", "/v2/a/blobs/sha256:0", "blob.head", "a", "sha256:0"},
        RouteCase{"DELETE", "/v2/a/blobs/sha256:0", "blob.delete", "a", "sha256:0"},
        RouteCase{"POST", "/v2/a/blobs/uploads/", "upload.start", "a", ""},
        RouteCase{"POST", "/v2/a/blobs/uploads/?digest=sha256:0", "upload.start", "a", ""},
        RouteCase{"POST", "/v2/a/blobs/uploads/?mount=d&from=b", "upload.mount", "a", ""},
        RouteCase{"PATCH", "/v2/a/blobs/uploads/7", "upload.patch", "a", "7"},
        RouteCase{"PUT", "/v2/a/blobs/uploads/7?digest=d", "upload.put", "a", "7"},
        RouteCase{"GET", "/v2/a/blobs/uploads/7", "upload.get", "a", "7"},
        RouteCase{"DELETE", "/v2/a/blobs/uploads/7", "upload.delete", "a", "7"},
        RouteCase{"GET", "/v2/a/tags/list", "tags.list", "a", ""},
        RouteCase{"GET", "/v2/a/tags/list?n=1", "tags.list", "a", ""},
        RouteCase{"GET", "/v2/a/referrers/sha256:0", "referrers.list", "a", "sha256:0"},
        RouteCase{"GET", "/v2/_catalog?n=1", "catalog", "", ""},
        RouteCase{"GET", "/token?service=x", "token", "", ""},
        RouteCase{"POST", "/token", "token", "", ""}));

INSTANTIATE_TEST_SUITE_P(
    NamesLikeKeywords, Routes,
    testing::Values(RouteCase{"GET", "/v2/manifests/manifests/x", "manifest.get", "manifests", "x"},
                    RouteCase{"GET", "/v2/a/tags/tags/list", "tags.list", "a/tags", ""},
                    RouteCase{"GET", "/v2/a/blobs/manifests/x", "manifest.get", "a/blobs", "x"},
                    RouteCase{"GET", "/v2/uploads/blobs/x", "blob.get", "uploads", "x"},
                    RouteCase{"GET", "/v2/a/manifests/list", "manifest.get", "a", "list"},
                    RouteCase{"GET", "/v2/a/blobs/uploads", "blob.get", "a", "uploads"}));

INSTANTIATE_TEST_SUITE_P(
    NothingIsNormalised, Routes,
    testing::Values(
        RouteCase{"GET", "/v2/../a/manifests/x", "manifest.get", "../a", "x"},
        RouteCase{"GET", "/v2//manifests/x", "manifest.get", "", "x"},
        RouteCase{"GET", "/v2/a//b/manifests/x", "manifest.get", "a//b", "x"},
        RouteCase{"GET", "/v2/a%2Fb/manifests/x", "manifest.get", "a%2Fb", "x"},
        RouteCase{"GET", "/v2/a/manifests/sha256%3A0", "manifest.get", "a", "sha256%3A0"},
        RouteCase{"GET", "/v2/a/manifests/x%2F..%2Fy", "manifest.get", "a", "x%2F..%2Fy"},
        RouteCase{"GET", "/v2/a/blobs/..", "blob.get", "a", ".."},
        RouteCase{"GET", std::string("/v2/a/manifests/\0\xFF", 18), "manifest.get", "a",
                  std::string("\0\xFF", 2)}));

INSTANTIATE_TEST_SUITE_P(
    NoOperation, Routes,
    testing::Values(RouteCase{"GET", "", "", "", ""}, RouteCase{"GET", "/", "", "", ""},
                    RouteCase{"GET", "/v2", "", "", ""}, RouteCase{"GET", "v2/", "", "", ""},
                    RouteCase{"GET", "/V2/", "", "", ""}, RouteCase{"get", "/v2/", "", "", ""},
                    RouteCase{"", "/v2/", "", "", ""}, RouteCase{"POST", "/v2/", "", "", ""},
                    RouteCase{"GET", "/v1/a/manifests/x", "", "", ""},
                    RouteCase{"GET", "/v2/manifests/x", "", "", ""},
                    RouteCase{"GET", "/v2/tags/list", "", "", ""},
                    RouteCase{"GET", "/v2/a/manifests/", "", "", ""},
                    RouteCase{"GET", "/v2/a/blobs/", "", "", ""},
                    RouteCase{"GET", "/v2/a/referrers/", "", "", ""},
                    RouteCase{"POST", "/v2/blobs/uploads/", "", "", ""},
                    RouteCase{"GET", "/v2/a/blobs/uploads/", "", "", ""},
                    RouteCase{"GET", "/v2/a/tags/list/", "", "", ""},
                    RouteCase{"POST", "/v2/a/manifests/x", "", "", ""},
                    RouteCase{"GET", "/v2/a", "", "", ""}, RouteCase{"GET", "/v2/a/b", "", "", ""},
                    RouteCase{"GET", "http://127.0.0.1/v2/", "", "", ""},
                    RouteCase{"GET", "/token/", "", "", ""},
                    RouteCase{"DELETE", "/token", "", "", ""}));

TEST(RouteQuery, IsKeptInOrderForEveryTarget) {
  const Route route = RouteOf("GET", "/nowhere?b=2&a=1&b=3");
  EXPECT_EQ(route.operation, Operation::kUnknown);
  EXPECT_THAT(route.query, ElementsAre(Pair("b", "2"), Pair("a", "1"), Pair("b", "3")));
  EXPECT_EQ(route.Query("b"), "2");
  EXPECT_EQ(route.Query("c"), std::nullopt);
}

TEST(MethodsOf, SaysWhatAnAllowHeaderSays) {
  EXPECT_THAT(MethodsOf("/v2/"), ElementsAre("GET", "HEAD"));
  EXPECT_THAT(MethodsOf("/v2/a/manifests/x?y"), ElementsAre("GET", "HEAD", "PUT", "DELETE"));
  EXPECT_THAT(MethodsOf("/v2/a/blobs/uploads/"), ElementsAre("POST"));
  EXPECT_THAT(MethodsOf("/v2/a/blobs/uploads/7"),
              ElementsAre("GET", "HEAD", "PATCH", "PUT", "DELETE"));
  EXPECT_THAT(MethodsOf("/nowhere"), IsEmpty());
}

TEST(ParseQuery, DecodesLikeAForm) {
  EXPECT_THAT(ParseQuery(""), IsEmpty());
  EXPECT_THAT(ParseQuery("&&"), IsEmpty());
  EXPECT_THAT(ParseQuery("n=2&last=a%2Fb"), ElementsAre(Pair("n", "2"), Pair("last", "a/b")));
  EXPECT_THAT(ParseQuery("scope=a+b&c%3D=%2B"), ElementsAre(Pair("scope", "a b"), Pair("c=", "+")));
  EXPECT_THAT(ParseQuery("flag&=x&a=b=c"),
              ElementsAre(Pair("flag", ""), Pair("", "x"), Pair("a", "b=c")));
  EXPECT_THAT(ParseQuery("a=%zz+%4&b=100%"), ElementsAre(Pair("a", "%zz+%4"), Pair("b", "100%")));
}

}  // namespace
}  // namespace pullproof::mockregistry::api
