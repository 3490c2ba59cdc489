// The eight worked fixtures resolve to exactly these digests, whoever computes them.
#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/mockregistry/content/loaded.h"

namespace pullproof::mockregistry::content {
namespace {

const std::string kData = PULLPROOF_SOURCE_DIR "/tests/mockregistry/content/data/";

std::string ReadData(const std::string& name) {
  SystemFileSystem files;
  constexpr std::uint64_t kMaxBytes = 1 << 20;
  const Result<std::string> text = files.Read(kData + name, kMaxBytes);
  EXPECT_TRUE(text.has_value()) << name;
  return text.value_or("");
}

// The listing of each fixture, by its id.
std::map<std::string, std::string> GoldenListings() {
  std::map<std::string, std::string> listings;
  std::istringstream lines(ReadData("golden.txt"));
  std::string id;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) id = line.substr(3);
    listings[id] += line + "\n";
  }
  return listings;
}

class Golden : public testing::TestWithParam<const char*> {};

TEST_P(Golden, ResolvesToItsDigests) {
  const std::string name = GetParam() + std::string(".json");
  const Loaded loaded = LoadFile(ReadData(name), name, kData);
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_EQ(loaded.problems, "");
  const auto listings = GoldenListings();
  ASSERT_TRUE(listings.contains(loaded.fixture.id));
  EXPECT_EQ(DigestListing(loaded.fixture, *loaded.content), listings.at(loaded.fixture.id));
}

INSTANTIATE_TEST_SUITE_P(Fixtures, Golden,
                         testing::Values("01-digest-mismatch", "02-truncated-then-resume",
                                         "03-rate-limit-retry-after", "04-token-expiry",
                                         "05-cross-host-redirect", "06-index-nested-cyclic",
                                         "07-spin-app", "08-pagination-loop"),
                         [](const auto& test) { return "Number" + std::string(test.param, 2); });

TEST(GoldenFile, HoldsTheEight) { EXPECT_EQ(GoldenListings().size(), 8U); }

TEST(GoldenFile, TomlGivesTheSameDigests) {
  const Loaded loaded = LoadFile(R"(
fixture = 1
id      = "resolve.index.nested-and-cyclic"

blobs.layer = { layer = "1KiB" }

[manifests]
amd64  = { image = { config = { architecture = "amd64", os = "linux" }, layers = ["layer"] } }
arm64  = { image = { config = { architecture = "arm64", os = "linux" }, layers = ["layer"] } }
inner  = { index = [ { ref = "amd64", platform = "linux/amd64" },
                     { ref = "arm64", platform = "linux/arm64" } ] }
outer  = { index = ["inner"] }

[manifests.loop-a]
index         = [ { ref = "loop-b" } ]
lie.why       = "an index that contains itself"
lie.served_at = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

[manifests.loop-b]
index = [ { ref = "loop-a" } ]
)",
                                 "nested.toml");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_EQ(DigestListing(loaded.fixture, *loaded.content),
            GoldenListings().at("resolve.index.nested-and-cyclic"));
}

// Lines of a listing without the names, in order: what was served, whatever it is called.
std::vector<std::string> Digests(const std::string& listing) {
  std::vector<std::string> digests;
  std::istringstream lines(listing);
  for (std::string line; std::getline(lines, line);) {
    if (const std::size_t at = line.find("sha256:"); at != std::string::npos) {
      digests.push_back(line.substr(at));
    }
  }
  std::ranges::sort(digests);
  return digests;
}

TEST(GoldenFile, SpinGivesTheSameDigests) {
  const std::string name = "07-spin-app.toml";
  const Loaded loaded = LoadFile(ReadData(name), name, kData);
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_EQ(loaded.problems, "");
  std::vector<std::string> digests = Digests(DigestListing(loaded.fixture, *loaded.content));
  // The other spelling leaves the config to the image, and does not list it.
  std::erase_if(digests, [&](const std::string& line) {
    return line.starts_with(loaded.content->FindBlob("app.config")->digest.ToString());
  });
  EXPECT_EQ(digests, Digests(GoldenListings().at("artifact.spin.app-with-assets")));
}

}  // namespace
}  // namespace pullproof::mockregistry::content
