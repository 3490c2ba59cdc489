#include "oci/manifest.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "oci/media_type.h"

namespace pullproof::oci {
namespace {

const std::string kDescriptor =
    R"({"mediaType":"a/b","digest":"sha256:)" + std::string(64, 'a') + R"(","size":7})";

std::string Image(const std::string& more = "", std::string_view type = media::kImageManifest) {
  return fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{}]{}}})", type,
                     kDescriptor, kDescriptor, more);
}

std::string IndexOf(const std::string& entries, const std::string& more = "") {
  return fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{}]{}}})",
                     media::kImageIndex, entries, more);
}

TEST(ParseManifest, ReadsAnImage) {
  const auto any = ParseManifest(
      Image(R"(,"artifactType":"x/y","annotations":{"k":"v"},"subject":)" + kDescriptor),
      "Application/vnd.oci.image.manifest.v1+json; charset=utf-8", "ref");
  ASSERT_TRUE(any) << any.error().message;
  const auto& manifest = std::get<Manifest>(*any);
  EXPECT_EQ(manifest.media_type, media::kImageManifest);
  EXPECT_EQ(manifest.layers.size(), 1U);
  EXPECT_EQ(manifest.config.size, 7U);
  EXPECT_EQ(manifest.artifact_type, "x/y");
  EXPECT_TRUE(manifest.subject);
  EXPECT_THAT(manifest.annotations, testing::ElementsAre(testing::Pair("k", "v")));
}

TEST(ParseManifest, ReadsAnIndex) {
  const auto any = ParseManifest(IndexOf(kDescriptor), media::kImageIndex, "ref");
  ASSERT_TRUE(any) << any.error().message;
  EXPECT_EQ(std::get<Index>(*any).manifests.size(), 1U);
}

TEST(ParseManifest, LetsTheBodyDecideWhereTheHeaderSaysNothing) {
  const std::string untyped =
      fmt::format(R"({{"schemaVersion":2,"config":{},"layers":[]}})", kDescriptor);
  for (const std::string_view header : {std::string_view(), std::string_view("application/json"),
                                        std::string_view("text/plain"), media::kImageManifest}) {
    EXPECT_TRUE(ParseManifest(untyped, header, "ref")) << header;
    EXPECT_TRUE(ParseManifest(Image(), header, "ref")) << header;
  }
}

TEST(ParseManifest, IgnoresUnknownMembersAndKeepsCase) {
  const auto any = ParseManifest(Image(R"(,"new":{"deep":[1,2.5,null]},"LAYERS":"x")"), "", "ref");
  ASSERT_TRUE(any) << any.error().message;
  EXPECT_EQ(std::get<Manifest>(*any).layers.size(), 1U);
}

TEST(ParseManifest, RefusesWhatAClientMustNotGuessAbout) {
  struct Row {
    std::string what;
    std::string body;
    std::string_view type;
    std::string id;
  };
  const std::string image(media::kImageManifest);
  for (const Row& row : std::vector<Row>{
           {"index served, image written", Image(), media::kImageIndex, "manifest.media-type"},
           {"image served, index written", IndexOf(""), media::kImageManifest,
            "manifest.media-type"},
           {"docker served, OCI written", Image(), media::kDockerManifest, "manifest.media-type"},
           {"both lists", Image(R"(,"manifests":[])"), media::kImageManifest, "manifest.ambiguous"},
           {"both lists, no type",
            R"({"schemaVersion":2,"layers":[],"manifests":[],"config":)" + kDescriptor + "}", "",
            "manifest.ambiguous"},
           {"duplicate member",
            R"({"schemaVersion":2,"layers":[],"layers":[],"config":)" + kDescriptor + "}",
            media::kImageManifest, "json.duplicate-member"},
           {"trailing data", Image() + R"( {"x":1})", media::kImageManifest, "json.syntax"},
           {"byte order mark", "\xEF\xBB\xBF" + Image(), media::kImageManifest, "json.syntax"},
           {"invalid UTF-8", Image(",\"x\":\"\xFF\xFE\""), media::kImageManifest, "json.utf8"},
           {"schema 1", R"({"schemaVersion":1,"config":{},"layers":[]})", media::kImageManifest,
            "manifest.schema"},
           {"no schema", R"({"layers":[]})", media::kImageManifest, "manifest.schema"},
           {"an array", "[]", media::kImageManifest, "manifest.schema"},
           {"empty", "", media::kImageManifest, "json.syntax"},
           {"HTML", "<!doctype html>", media::kImageManifest, "json.syntax"},
           {"HTML type", Image("", "text/html"), "text/html", "manifest.media-type"},
           {"no config",
            fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","layers":[]}})", image), image,
            "manifest.missing"},
           {"no layers",
            fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","config":{}}})", image,
                        kDescriptor),
            image, "manifest.missing"},
           {"bad layer", IndexOf(R"({"digest":"sha256:zz","size":1,"mediaType":"a/b"})"),
            media::kImageIndex, "digest.length"},
           {"deep", Image(",\"x\":" + std::string(20'000, '[') + std::string(20'000, ']')),
            media::kImageManifest, "limit.depth"},
       }) {
    SCOPED_TRACE(row.what);
    const auto any = ParseManifest(row.body, row.type, "ref");
    ASSERT_FALSE(any);
    EXPECT_EQ(any.error().id, row.id) << any.error().message;
    EXPECT_THAT(any.error().where, testing::HasSubstr("ref"));
  }
}

TEST(ParseManifest, IsBounded) {
  const std::string padded = Image(",\"x\":\"" + std::string(kMaxManifestBytes, 'x') + "\"");
  const auto large = ParseManifest(padded, media::kImageManifest, "ref");
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().id, "manifest.too-large");

  std::string entries = kDescriptor;
  for (std::size_t i = 1; i < kMaxDescriptors; ++i) entries += "," + kDescriptor;
  EXPECT_TRUE(ParseManifest(IndexOf(entries), media::kImageIndex, "ref"));
  const auto many = ParseManifest(IndexOf(entries + "," + kDescriptor), media::kImageIndex, "ref");
  ASSERT_FALSE(many);
  EXPECT_THAT(many.error().id, testing::StartsWith("limit."));
}

}  // namespace
}  // namespace pullproof::oci
