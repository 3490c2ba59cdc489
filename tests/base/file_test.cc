#include "base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

namespace pullproof {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    auto directory = TemporaryDirectory::Create("file_test");
    ASSERT_TRUE(directory);
    directory_.emplace(*std::move(directory));
  }
  [[nodiscard]] fs::path Path(std::string_view name) const { return directory_->path() / name; }
  std::vector<std::string> Names() { return *files_.List(directory_->path()); }

  SystemFileSystem files_;
  std::optional<TemporaryDirectory> directory_;
};

TEST_F(FileTest, AFileAppearsOnlyWithCommit) {
  auto file = files_.Create(Path("a"));
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->Append("half"));
  EXPECT_EQ(files_.Stat(Path("a")).error().id, "file.not-found");
  ASSERT_TRUE((*file)->Append(" whole"));
  ASSERT_TRUE((*file)->Commit());
  file->reset();
  EXPECT_EQ(files_.Read(Path("a"), 100), "half whole");
  EXPECT_THAT(Names(), ElementsAre("a"));
}

TEST_F(FileTest, WithoutCommitNothingIsLeft) {
  ASSERT_TRUE(WriteFile(files_, Path("a"), "old"));
  {
    auto file = files_.Create(Path("a"));
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->Append("new"));
  }
  EXPECT_EQ(files_.Read(Path("a"), 100), "old");
  EXPECT_THAT(Names(), ElementsAre("a"));
}

TEST_F(FileTest, ReadIsBounded) {
  ASSERT_TRUE(WriteFile(files_, Path("a"), std::string(100'000, 'x')));
  EXPECT_EQ(files_.Read(Path("a"), 100'000)->size(), 100'000U);
  EXPECT_EQ(files_.Read(Path("a"), 99'999).error().id, "limit.bytes");
}

TEST_F(FileTest, SaysWhatIsMissingAndWhere) {
  const auto read = files_.Read(Path("absent"), 1);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().id, "file.not-found");
  EXPECT_EQ(read.error().where, Path("absent").string());
  EXPECT_EQ(files_.Create(Path("no/such/dir")).error().id, "file.not-found");
  EXPECT_EQ(files_.List(Path("absent")).error().id, "file.not-found");
}

TEST_F(FileTest, StatTellsKindsWithoutFollowingLinks) {
  ASSERT_TRUE(WriteFile(files_, Path("f"), "12345"));
  ASSERT_TRUE(files_.CreateDirectories(Path("d/e")));
  fs::create_symlink("f", Path("l"));
  ASSERT_EQ(::mkfifo(Path("p").c_str(), 0600), 0);
  EXPECT_EQ(files_.Stat(Path("f"))->kind, FileInfo::Kind::kRegular);
  EXPECT_EQ(files_.Stat(Path("f"))->size, 5U);
  EXPECT_EQ(files_.Stat(Path("d"))->kind, FileInfo::Kind::kDirectory);
  EXPECT_EQ(files_.Stat(Path("l"))->kind, FileInfo::Kind::kSymlink);
  EXPECT_EQ(files_.Stat(Path("p"))->kind, FileInfo::Kind::kOther);
}

TEST_F(FileTest, RenameReplacesAFileAndSwapsDirectories) {
  ASSERT_TRUE(WriteFile(files_, Path("new"), "n"));
  ASSERT_TRUE(WriteFile(files_, Path("old"), "o"));
  ASSERT_TRUE(files_.Rename(Path("new"), Path("old")));
  EXPECT_EQ(files_.Read(Path("old"), 9), "n");

  ASSERT_TRUE(files_.CreateDirectories(Path("staged")));
  ASSERT_TRUE(files_.CreateDirectories(Path("target")));
  ASSERT_TRUE(WriteFile(files_, Path("staged/x"), "1"));
  ASSERT_TRUE(WriteFile(files_, Path("target/y"), "2"));
  ASSERT_TRUE(files_.Rename(Path("staged"), Path("target")));
  EXPECT_THAT(*files_.List(Path("target")), ElementsAre("x"));
  EXPECT_THAT(*files_.List(Path("staged")), ElementsAre("y"));
}

TEST_F(FileTest, RemoveAllDoesNotFollowLinks) {
  ASSERT_TRUE(files_.CreateDirectories(Path("keep")));
  ASSERT_TRUE(WriteFile(files_, Path("keep/x"), "1"));
  ASSERT_TRUE(files_.CreateDirectories(Path("gone")));
  fs::create_directory_symlink(Path("keep"), Path("gone/link"));
  ASSERT_TRUE(files_.RemoveAll(Path("gone")));
  EXPECT_THAT(*files_.List(Path("keep")), ElementsAre("x"));
  EXPECT_TRUE(files_.RemoveAll(Path("gone")));
}

TEST_F(FileTest, ATemporaryDirectoryGoesWithItsOwner) {
  fs::path path;
  fs::path kept;
  {
    auto first = TemporaryDirectory::Create("gone");
    auto second = TemporaryDirectory::Create("kept");
    ASSERT_TRUE(first && second);
    path = first->path();
    kept = second->path();
    second->Keep();
    EXPECT_TRUE(fs::exists(path));
  }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_TRUE(fs::exists(kept));
  fs::remove_all(kept);
}

TEST_F(FileTest, APrivateFileIsForItsOwnerAlone) {
  const auto path = Path("secret");
  ASSERT_TRUE(WriteFile(files_, path, "open").has_value());
  const auto file = files_.CreatePrivate(path);
  ASSERT_TRUE(file.has_value());
  ASSERT_TRUE((*file)->Append("secret").has_value());
  ASSERT_TRUE((*file)->Commit().has_value());
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600));
  EXPECT_EQ(*files_.Read(path, 100), "secret");
}

TEST_F(FileTest, LocksExcludeEachOther) {
  const auto path = Path("lock");
  {
    const auto one = files_.Lock(path, LockKind::kShared, IfLocked::kFail);
    const auto two = files_.Lock(path, LockKind::kShared, IfLocked::kFail);
    ASSERT_TRUE(one.has_value() && two.has_value());
    const auto three = files_.Lock(path, LockKind::kExclusive, IfLocked::kFail);
    ASSERT_FALSE(three.has_value());
    EXPECT_EQ(three.error().id, "file.locked");
  }
  EXPECT_TRUE(files_.Lock(path, LockKind::kExclusive, IfLocked::kFail).has_value());
  EXPECT_TRUE(files_.Lock(directory_->path(), LockKind::kExclusive, IfLocked::kFail).has_value());
}

TEST_F(FileTest, StatTellsThatAFileWasTouched) {
  const auto path = Path("a");
  ASSERT_TRUE(WriteFile(files_, path, "a").has_value());
  const auto before = files_.Stat(path);
  EXPECT_EQ(files_.Stat(path), before);
  ASSERT_TRUE(WriteFile(files_, path, "b").has_value());
  EXPECT_NE(files_.Stat(path), before);
}

}  // namespace
}  // namespace pullproof
