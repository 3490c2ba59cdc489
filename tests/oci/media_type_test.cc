#include "oci/media_type.h"

#include <gtest/gtest.h>

namespace pullproof::oci {
namespace {

TEST(MediaType, IgnoresCaseBlanksAndParameters) {
  for (const std::string_view text :
       {"application/json", "Application/JSON", "application/json; charset=utf-8",
        " application/json ;q=1", "application/json;"}) {
    const auto type = MediaType::Parse(text);
    ASSERT_TRUE(type) << text;
    EXPECT_EQ(*type, "application/json") << text;
  }
}

TEST(MediaType, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", "json", "/", "a/", "/b", "a/b/c", "a b/c", "application/", ";q=1", "a/b,c/d"}) {
    const auto type = MediaType::Parse(text);
    ASSERT_FALSE(type) << text;
    EXPECT_EQ(type.error().id, "media-type.syntax");
  }
  EXPECT_TRUE(MediaType::Parse("a/" + std::string(127, 'b')));
  EXPECT_FALSE(MediaType::Parse("a/" + std::string(128, 'b')));
}

TEST(MediaType, TellsManifestsFromIndexes) {
  EXPECT_TRUE(IsImageManifestType(media::kImageManifest));
  EXPECT_TRUE(IsImageManifestType(media::kDockerManifest));
  EXPECT_FALSE(IsImageManifestType(media::kImageIndex));
  EXPECT_TRUE(IsIndexType(media::kImageIndex));
  EXPECT_TRUE(IsIndexType(media::kDockerManifestList));
  EXPECT_FALSE(IsIndexType(media::kImageConfig));
}

}  // namespace
}  // namespace pullproof::oci
