#include "conformance/judge/tree.h"

#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::conformance::judge {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

// sha256 of "hello"
constexpr std::string_view kHello =
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

class ListTreeTest : public testing::Test {
 protected:
  void Write(const fs::path& path, std::string_view text) {
    ASSERT_TRUE(files_.CreateDirectories((root_->path() / path).parent_path()).has_value());
    ASSERT_TRUE(WriteFile(files_, root_->path() / path, text).has_value());
  }

  SystemFileSystem files_;
  Result<TemporaryDirectory> root_ = TemporaryDirectory::Create("tree_test");
};

TEST_F(ListTreeTest, HashesEveryFileSortedByPath) {
  Write("b.txt", "hello");
  Write("a/c.txt", "");
  const Result<Tree> tree = ListTree(files_, root_->path());
  ASSERT_TRUE(tree.has_value());
  ASSERT_EQ(tree->size(), 2U);
  EXPECT_EQ((*tree)[0].path, "a/c.txt");
  EXPECT_EQ((*tree)[1].path, "b.txt");
  EXPECT_EQ((*tree)[1].size, 5U);
  EXPECT_EQ((*tree)[1].sha256->hex(), kHello);
  EXPECT_FALSE((*tree)[1].named.has_value());
}

TEST_F(ListTreeTest, ComparesNamesWithBytes) {
  Write(fmt::format("blobs/sha256/{}", kHello), "hello");
  Write(fmt::format("cache/sha256:{}", kHello), "hell");
  const Result<Tree> tree = ListTree(files_, root_->path());
  ASSERT_TRUE(tree.has_value());
  EXPECT_TRUE((*tree)[0].named.has_value());
  EXPECT_TRUE((*tree)[0].is_as_named);
  EXPECT_TRUE((*tree)[1].named.has_value());
  EXPECT_FALSE((*tree)[1].is_as_named);
}

TEST_F(ListTreeTest, DoesNotFollowLinks) {
  Write("a.txt", "hello");
  fs::create_directory_symlink(root_->path(), root_->path() / "loop");
  fs::create_symlink("/nonexistent", root_->path() / "dangling");
  const Result<Tree> tree = ListTree(files_, root_->path());
  ASSERT_TRUE(tree.has_value());
  ASSERT_EQ(tree->size(), 3U);
  EXPECT_EQ((*tree)[1].kind, FileInfo::Kind::kSymlink);
  EXPECT_EQ((*tree)[2].kind, FileInfo::Kind::kSymlink);
  EXPECT_FALSE((*tree)[2].sha256.has_value());
}

TEST_F(ListTreeTest, LeavesOutWhatItIsTold) {
  Write("home/a.txt", "hello");
  Write("kept/home/a.txt", "hello");
  const std::vector<std::string> except{"home"};
  const Result<Tree> tree = ListTree(files_, root_->path(), except);
  ASSERT_TRUE(tree.has_value());
  ASSERT_EQ(tree->size(), 1U);
  EXPECT_EQ((*tree)[0].path, "kept/home/a.txt");
}

TEST_F(ListTreeTest, OfNothingIsEmpty) {
  const Result<Tree> tree = ListTree(files_, root_->path() / "nothing");
  ASSERT_TRUE(tree.has_value());
  EXPECT_THAT(*tree, IsEmpty());
}

TEST_F(ListTreeTest, RefusesWhatIsTooDeep) {
  fs::path path;
  for (std::size_t i = 0; i <= kMaxTreeDepth; ++i) path /= "d";
  Write(path / "x", "");
  EXPECT_EQ(ListTree(files_, root_->path()).error().id, "limit.depth");
}

TEST(DigestNamedBy, KnowsLayoutsAndCaches) {
  const std::string hex(kHello);
  EXPECT_EQ(DigestNamedBy("blobs/sha256/" + hex)->hex(), hex);
  EXPECT_EQ(DigestNamedBy("x/blobs/sha256/" + hex)->hex(), hex);
  EXPECT_EQ(DigestNamedBy("wasm/sha256:" + hex)->hex(), hex);
  for (const std::string& path :
       {hex, "sha256/" + hex, "blobs/md5/" + hex, "blobs/sha256/" + hex + ".tmp",
        "blobs/sha256/" + hex.substr(1), std::string("index.json")}) {
    EXPECT_EQ(DigestNamedBy(path), std::nullopt) << path;
  }
}

TEST(DescribeChanges, NamesEachFile) {
  const StoredFile a{.path = "a", .size = 1};
  const StoredFile b{.path = "b", .size = 1};
  StoredFile changed = b;
  changed.size = 2;
  EXPECT_THAT(DescribeChanges({a, b}, {a, b}), IsEmpty());
  EXPECT_THAT(DescribeChanges({a, b}, {changed, StoredFile{.path = "c"}}),
              ElementsAre("`b` was changed", "`c` was created", "`a` was removed"));
}

}  // namespace
}  // namespace pullproof::conformance::judge
