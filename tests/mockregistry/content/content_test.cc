#include "mockregistry/content/content.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/mockregistry/content/loaded.h"

namespace pullproof::mockregistry::content {
namespace {

constexpr std::string_view kFixture =
    R"(
blobs.one = "same"
blobs.two = "same"
manifests.app = { image = { layers = ["one", "two"] } }
manifests.far = { index = ["app"], lie = { served_at = "sha512:)"
    "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    R"(000000000000000000000000000000000000" } }
)";

TEST(Content, IsFoundByNameAndByDigest) {
  const Loaded loaded = Load(kFixture);
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  const Content& content = *loaded.content;
  EXPECT_EQ(content.FindBlob("two")->name, "two");
  EXPECT_EQ(content.FindBlob("app"), nullptr);
  EXPECT_EQ(content.FindManifest("app")->name, "app");
  EXPECT_EQ(content.FindManifest("one"), nullptr);
  EXPECT_EQ(content.DigestOfName("one"), oci::Digest::Of("same"));
  EXPECT_EQ(content.DigestOfName("app"), oci::Digest::Of(content.FindManifest("app")->bytes));
  EXPECT_EQ(content.DigestOfName("none"), std::nullopt);
  EXPECT_EQ(content.NameOf(*content.DigestOfName("app")), "app");
  EXPECT_EQ(content.NameOf(*content.DigestOfName("app.config")), "app.config");
  EXPECT_EQ(content.NameOf(oci::Digest::Of("other")), "");
}

TEST(Content, TheFirstOfTwoEqualBlobsNamesTheDigest) {
  const Loaded loaded = Load(kFixture);
  EXPECT_EQ(loaded.content->NameOf(oci::Digest::Of("same")), "one");
}

TEST(Content, ALieIsNamedByTheDigestUnderWhichItIsServed) {
  const Loaded loaded = Load(kFixture);
  const StoredManifest& far = *loaded.content->FindManifest("far");
  EXPECT_EQ(far.digest.ToString(), "sha512:" + std::string(128, '0'));
  EXPECT_EQ(far.hashes_to, oci::Digest::Of(far.bytes));
  EXPECT_EQ(loaded.content->NameOf(far.digest), "far");
  EXPECT_EQ(loaded.content->NameOf(far.hashes_to), "");
}

TEST(Content, ACopyFindsWhatTheOriginalFinds) {
  Loaded loaded = Load(kFixture);
  const Content copy = *loaded.content;
  loaded.content.reset();
  EXPECT_EQ(copy.FindBlob("one")->digest, oci::Digest::Of("same"));
  EXPECT_EQ(copy.NameOf(copy.FindBlob("one")->digest), "one");
}

TEST(Content, ByHandItNeedsItsIndex) {
  Content content;
  content.blobs.push_back({"hand", "text/plain", oci::Digest::Of("x"), FromString("x")});
  EXPECT_EQ(content.FindBlob("hand"), nullptr);
  content.BuildIndex();
  EXPECT_EQ(content.FindBlob("hand"), content.blobs.data());
}

TEST(Content, ManyThreadsMayReadAtOnce) {
  const Loaded loaded = Load("blobs.a = { layer = \"64KiB\" }\nblobs.b = { random = 99 }\n");
  const std::string expected = loaded.BytesOf("a");
  std::vector<std::thread> threads;
  std::vector<int> right(4);
  for (int& mine : right) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) mine += loaded.BytesOf("a") == expected ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, std::vector<int>(4, 20));
}

TEST(DigestListing, PadsNamesAndMarksLies) {
  const Loaded loaded = Load(R"(
blobs.a = "x"
manifests.a-longer-name = { raw = "{}", lie = { served_at = "sha256:)" +
                             std::string(64, 'b') + "\" } }\n");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_EQ(DigestListing(loaded.fixture, *loaded.content),
            "## t\n"
            "  blob     a          "
            "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881 1\n"
            "  manifest a-longer-name "
            "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb 2"
            "   LIE: hashes to sha256:44136fa355b3\n");
}

}  // namespace
}  // namespace pullproof::mockregistry::content
