// Repositories written as OCI image layouts and docker archives, and both read as content.
#include "mockregistry/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "mockregistry/content/gzip.h"
#include "mockregistry/content/layout.h"
#include "mockregistry/content/tar.h"
#include "mockregistry/load_path.h"
#include "mockregistry/scenario.h"

namespace pullproof::mockregistry {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

using TarEntries = std::vector<std::pair<std::string, std::string>>;

class LayoutTest : public testing::Test {
 protected:
  void SetUp() override {
    auto directory = TemporaryDirectory::Create("layout_test");
    ASSERT_TRUE(directory);
    directory_.emplace(*std::move(directory));
  }

  [[nodiscard]] fs::path Path(const fs::path& name) const { return directory_->path() / name; }

  // Under two lines: `toml` begins on line 3.
  std::shared_ptr<const Scenario> Load(const std::string& toml) {
    Diagnostics problems("f.toml");
    auto scenario =
        LoadScenario("fixture = 1\nid = \"t\"\n" + toml, "f.toml", directory_->path(), problems);
    Keep(problems);
    return scenario;
  }
  std::shared_ptr<const Scenario> LoadFrom(const fs::path& name) {
    Diagnostics problems(name.string());
    auto scenario = LoadPath(Path(name), files_, problems);
    Keep(problems);
    return scenario;
  }
  void Keep(const Diagnostics& problems) {
    said_.clear();
    for (const Diagnostic& problem : problems.all()) {
      said_ += FormatDiagnostic(problems, problem) + "\n";
    }
  }

  Result<void> Export(const Scenario& scenario, const std::string& name) {
    return ExportLayout(scenario.content, scenario.content.repositories.front(), Path(name),
                        files_);
  }
  Result<void> Archive(const Scenario& scenario, const std::string& name) {
    return ExportDockerArchive(scenario.content, scenario.content.repositories.front(), Path(name),
                               files_);
  }

  std::string Read(const fs::path& name) {
    return files_.Read(Path(name), 1 << 20).value_or("(none)");
  }
  void Write(const fs::path& name, std::string_view text) {
    ASSERT_TRUE(WriteFile(files_, Path(name), text));
  }
  void WriteTar(const fs::path& name, const TarEntries& files,
                std::vector<content::TarBlob::RawEntry> raw_entries = {}) {
    std::vector<content::TarFile> entries;
    for (const auto& [path, bytes] : files) entries.push_back({path, content::FromString(bytes)});
    Write(name, content::ReadAll(*content::MakeTar(std::move(entries), raw_entries)));
  }

  SystemFileSystem files_;
  std::optional<TemporaryDirectory> directory_;
  std::string said_;
};

constexpr const char* kImages =
    "blobs.layer = { layer = \"1KiB\" }\nblobs.sbom = \"{}\"\n"
    "[manifests]\n"
    "amd64 = { image = { layers = [\"layer\"] } }\n"
    "arm64 = { image = { layers = [\"layer\"], config = { architecture = \"arm64\" } } }\n"
    "multi = { index = [ { ref = \"amd64\", platform = \"linux/amd64\" }, { ref = \"arm64\", "
    "platform = \"linux/arm64\" } ] }\n"
    "about = { image = { layers = [\"sbom\"], artifactType = \"a/b\", annotations = { k = \"v\" }, "
    "subject = \"amd64\" } }\n"
    "[repos.\"lib/app\".tags]\n\"1.0\" = \"multi\"\nlatest = \"multi\"\n";

constexpr const char* kImage =
    "blobs.layer = { layer = \"1KiB\" }\n"
    "manifests.app = { image = { layers = [\"layer\"] } }\n"
    "repos.\"lib/app\".tags = { \"1.0\" = \"app\", \"latest\" = \"app\" }\n";

// Digests of everything that the first repository serves.
std::set<std::string> Served(const Scenario& scenario) {
  const content::Repository& repository = scenario.content.repositories.front();
  std::set<std::string> digests;
  for (const std::string& name : repository.manifests) {
    digests.insert(scenario.content.FindManifest(name)->digest.ToString());
  }
  for (const std::string& name : repository.blobs) {
    digests.insert(scenario.content.FindBlob(name)->digest.ToString());
  }
  return digests;
}

std::vector<std::string> TagNames(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const auto& [tag, manifest] : scenario.content.repositories.front().tags) {
    names.push_back(tag);
  }
  return names;
}

