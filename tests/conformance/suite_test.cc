#include "conformance/suite.h"

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::conformance {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::string CaseText(std::string_view id, std::string_view result, std::string_view twin = "") {
  return fmt::format(R"(fixture = 1
id = "{}"
{}
blobs.layer = {{ layer = "1KiB" }}
manifests.app = {{ image = {{ layers = ["layer"] }} }}
repos."lib/app" = {{ tags = {{ "1.0" = "app" }} }}
[[client]]
do = "pull"
ref = "{{registry}}/lib/app:1.0"
[expect]
result = "{}"
)",
                     id, twin.empty() ? "" : fmt::format("twin = \"{}\"", twin), result);
}

struct Loaded {
  Result<Suite> suite;
  std::vector<std::string> errors;  // "FILE ID"
};

Loaded Read(const std::vector<SuiteFile>& files) {
  std::vector<Diagnostics> problems;
  Loaded loaded{ReadSuite(files, "", problems), {}};
  for (const Diagnostics& of_file : problems) {
    for (const Diagnostic& problem : of_file.all()) {
      loaded.errors.push_back(of_file.name() + " " + problem.id);
    }
  }
  return loaded;
}

std::vector<std::string> IdsOf(const Suite& suite) {
  std::vector<std::string> ids;
  for (const Case& subject : suite.cases) ids.push_back(subject.id());
  return ids;
}

TEST(ReadSuite, SortsCasesById) {
  const Loaded loaded =
      Read({{"b/x.toml", CaseText("b.x", "ok")}, {"a/y.toml", CaseText("a.y", "fail", "b.x")}});
  ASSERT_TRUE(loaded.suite.has_value());
  EXPECT_THAT(IdsOf(*loaded.suite), ElementsAre("a.y", "b.x"));
  EXPECT_EQ(loaded.suite->Find("b.x")->file, "b/x.toml");
  EXPECT_EQ(loaded.suite->Find("b"), nullptr);
}

TEST(ReadSuite, WantsIdsThatArePaths) {
  const Loaded loaded = Read({{"a/x.toml", CaseText("a.y", "ok")}});
  EXPECT_EQ(loaded.suite.error().id, "suite.invalid");
  EXPECT_THAT(loaded.errors, ElementsAre("a/x.toml suite.id"));
}

