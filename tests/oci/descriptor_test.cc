#include "oci/descriptor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/text.h"

namespace pullproof::oci {
namespace {

const std::string kHello =
    "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

Result<Descriptor> Read(const std::string& json) {
  const auto node = ParseJson(json, "test");
  EXPECT_TRUE(node) << json;
  return Descriptor::FromNode(*node, "layers[0]");
}

std::string With(const std::string& members) {
  return R"({"mediaType":"a/b","digest":")" + kHello + R"(","size":5)" + members + "}";
}

TEST(Descriptor, ReadsEveryMember) {
  const auto descriptor = Read(With(
      R"(,"urls":["http://localhost/x"],"annotations":{"k":"v"},"artifactType":"c/d","data":"aGVsbG8=",
      "platform":{"architecture":"arm64","os":"linux","variant":"v8","os.version":"1"},"new":[1])"));
  ASSERT_TRUE(descriptor) << descriptor.error().message;
  EXPECT_EQ(descriptor->media_type, "a/b");
  EXPECT_EQ(descriptor->digest.ToString(), kHello);
  EXPECT_EQ(descriptor->size, 5U);
  EXPECT_THAT(descriptor->urls, testing::ElementsAre("http://localhost/x"));
  EXPECT_THAT(descriptor->annotations, testing::ElementsAre(testing::Pair("k", "v")));
  EXPECT_EQ(descriptor->artifact_type, "c/d");
  EXPECT_EQ(descriptor->data, "hello");
  ASSERT_TRUE(descriptor->platform);
  EXPECT_EQ(descriptor->platform->ToString(), "linux/arm64/v8");
  EXPECT_EQ(descriptor->platform->os_version, "1");
}

TEST(Descriptor, RefusesLiesAndSlips) {
  struct Row {
    std::string json;
    std::string id;
  };
  const std::string digest = R"("mediaType":"a/b","digest":")" + kHello + "\"";
  for (const Row& row : std::vector<Row>{
           {"[]", "manifest.descriptor"},
           {"{}", "manifest.descriptor"},
           {"{" + digest + "}", "manifest.descriptor"},
           {"{" + digest + R"(,"size":-7})", "manifest.descriptor"},
           {"{" + digest + R"(,"size":5.0})", "manifest.descriptor"},
           {"{" + digest + R"(,"size":"5"})", "manifest.descriptor"},
           {"{" + digest + R"(,"size":9223372036854775808})", "manifest.descriptor"},
           {R"({"mediaType":"a/b","digest":"","size":5})", "digest.syntax"},
           {R"({"mediaType":"a/b","digest":7,"size":5})", "manifest.descriptor"},
           {With(R"(,"data":"aGVsbG8h")"), "size.mismatch"},
           {With(R"(,"data":"aGVsbGE=")"), "digest.mismatch"},
       }) {
    const auto descriptor = Read(row.json);
    ASSERT_FALSE(descriptor) << row.json;
    EXPECT_EQ(descriptor.error().id, row.id) << row.json << ": " << descriptor.error().message;
  }
}

TEST(Descriptor, SaysWhichOneItWas) {
  const auto descriptor = Read("{}");
  ASSERT_FALSE(descriptor);
  EXPECT_THAT(Describe(descriptor.error()), testing::HasSubstr("layers[0]"));
}

TEST(Platform, ParsesWhatItPrints) {
  for (const std::string text : {"linux/amd64", "linux/arm/v7", "windows/amd64"}) {
    const auto platform = Platform::Parse(text);
    ASSERT_TRUE(platform) << text;
    EXPECT_EQ(platform->ToString(), text);
  }
  for (const std::string_view bad : {"", "linux", "/", "linux/", "/amd64", "a/b/c/d", "a/b/"}) {
    EXPECT_FALSE(Platform::Parse(bad)) << bad;
  }
}

TEST(Platform, SatisfiesWhatWasAskedFor) {
  struct Row {
    std::string_view entry;
    std::string_view wanted;
    bool satisfies;
  };
  for (const Row& row : std::vector<Row>{
           {"linux/amd64", "linux/amd64", true},
           {"linux/amd64", "linux/arm64", false},
           {"windows/amd64", "linux/amd64", false},
           {"linux/arm64", "linux/arm64/v8", true},
           {"linux/arm64/v8", "linux/arm64", true},
           {"linux/arm/v6", "linux/arm/v7", false},
           {"linux/arm/v7", "linux/arm/v7", true},
           {"linux/arm/v7", "linux/arm", true},
       }) {
    EXPECT_EQ(Platform::Parse(row.entry)->Satisfies(*Platform::Parse(row.wanted)), row.satisfies)
        << row.entry << " for " << row.wanted;
  }
}

}  // namespace
}  // namespace pullproof::oci