TEST_F(LayoutTest, IsReadAsItWasWritten) {
  const auto first = Load(kImages);
  ASSERT_NE(first, nullptr) << said_;
  ASSERT_TRUE(Export(*first, "out").has_value());
  EXPECT_EQ(Read("out/oci-layout"), R"({"imageLayoutVersion":"1.0.0"})");
  EXPECT_FALSE(fs::exists(Path("out.partial")));

  const auto second = Load("repos.\"lib/app\".layout = \"out\"\n");
  ASSERT_NE(second, nullptr) << said_;
  EXPECT_EQ(said_, "");
  EXPECT_THAT(TagNames(*second), ElementsAre("1.0", "latest"));
  const content::Repository& repository = second->content.repositories.front();
  EXPECT_EQ(repository.tags[0].second, "lib/app:1.0");
  EXPECT_EQ(repository.tags[1].second, "lib/app:1.0");
  EXPECT_EQ(Served(*first), Served(*second));
  // The referrers API knows what the layout's manifests are about.
  ASSERT_EQ(second->content.referrers.size(), 1U);
  EXPECT_EQ(second->content.referrers.front().second, first->content.referrers.front().second);

  // An empty directory is as good as none, with a slash behind it or not.
  fs::create_directory(Path("again"));
  ASSERT_TRUE(Export(*second, "again/").has_value());
  const auto third = LoadFrom("again/");
  ASSERT_NE(third, nullptr) << said_;
  EXPECT_EQ(third->content.repositories.front().name, "again");
  EXPECT_EQ(Served(*third), Served(*first));
}

TEST_F(LayoutTest, StandsBesideWhatTheFixtureStates) {
  const auto first = Load(kImages);
  ASSERT_TRUE(Export(*first, "out").has_value());
  const std::string layer = first->content.FindBlob("layer")->digest.hex().substr(0, 12);
  const auto scenario = Load(
      "manifests.mine.index = []\n"
      "repos.\"lib/app\" = { layout = \"out\", tags = { latest = \"mine\" } }\n"
      "[[rules]]\nid = \"r\"\non = { op = \"manifest.get\", name = \"lib/app:1.0\" }\n"
      "do = { status = 500 }\n"
      "[[rules]]\nid = \"s\"\non = { op = \"blob.get\", name = \"lib/app@" +
      layer + "\" }\ndo = { status = 500 }\n");
  ASSERT_NE(scenario, nullptr) << said_;
  const auto& tags = scenario->content.repositories.front().tags;
  EXPECT_THAT(tags, ElementsAre(Pair("1.0", "lib/app:1.0"), Pair("latest", "mine")));
}

TEST_F(LayoutTest, HoldsWhatIsThere) {
  const auto first = Load(kImages);
  ASSERT_TRUE(Export(*first, "out").has_value());
  // A layout may hold only a part of an index.
  fs::remove(Path("out/blobs/sha256") / first->content.FindManifest("arm64")->digest.hex());
  const auto second = Load("repos.\"lib/app\".layout = \"out\"\n");
  ASSERT_NE(second, nullptr) << said_;
  EXPECT_EQ(second->content.manifests.size(), first->content.manifests.size() - 1);
}