TEST(ReadSuite, RefusesAnIdTwice) {
  const Loaded loaded =
      Read({{"a/x.toml", CaseText("a.x", "ok")}, {"a/x.json", R"({"fixture":1,"id":"a.x",
        "client":[{"do":"pull","ref":"{registry}/a:1"}]})"}});
  EXPECT_FALSE(loaded.suite.has_value());
  EXPECT_THAT(loaded.errors, ElementsAre("a/x.json suite.duplicate-id"));
}

TEST(ReadSuite, WantsATwinThatIsThereAndBenign) {
  EXPECT_THAT(Read({{"a/x.toml", CaseText("a.x", "fail", "a.nothing")}}).errors,
              ElementsAre("a/x.toml suite.unknown-twin"));
  EXPECT_THAT(Read({{"a/x.toml", CaseText("a.x", "fail", "a.y")},
                    {"a/y.toml", CaseText("a.y", "fail", "a.z")},
                    {"a/z.toml", CaseText("a.z", "ok")}})
                  .errors,
              ElementsAre("a/x.toml suite.hostile-twin"));
}

TEST(ReadSuite, TakesATwinFromThoseThatItCarries) {
  const Loaded loaded = Read({{"a/x.toml", CaseText("a.x", "fail", "digest.honest")}});
  ASSERT_TRUE(loaded.suite.has_value());
  EXPECT_THAT(IdsOf(*loaded.suite), ElementsAre("a.x", "digest.honest"));
}

TEST(ReadSuite, ReportsEveryFile) {
  const Loaded loaded = Read({{"a/x.toml", "fixture = "},
                              {"a/y.toml", CaseText("a.y", "maybe")},
                              {"a/z.toml", CaseText("a.z", "ok")}});
  EXPECT_EQ(loaded.suite.error().message, "2 of 3 case files have errors");
  EXPECT_THAT(loaded.errors, ElementsAre("a/x.toml toml.syntax", "a/y.toml model.unknown-value"));
}

class LoadSuiteFromDisk : public testing::Test {
 protected:
  void Write(const fs::path& path, std::string_view text) {
    ASSERT_TRUE(files_.CreateDirectories((root_->path() / path).parent_path()).has_value());
    ASSERT_TRUE(WriteFile(files_, root_->path() / path, text).has_value());
  }

  Result<Suite> Load(const fs::path& path) { return LoadSuite(files_, path, problems_); }

  SystemFileSystem files_;
  std::vector<Diagnostics> problems_;
  Result<TemporaryDirectory> root_ = TemporaryDirectory::Create("suite_test");
};

TEST_F(LoadSuiteFromDisk, FindsCasesAtAnyDepth) {
  Write("a/b/x.toml", CaseText("a.b.x", "ok"));
  Write("y.toml", CaseText("y", "ok"));
  Write("a/README.md", "not a case");
  const Result<Suite> suite = Load(root_->path());
  ASSERT_TRUE(suite.has_value());
  EXPECT_THAT(IdsOf(*suite), ElementsAre("a.b.x", "y"));
}

TEST_F(LoadSuiteFromDisk, ReadsASingleFileWhateverItsIdIs) {
  Write("draft.toml", CaseText("retry.something", "fail", "digest.honest"));
  const Result<Suite> suite = Load(root_->path() / "draft.toml");
  ASSERT_TRUE(suite.has_value());
  EXPECT_THAT(IdsOf(*suite), ElementsAre("digest.honest", "retry.something"));
}

TEST_F(LoadSuiteFromDisk, SaysWhatIsNotThere) {
  EXPECT_EQ(Load(root_->path() / "nothing").error().id, "file.not-found");
  Write("README.md", "not a case");
  EXPECT_EQ(Load(root_->path()).error().id, "suite.empty");
}

// --- The suite that the program carries ---------------------------------------------------------

TEST(EmbeddedSuite, HasNoProblemAtAll) {
  std::vector<Diagnostics> problems;
  const Result<Suite> suite = LoadSuite(problems);
  for (const Diagnostics& of_file : problems) {
    for (const Diagnostic& problem : of_file.all()) {
      ADD_FAILURE() << FormatDiagnostic(of_file, problem);
    }
  }
  ASSERT_TRUE(suite.has_value());
  EXPECT_GE(suite->cases.size(), 100U);
}

TEST(EmbeddedSuite, HasEveryFileOfTheDirectory) {
  const fs::path root = fs::path(PULLPROOF_SOURCE_DIR) / "conformance/cases";
  std::vector<std::string> on_disk;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file()) on_disk.push_back(entry.path().lexically_relative(root).string());
  }
  std::ranges::sort(on_disk);
  std::vector<std::string> embedded;
  for (const EmbeddedFile& file : EmbeddedCases()) embedded.emplace_back(file.name);
  EXPECT_EQ(embedded, on_disk);
}

TEST(EmbeddedSuite, SaysOfEachCaseWhatItIsFor) {
  std::vector<Diagnostics> problems;
  const Result<Suite> suite = LoadSuite(problems);
  ASSERT_TRUE(suite.has_value());
  for (const Case& subject : suite->cases) {
    const auto& fixture = subject.scenario->fixture;
    EXPECT_FALSE(fixture.title.empty()) << subject.id();
    EXPECT_FALSE(fixture.why.empty()) << subject.id();
    EXPECT_THAT(fixture.spec, testing::Not(IsEmpty())) << subject.id();
  }
}

// --- What the documentation says ----------------------------------------------------------------

std::string TextOf(const fs::path& path) {
  SystemFileSystem files;
  return files.Read(path, 1 << 20).value_or("");
}

std::set<std::string> Matches(const std::string& text, const std::regex& pattern) {
  std::set<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) {
    found.insert((*it)[1].str());
  }
  return found;
}

TEST(Documentation, ListsEveryComplaintAndNoOther) {
  const fs::path root(PULLPROOF_SOURCE_DIR);
  const std::regex in_code(R"re("((case|bound|placeholder|suite|report|known|shard)\.[a-z-]+)")re");
  const std::regex in_table(
      R"(\n\| `((?:case|bound|placeholder|suite|report|known|shard)\.[a-z-]+)` \|)");
  std::set<std::string> ids;
  for (const char* folder : {"conformance", "conformance/case", "conformance/report"}) {
    for (const fs::directory_entry& entry : fs::directory_iterator(root / folder)) {
      if (entry.path().extension() == ".cc") ids.merge(Matches(TextOf(entry.path()), in_code));
    }
  }
  std::set<std::string> listed = Matches(TextOf(root / "docs/cases.md"), in_table);
  listed.merge(Matches(TextOf(root / "docs/reports.md"), in_table));
  EXPECT_EQ(ids, listed);
}

}  // namespace
}  // namespace pullproof::conformance
