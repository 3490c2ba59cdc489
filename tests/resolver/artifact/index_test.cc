#include "resolver/artifact/index.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oci/media_type.h"

namespace pullproof::resolver::artifact {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// An entry told apart by its annotation "n".
oci::Descriptor Entry(const std::string& name, std::optional<oci::Platform> platform,
                      std::string_view type = oci::media::kImageManifest) {
  return {.media_type = std::string(type),
          .digest = oci::Digest::Of(name),
          .size = 1,
          .urls = {},
          .annotations = {{"n", name}},
          .data = std::nullopt,
          .platform = std::move(platform),
          .artifact_type = {}};
}
oci::Platform On(std::string_view text) { return *oci::Platform::Parse(text); }

oci::Index IndexOf(std::vector<oci::Descriptor> entries) {
  return {.media_type = std::string(oci::media::kImageIndex),
          .artifact_type = {},
          .manifests = std::move(entries),
          .subject = std::nullopt,
          .annotations = {}};
}

std::vector<std::string> Names(const std::vector<oci::Descriptor>& entries) {
  std::vector<std::string> names;
  for (const oci::Descriptor& entry : entries) names.push_back(entry.annotations.at("n"));
  return names;
}

TEST(SelectWasmTest, TakesTheOneForWasm) {
  for (const char* platform : {"wasi/wasm", "Wasip1/wasm", "wasip2/x", "linux/WASM"}) {
    const auto chosen = SelectWasm(
        IndexOf({Entry("linux", On("linux/amd64")), Entry("wasm", On(platform))}), "ref");
    ASSERT_TRUE(chosen.has_value()) << platform;
    EXPECT_EQ(chosen->annotations.at("n"), "wasm");
  }
}

TEST(SelectWasmTest, TakesTheOnlyEntryBesideAttestations) {
  const auto chosen = SelectWasm(
      IndexOf({Entry("attestation", On("unknown/unknown")), Entry("only", std::nullopt)}), "ref");
  ASSERT_TRUE(chosen.has_value());
  EXPECT_EQ(chosen->annotations.at("n"), "only");
}

TEST(SelectWasmTest, ListsWhatIsThereInstead) {
  const auto chosen =
      SelectWasm(IndexOf({Entry("a", On("linux/amd64")), Entry("b", On("linux/arm64"))}), "ref");
  ASSERT_FALSE(chosen.has_value());
  EXPECT_EQ(chosen.error().id, "index.no-wasm");
  EXPECT_EQ(chosen.error().where, "ref");
  EXPECT_THAT(chosen.error().message, HasSubstr("linux/amd64, linux/arm64"));
  EXPECT_EQ(SelectWasm(IndexOf({}), "ref").error().id, "index.no-wasm");
}

TEST(SelectWasmTest, AListInAMessageIsBounded) {
  const std::vector<oci::Descriptor> many(10'000, Entry("a", On("linux/amd64")));
  const auto chosen = SelectWasm(IndexOf(many), "ref");
  EXPECT_THAT(chosen.error().message, HasSubstr("and 9980 more"));
  EXPECT_LT(chosen.error().message.size(), 1000U);
}

TEST(SelectWasmTest, DoesNotChooseBetweenTwo) {
  const auto chosen =
      SelectWasm(IndexOf({Entry("a", On("wasip1/wasm")), Entry("b", On("wasip2/wasm"))}), "ref");
  EXPECT_EQ(chosen.error().id, "index.ambiguous");
}

TEST(PlatformCandidatesTest, TheFirstThatSatisfies) {
  const oci::Index index =
      IndexOf({Entry("attestation", On("unknown/unknown")), Entry("v6", On("linux/arm/v6")),
               Entry("v7", On("linux/arm/v7")), Entry("amd64", On("linux/amd64")),
               Entry("second", On("linux/amd64"))});
  EXPECT_THAT(Names(PlatformCandidates(index, On("linux/arm/v7"))), ElementsAre("v7"));
  EXPECT_THAT(Names(PlatformCandidates(index, On("linux/arm/v6"))), ElementsAre("v6"));
  EXPECT_THAT(Names(PlatformCandidates(index, On("linux/amd64"))), ElementsAre("amd64"));
  EXPECT_THAT(PlatformCandidates(index, On("linux/s390x")), IsEmpty());
}

TEST(PlatformCandidatesTest, LooksIntoNestedIndexes) {
  const oci::Index index =
      IndexOf({Entry("arm", On("linux/arm64")), Entry("one", std::nullopt, oci::media::kImageIndex),
               Entry("two", std::nullopt, oci::media::kDockerManifestList)});
  EXPECT_THAT(Names(PlatformCandidates(index, On("linux/amd64"))), ElementsAre("one", "two"));
}

TEST(PlatformCandidatesTest, AnOnlyEntryNeedsNoPlatform) {
  EXPECT_THAT(Names(PlatformCandidates(IndexOf({Entry("only", std::nullopt)}), On("linux/amd64"))),
              ElementsAre("only"));
  EXPECT_THAT(PlatformCandidates(IndexOf({Entry("a", std::nullopt), Entry("b", std::nullopt)}),
                                 On("linux/amd64")),
              IsEmpty());
}

TEST(PlatformCandidatesTest, WhatIsNoManifestIsNoCandidate) {
  EXPECT_THAT(PlatformCandidates(IndexOf({Entry("x", On("linux/amd64"), "application/json")}),
                                 On("linux/amd64")),
              IsEmpty());
}

}  // namespace
}  // namespace pullproof::resolver::artifact
