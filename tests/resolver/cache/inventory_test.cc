#include "resolver/cache/inventory.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/resolver/testing/faulty_file_system.h"

namespace pullproof::resolver::cache {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class InventoryTest : public ::testing::Test {
 protected:
  InventoryTest() : directory_(*TemporaryDirectory::Create("pullproof-inventory")) {}

  [[nodiscard]] fs::path root() const { return directory_.path() / "cache"; }
  // An entry that was written so many hours ago.
  oci::Digest Put(Shelf shelf, const std::string& bytes, int hours_ago) {
    const oci::Digest digest = oci::Digest::Of(bytes);
    const Cache cache(files_, root());
    EXPECT_TRUE(cache.Put(shelf, digest, bytes).has_value());
    fs::last_write_time(cache.PathOf(shelf, digest),
                        fs::file_time_type::clock::now() - std::chrono::hours(hours_ago));
    return digest;
  }
  std::vector<std::string> Sizes(const std::vector<Entry>& entries) {
    std::vector<std::string> sizes;
    for (const Entry& entry : entries) sizes.push_back(std::to_string(entry.size));
    return sizes;
  }
  std::vector<std::string> Left() { return Sizes(*ListEntries(files_, root())); }
  Result<GcReport> Collect(const GcOptions& options) {
    return CollectGarbage(files_, clock_, root(), options);
  }

  TemporaryDirectory directory_;
  SystemFileSystem files_;
  SystemClock clock_;
};

TEST_F(InventoryTest, ListsEntriesAndNothingElse) {
  EXPECT_THAT(Left(), IsEmpty());
  Put(Shelf::kWasm, "1", 0);
  Put(Shelf::kData, "22", 0);
  Put(Shelf::kManifests, "333", 0);
  fs::create_directories(root() / "registry/manifests/ghcr.io/acme");
  ASSERT_TRUE(WriteFile(files_, root() / "registry/data/README", "hi").has_value());
  EXPECT_THAT(Left(), ElementsAre("1", "2", "3"));
}

TEST_F(InventoryTest, FindsAndRemovesWhatIsDamaged) {
  Put(Shelf::kData, "good", 0);
  const oci::Digest bad = Put(Shelf::kData, "bad!!", 0);
  ASSERT_TRUE(
      WriteFile(files_, Cache(files_, root()).PathOf(Shelf::kData, bad), "BAD!!").has_value());
  EXPECT_THAT(Sizes(*FindDamaged(files_, root(), false)), ElementsAre("5"));
  EXPECT_EQ(Left().size(), 2U);
  EXPECT_THAT(Sizes(*FindDamaged(files_, root(), true)), ElementsAre("5"));
  EXPECT_THAT(Left(), ElementsAre("4"));
}

TEST_F(InventoryTest, CollectsByAgeAndThenTheOldest) {
  Put(Shelf::kWasm, "1", 5);
  Put(Shelf::kData, "22", 3);
  Put(Shelf::kData, "333", 1);
  Put(Shelf::kManifests, "4444", 0);
  EXPECT_THAT(Collect({.max_age = std::chrono::hours(4), .dry_run = true})->removed.size(), 1U);
  EXPECT_EQ(Left().size(), 4U);
  const auto by_age = Collect({.max_age = std::chrono::hours(4)});
  EXPECT_THAT(Sizes(by_age->removed), ElementsAre("1"));
  EXPECT_EQ(by_age->kept_bytes, 9U);
  EXPECT_THAT(Sizes(Collect({.max_bytes = 6})->removed), ElementsAre("2", "3"));
  EXPECT_THAT(Left(), ElementsAre("4"));
  EXPECT_THAT(Sizes(Collect({.max_bytes = 4})->removed), IsEmpty());
}

TEST_F(InventoryTest, RemovesWhatAKilledProcessHadBegun) {
  Put(Shelf::kData, "22", 0);
  ASSERT_TRUE(WriteFile(files_, root() / "registry/data/.sha256:x.1-2.tmp", "x").has_value());
  EXPECT_EQ(Collect({})->unfinished, 1U);
  EXPECT_EQ(files_.List(root() / "registry/data")->size(), 1U);
}

TEST_F(InventoryTest, WhileTheCacheIsInUseNothingIsRemoved) {
  const oci::Digest digest = Put(Shelf::kData, "22", 5);
  auto in_use = std::make_unique<Cache>(files_, root());
  ASSERT_TRUE(*in_use->Has(Shelf::kData, digest));
  const auto refused = Collect({.max_bytes = 0});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().id, "file.locked");
  EXPECT_EQ(Left().size(), 1U);
  in_use.reset();
  EXPECT_EQ(Collect({.max_bytes = 0})->removed.size(), 1U);
}

TEST_F(InventoryTest, ACacheThatIsNotThereIsEmpty) {
  EXPECT_TRUE(Collect({.max_bytes = 0})->removed.empty());
  EXPECT_FALSE(fs::exists(root()));
}

TEST_F(InventoryTest, ALargeEntryIsHashedUntilANoteOfItHasSettled) {
  const std::string large(kNotedFrom, 'x');
  const oci::Digest digest = Put(Shelf::kWasm, large, 0);
  testing::FaultyFileSystem files;  // counts
  // Looks: the lock, the entry, the note and its age. More is hashing.
  constexpr std::size_t kLooks = 4;
  std::optional<bool> found;
  const auto hashes = [&](Trust trust = Trust::kNotes) {
    files.FailAt(testing::FaultyFileSystem::kNever);
    found = *Cache(files, root(), trust).Has(Shelf::kWasm, digest);
    return files.operations() > kLooks;
  };
  EXPECT_TRUE(hashes());
  EXPECT_TRUE(hashes());  // the note is as young as the entry: a change in the same tick would hide
  // As if the note had been taken later.
  const fs::path note = root() / "verified/wasm" / digest.ToString();
  fs::last_write_time(note, fs::file_time_type::clock::now() + std::chrono::seconds(10));
  EXPECT_FALSE(hashes());
  EXPECT_EQ(found, true);
  files.FailAt(testing::FaultyFileSystem::kNever);
  EXPECT_TRUE(*Cache(files, root(), Trust::kNothing).Has(Shelf::kWasm, digest));
  EXPECT_EQ(files.operations(), 3U);  // the lock, the entry, and its bytes
  // Changed in place, same size, same time: the inode's own time tells.
  const fs::path path = Cache(files, root()).PathOf(Shelf::kWasm, digest);
  const auto time = fs::last_write_time(path);
  {
    std::ofstream in_place(path, std::ios::in | std::ios::out | std::ios::binary);
    in_place << 'y';
  }
  fs::last_write_time(path, time);
  EXPECT_TRUE(hashes());
  EXPECT_EQ(found, false);
}

}  // namespace
}  // namespace pullproof::resolver::cache
