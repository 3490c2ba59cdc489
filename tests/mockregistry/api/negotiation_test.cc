#include "mockregistry/api/negotiation.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "oci/media_type.h"

namespace pullproof::mockregistry::api {
namespace {

const std::string kIndex(oci::media::kImageIndex);
const std::string kImage(oci::media::kImageManifest);

struct AcceptCase {
  std::string name;
  std::vector<std::string> lines;
  bool accepts_index;
};

class AcceptHeader : public testing::TestWithParam<AcceptCase> {};

TEST_P(AcceptHeader, DecidesByItsMostSpecificElement) {
  oci::Headers headers;
  for (const std::string& line : GetParam().lines) headers.Add("accept", line);
  EXPECT_EQ(Accepts(headers, kIndex), GetParam().accepts_index);
}

INSTANTIATE_TEST_SUITE_P(
    All, AcceptHeader,
    testing::Values(AcceptCase{"Absent", {}, true}, AcceptCase{"Empty", {""}, true},
                    AcceptCase{"ByName", {kIndex}, true}, AcceptCase{"Another", {kImage}, false},
                    AcceptCase{"InAList", {kImage + " ,\t" + kIndex}, true},
                    AcceptCase{"OnRepeatedLines", {kImage, kIndex}, true},
                    AcceptCase{"InAnotherCase", {"Application/vnd.OCI.image.index.v1+JSON"}, true},
                    AcceptCase{"Everything", {"*/*"}, true},
                    AcceptCase{"WholeType", {"application/*"}, true},
                    AcceptCase{"AnotherWholeType", {"text/*"}, false},
                    AcceptCase{"APrefixIsNoType", {"app/*"}, false},
                    AcceptCase{"WithQuality", {kIndex + ";q=0.5"}, true},
                    AcceptCase{"RefusedByQuality", {kIndex + ";q=0"}, false},
                    AcceptCase{"RefusedInFull", {kIndex + " ; charset=utf-8 ; Q=0.000"}, false},
                    AcceptCase{"RefusedByNameOnly", {"*/*, " + kIndex + ";q=0"}, false},
                    AcceptCase{"WantedByNameOnly", {kIndex + ", */*;q=0"}, true},
                    AcceptCase{"AlmostZeroIsWanted", {kIndex + ";q=0.001"}, true},
                    AcceptCase{"BrokenElements", {",;,/,*"}, false}),
    [](const auto& parameter) { return parameter.param.name; });

TEST(IfNoneMatch, ComparesEntityTagsWeakly) {
  EXPECT_FALSE(IsFresh({}, "\"a\""));
  EXPECT_TRUE(IsFresh({{"If-None-Match", "\"a\""}}, "\"a\""));
  EXPECT_TRUE(IsFresh({{"If-None-Match", "W/\"a\""}}, "\"a\""));
  EXPECT_TRUE(IsFresh({{"If-None-Match", "*"}}, "\"a\""));
  EXPECT_TRUE(IsFresh({{"If-None-Match", "\"b\", \"a\""}}, "\"a\""));
  EXPECT_TRUE(IsFresh({{"If-None-Match", "\"b\""}, {"if-none-match", "\"a\""}}, "\"a\""));
  EXPECT_FALSE(IsFresh({{"If-None-Match", "a"}}, "\"a\""));
  EXPECT_FALSE(IsFresh({{"If-None-Match", "\"b\""}}, "\"a\""));
}

TEST(IfRange, HoldsForExactlyThisEntityTag) {
  EXPECT_TRUE(RangeHolds({}, "\"a\""));
  EXPECT_TRUE(RangeHolds({{"If-Range", "\"a\""}}, "\"a\""));
  EXPECT_FALSE(RangeHolds({{"If-Range", "\"b\""}}, "\"a\""));
  EXPECT_FALSE(RangeHolds({{"If-Range", "W/\"a\""}}, "\"a\""));
  EXPECT_FALSE(RangeHolds({{"If-Range", "Thu, 01 Jan 2026 00:00:00 GMT"}}, "\"a\""));
}

}  // namespace
}  // namespace pullproof::mockregistry::api
