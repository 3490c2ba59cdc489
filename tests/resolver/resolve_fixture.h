// A directory with a spin.toml, a registry with one application, and a resolver between them.
#ifndef PULLPROOF_TESTS_RESOLVER_RESOLVE_FIXTURE_H_
#define PULLPROOF_TESTS_RESOLVER_RESOLVE_FIXTURE_H_

#include <filesystem>
#include <map>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "oci/media_type.h"
#include "resolver/resolver.h"
#include "tests/resolver/testing/fake_registry.h"

namespace pullproof::resolver {

class ResolveFixture : public ::testing::Test {
 protected:
  ResolveFixture() : directory_(*TemporaryDirectory::Create("pullproof-resolve")) {
    std::filesystem::create_directories(app());
    Write("local.wasm", testing::WasmBytes("local"));
    Write("own/style.css", "own style");
  }

  [[nodiscard]] std::filesystem::path root() const {
    return std::filesystem::canonical(directory_.path());
  }
  [[nodiscard]] std::filesystem::path app() const { return root() / "app"; }

  void Write(const std::filesystem::path& path, const std::string& bytes) {
    std::filesystem::create_directories((app() / path).parent_path());
    ASSERT_TRUE(WriteFile(system_, app() / path, bytes).has_value());
  }

  // An application `site` with two files, one of them inline.
  oci::Digest PushSite() {
    const std::string style(300, 's');
    return testing::ArtifactBuilder(registry_)
        .Layer(oci::media::kWasmLayer, testing::WasmBytes("site"))
        .Layer(oci::media::kWasmData, style)
        .Lock(fmt::format(
            R"({{"spin_lock_version":0,"metadata":{{"name":"site"}},"triggers":[{{"id":"t",)"
            R"("trigger_type":"http","trigger_config":{{"component":"site"}}}}],"components":[{{"id":"site",)"
            R"("metadata":{{"key_value_stores":["default"]}},)"
            R"("source":{{"content_type":"application/wasm","digest":"{}"}},)"
            R"("files":[{{"path":"style.css","digest":"{}"}},{{"path":"img/tiny.txt","inline":"aGVsbG8",)"
            R"("digest":"{}"}}]}}]}})",
            oci::Digest::Of(testing::WasmBytes("site")).ToString(),
            oci::Digest::Of(style).ToString(), oci::Digest::Of("hello").ToString()))
        .Push("v1");
  }

  [[nodiscard]] ResolveOptions Options() const {
    return {.manifest = app() / "spin.toml",
            .lock = app() / "out/spin.lock",
            .assets = app() / "out/assets",
            .cache = root() / "cache",
            .offline = false,
            .strict = false};
  }

  // With `components` behind the head of a manifest.
  void WriteManifest(const std::string& components) {
    Write("spin.toml",
          "spin_manifest_version = 2\n[application]\nname = \"app\"\n[[trigger.http]]\n"
          "route = \"/...\"\ncomponent = \"main\"\n" +
              components);
  }

  Result<ResolveReport> Run(const ResolveOptions& options) {
    return Resolve(options, {.transport = &registry_,
                             .clock = &clock_,
                             .files = files_,
                             .registries = {},
                             .wasm_pkg_config = wasm_pkg_config_});
  }
  Result<ResolveReport> Run() { return Run(Options()); }

  // Every file below `directory`, by its relative path.
  static std::map<std::string, std::string> Tree(const std::filesystem::path& directory) {
    std::map<std::string, std::string> tree;
    if (!std::filesystem::exists(directory)) return tree;
    SystemFileSystem files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
      if (!entry.is_regular_file()) continue;
      tree.emplace(entry.path().lexically_relative(directory).string(),
                   *files.Read(entry.path(), 1 << 20));
    }
    return tree;
  }

  TemporaryDirectory directory_;
  SystemFileSystem system_;
  FileSystem* files_ = &system_;
  ManualClock clock_;
  testing::FakeRegistry registry_;
  std::string wasm_pkg_config_;
};

}  // namespace pullproof::resolver

#endif  // PULLPROOF_TESTS_RESOLVER_RESOLVE_FIXTURE_H_
