#include "resolver/publish/build_artifact.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "oci/manifest.h"
#include "oci/media_type.h"
#include "resolver/artifact/archive.h"
#include "resolver/artifact/package.h"
#include "tests/resolver/testing/fake_registry.h"

namespace pullproof::resolver::publish {
namespace {

namespace media = oci::media;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;
using testing::WasmBytes;

class BuildArtifactTest : public ::testing::Test {
 protected:
  BuildArtifactTest() : directory_(*TemporaryDirectory::Create("pullproof-publish")) {}

  std::string Write(const std::string& name, std::string_view bytes) {
    const auto path = directory_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    EXPECT_TRUE(WriteFile(files_, path, bytes).has_value());
    return "file://" + path.string();
  }
  [[nodiscard]] std::string Mount(const std::string& name) const {
    return "file://" + (directory_.path() / name).string();
  }

  static lock::LockedComponent Component(const std::string& id, const std::string& wasm) {
    lock::LockedComponent component;
    component.id = id;
    component.source = {"application/wasm", {wasm, std::nullopt, std::nullopt}};
    return component;
  }
  static lock::LockedApp App(std::vector<lock::LockedComponent> components) {
    lock::LockedApp app;
    app.metadata.push_back({"name", {}, Node(std::string("shop"))});
    app.metadata.push_back({"version", {}, Node(std::string("1.0"))});
    app.metadata.push_back({"origin", {}, Node(std::string("file:///home/me/spin.toml"))});
    app.components = std::move(components);
    return app;
  }

  // A component with a file of exactly what is still inlined, one of one byte more, and an empty
  // one.
  lock::LockedApp Site() {
    Write("mount/b.txt", std::string(kMaxInlineBytes + 1, 'b'));
    Write("mount/a/tiny.txt", std::string(kMaxInlineBytes, 'a'));
    Write("mount/empty", "");
    auto site = Component("site", Write("site.wasm", WasmBytes(std::string(200, 's'))));
    site.files.push_back({"/", {Mount("mount"), std::nullopt, std::nullopt}});
    return App({site});
  }

  Result<BuiltArtifact> Build(lock::LockedApp app, const BuildOptions& options = {}) {
    return BuildArtifact(std::move(app), "registry.test", files_, options);
  }
  static oci::Manifest Parse(const BuiltArtifact& built) {
    return std::get<oci::Manifest>(
        *oci::ParseManifest(built.manifest, media::kImageManifest, "built"));
  }
  static std::vector<std::string> LayerTypes(const BuiltArtifact& built) {
    std::vector<std::string> types;
    for (const auto& layer : Parse(built).layers) types.push_back(layer.media_type);
    return types;
  }

