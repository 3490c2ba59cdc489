#include "resolver/sources/own_files.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::resolver::sources {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class OwnFilesTest : public testing::Test {
 protected:
  OwnFilesTest() : directory_(*TemporaryDirectory::Create("pullproof-own-files")) {
    for (const char* file :
         {"app/a.txt", "app/static/index.html", "app/static/js/x.js", "app/static/js/x.map",
          "app/static/.hidden", "app/we[ird].txt", "outside/secret.txt"}) {
      const fs::path path = directory_.path() / file;
      fs::create_directories(path.parent_path());
      EXPECT_TRUE(WriteFile(files_, path, file).has_value());
    }
    fs::create_directories(root() / "empty");
  }

  [[nodiscard]] fs::path root() const { return fs::canonical(directory_.path()) / "app"; }

  Result<OwnFiles> Collect(const std::string& toml) {
    const Node document = *ParseToml(
        "spin_manifest_version = 2\n[application]\nname = \"a\"\n[trigger]\n[component.c]\n"
        "source = \"c.wasm\"\n" +
            toml,
        "spin.toml");
    Diagnostics problems("spin.toml");
    const manifest::Manifest manifest = manifest::ReadManifest(document, problems);
    EXPECT_FALSE(problems.HasErrors());
    return CollectOwnFiles(files_, root(), manifest.components.at(0), "spin.toml");
  }

  // "GUEST=SOURCE", the source relative to the app.
  std::vector<std::string> Collected(const std::string& toml) {
    const auto own = Collect(toml);
    EXPECT_TRUE(own.has_value()) << own.error().message;
    std::vector<std::string> list;
    if (!own) return list;
    for (const merge::OwnFile& file : own->files) {
      list.push_back(file.path + "=" + fs::path(file.source).lexically_relative(root()).string());
    }
    return list;
  }

  TemporaryDirectory directory_;
  SystemFileSystem files_;
};

TEST_F(OwnFilesTest, ALiteralFileKeepsItsPath) {
  EXPECT_THAT(Collected("files = ['static/js/x.js']"),
              ElementsAre("static/js/x.js=static/js/x.js"));
}

TEST_F(OwnFilesTest, ALiteralNameWinsOverItsReadingAsAPattern) {
  EXPECT_THAT(Collected("files = ['we[ird].txt']"), ElementsAre("we[ird].txt=we[ird].txt"));
}

TEST_F(OwnFilesTest, ALiteralDirectoryBringsAllBelow) {
  EXPECT_THAT(Collected("files = ['static/js']"),
              ElementsAre("static/js/x.js=static/js/x.js", "static/js/x.map=static/js/x.map"));
}

TEST_F(OwnFilesTest, AStarStaysInItsDirectory) {
  EXPECT_THAT(Collected("files = ['static/*']"),
              ElementsAre("static/.hidden=static/.hidden", "static/index.html=static/index.html"));
}

TEST_F(OwnFilesTest, TwoStarsCrossDirectories) {
  EXPECT_THAT(Collected("files = ['**/**/*.[jt]s']"), ElementsAre("static/js/x.js=static/js/x.js"));
  EXPECT_THAT(Collected("files = ['static/**/*']").size(), 4U);
}

TEST_F(OwnFilesTest, ExclusionsCrossSlashesAndSpareSingleFiles) {
  EXPECT_THAT(Collected("files = ['static/**/*', 'static/js/x.map']\nexclude_files = ['static/*']"),
              ElementsAre("static/js/x.map=static/js/x.map"));
}

TEST_F(OwnFilesTest, PairsMoveFilesAndDirectories) {
  EXPECT_THAT(
      Collected("files = [{ source = 'static', destination = '/www/' },"
                "{ source = 'a.txt', destination = '//b.txt' }]"),
      ElementsAre("b.txt=a.txt", "www/.hidden=static/.hidden", "www/index.html=static/index.html",
                  "www/js/x.js=static/js/x.js", "www/js/x.map=static/js/x.map"));
  EXPECT_THAT(Collected("files = [{ source = 'static/js', destination = '/' }]"),
              ElementsAre("x.js=static/js/x.js", "x.map=static/js/x.map"));
}

