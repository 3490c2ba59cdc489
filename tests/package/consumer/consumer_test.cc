// What docs/embedding.md promises to those who install the package.
#include <gtest/gtest.h>
#include <mockregistry/registry.h>
#include <mockregistry/testkit/matchers.h>

namespace {

using namespace pullproof::mockregistry;

TEST(Consumer, StartsARegistryAndAssertsOnItsJournal) {
  auto registry = testkit::StartRegistry(R"(
    fixture = 1
    id = "consumer"
    rules = [ { id = "late", on = { op = "ping" }, do = { status = 503 } } ]
  )");
  ASSERT_NE(registry, nullptr);
  pullproof::mockregistry::api::Request request;
  request.method = "GET";
  request.target = "/v2/";
  EXPECT_EQ(registry->Exchange(request).response.status, 503);
  EXPECT_THAT(registry->journal(), testkit::Fired("late", 1));
  EXPECT_THAT(registry->journal(), testkit::Saw(R"(op = "ping", status = "5xx")"));
}

}  // namespace
