#include "resolver/assets.h"

#include <filesystem>
#include <string>
#include <string_view>

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

// A lock that cannot be put in its place.
class StuckFile final : public PendingFile {
 public:
  Result<void> Append(std::string_view /*bytes*/) override { return {}; }
  Result<void> Commit() override { return Fail("file.io", "stuck"); }
};

TEST_F(AssetsTest, PublishPutsBothInTheirPlacesOrNeither) {
  const auto lock = directory_.path() / "spin.lock";
  for (const bool fails : {false, true}) {
    for (const bool had_old : {false, true}) {
      std::filesystem::remove_all(assets());
      std::filesystem::remove(lock);
      if (had_old) {
        std::filesystem::create_directories(assets() / "c");
        ASSERT_TRUE(WriteFile(files_, assets() / "c/old", "old").has_value());
        ASSERT_TRUE(WriteFile(files_, lock, "old").has_value());
      }
      {
        auto staging = AssetStaging::Start(files_, assets());
        ASSERT_TRUE(staging->Add("c/new", {std::string("new"), std::nullopt, false}).has_value());
        StuckFile stuck;
        const auto pending = files_.Create(lock);
        ASSERT_TRUE((*pending)->Append("new").has_value());
        EXPECT_EQ(staging->Publish(lock, fails ? stuck : **pending).has_value(), !fails);
      }
      EXPECT_EQ(Text(lock), !fails ? "new" : had_old ? "old" : "(absent)");
      EXPECT_EQ(Text(assets() / "c/new"), fails ? "(absent)" : "new");
      EXPECT_EQ(Text(assets() / "c/old"), fails && had_old ? "old" : "(absent)");
      EXPECT_EQ(files_.List(directory_.path())->size(), fails && !had_old ? 0U : 2U);
    }
  }
}

// Every line of the table in the header, with and without old assets.
TEST_F(AssetsTest, WhatAKilledRunLeftIsUndone) {
  const auto root = directory_.path();
  const auto lock = root / "spin.lock";
  for (const bool had_assets : {true, false}) {
    for (int done = 0; done <= 5; ++done) {
      for (const auto& entry : std::filesystem::directory_iterator(root)) {
        std::filesystem::remove_all(entry.path());
      }
      const auto make = [&](const char* directory, const char* text) {
        std::filesystem::create_directories(root / directory / "c");
        ASSERT_TRUE(WriteFile(files_, root / directory / "c/x", text).has_value());
      };
      if (had_assets) make("assets", "old");
      make(".assets.staging", "new");
      ASSERT_TRUE(WriteFile(files_, lock, "old").has_value());
      if (done >= 1) std::filesystem::rename(lock, root / ".spin.lock.previous");
      if (done >= 2 && had_assets) {
        std::filesystem::rename(assets(), root / ".assets.previous");
      }
      if (done >= 3) std::filesystem::rename(root / ".assets.staging", assets());
      if (done >= 4) {
        ASSERT_TRUE(WriteFile(files_, lock, "new").has_value());
      }
      if (done >= 5) std::filesystem::remove_all(root / ".assets.previous");
      ASSERT_TRUE(RecoverOutputs(files_, assets(), lock).has_value());
      const bool is_new = done >= 4;
      EXPECT_EQ(Text(lock), is_new ? "new" : "old") << done;
      EXPECT_EQ(Text(assets() / "c/x"), is_new ? "new" : had_assets ? "old" : "(absent)") << done;
      EXPECT_FALSE(std::filesystem::exists(root / ".assets.previous"));
      EXPECT_FALSE(std::filesystem::exists(root / ".spin.lock.previous"));
    }
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