TEST_F(OwnFilesTest, TheLastMountWins) {
  EXPECT_THAT(
      Collected("files = ['a.txt', { source = 'static/index.html', destination = 'a.txt' }]"),
      ElementsAre("a.txt=static/index.html"));
}

TEST_F(OwnFilesTest, AnEmptyDirectoryIsNoComplaint) {
  const auto own = Collect("files = ['empty']");
  ASSERT_TRUE(own.has_value());
  EXPECT_THAT(own->files, IsEmpty());
  EXPECT_THAT(own->warnings, IsEmpty());
}

TEST_F(OwnFilesTest, APatternWithoutAnyFileIsReported) {
  const auto own = Collect("files = ['*.nothing']");
  ASSERT_TRUE(own.has_value());
  ASSERT_EQ(own->warnings.size(), 1U);
  EXPECT_EQ(own->warnings[0].id, "files.no-match");
  EXPECT_EQ(own->warnings[0].at.line, 7U);
}

TEST_F(OwnFilesTest, LinksInsideTheAppAreFollowed) {
  fs::create_symlink("static/js", root() / "linked");
  fs::create_symlink("nowhere", root() / "dangling");
  EXPECT_THAT(Collected("files = ['linked/*.js']"), ElementsAre("linked/x.js=linked/x.js"));
  EXPECT_THAT(Collected("files = ['*.txt']").size(), 2U);
}

TEST_F(OwnFilesTest, LinksOutOfTheAppAreRefused) {
  fs::create_symlink("../../outside", root() / "static/out");
  for (const char* mount : {"files = ['static']", "files = ['static/**/*']",
                            "files = ['static/out']", "files = ['static/out/secret.txt']",
                            "files = [{ source = 'static/out', destination = 'x' }]"}) {
    const auto own = Collect(mount);
    ASSERT_FALSE(own.has_value()) << mount;
    EXPECT_EQ(own.error().id, "files.outside-app");
    EXPECT_EQ(own.error().where, "spin.toml:7:10");
  }
}

TEST_F(OwnFilesTest, LinksInACircleAreRefused) {
  fs::create_symlink("..", root() / "static/up");
  const auto own = Collect("files = ['**/*.js']");
  ASSERT_FALSE(own.has_value());
  EXPECT_EQ(own.error().id, "files.link-loop");
}

struct BadCase {
  const char* toml;
  const char* id;
  const char* message;
};

TEST_F(OwnFilesTest, BadMountsAreErrorsInTheirPlace) {
  for (const BadCase& row : {
           BadCase{"files = ['missing.txt']", "files.not-found",
                   "\"missing.txt\" does not exist and doesn't appear to be a glob pattern"},
           BadCase{"files = [{ source = 'missing', destination = 'x' }]", "files.not-found",
                   "File or directory \"missing\" does not exist"},
           BadCase{"files = ['static/..']", "files.pattern", "parent directory"},
           BadCase{"files = ['.']", "files.pattern", "current directory"},
           BadCase{"files = ['../outside/secret.txt']", "files.outside-app",
                   "outside the application directory"},
           BadCase{"files = ['/etc/hostname']", "files.outside-app", "outside"},
           BadCase{"files = [{ source = '..', destination = 'x' }]", "files.outside-app",
                   "outside"},
           BadCase{"files = [{ source = 'a.txt', destination = '/' }]", "files.destination",
                   "\"/\" is not a valid destination file name"},
           BadCase{"files = [{ source = 'a.txt', destination = '../x' }]", "path.unsafe", "dots"},
           BadCase{"files = ['static/[a']", "files.glob", "has a `[`"},
           BadCase{"files = ['a.txt', { source = 'static', destination = 'a.txt' }]", "path.clash",
                   "is a file, and the directory"},
           BadCase{"exclude_files = ['[']", "files.glob", "has a `[`"},
       }) {
    const auto own = Collect(row.toml);
    ASSERT_FALSE(own.has_value()) << row.toml;
    EXPECT_EQ(own.error().id, row.id) << row.toml;
    EXPECT_THAT(own.error().message, HasSubstr(row.message));
    EXPECT_THAT(own.error().where, HasSubstr("spin.toml:")) << row.toml;
  }
}

}  // namespace
}  // namespace pullproof::resolver::sources