TEST_F(LayoutTest, RefusesWhatIsNone) {
  fs::create_directories(Path("bad/blobs"));
  fs::create_directory_symlink(Path("bad"), Path("link"));
  Write("note.txt", "no archive");
  const auto said = [this](const std::string& layout) {
    EXPECT_EQ(Load("repos.r.layout = \"" + layout + "\"\n"), nullptr) << layout;
    return said_;
  };
  EXPECT_THAT(said("absent"), HasSubstr("f.toml:3:18: error: file `absent`: "));
  EXPECT_THAT(said("absent"), HasSubstr("[content.file]"));
  EXPECT_THAT(said("../x"), HasSubstr("[content.file-outside]"));
  EXPECT_THAT(said("note.txt"), HasSubstr("the archive cannot be read: "));
  EXPECT_THAT(said("bad"), HasSubstr("`bad` has neither `oci-layout` nor `manifest.json`"));
  EXPECT_THAT(said("link"), HasSubstr("[content.file-outside]"));
  Write("bad/oci-layout", R"({"imageLayoutVersion":"2.0.0"})");
  EXPECT_THAT(said("bad"), HasSubstr("is no OCI image layout of version 1"));
  Write("bad/oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  EXPECT_THAT(said("bad"), HasSubstr("`bad` has no index.json"));
  Write("bad/index.json", "{}");
  EXPECT_THAT(said("bad"), HasSubstr("index.json of `bad`: "));
  // Nothing that a fixture from elsewhere names is read.
  Diagnostics problems("f.toml");
  EXPECT_EQ(
      LoadScenario("fixture = 1\nid = \"t\"\nrepos.r.layout = \"" + Path("bad").string() + "\"\n",
                   "f.toml", directory_->path(), problems),
      nullptr);
  EXPECT_EQ(problems.FirstError().id, "content.file-outside");
}

TEST_F(LayoutTest, RefusesWhatItsDigestDoesNotDescribe) {
  const auto first = Load(kImages);
  ASSERT_TRUE(Export(*first, "out").has_value());
  Write("out/blobs/sha256/" + first->content.FindBlob("layer")->digest.hex(), "x");
  EXPECT_EQ(Load("repos.\"lib/app\".layout = \"out\"\n"), nullptr);
  EXPECT_THAT(said_, HasSubstr("has other bytes under sha256:"));
}

TEST_F(LayoutTest, IsNotWrittenOverAnother) {
  const auto first = Load(kImage);
  ASSERT_TRUE(Export(*first, "out").has_value());
  const auto again = Export(*first, "out");
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().id, "export.exists");
  Write("image.tar", "mine");
  EXPECT_EQ(Archive(*first, "image.tar").error().id, "export.exists");
  EXPECT_EQ(Read("image.tar"), "mine");
}

TEST_F(LayoutTest, LeavesNothingWhereItCannotBeWritten) {
  const auto first = Load(kImage);
  Write("file", "");
  EXPECT_FALSE(Export(*first, "file/out").has_value());
  EXPECT_EQ(Read("file"), "");
}

TEST_F(LayoutTest, IsOnlyOfTheTagsThatAreAskedFor) {
  const auto scenario = Load(
      "blobs = { one = \"1\", two = \"2\" }\n"
      "[manifests]\na.image.layers = [\"one\"]\nb.image.layers = [\"two\"]\n"
      "[repos.r.tags]\na = \"a\"\nb = \"b\"\nc = \"b\"\n");
  ASSERT_NE(scenario, nullptr) << said_;
  const content::Repository& whole = scenario->content.repositories.front();
  const std::vector<std::string> tags = {"c", "b"};
  const auto only = OnlyTags(scenario->content, whole, tags);
  ASSERT_TRUE(only);
  EXPECT_THAT(only->tags, ElementsAre(Pair("b", "b"), Pair("c", "b")));
  EXPECT_THAT(only->manifests, ElementsAre("b"));
  EXPECT_THAT(only->blobs, ElementsAre("two", "b.config"));
  const std::vector<std::string> absent = {"bb"};
  const auto none = OnlyTags(scenario->content, whole, absent);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().id, "export.unknown-tag");
  EXPECT_EQ(FindRepository(scenario->content, "")->name, "r");
  EXPECT_EQ(FindRepository(scenario->content, "s").error().id, "export.repository");
}

// --- Docker archives ---