  TemporaryDirectory directory_;
  SystemFileSystem files_;
};

TEST_F(BuildArtifactTest, IsWhatSpinPublishesByteForByte) {
  const auto built = Build(Site());
  ASSERT_TRUE(built.has_value()) << Describe(built.error());
  const std::string wasm = WasmBytes(std::string(200, 's'));
  const auto digest = [](std::string_view bytes) { return oci::Digest::Of(bytes).ToString(); };
  const std::string tiny(kMaxInlineBytes, 'a');
  const std::string large(kMaxInlineBytes + 1, 'b');
  const std::string lock = fmt::format(
      R"({{"spin_lock_version":0,"metadata":{{"name":"shop","version":"1.0"}},"triggers":[],)"
      R"("components":[{{"id":"site","source":{{"content_type":"application/wasm","digest":"{}"}},)"
      R"("files":[{{"inline":"{}","digest":"{}","path":"a/tiny.txt"}},)"
      R"({{"digest":"{}","path":"b.txt"}},{{"inline":"","digest":"{}","path":"empty"}}]}}]}})",
      digest(wasm), Base64Encode(tiny, Padding::kNone), digest(tiny), digest(large), digest(""));
  EXPECT_EQ(built->lock, lock);
  const std::string config = fmt::format(
      R"({{"architecture":"wasm","os":"Wasip1","config":{{"Labels":)"
      R"({{"com.fermyon.spin.lockedAppDigest":"{}"}}}},"rootfs":{{"type":"layers","diff_ids":[]}}}})",
      digest(lock));
  EXPECT_EQ(config.size(), 209U);
  const auto descriptor = [&](std::string_view type, std::string_view bytes) {
    return fmt::format(R"({{"digest":"{}","mediaType":"{}","size":{}}})", digest(bytes), type,
                       bytes.size());
  };
  EXPECT_EQ(
      built->manifest,
      fmt::format(R"({{"annotations":{{"org.opencontainers.image.title":"shop",)"
                  R"("org.opencontainers.image.version":"1.0"}},"config":{},)"
                  R"("layers":[{},{},{}],"schemaVersion":2}})",
                  descriptor(media::kImageConfig, config), descriptor(media::kWasmLayer, wasm),
                  descriptor(media::kWasmData, large), descriptor(media::kSpinLock, lock)));
  EXPECT_THAT(built->blobs, SizeIs(4));
}

TEST_F(BuildArtifactTest, TheSameInputMakesTheSameBytes) {
  const auto one = Build(Site());
  const auto two = Build(Site());
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->manifest, two->manifest);
  const BuildOptions archived{
      .annotations = {}, .default_annotations = true, .archive_files = true};
  EXPECT_EQ(Build(Site(), archived)->manifest, Build(Site(), archived)->manifest);
}

TEST_F(BuildArtifactTest, SmallWasmIsInlinedAndALayer) {
  const auto built = Build(App({Component("a", Write("a.wasm", WasmBytes("a")))}));
  ASSERT_TRUE(built.has_value());
  EXPECT_THAT(built->lock, HasSubstr(R"("inline":")"));
  EXPECT_THAT(LayerTypes(*built), ElementsAre(media::kWasmLayer, media::kSpinLock));
}

TEST_F(BuildArtifactTest, TheSameBytesAreOneLayer) {
  const std::string url = Write("a.wasm", WasmBytes("a"));
  const auto built = Build(App({Component("a", url), Component("b", url)}));
  ASSERT_TRUE(built.has_value());
  EXPECT_THAT(LayerTypes(*built), ElementsAre(media::kWasmLayer, media::kSpinLock));
}

TEST_F(BuildArtifactTest, TooManyLayersBecomeAnArchive) {
  auto app = [&](std::size_t files) {
    std::filesystem::remove_all(directory_.path() / "many");
    for (std::size_t i = 0; i < files; ++i) {
      Write(fmt::format("many/f{:03}", i), fmt::format("{:0200}", i));
    }
    auto component = Component("a", Write("a.wasm", WasmBytes(std::string(200, 'a'))));
    component.files.push_back({"/", {Mount("many"), std::nullopt, std::nullopt}});
    return App({component});
  };
  const auto most = Build(app(kMaxContentLayers - 1));
  ASSERT_TRUE(most.has_value());
  EXPECT_THAT(LayerTypes(*most), SizeIs(500));
  const auto more = Build(app(kMaxContentLayers));
  ASSERT_TRUE(more.has_value());
  EXPECT_THAT(LayerTypes(*more),
              ElementsAre(media::kWasmLayer, media::kWasmBundle, media::kSpinLock));
  // What is in the archive is what the lock names.
  std::map<std::string, std::string> unpacked;
  const auto read =
      artifact::ReadArchive(std::get<std::string>(more->blobs[1].from), "archive", {},
                            [&](std::string_view path, std::string_view bytes) -> Result<void> {
                              unpacked.emplace(path, bytes);
                              return {};
                            });
  ASSERT_TRUE(read.has_value()) << Describe(read.error());
  EXPECT_THAT(unpacked, SizeIs(kMaxContentLayers));
  const auto lock = lock::ReadLock(more->lock, "lock");
  ASSERT_TRUE(lock.has_value());
  for (const auto& file : lock->components[0].files) {
    EXPECT_EQ(oci::Digest::Of(unpacked[file.path]), file.content.digest) << file.path;
  }
}

TEST_F(BuildArtifactTest, AnnotationsThatAreStatedWin) {
  const auto built = Build(Site(), {.annotations = {{"org.opencontainers.image.title", "mine"},
                                                    {"org.opencontainers.image.version", ""},
                                                    {"x", "y"}},
                                    .default_annotations = true,
                                    .archive_files = false});
  ASSERT_TRUE(built.has_value());
  EXPECT_THAT(Parse(*built).annotations,
              ElementsAre(Pair("org.opencontainers.image.title", "mine"), Pair("x", "y")));
  const auto none =
      Build(Site(), {.annotations = {}, .default_annotations = false, .archive_files = false});
  EXPECT_THAT(none->manifest, Not(HasSubstr("annotations")));
}

TEST_F(BuildArtifactTest, WhatCameFromTheSameRegistryMayBeMounted) {
  auto component = Component("a", Write("a.wasm", WasmBytes("a")));
  component.metadata.push_back(
      {"source_reference", {}, Node(std::string("registry.test/lib/base:1"))});
  EXPECT_EQ(Build(App({component}))->blobs[0].mount_from, "lib/base");
  component.metadata[0].value = Node(std::string("other.test/lib/base:1"));
  EXPECT_EQ(Build(App({component}))->blobs[0].mount_from, "");
}

TEST_F(BuildArtifactTest, RefusesWhatIsNotWasm) {
  EXPECT_EQ(Build(App({Component("a", Write("a.wasm", "(module)"))})).error().id,
            "artifact.not-wasm");
}

TEST_F(BuildArtifactTest, RefusesWhatIsNoFileHere) {
  EXPECT_EQ(Build(App({Component("a", "https://host.test/a.wasm")})).error().id, "publish.content");
  EXPECT_EQ(Build(App({Component("a", Mount("absent"))})).error().id, "file.not-found");
}

}  // namespace
}  // namespace pullproof::resolver::publish
