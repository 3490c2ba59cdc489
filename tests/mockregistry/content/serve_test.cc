// What repositories serve, and what the referrers API lists.
#include "mockregistry/content/serve.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/mockregistry/content/loaded.h"

namespace pullproof::mockregistry::content {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;

constexpr std::string_view kContent = R"(
blobs.a       = "a"
blobs.b       = "b"
blobs.alone   = "c"
manifests.one = { image = { layers = ["a"] } }
manifests.two = { image = { layers = ["b"] } }
manifests.all = { index = ["one", "two"] }
manifests.sig.annotations = { k = "v" }
manifests.sig.subject     = "one"
manifests.sig.image       = { layers = ["a"], config_type = "application/vnd.sig" }
manifests.doc = { index = [], subject = "one", artifactType = "application/vnd.doc" }
)";

TEST(Repositories, ServeWhatCanBeReached) {
  const Loaded loaded = Load(std::string(kContent) + R"(
repos."lib/all" = { tags = { latest = "all" } }
repos."lib/two" = { tags = { "2" = "two", "1" = "two" }, blobs = ["alone"] }
repos."lib/sig" = { manifests = ["sig"] }
repos.empty     = {}
)");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  const std::vector<Repository>& repositories = loaded.content->repositories;
  ASSERT_EQ(repositories.size(), 4U);
  EXPECT_EQ(repositories[0].name, "lib/all");
  EXPECT_THAT(repositories[0].tags, ElementsAre(Pair("latest", "all")));
  // The manifests whose subject is served are served too: the referrers API lists them.
  EXPECT_THAT(repositories[0].manifests, ElementsAre("one", "two", "all", "sig", "doc"));
  EXPECT_THAT(repositories[0].blobs,
              ElementsAre("a", "b", "one.config", "two.config", "sig.config"));
  EXPECT_THAT(repositories[1].tags, ElementsAre(Pair("1", "two"), Pair("2", "two")));
  EXPECT_THAT(repositories[1].manifests, ElementsAre("two"));
  EXPECT_THAT(repositories[1].blobs, ElementsAre("b", "alone", "two.config"));
  // A subject is not served because something names it.
  EXPECT_THAT(repositories[2].manifests, ElementsAre("sig"));
  EXPECT_THAT(repositories[3].manifests, IsEmpty());
  EXPECT_THAT(repositories[3].blobs, IsEmpty());
}

TEST(Repositories, ExpandTagRanges) {
  const Loaded loaded = Load(std::string(kContent) + R"(
repos.r.tags = { "v[08..11]" = "one", "v[1..2]-rc" = "two", "x[5..5]" = "all" }
)");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_THAT(
      loaded.content->repositories[0].tags,
      ElementsAre(Pair("v08", "one"), Pair("v09", "one"), Pair("v1-rc", "two"), Pair("v10", "one"),
                  Pair("v11", "one"), Pair("v2-rc", "two"), Pair("x5", "all")));
}

TEST(Referrers, AreThoseWithThatSubject) {
  const Loaded loaded = Load(kContent);
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  ASSERT_EQ(loaded.content->referrers.size(), 1U);
  EXPECT_EQ(loaded.content->referrers[0].first, "one");
  const std::string size = std::to_string(loaded.BytesOf("sig").size());
  EXPECT_THAT(
      loaded.content->referrers[0].second,
      ElementsAre(R"({"annotations":{"k":"v"},"artifactType":"application/vnd.sig","digest":")" +
                      loaded.DigestOf("sig") +
                      R"(","mediaType":"application/vnd.oci.image.manifest.v1+json","size":)" +
                      size + "}",
                  R"({"artifactType":"application/vnd.doc","digest":")" + loaded.DigestOf("doc") +
                      R"(","mediaType":"application/vnd.oci.image.index.v1+json","size":)" +
                      std::to_string(loaded.BytesOf("doc").size()) + "}"));
}

TEST(Referrers, ATrueListFixesTheOrder) {
  const Loaded loaded = Load(std::string(kContent) + "referrers.one = [\"doc\", \"sig\"]\n");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_THAT(loaded.content->referrers[0].second,
              ElementsAre(StartsWith(R"({"artifactType":"application/vnd.doc")"),
                          StartsWith(R"({"annotations")")));
}

TEST(Referrers, ALyingListIsServedAsStated) {
  const Loaded loaded = Load(std::string(kContent) + R"(
referrers.one.lie = []
referrers.two.lie = [ { ref = "all", size = 1, type = "x/y", annotations = { n = "1" } }, "a" ]
repos.r.tags.t    = "two"
)");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_THAT(
      loaded.content->referrers,
      ElementsAre(
          Pair("two", ElementsAre(R"({"annotations":{"n":"1"},"digest":")" +
                                      loaded.DigestOf("all") + R"(","mediaType":"x/y","size":1})",
                                  R"({"digest":")" + loaded.DigestOf("a") +
                                      R"(","mediaType":"application/octet-stream","size":1})"))));
  EXPECT_THAT(loaded.content->repositories[0].manifests,
              ElementsAre("one", "two", "all", "sig", "doc"));
}

TEST(Referrers, AListThatIsNotTrueMustSaySo) {
  EXPECT_EQ(Load(std::string(kContent) + "referrers.one = [\"sig\", \"two\"]\n").problems,
            "case.toml:14:25: error: `two` is listed as a referrer of `one` otherwise than it is "
            "[content.unmarked-lie]\n"
            "  without a list it is right; if it is meant to be wrong, write { lie = [ … ] } "
            "around it\n"
            "case.toml:14:17: error: `doc` has the subject `one`, and is not listed "
            "[content.unmarked-lie]\n"
            "  without a list it is right; if it is meant to be wrong, write { lie = [ … ] } "
            "around it\n");
}

}  // namespace
}  // namespace pullproof::mockregistry::content
