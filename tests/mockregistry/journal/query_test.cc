#include "mockregistry/journal/query.h"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::mockregistry::journal {
namespace {

using ::testing::HasSubstr;

Entry AnEntry() {
  Entry entry;
  entry.number = 7;
  entry.received = Duration(1'000);
  entry.connection = 3;
  entry.host = "registry";
  entry.method = "GET";
  entry.target = "/v2/lib/app/blobs/sha256:ab";
  entry.request_headers = {{"Range", "bytes=5-"}};
  entry.operation = "blob.get";
  entry.repository = "lib/app";
  entry.reference = "sha256:ab";
  entry.name = "layer";
  entry.rule = "cut";
  entry.status = 206;
  entry.ending = "cut rst";
  return entry;
}

struct QueryCase {
  const char* name;
  std::string_view members;
  bool matches;
};

class QueryTest : public ::testing::TestWithParam<QueryCase> {};

TEST_P(QueryTest, LooksAtTheEntry) {
  const auto query = Query::Parse(GetParam().members);
  ASSERT_TRUE(query) << Describe(query.error());
  EXPECT_EQ((*query)(AnEntry()), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(
    Members, QueryTest,
    ::testing::Values(
        QueryCase{"Empty", "", true}, QueryCase{"Operation", R"(op = "blob.*")", true},
        QueryCase{"OtherOperation", R"(op = "manifest.get")", false},
        QueryCase{"Repository", R"(repo = { glob = "lib/*" }, name = "layer")", true},
        QueryCase{"Range", R"(range = "none")", false}, QueryCase{"Rule", R"(rule = "cut")", true},
        QueryCase{"Honest", R"(rule = "")", false}, QueryCase{"Status", "status = 206", true},
        QueryCase{"OtherStatus", "status = 200", false},
        QueryCase{"StatusClass", R"(status = "2xx")", true},
        QueryCase{"OtherClass", R"(status = "4xx")", false},
        QueryCase{"Statuses", R"(status = [404, "2xx"])", true},
        QueryCase{"NoAnswer", "status = 0", false}, QueryCase{"Connection", "connection = 3", true},
        QueryCase{"OtherConnection", "connection = 4", false},
        QueryCase{"Ending", R"(ending = "cut rst")", true},
        QueryCase{"OtherEnding", R"(ending = "complete")", false},
        QueryCase{"Ended", "ended = true", true}, QueryCase{"UnderWay", "ended = false", false},
        QueryCase{"After", "after = 6", true}, QueryCase{"NotAfter", "after = 7", false},
        QueryCase{"Since", "since_ns = 1000", true},
        QueryCase{"NotSince", "since_ns = 1001", false},
        QueryCase{"Until", "until_ns = 1001", true},
        QueryCase{"NotUntil", "until_ns = 1000", false}),
    [](const auto& test) { return std::string(test.param.name); });

struct BadCase {
  const char* name;
  std::string_view members;
  const char* id;
  const char* says;
};

class BadQueryTest : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadQueryTest, SaysWhatIsWrong) {
  const auto query = Query::Parse(GetParam().members);
  ASSERT_FALSE(query);
  EXPECT_EQ(query.error().id, GetParam().id);
  EXPECT_THAT(Describe(query.error()), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Members, BadQueryTest,
    ::testing::Values(BadCase{"Status", R"(status = "6xx")", "journal.status", "4xx"},
                      BadCase{"LargeStatus", "status = 1000", "journal.status", "4xx"},
                      BadCase{"Unknown", R"(nmae = "layer")", "model.unknown-member",
                              "name, header"},
                      BadCase{"Operation", R"(op = "blob.gte")", "script.operation", "blob.get"},
                      BadCase{"After", "after = -1", "model.range", "after"},
                      BadCase{"Syntax", "op = ", "toml.syntax", ""}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(QueryReadTest, RefusesWhatIsNoTable) {
  Diagnostics problems("q");
  EXPECT_FALSE(Query::Read(Node(std::string("x")), "the query", problems));
  EXPECT_TRUE(problems.HasErrors());
}

}  // namespace
}  // namespace pullproof::mockregistry::journal