TEST_F(LayoutTest, ADockerArchiveIsReadAsItWasWritten) {
  const auto first = Load(kImage);
  ASSERT_TRUE(Archive(*first, "lib-app_1.0.tar").has_value());
  const auto second = LoadFrom("lib-app_1.0.tar");
  ASSERT_NE(second, nullptr) << said_;
  const content::Repository& repository = second->content.repositories.front();
  EXPECT_EQ(repository.name, "lib-app-1.0");
  EXPECT_THAT(TagNames(*second), ElementsAre("1.0", "latest"));
  // The manifest is made anew, of Docker's type; config and layers are the same bytes.
  const content::StoredManifest& manifest =
      *second->content.FindManifest(repository.tags.front().second);
  EXPECT_EQ(manifest.media_type, "application/vnd.docker.distribution.manifest.v2+json");
  for (const std::string name : {"layer", "app.config"}) {
    const oci::Digest& digest = first->content.FindBlob(name)->digest;
    EXPECT_THAT(manifest.bytes, HasSubstr(digest.ToString()));
    EXPECT_TRUE(Served(*second).contains(digest.ToString())) << name;
  }
  EXPECT_THAT(manifest.bytes, HasSubstr("\"application/vnd.docker.image.rootfs.diff.tar\""));

  // Compressed, and as content of a fixture.
  const std::string plain = Read("lib-app_1.0.tar");
  Write("x.tar.gz", content::ReadAll(*content::Gzip(content::FromString(plain))));
  const auto third = Load("repos.app.layout = \"x.tar.gz\"\n");
  ASSERT_NE(third, nullptr) << said_;
  EXPECT_EQ(Served(*third), Served(*second));
}

TEST_F(LayoutTest, ADockerArchiveMayHaveLinksAndImagesWithoutTags) {
  // As old versions of docker wrote it: a layer that two images share is a link in the second.
  content::TarBlob::RawEntry link;
  link.name = "b/layer.tar";
  link.type = '2';
  link.linkname = "../a/layer.tar";
  link.size = 0;
  WriteTar(
      "old.tar",
      {{"./a/layer.tar", "first"},
       {"one.json", R"({"os":"linux"})"},
       {"two.json", R"({"os":"plan9"})"},
       {"manifest.json", R"([{"Config":"one.json","RepoTags":["registry.example:5000/a/b:v1","a"],)"
                         R"("Layers":["a/layer.tar"]},)"
                         R"({"Config":"two.json","RepoTags":null,"Layers":["b/layer.tar"]}])"}},
      {link});
  const auto scenario = Load("repos.r.layout = \"old.tar\"\n");
  ASSERT_NE(scenario, nullptr) << said_;
  EXPECT_THAT(TagNames(*scenario), ElementsAre("a", "v1"));
  EXPECT_EQ(scenario->content.manifests.size(), 2U);
  EXPECT_EQ(scenario->content.blobs.size(), 3U);
}

