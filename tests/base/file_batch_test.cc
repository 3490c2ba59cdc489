#include "base/file_batch.h"

#include <string>
#include <utility>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FileBatchTest : public testing::Test {
 protected:
  FileBatchTest() : directory_(*TemporaryDirectory::Create("file_batch_test")) {}

  [[nodiscard]] std::filesystem::path Path(const std::string& name) const {
    return directory_.path() / name;
  }
  Result<void> Add(const std::string& name, const std::string& bytes) {
    PULLPROOF_ASSIGN_OR_RETURN(auto file, files_.Create(Path(name)));
    PULLPROOF_RETURN_IF_ERROR(file->Append(bytes));
    return batch_.Add(std::move(file));
  }
  std::vector<std::string> Names() { return *files_.List(directory_.path()); }

  SystemFileSystem files_;
  TemporaryDirectory directory_;
  FileBatch batch_;
};

// Whose Commit cannot be taken apart, and may fail.
class WholeFile final : public PendingFile {
 public:
  explicit WholeFile(Result<void> committed, int& commits)
      : committed_(std::move(committed)), commits_(commits) {}
  Result<void> Append(std::string_view /*bytes*/) override { return {}; }
  Result<void> Commit() override {
    ++commits_;
    return committed_;
  }

 private:
  Result<void> committed_;
  int& commits_;
};

TEST_F(FileBatchTest, NothingIsNamedBeforeCommit) {
  ASSERT_TRUE(Add("a", "one"));
  ASSERT_TRUE(Add("b", "two"));
  for (const std::string& name : Names()) EXPECT_THAT(name, testing::EndsWith(".tmp"));
  ASSERT_TRUE(batch_.Commit());
  EXPECT_THAT(Names(), ElementsAre("a", "b"));
  EXPECT_EQ(*files_.Read(Path("a"), 10), "one");
  EXPECT_EQ(*files_.Read(Path("b"), 10), "two");
  EXPECT_TRUE(batch_.empty());
  EXPECT_TRUE(batch_.Commit()) << "of nothing";
}

TEST_F(FileBatchTest, DroppedItLeavesNothing) {
  {
    FileBatch dropped;
    auto file = files_.Create(Path("a"));
    ASSERT_TRUE(file && (*file)->Append("x") && dropped.Add(*std::move(file)));
  }
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(FileBatchTest, ManyAreNotKeptWaiting) {
  for (std::size_t i = 0; i < FileBatch::kMaxWaiting; ++i) {
    ASSERT_TRUE(Add(fmt::format("f{:03}", i), "x"));
  }
  EXPECT_TRUE(batch_.empty());
  EXPECT_EQ(Names().size(), FileBatch::kMaxWaiting);
}

TEST_F(FileBatchTest, OneThatCannotBeNamedIsGone) {
  ASSERT_TRUE(Add("a", "one"));
  ASSERT_TRUE(Add("taken", "two"));
  ASSERT_TRUE(files_.CreateDirectories(Path("taken") / "by a directory"));
  EXPECT_FALSE(batch_.Commit());
  EXPECT_THAT(Names(), ElementsAre("a", "taken"));
  EXPECT_EQ(*files_.Read(Path("a"), 10), "one");
  EXPECT_TRUE(batch_.empty());
}

TEST_F(FileBatchTest, WhatCannotBeTakenApartIsCommittedAsAWhole) {
  int commits = 0;
  ASSERT_TRUE(batch_.Add(std::make_unique<WholeFile>(Result<void>(), commits)));
  EXPECT_EQ(commits, 0);
  ASSERT_TRUE(batch_.Commit());
  EXPECT_EQ(commits, 1);
  ASSERT_TRUE(batch_.Add(std::make_unique<WholeFile>(Fail("file.io", "no"), commits)));
  EXPECT_EQ(batch_.Commit().error().id, "file.io");
}

}  // namespace
}  // namespace pullproof
