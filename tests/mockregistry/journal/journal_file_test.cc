#include "mockregistry/journal/journal_file.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"

namespace pullproof::mockregistry::journal {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(JournalFileTest, WritesOneLineForEachEntryWithoutSecrets) {
  auto directory = TemporaryDirectory::Create("journal_file_test");
  ASSERT_TRUE(directory);
  const auto path = directory->path() / "journal.jsonl";
  SystemFileSystem files;
  ASSERT_TRUE(WriteFile(files, path, "what was there before"));
  {
    const auto file = JournalFile::Create(path);
    ASSERT_TRUE(file) << Describe(file.error());
    Entry entry;
    entry.number = 1;
    entry.target = "/x?sig=letmein";
    (*file)->Write("a.fixture", entry);
    entry.number = 2;
    (*file)->Write("a.fixture", entry);
    EXPECT_TRUE((*file)->status());
  }
  const std::string text = *files.Read(path, 1 << 20);
  EXPECT_THAT(text, StartsWith(R"({"fixture":"a.fixture","number":1,)"));
  EXPECT_THAT(text, HasSubstr("}\n{\"fixture\":\"a.fixture\",\"number\":2,"));
  EXPECT_THAT(text, EndsWith("}\n"));
  EXPECT_THAT(text, Not(HasSubstr("letmein")));
}

TEST(JournalFileTest, KeepsTheFirstFailure) {
  const auto full = JournalFile::Create("/dev/full");
  ASSERT_TRUE(full) << Describe(full.error());
  (*full)->Write("f", Entry{});
  ASSERT_FALSE((*full)->status());
  EXPECT_EQ((*full)->status().error().id, "journal.file");
  EXPECT_EQ((*full)->status().error().where, "/dev/full");
}

TEST(JournalFileTest, SaysThatItCannotBeMade) {
  const auto absent = JournalFile::Create("/dev/null/journal");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().id, "journal.file");
}

}  // namespace
}  // namespace pullproof::mockregistry::journal