TEST_F(LayoutTest, RefusesBrokenAndHostileArchives) {
  const auto entry = [](std::string name, char type, std::string link) {
    content::TarBlob::RawEntry raw;
    raw.name = std::move(name);
    raw.type = type;
    raw.linkname = std::move(link);
    raw.size = 0;
    return raw;
  };
  struct Case {
    const char* name;
    TarEntries files;
    std::vector<content::TarBlob::RawEntry> raw;
    const char* said;
  };
  const std::vector<Case> cases = {
      {"Climbs", {}, {entry("../x", '0', "")}, "its entry `../x` leaves it"},
      {"IsAbsolute", {}, {entry("/etc/x", '0', "")}, "its entry `/etc/x` leaves it"},
      {"LinkClimbs", {}, {entry("a/b", '2', "../../x")}, "its link `a/b` leaves it"},
      {"LinkIsAbsolute", {}, {entry("a", '2', "/etc/passwd")}, "its link `a` leaves it"},
      {"HardLinkClimbs", {}, {entry("a", '1', "../x")}, "its link `a` leaves it"},
      {"LinksInACircle",
       {},
       {entry("manifest.json", '2', "b"), entry("b", '2', "manifest.json")},
       "has neither `oci-layout` nor `manifest.json`"},
      {"NoArray", {{"manifest.json", "{}"}}, {}, "it is no array"},
      {"NoJson", {{"manifest.json", "{"}}, {}, "manifest.json of `a.tar`: "},
      {"NoConfig", {{"manifest.json", "[{}]"}}, {}, "an image without `Config`"},
      {"NoFile", {{"manifest.json", R"([{"Config":"c"}])"}}, {}, "`a.tar` has no file `c`"},
      {"OddLayer",
       {{"c", "{}"}, {"manifest.json", R"([{"Config":"c","Layers":[1]}])"}},
       {},
       "`Layers` are no names of files"},
  };
  for (const Case& one : cases) {
    WriteTar("a.tar", one.files, one.raw);
    EXPECT_EQ(Load("repos.r.layout = \"a.tar\"\n"), nullptr) << one.name;
    EXPECT_THAT(said_, HasSubstr(one.said)) << one.name;
    EXPECT_THAT(said_, HasSubstr("f.toml:3:18: error: ")) << one.name;
    EXPECT_THAT(said_, HasSubstr("[content.layout]")) << one.name;
  }
  // Cut off in the middle of a file.
  Write("a.tar", Read("a.tar").substr(0, 700));
  EXPECT_EQ(Load("repos.r.layout = \"a.tar\"\n"), nullptr);
  EXPECT_THAT(said_, HasSubstr("the archive cannot be read: "));
}

TEST_F(LayoutTest, OnlySingleImagesWithTagsGoIntoADockerArchive) {
  EXPECT_EQ(Archive(*Load(kImages), "a.tar").error().id, "export.not-an-image");
  EXPECT_EQ(Archive(*Load("repos.r = {}\n"), "a.tar").error().id, "export.no-tag");
  const auto artifact =
      Load("blobs.b = \"x\"\nmanifests.m.image.layers = [\"b\"]\nrepos.r.tags.a = \"m\"\n");
  const auto written = Archive(*artifact, "a.tar");
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("has a layer of type `application/octet-stream`"));
  EXPECT_FALSE(fs::exists(Path("a.tar")));
}

// --- Paths ---

TEST_F(LayoutTest, APathMayAlsoBeAFixture) {
  Write("case.toml", std::string("fixture = 1\nid = \"t\"\n") + kImage);
  const auto fixture = LoadFrom("case.toml");
  ASSERT_NE(fixture, nullptr) << said_;
  EXPECT_EQ(fixture->fixture.id, "t");
  EXPECT_EQ(LoadFrom("absent"), nullptr);
  EXPECT_THAT(said_, HasSubstr("[file.not-found]"));
  // Of a layout no place in a file is named: there is no file.
  fs::create_directory(Path("empty"));
  EXPECT_EQ(LoadFrom("empty"), nullptr);
  EXPECT_THAT(said_, HasSubstr("empty: error: `empty` has neither"));
}

TEST(NameFor, IsARepositoryName) {
  EXPECT_EQ(NameFor("/tmp/Alpine_3.20.tar.gz"), "alpine-3.20");
  EXPECT_EQ(NameFor("out"), "out");
  EXPECT_EQ(NameFor("__a..b--c__.tgz"), "a.b-c");
  EXPECT_EQ(NameFor("/"), "image");
  EXPECT_EQ(NameFor(".tar"), "image");
  EXPECT_LE(NameFor(std::string(300, 'a')).size(), 65U);
}

TEST(TagIn, IsBehindTheLastColon) {
  EXPECT_EQ(content::TagIn("1.0"), "1.0");
  EXPECT_EQ(content::TagIn("registry.example:5000/a/b:1.0"), "1.0");
  EXPECT_EQ(content::TagIn("registry.example:5000/a"), "");
  EXPECT_EQ(content::TagIn("a/b"), "");
  EXPECT_EQ(content::TagIn(""), "");
}

}  // namespace
}  // namespace pullproof::mockregistry
