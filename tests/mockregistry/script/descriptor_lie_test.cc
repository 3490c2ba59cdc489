#include "mockregistry/script/descriptor_lie.h"

#include <gtest/gtest.h>

namespace pullproof::mockregistry::script {
namespace {

DescriptorLie SizeLie(std::int64_t size) {
  DescriptorLie lie;
  lie.size = size;
  return lie;
}

TEST(TellLieTest, ChangesOnlyWhatIsStated) {
  constexpr std::string_view kManifest =
      R"({"schemaVersion": 2, "layers": [{"digest": "sha256:a", "size": 1, "mediaType": "x/y"}]})";
  EXPECT_EQ(TellLie(kManifest, "sha256:a", SizeLie(9)),
            R"({"layers":[{"digest":"sha256:a","mediaType":"x/y","size":9}],"schemaVersion":2})");
  DescriptorLie lie;
  lie.digest = "sha256:b";
  lie.type = "z/z";
  EXPECT_EQ(TellLie(kManifest, "sha256:a", lie),
            R"({"layers":[{"digest":"sha256:b","mediaType":"z/z","size":1}],"schemaVersion":2})");
}

TEST(TellLieTest, ChangesEveryDescriptorWithThatDigest) {
  EXPECT_EQ(
      TellLie(R"({"config":{"digest":"d"},"layers":[{"digest":"d"},{"digest":"e"},{"digest":"d"}],)"
              R"("manifests":[{"digest":"d"}],"subject":{"digest":"d"}})",
              "d", SizeLie(-1)),
      R"({"config":{"digest":"d","size":-1},"layers":[{"digest":"d","size":-1},)"
      R"({"digest":"e"},{"digest":"d","size":-1}],"manifests":[{"digest":"d","size":-1}],)"
      R"("subject":{"digest":"d","size":-1}})");
}

TEST(TellLieTest, LeavesOtherBodiesAlone) {
  for (const std::string_view body :
       {"", "no json", "[]", "3", R"({"layers":3})", R"({"layers":[3]})",
        R"({"layers":[{"digest":3}]})", R"({"layers":[{"digest":"e"}]})", R"({"config":"d"})",
        R"({"layers":[{"digest":"d"}],"fraction":0.5})"}) {
    EXPECT_EQ(TellLie(body, "d", SizeLie(1)), std::nullopt) << body;
  }
}

}  // namespace
}  // namespace pullproof::mockregistry::script
