// GoogleTest on a mock registry: start one, and assert on its journal with matchers whose failure
// text shows the exchanges.
//
//   #include <mockregistry/testkit/matchers.h>
//   using namespace pullproof::mockregistry;
//
//   TEST(MyClient, GoesOnWhereTheTransferBroke) {
//     auto registry = testkit::StartRegistry(R"(
//       fixture = 1
//       id = "resume"
//       blobs.layer = { layer = "1MiB" }
//       manifests.app = { image = { layers = ["layer"] } }
//       repos."lib/app" = { tags = { "1.0" = "app" } }
//       rules = [ { id = "cut", on = { op = "blob.get", name = "layer" }, pick = { first = 1 },
//                   do = { body = { cut = { at = "40%", end = "rst" } } } } ]
//     )");
//     ASSERT_NE(registry, nullptr);
//     Pull("http://" + registry->Authority() + "/lib/app:1.0");            // the code under test
//     EXPECT_THAT(registry->journal(), testkit::Fired("cut", 1));
//     EXPECT_THAT(registry->journal(), testkit::Saw(R"(op = "blob.get", range = "from>0")"));
//     EXPECT_THAT(registry->journal(), testkit::Saw(R"(status = "4xx")", 0));
//   }
//
// A failure reads:
//
//   Expected: saw { op = "blob.get", range = "from>0" } a number of times that is >= 1
//     Actual: 2 exchanges
//     #1 GET /v2/lib/app/manifests/1.0 (manifest.get `app`) -> 200, 325 of 325 bytes, complete
//     #2 GET /v2/lib/app/blobs/sha256:… (blob.get `layer`) -> 200, 419430 of 1050624 bytes, cut
//     rst,
//        by rule `cut`
//     , which saw it 0 times
//
// More: docs/embedding.md.
#ifndef PULLPROOF_MOCKREGISTRY_TESTKIT_MATCHERS_H_
#define PULLPROOF_MOCKREGISTRY_TESTKIT_MATCHERS_H_

#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>

#include "mockregistry/journal/journal.h"
#include "mockregistry/registry.h"

namespace pullproof::mockregistry::testkit {

using JournalMatcher = testing::Matcher<const journal::Journal&>;

// A registry that plays the TOML text of a fixture, on loopback. Null, and a failed test with every
// complaint by line and column, when there is something wrong with it.
std::unique_ptr<Registry> StartRegistry(std::string_view fixture, const Options& options = {});

// The number of exchanges that the question is true of. The question is journal::Query's: the
// inside of a TOML table with the members of a rule's `on`, and `rule`, `status`, `connection`,
// `ending`. A question that cannot be read fails the test and says why.
//
// A client may have read an answer before the registry has written down how it ended. So a matcher
// that is about to say no waits first until every exchange is over, kPatience at most; one that
// says yes never waits.
JournalMatcher Saw(std::string_view question,
                   testing::Matcher<std::size_t> times = testing::Ge(std::size_t{1}));
// Exchanges of these kinds in this order, whatever was between them.
JournalMatcher SawInOrder(const std::vector<std::string>& questions);
// The exchanges that the rule shaped.
JournalMatcher Fired(std::string_view rule,
                     testing::Matcher<std::size_t> times = testing::Ge(std::size_t{1}));

// Real time; an answer that was read is written down within a millisecond. A scripted hang is never
// over.
inline constexpr Duration kPatience = std::chrono::seconds(1);

// One exchange on one line, secrets in its target replaced.
std::string Describe(const journal::Entry& entry);

}  // namespace pullproof::mockregistry::testkit

namespace pullproof::mockregistry::journal {
// What GoogleTest shows: a line for each of the last 50 exchanges.
void PrintTo(const Journal& journal, std::ostream* out);
void PrintTo(const Entry& entry, std::ostream* out);
}  // namespace pullproof::mockregistry::journal

#endif  // PULLPROOF_MOCKREGISTRY_TESTKIT_MATCHERS_H_
