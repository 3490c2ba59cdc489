#include "conformance/case/anchors.h"

#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::conformance {
namespace {

constexpr std::string_view kOne =
    R"({"b":{"title":"B","url":"https://b.example/#x","says":"Do b."},
        "a":{"title":"A","url":"docs/a.md","says":"Do a."}})";

TEST(ReadAnchors, SortsByIdAndKeepsTheTexts) {
  const auto anchors = ReadAnchors(kOne, "anchors.json");
  ASSERT_TRUE(anchors.has_value());
  ASSERT_EQ(anchors->size(), 2U);
  EXPECT_EQ(anchors->front().id, "a");
  EXPECT_EQ(anchors->back().title, "B");
  EXPECT_EQ(anchors->back().url, "https://b.example/#x");
  EXPECT_EQ(anchors->back().says, "Do b.");
}

TEST(ReadAnchors, WantsAllThreeTextsAndAnAddress) {
  for (const char* text : {R"({"a":{"title":"A","url":"https://a.example"}})",
                           R"({"a":{"url":"https://a.example","says":"x"}})",
                           R"({"a":{"title":"A","url":"http://a.example","says":"x"}})",
                           R"({"a":{"title":1,"url":"https://a.example","says":"x"}})", R"([])"}) {
    const auto anchors = ReadAnchors(text, "anchors.json");
    ASSERT_FALSE(anchors.has_value()) << text;
    EXPECT_EQ(anchors.error().id, "anchor.invalid") << text;
  }
}

TEST(Anchors, TheEmbeddedListIsWhole) {
  EXPECT_GT(Anchors().size(), 100U);
  ASSERT_NE(FindAnchor("oci-dist#pulling-blobs"), nullptr);
  EXPECT_EQ(FindAnchor("oci-dist#pulling-blobs")->id, "oci-dist#pulling-blobs");
  EXPECT_EQ(FindAnchor("oci-dist"), nullptr);
  EXPECT_EQ(FindAnchor("zzz"), nullptr);
}

TEST(CheckAnchors, PointsAtTheOneThatIsNotThere) {
  Diagnostics problems("case.toml");
  CheckAnchors(std::vector<std::string>{"oci-dist#pulling-blobs", "oci-dist#puling-blobs"},
               "id = \"x\"\nspec = [\"oci-dist#pulling-blobs\", \"oci-dist#puling-blobs\"]\n",
               problems);
  ASSERT_EQ(problems.all().size(), 1U);
  EXPECT_EQ(problems.all()[0].id, "case.unknown-anchor");
  EXPECT_EQ(problems.all()[0].at, (Position{2, 35}));
  EXPECT_EQ(problems.all()[0].hint, "did you mean `oci-dist#pulling-blobs`?");
}

}  // namespace
}  // namespace pullproof::conformance
