#include "mockregistry/content/file_blob.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "tests/mockregistry/content/loaded.h"

namespace pullproof::mockregistry::content {
namespace {

namespace fs = std::filesystem;

// Forwards to the system until the operation of that number, which fails.
class FailingFileSystem final : public FileSystem {
 public:
  explicit FailingFileSystem(int failing) : left_(failing) {}
  [[nodiscard]] bool has_failed() const { return left_ < 0; }

  Result<std::string> Read(const fs::path& path, std::uint64_t max_bytes) override {
    if (Fails()) return Broken();
    return system_.Read(path, max_bytes);
  }
  Result<FileInfo> Stat(const fs::path& path) override {
    if (Fails()) return Broken();
    return system_.Stat(path);
  }
  // A blob is read whole, and nothing is written.
  Result<void> ReadPieces(const fs::path& /*path*/,
                          const std::function<Result<void>(std::string_view)>& /*sink*/) override {
    return Broken();
  }
  Result<fs::path> Canonical(const fs::path& /*path*/) override { return Broken(); }
  Result<std::unique_ptr<PendingFile>> Create(const fs::path& /*path*/) override {
    return Broken();
  }
  Result<std::unique_ptr<PendingFile>> CreatePrivate(const fs::path& /*path*/) override {
    return Broken();
  }
  Result<std::unique_ptr<FileLock>> Lock(const fs::path& /*path*/, LockKind /*kind*/,
                                         IfLocked /*if_locked*/) override {
    return Broken();
  }
  Result<void> CreateDirectories(const fs::path& /*path*/) override { return Broken(); }
  Result<std::vector<std::string>> List(const fs::path& /*path*/) override { return Broken(); }
  Result<void> Rename(const fs::path& /*from*/, const fs::path& /*to*/) override {
    return Broken();
  }
  Result<void> RemoveAll(const fs::path& /*path*/) override { return Broken(); }

 private:
  bool Fails() { return left_-- == 0; }
  static std::unexpected<Error> Broken() { return Fail("file.io", "the disk is broken"); }

  SystemFileSystem system_;
  int left_;
};

class FileBlobTest : public testing::Test {
 protected:
  FileBlobTest() {
    fs::create_directories(directory() / "below");
    EXPECT_TRUE(WriteFile(files_, directory() / "a.bin", std::string("a\0b", 3)).has_value());
    EXPECT_TRUE(WriteFile(files_, directory() / "below" / "b.txt", "below").has_value());
    EXPECT_TRUE(WriteFile(files_, temporary_.path() / "outside.txt", "secret").has_value());
    fs::create_symlink("../outside.txt", directory() / "link.txt");
    fs::create_directory_symlink("below", directory() / "linked");
    EXPECT_EQ(::mkfifo((directory() / "pipe").c_str(), 0600), 0);
  }

  [[nodiscard]] fs::path directory() const { return temporary_.path() / "cases"; }

  std::string ErrorOf(const std::string& path, std::uint64_t max_bytes = 100) {
    const Result<std::string> bytes = ReadBeside(files_, directory(), path, max_bytes);
    return bytes ? "none" : bytes.error().id + ": " + bytes.error().message;
  }

  TemporaryDirectory temporary_ = *TemporaryDirectory::Create("pullproof-file-blob");
  SystemFileSystem files_;
};

TEST_F(FileBlobTest, ReadsBesideAndBelow) {
  EXPECT_EQ(ReadBeside(files_, directory(), "a.bin", 3), std::string("a\0b", 3));
  EXPECT_EQ(ReadBeside(files_, directory(), "below/b.txt", 100), "below");
  EXPECT_EQ(ReadBeside(files_, directory(), "./below/./b.txt", 100), "below");
}

TEST_F(FileBlobTest, NeverLeavesTheDirectory) {
  const std::string leaves = " leaves the fixture's directory";
  EXPECT_EQ(ErrorOf("../outside.txt"), "content.file-outside: file `../outside.txt`" + leaves);
  EXPECT_EQ(ErrorOf("below/../a.bin"), "content.file-outside: file `below/../a.bin`" + leaves);
  EXPECT_EQ(ErrorOf("/etc/hostname"), "content.file-outside: file `/etc/hostname`" + leaves);
  EXPECT_EQ(ErrorOf(""), "content.file-outside: file ``" + leaves);
  const std::string link = " passes through a link, which may lead anywhere";
  EXPECT_EQ(ErrorOf("link.txt"), "content.file-outside: file `link.txt`" + link);
  EXPECT_EQ(ErrorOf("linked/b.txt"), "content.file-outside: file `linked/b.txt`" + link);
}

TEST_F(FileBlobTest, SaysWhyAFileCannotBeRead) {
  EXPECT_EQ(ErrorOf("none.txt"),
            "content.file: file `none.txt`: cannot stat: No such file or directory");
  EXPECT_EQ(ErrorOf("below"), "content.file: file `below` is not a regular file");
  EXPECT_EQ(ErrorOf("pipe"), "content.file: file `pipe` is not a regular file");
  EXPECT_EQ(ErrorOf("below/b.txt", 4),
            "content.file: file `below/b.txt`: the file is larger than 4 bytes");
}

TEST_F(FileBlobTest, IsABlobOfAFixture) {
  const Loaded loaded = Load("blobs.a = { file = \"a.bin\" }\n", directory());
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_EQ(loaded.BytesOf("a"), std::string("a\0b", 3));
}

TEST_F(FileBlobTest, EveryOperationMayFail) {
  const std::string text = "blobs.a = { file = \"a.bin\" }\nblobs.b = { file = \"below/b.txt\" }\n";
  for (int failing = 0;; ++failing) {
    SCOPED_TRACE(failing);
    FailingFileSystem files(failing);
    const Loaded loaded = Load(text, directory(), &files);
    if (!files.has_failed()) {
      EXPECT_EQ(loaded.problems, "");
      EXPECT_EQ(loaded.BytesOf("b"), "below");
      EXPECT_EQ(failing, 5);  // one and two steps on the way, and two reads
      break;
    }
    EXPECT_FALSE(loaded.content.has_value());
    EXPECT_EQ(loaded.problems, failing < 2
                                   ? "case.toml:3:11: error: file `a.bin`: the disk is broken "
                                     "[content.file]\n"
                                   : "case.toml:4:11: error: file `below/b.txt`: the disk is "
                                     "broken [content.file]\n");
  }
}

TEST_F(FileBlobTest, ItsProblemStandsAtTheBlob) {
  const Loaded loaded =
      Load("blobs.a = { tar = { files = { x = { file = \"../outside.txt\" } } } }\n", directory());
  EXPECT_FALSE(loaded.content.has_value());
  EXPECT_EQ(loaded.problems,
            "case.toml:3:35: error: file `../outside.txt` leaves the fixture's directory "
            "[content.file-outside]\n"
            "  name a file beside the fixture, or below its directory\n");
}

}  // namespace
}  // namespace pullproof::mockregistry::content
