#include "mockregistry/content/fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/mockregistry/content/loaded.h"

namespace pullproof::mockregistry::content {
namespace {

using testing::ElementsAre;

TEST(ReadFixture, ReadsTheTop) {
  const Loaded loaded = LoadFile(R"(
fixture = 1
id      = "pull.blob.cut"
title   = "A title"
why     = "Somebody was hurt"
level   = "SHOULD"
spec    = ["oci-dist#pulling-blobs"]
needs   = ["pull"]
twin    = "pull.blob.whole"
seed    = 9
limits  = { max_manifest = "1KiB", max_page = 10, min_blob = 3, min_chunk = "4B" }
warnings = ["old", "ask the owner"]

hosts.cdn = { name = "localhost" }
auth      = { registry = {} }
expect    = { result = "ok" }
[[rules]]
id = "cut"
[[client]]
do = "pull"
)",
                                 "case.toml");
  EXPECT_EQ(loaded.problems, "");
  const Fixture& fixture = loaded.fixture;
  EXPECT_EQ(fixture.id, "pull.blob.cut");
  EXPECT_EQ(fixture.title, "A title");
  EXPECT_EQ(fixture.why, "Somebody was hurt");
  EXPECT_EQ(fixture.level, Level::kShould);
  EXPECT_THAT(fixture.spec, ElementsAre("oci-dist#pulling-blobs"));
  EXPECT_THAT(fixture.needs, ElementsAre("pull"));
  EXPECT_EQ(fixture.twin, "pull.blob.whole");
  EXPECT_EQ(fixture.seed, 9U);
  EXPECT_EQ(fixture.max_manifest, 1024U);
  EXPECT_EQ(fixture.max_page, 10U);
  EXPECT_EQ(fixture.min_blob, 3U);
  EXPECT_EQ(fixture.min_chunk, 4U);
  EXPECT_THAT(fixture.warnings, ElementsAre("old", "ask the owner"));
  EXPECT_EQ(*fixture.hosts.Find("cdn")->Find("name")->string(), "localhost");
  EXPECT_NE(fixture.auth.Find("registry"), nullptr);
  EXPECT_EQ(*fixture.expect.Find("result")->string(), "ok");
  EXPECT_EQ(fixture.rules.array()->size(), 1U);
  EXPECT_EQ(fixture.client.array()->size(), 1U);
}

TEST(ReadFixture, WhatIsNotStatedHasDefaults) {
  const Loaded loaded = Load("");
  EXPECT_EQ(loaded.fixture.level, Level::kMust);
  EXPECT_EQ(loaded.fixture.twin, "");
  EXPECT_EQ(loaded.fixture.seed, std::nullopt);
  EXPECT_EQ(loaded.fixture.max_manifest, std::nullopt);
  EXPECT_TRUE(loaded.fixture.rules.is_null());
  ASSERT_TRUE(loaded.content.has_value());
  EXPECT_TRUE(loaded.content->repositories.empty());
}

TEST(ReadFixture, WhatTheRegistryDoesNotDoIsStated) {
  EXPECT_FALSE(Load("").fixture.read_only);
  EXPECT_TRUE(Load("").fixture.referrers_api);
  const Loaded loaded = Load("limits = { read_only = true, referrers_api = false }\n");
  EXPECT_EQ(loaded.problems, "");
  EXPECT_TRUE(loaded.fixture.read_only);
  EXPECT_FALSE(loaded.fixture.referrers_api);
}

TEST(ReadFixture, AWarningMustStandInAQuotedString) {
  for (const char* text : {"", "a\\\"b", "a\\\\b", "a\\nb", "\u00fc"}) {
    EXPECT_THAT(Load("warnings = [\"" + std::string(text) + "\"]\n").problems,
                testing::HasSubstr("[content.warning]"))
        << text;
  }
}

TEST(ReadFixture, LevelsHaveNames) {
  EXPECT_EQ(LevelName(Level::kMust), "MUST");
  EXPECT_EQ(LevelName(Level::kShould), "SHOULD");
  EXPECT_EQ(LevelName(Level::kInfo), "INFO");
}

TEST(ReadFixture, NeedsAFormatAndAnId) {
  const Loaded loaded = LoadFile("title = \"x\"\n", "case.toml");
  EXPECT_EQ(loaded.problems,
            "case.toml:1:1: error: the fixture has no `fixture` [model.missing-member]\n"
            "case.toml:1:1: error: the fixture has no `id` [model.missing-member]\n");
  EXPECT_FALSE(loaded.content.has_value());
}

TEST(ReadFixture, AnotherFormatIsRefused) {
  EXPECT_EQ(LoadFile("fixture = 2\nid = \"t\"\n", "case.toml").problems,
            "case.toml:1:11: error: this version reads fixture format 1 [content.format]\n"
            "  write `fixture = 1`\n");
}

}  // namespace
}  // namespace pullproof::mockregistry::content
