// One operation fails, the first, the second, the third … of a whole run, until a run needs no
// more.
#include <string>

#include <gtest/gtest.h>

#include "tests/resolver/resolve_fixture.h"
#include "tests/resolver/testing/faulty_file_system.h"

namespace pullproof::resolver {
namespace {

// A run takes some hundred operations; a loop that has not ended here never would.
constexpr std::size_t kMaxOperations = 2000;

class FaultTest : public ResolveFixture {
 protected:
  FaultTest() {
    PushSite();
    WriteManifest(FewKinds() + OtherKinds());
  }

  static std::string FewKinds() {
    return "[component.main]\nsource = { reference = \"127.0.0.1:5000/lib/site:v1\", id = \"site\" "
           "}\n"
           "files = [{ source = \"own\", destination = \"/own\" }]\n"
           "[component.other]\nsource = \"local.wasm\"\n";
  }

  void FailEveryFileOperation(bool over_old_output) {
    const auto whole = Run();
    ASSERT_TRUE(whole.has_value()) << Describe(whole.error());
    const auto expected = Tree(app() / "out");
    testing::FaultyFileSystem faulty;
    std::size_t n = 0;
    for (; n < kMaxOperations; ++n) {
      StartOver();
      if (over_old_output) {
        files_ = &system_;
        ASSERT_TRUE(Run().has_value());
        Write("out/assets/main/stale.txt", "stale");
        std::filesystem::remove_all(root() / "cache");
      }
      const auto before = Tree(app() / "out");
      files_ = &faulty;
      faulty.FailAt(n);
      const auto report = Run();
      ExpectNothingHalfWritten();
      if (!faulty.Failed()) {
        EXPECT_TRUE(report.has_value());
        break;
      }
      ASSERT_FALSE(report.has_value()) << "operation " << n;
      EXPECT_EQ(report.error().id, "file.no-space") << "operation " << n;
      EXPECT_EQ(Tree(app() / "out"), before) << "operation " << n;
      files_ = &system_;
      const auto next = Run();
      ASSERT_TRUE(next.has_value()) << "after operation " << n << ": " << Describe(next.error());
      EXPECT_EQ(Tree(app() / "out"), expected) << "after operation " << n;
    }
    EXPECT_LT(n, kMaxOperations);
    EXPECT_GT(n, 40U);
  }

  // One of every other kind of source, as components and as dependencies.
  std::string OtherKinds() {
    const std::string by_url = testing::WasmBytes("by url");
    registry_.AddDocument("/a.wasm", by_url);
    for (const char* const version : {"1.0.0", "1.1.0"}) {
      testing::ArtifactBuilder(registry_)
          .Config(oci::media::kWasmConfig, "{}")
          .Layer(oci::media::kWasm, testing::WasmBytes(version))
          .Push(version);
    }
    registry_.AddDocument("/v2/acme/tool/tags/list", R"({"name":"n","tags":["1.0.0","1.1.0"]})");
    registry_.AddDocument("/.well-known/wasm-pkg/registry.json",
                          R"({"oci":{"registry":"127.0.0.1:5000"}})");
    return fmt::format(
        "[component.url]\nsource = {{ url = \"http://127.0.0.1:5000/a.wasm\", digest = \"{}\" }}\n"
        "[component.package]\nsource = {{ registry = \"127.0.0.1:5000\", package = \"acme:tool\", "
        "version = \"1.0.0\" }}\n"
        "dependencies = {{ \"acme:tool\" = {{ version = \"1\", registry = \"127.0.0.1:5000\" }}, "
        "lib = {{ path = \"local.wasm\" }} }}\n"
        "[component.module]\nsource = {{ reference = \"127.0.0.1:5000/lib/site:v1\", digest = "
        "\"{}\" }}\n",
        oci::Digest::Of(by_url).ToString(), oci::Digest::Of(testing::WasmBytes("site")).ToString());
  }

  // No file that is being written has a name that anybody would take for a finished one.
  void ExpectNothingHalfWritten() {
    for (const auto& [path, bytes] : Tree(root() / "cache/registry")) {
      const auto digest = oci::Digest::Parse(path.substr(path.rfind('/') + 1));
      ASSERT_TRUE(digest.has_value()) << path;
      EXPECT_EQ(oci::Digest::Of(bytes), *digest) << path;
    }
  }

  void StartOver() {
    std::filesystem::remove_all(app() / "out");
    std::filesystem::remove_all(root() / "cache");
  }
};

// Into nothing, with every kind of source.
TEST_F(FaultTest, EveryFileOperationMayFail) { FailEveryFileOperation(false); }

TEST_F(FaultTest, EveryFileOperationMayFailOverTheOutputOfAnEarlierRun) {
  WriteManifest(FewKinds());
  FailEveryFileOperation(true);
}

TEST_F(FaultTest, EveryExchangeMayFail) {
  ASSERT_TRUE(Run().has_value());
  const auto expected = Tree(app() / "out");
  std::size_t n = 0;
  for (; n < kMaxOperations; ++n) {
    StartOver();
    registry_.FailAt(n);
    const auto report = Run();
    ExpectNothingHalfWritten();
    if (!registry_.Failed()) break;
    // The client may try again by itself; what it must not do is to leave half of anything.
    EXPECT_EQ(Tree(app() / "out"), report.has_value() ? expected : decltype(expected){})
        << "exchange " << n;
    registry_.FailAt(testing::FakeRegistry::kNever);
    ASSERT_TRUE(Run().has_value());
    EXPECT_EQ(Tree(app() / "out"), expected);
  }
  // Site: manifest, lock, Wasm and file; the URL; the package: metadata, tags, two manifests and
  // two layers.
  EXPECT_EQ(n, 11U);
}

TEST_F(FaultTest, APullLeavesNoNameForHalfAnImage) {
  testing::FaultyFileSystem faulty;
  const PullOptions options{.reference = *oci::Reference::Parse("127.0.0.1:5000/lib/site:v1"),
                            .platform = std::nullopt,
                            .layout = root() / "layout"};
  std::size_t n = 0;
  for (; n < kMaxOperations; ++n) {
    std::filesystem::remove_all(options.layout);
    faulty.FailAt(n);
    const auto pulled = Pull(
        options, {.transport = &registry_, .clock = &clock_, .files = &faulty, .registries = {}});
    for (const auto& [path, bytes] : Tree(options.layout / "blobs/sha256")) {
      EXPECT_EQ(oci::Digest::Of(bytes).hex(), path);
    }
    if (!faulty.Failed()) {
      EXPECT_TRUE(pulled.has_value());
      break;
    }
    ASSERT_FALSE(pulled.has_value()) << "operation " << n;
    EXPECT_FALSE(std::filesystem::exists(options.layout / "index.json")) << "operation " << n;
  }
  EXPECT_LT(n, kMaxOperations);
  EXPECT_GT(n, 10U);
}

}  // namespace
}  // namespace pullproof::resolver
