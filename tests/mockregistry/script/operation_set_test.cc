#include "mockregistry/script/operation_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::mockregistry::script {
namespace {

using enum api::Operation;

TEST(OperationOfTest, IsTheInverseOfTheName) {
  for (std::size_t i = 0; i < kOperations; ++i) {
    const auto operation = static_cast<api::Operation>(i);
    EXPECT_EQ(OperationOf(api::OperationName(operation)), operation);
  }
}

TEST(OperationOfTest, AnythingElseIsUnknown) {
  for (const std::string_view name : {"", "blob", "blob.", "Blob.get", "blob.get "}) {
    EXPECT_EQ(OperationOf(name), kUnknown) << name;
  }
}

struct PatternCase {
  const char* name;
  std::string_view pattern;
  OperationSet operations;
};

class PatternTest : public testing::TestWithParam<PatternCase> {};

TEST_P(PatternTest, MeansTheseOperations) {
  EXPECT_EQ(OperationSet::Parse(GetParam().pattern), GetParam().operations);
}

INSTANTIATE_TEST_SUITE_P(
    Patterns, PatternTest,
    testing::Values(PatternCase{"One", "blob.get", {kBlobGet}},
                    PatternCase{"Ping", "ping", {kPing}},
                    PatternCase{"Manifests",
                                "manifest.*",
                                {kManifestGet, kManifestHead, kManifestPut, kManifestDelete}},
                    PatternCase{"Blobs", "blob.*", {kBlobGet, kBlobHead, kBlobDelete}},
                    PatternCase{"Uploads",
                                "upload.*",
                                {kUploadStart, kUploadMount, kUploadPatch, kUploadPut, kUploadGet,
                                 kUploadDelete}},
                    PatternCase{"All", "*", OperationSet::All()}),
    [](const auto& test) { return test.param.name; });

TEST(OperationSetTest, OtherPatternsAreRefused) {
  for (const std::string_view pattern : {"", "tags.*", "*.get", "blob*", "blob.g*", "**"}) {
    EXPECT_FALSE(OperationSet::Parse(pattern).has_value()) << pattern;
  }
}

TEST(OperationSetTest, EveryPatternParses) {
  for (const std::string_view pattern : OperationSet::Patterns()) {
    EXPECT_TRUE(OperationSet::Parse(pattern).has_value()) << pattern;
  }
  EXPECT_EQ(OperationSet::Patterns().size(), kOperations - 1 + 4);
}

TEST(OperationSetTest, IncludesAndOverlaps) {
  constexpr OperationSet kBoth{kBlobGet, kBlobHead};
  EXPECT_TRUE(kBoth.Includes({kBlobGet}));
  EXPECT_FALSE(OperationSet{kBlobGet}.Includes(kBoth));
  EXPECT_TRUE(kBoth.Overlaps({kBlobGet, kPing}));
  EXPECT_FALSE(kBoth.Overlaps({kPing}));
  EXPECT_TRUE(OperationSet::All().Has(kUnknown));
  EXPECT_FALSE(OperationSet().Has(kUnknown));
}

}  // namespace
}  // namespace pullproof::mockregistry::script
