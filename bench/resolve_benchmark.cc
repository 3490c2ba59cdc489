// One whole resolve: a spin.toml with one component from a registry, of one Wasm module of 64 KiB
// and eight files of 4 KiB, from an empty cache to lock and assets on disk. In process there is no
// socket; over loopback there are libcurl and the mock's own server.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "base/table_reader.h"
#include "conformance/client/in_process_transport.h"
#include "mockregistry/registry.h"
#include "mockregistry/scenario.h"
#include "resolver/resolver.h"
#include "resolver/transport/curl_transport.h"

namespace pullproof {
namespace {

constexpr int kFiles = 8;
constexpr std::size_t kWasmBytes = 64 * 1024;
constexpr std::int64_t kContentBytes = kWasmBytes + kFiles * 4 * 1024;

std::shared_ptr<const mockregistry::Scenario> Application() {
  // The eight bytes of an empty component, and zeros up to the size.
  std::string blobs = fmt::format("blobs.wasm = {{ hex = \"0061736d0d000100{}\" }}\n",
                                  std::string(2 * (kWasmBytes - 8), '0'));
  std::string files;
  std::string layers = R"({ ref = "wasm", type = "application/vnd.wasm.content.layer.v1+wasm" },)";
  for (int i = 0; i < kFiles; ++i) {
    blobs += fmt::format("blobs.f{} = {{ random = \"4KiB\" }}\n", i);
    files += fmt::format("{{ path = \"f{0}\", digest = {{ \"$digest\" = \"f{0}\" }} }},", i);
    layers += fmt::format(
        R"({{ ref = "f{}", type = "application/vnd.wasm.content.layer.v1+data" }},)", i);
  }
  const std::string text = fmt::format(R"(
fixture = 1
id = "bench.resolve"
{}repos."lib/app" = {{ tags = {{ "1" = "app" }} }}
[blobs.lock.json]
spin_lock_version = 1
triggers = []
[[blobs.lock.json.components]]
id = "site"
source = {{ content_type = "application/wasm", digest = {{ "$digest" = "wasm" }} }}
files = [{}]
[manifests.app.image]
layers = [{} {{ ref = "lock", type = "application/vnd.fermyon.spin.application.v1+config" }}]
)",
                                       blobs, files, layers);
  Diagnostics problems("bench.toml");
  auto scenario = mockregistry::LoadScenario(text, "bench.toml", ".", problems);
  if (scenario == nullptr) std::abort();
  return scenario;
}

class Bench {
 public:
  Bench(mockregistry::Registry& registry, resolver::transport::Transport& transport)
      : directory_(*TemporaryDirectory::Create("resolve_benchmark")) {
    environment_.transport = &transport;
    environment_.clock = &clock_;
    environment_.files = &files_;
    environment_.registries.plain_http = {registry.Authority()};
    options_.manifest = directory_.path() / "spin.toml";
    options_.lock = directory_.path() / "spin.lock";
    options_.assets = directory_.path() / "assets";
    options_.cache = directory_.path() / "cache";
    const std::string manifest = fmt::format(
        "spin_manifest_version = 2\n[application]\nname = \"b\"\n[trigger]\n[component.site]\n"
        "source = {{ reference = \"{}/lib/app:1\", id = \"site\" }}\n",
        registry.Authority());
    if (!WriteFile(files_, options_.manifest, manifest)) std::abort();
  }

  void EmptyTheCache() {
    if (!files_.RemoveAll(options_.cache)) std::abort();
  }
  void Resolve() {
    const auto report = resolver::Resolve(options_, environment_);
    if (!report) {
      fmt::print(stderr, "{}\n", Describe(report.error()));
      std::abort();
    }
  }

 private:
  SystemClock clock_;
  SystemFileSystem files_;
  TemporaryDirectory directory_;
  resolver::Environment environment_;
  resolver::ResolveOptions options_;
};

void Measure(benchmark::State& state, mockregistry::Registry& registry,
             resolver::transport::Transport& transport, bool cold) {
  Bench bench(registry, transport);
  bench.Resolve();
  for ([[maybe_unused]] const auto run : state) {
    if (cold) {
      state.PauseTiming();
      bench.EmptyTheCache();
      state.ResumeTiming();
    }
    bench.Resolve();
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * kContentBytes);
  state.SetLabel("items are artifacts");
}

void ResolveInProcess(benchmark::State& state, bool cold) {
  const auto registry = mockregistry::Registry::InMemory(Application());
  SystemClock clock;
  conformance::client::InProcessTransport transport(*registry, clock);
  Measure(state, *registry, transport, cold);
}
BENCHMARK_CAPTURE(ResolveInProcess, cold, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ResolveInProcess, warm, false)->Unit(benchmark::kMillisecond);

void ResolveOverLoopback(benchmark::State& state, bool cold) {
  const auto registry = mockregistry::Registry::Start(Application());
  if (!registry) std::abort();
  resolver::transport::CurlTransport transport;
  Measure(state, **registry, transport, cold);
}
BENCHMARK_CAPTURE(ResolveOverLoopback, cold, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ResolveOverLoopback, warm, false)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pullproof
