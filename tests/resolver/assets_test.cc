#include "resolver/assets.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace pullproof::resolver {
namespace {

class AssetsTest : public testing::Test {
 protected:
  AssetsTest() : directory_(*TemporaryDirectory::Create("pullproof-assets")) {}

  [[nodiscard]] std::filesystem::path assets() const { return directory_.path() / "assets"; }
  std::string Text(const std::filesystem::path& path) {
    return files_.Read(path, 100).value_or("(absent)");
  }

  TemporaryDirectory directory_;
  SystemFileSystem files_;
};

TEST_F(AssetsTest, NothingIsVisibleBeforePlace) {
  auto staging = AssetStaging::Start(files_, assets());
  ASSERT_TRUE(staging.has_value());
  ASSERT_TRUE(
      staging->Add("c/a.txt", {std::string("hello"), oci::Digest::Of("hello"), false}).has_value());
  EXPECT_FALSE(std::filesystem::exists(assets()));
  ASSERT_TRUE(staging->Place().has_value());
  EXPECT_EQ(Text(assets() / "c/a.txt"), "hello");
}

TEST_F(AssetsTest, TakeBackRestoresWhatWasThere) {
  for (const bool had_old : {false, true}) {
    if (had_old) {
      std::filesystem::create_directories(assets() / "c");
      ASSERT_TRUE(WriteFile(files_, assets() / "c/old", "old").has_value());
    }
    {
      auto staging = AssetStaging::Start(files_, assets());
      ASSERT_TRUE(staging->Add("c/new", {std::string("new"), std::nullopt, false}).has_value());
      ASSERT_TRUE(staging->Place().has_value());
      ASSERT_TRUE(staging->TakeBack().has_value());
    }
    EXPECT_EQ(std::filesystem::exists(assets()), had_old);
    EXPECT_FALSE(std::filesystem::exists(assets() / "c/new"));
    EXPECT_EQ(files_.List(directory_.path())->size(), had_old ? 1U : 0U);
  }
}

TEST_F(AssetsTest, LeftoversOfAKilledRunAreTakenOver) {
  std::filesystem::create_directories(directory_.path() / ".assets.staging/c");
  ASSERT_TRUE(WriteFile(files_, directory_.path() / ".assets.staging/c/x", "x").has_value());
  {
    auto staging = AssetStaging::Start(files_, assets());
    ASSERT_TRUE(staging->AddDirectory("c").has_value());
    ASSERT_TRUE(staging->Place().has_value());
  }
  EXPECT_FALSE(std::filesystem::exists(assets() / "c/x"));
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / ".assets.staging"));
}

TEST_F(AssetsTest, BytesAreVerifiedAsTheyAreCopied) {
  ASSERT_TRUE(WriteFile(files_, directory_.path() / "source", "hellp").has_value());
  auto staging = AssetStaging::Start(files_, assets());
  const auto added =
      staging->Add("c/a", {directory_.path() / "source", oci::Digest::Of("hello"), false});
  ASSERT_FALSE(added.has_value());
  EXPECT_EQ(added.error().id, "digest.mismatch");
}

TEST_F(AssetsTest, WasmStartsAsWasmDoes) {
  auto staging = AssetStaging::Start(files_, assets());
  EXPECT_TRUE(staging->Add("_wasm/a", {std::string("\0asm\1", 5), std::nullopt, true}).has_value());
  for (const std::string& bytes :
       {std::string(), std::string("\0as", 3), std::string("(module)")}) {
    EXPECT_EQ(staging->Add("_wasm/b", {bytes, std::nullopt, true}).error().id, "artifact.not-wasm");
  }
}

TEST_F(AssetsTest, ADirectoryOfSomebodyElseIsLeftAlone) {
  std::filesystem::create_directories(assets() / "Not A Component");
  EXPECT_EQ(AssetStaging::Start(files_, assets()).error().id, "assets.foreign");
  ASSERT_TRUE(WriteFile(files_, directory_.path() / "file", "").has_value());
  EXPECT_EQ(AssetStaging::Start(files_, directory_.path() / "file").error().id, "assets.foreign");
}

TEST(FileUrlTest, EncodesAsUrlParsersDo) {
  EXPECT_EQ(FileUrl("/a b/c#d?e%f/\xC3\xA4"), "file:///a%20b/c%23d%3Fe%25f/%C3%A4");
  EXPECT_EQ(FileUrl("/plain/path-1_2.wasm"), "file:///plain/path-1_2.wasm");
}

}  // namespace
}  // namespace pullproof::resolver
