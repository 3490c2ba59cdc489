// Whole resolves: a spin.toml with N components, each from an artifact of its own, of one Wasm
// module of 64 KiB and eight files of 4 KiB, to lock and assets on disk. "Cold" starts with an
// empty cache, "warm" has all content in it and asks once for each tag, "pinned" names digests and
// asks nothing.
//
// Over loopback the registry runs in a process of its own, so that the CPU time, which is that of
// all threads, is the client's alone. In process there is no socket and no HTTP.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/document.h"
#include "base/file.h"
#include "base/table_reader.h"
#include "conformance/client/in_process_transport.h"
#include "mockregistry/registry.h"
#include "mockregistry/scenario.h"
#include "resolver/registry_client/registry_client.h"
#include "resolver/resolver.h"
#include "resolver/transport/curl_transport.h"

namespace pullproof {
namespace {

constexpr int kFiles = 8;
constexpr std::size_t kWasmBytes = 64 * 1024;
constexpr std::int64_t kContentBytes = kWasmBytes + kFiles * 4 * 1024;

// The eight bytes of an empty component, then what tells one module from another, then zeros.
std::string Wasm(int number) {
  std::string bytes("\0asm\x0d\0\1\0", 8);
  bytes += fmt::format("{}", number);
  bytes.resize(kWasmBytes);
  return bytes;
}

std::string Artifact(int number, const std::filesystem::path& directory) {
  SystemFileSystem files;
  if (!WriteFile(files, directory / fmt::format("{}.wasm", number), Wasm(number))) std::abort();
  std::string text = fmt::format("blobs.w{0} = {{ file = \"{0}.wasm\" }}\n", number);
  std::string listed;
  std::string layers = fmt::format(
      R"({{ ref = "w{}", type = "application/vnd.wasm.content.layer.v1+wasm" }},)", number);
  for (int i = 0; i < kFiles; ++i) {
    const std::string name = fmt::format("f{}-{}", number, i);
    text += fmt::format("blobs.{} = {{ random = \"4KiB\" }}\n", name);
    listed += fmt::format("{{ path = \"{0}\", digest = {{ \"$digest\" = \"{0}\" }} }},", name);
    layers += fmt::format(
        R"({{ ref = "{}", type = "application/vnd.wasm.content.layer.v1+data" }},)", name);
  }
  text += fmt::format("repos.\"lib/app{0}\" = {{ tags = {{ \"1\" = \"m{0}\" }} }}\n", number);
  text += fmt::format(
      "blobs.l{0} = {{ json = {{ spin_lock_version = 0, triggers = [], components = [{{ id = "
      "\"site\", source = {{ content_type = \"application/wasm\", digest = {{ \"$digest\" = "
      "\"w{0}\" }} }}, files = [{1}] }}] }} }}\n",
      number, listed);
  text += fmt::format(
      "manifests.m{0} = {{ image = {{ layers = [{1} {{ ref = \"l{0}\", type = "
      "\"application/vnd.fermyon.spin.application.v1+config\" }}] }} }}\n",
      number, layers);
  return text;
}

std::shared_ptr<const mockregistry::Scenario> Artifacts(int count) {
  auto directory = TemporaryDirectory::Create("resolve_benchmark");
  if (!directory) std::abort();
  std::string text = "fixture = 1\nid = \"bench.resolve\"\n";
  for (int i = 0; i < count; ++i) text += Artifact(i, directory->path());
  Diagnostics problems("bench.toml");
  auto scenario = mockregistry::LoadScenario(text, "bench.toml", directory->path(), problems);
  if (scenario == nullptr) {
    for (const Diagnostic& problem : problems.all()) {
      fmt::print(stderr, "{}\n", FormatDiagnostic(problems, problem));
    }
    std::abort();
  }
  return scenario;
}

// The mock registry in a child of this process.
class RegistryProcess {
 public:
  explicit RegistryProcess(int count) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) std::abort();
    child_ = ::fork();
    if (child_ < 0) std::abort();
    if (child_ == 0) Serve(count, ends[1]);
    ::close(ends[1]);
    std::array<char, 64> text{};
    const ssize_t length = ::read(ends[0], text.data(), text.size());
    ::close(ends[0]);
    if (length <= 0) std::abort();
    authority_.assign(text.data(), static_cast<std::size_t>(length));
  }
  ~RegistryProcess() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  RegistryProcess(const RegistryProcess&) = delete;
  RegistryProcess& operator=(const RegistryProcess&) = delete;

  [[nodiscard]] const std::string& authority() const { return authority_; }

 private:
  [[noreturn]] static void Serve(int count, int end) {
    const auto registry = mockregistry::Registry::Start(Artifacts(count));
    if (!registry) ::_exit(1);
    const std::string authority = (*registry)->Authority();
    if (::write(end, authority.data(), authority.size()) < 0) ::_exit(1);
    while (true) ::pause();
  }

  pid_t child_;
  std::string authority_;
};

class Bench {
 public:
  Bench(int count, std::string authority, resolver::transport::Transport& transport)
      : directory_(*TemporaryDirectory::Create("resolve_benchmark")),
        count_(count),
        authority_(std::move(authority)) {
    environment_.transport = &transport;
    environment_.clock = &clock_;
    environment_.files = &files_;
    environment_.registries.plain_http = {authority_};
    options_.manifest = directory_.path() / "spin.toml";
    options_.lock = directory_.path() / "spin.lock";
    options_.assets = directory_.path() / "assets";
    options_.cache = directory_.path() / "cache";
    WriteManifest(std::nullopt);
  }

  void EmptyTheCache() {
    if (!files_.RemoveAll(options_.cache)) std::abort();
  }
  void Resolve() {
    auto report = resolver::Resolve(options_, environment_);
    if (!report) {
      fmt::print(stderr, "{}\n", Describe(report.error()));
      std::abort();
    }
    lock_ = std::move(report->lock);
  }
  // Writes the digests that the last resolve found behind the tags.
  void Pin() {
    const auto lock = ParseJson(lock_, "lock");
    if (!lock) std::abort();
    WriteManifest(*lock);
  }

 private:
  void WriteManifest(const std::optional<Node>& lock) {
    std::string text = "spin_manifest_version = 2\n[application]\nname = \"b\"\n[trigger]\n";
    for (int i = 0; i < count_; ++i) {
      std::string version = ":1";
      if (lock) {
        const Node& component = lock->Find("components")->array()->at(static_cast<std::size_t>(i));
        version = "@" + *component.Find("metadata")->Find("source_manifest_digest")->string();
      }
      text += fmt::format(
          "[component.c{0}]\nsource = {{ reference = \"{1}/lib/app{0}{2}\", id = \"site\" }}\n", i,
          authority_, version);
    }
    if (!WriteFile(files_, options_.manifest, text)) std::abort();
  }

  SystemClock clock_;
  SystemFileSystem files_;
  TemporaryDirectory directory_;
  int count_;
  std::string authority_;
  resolver::Environment environment_;
  resolver::ResolveOptions options_;
  std::string lock_;
};

enum class Cache { kCold, kWarm, kPinned };

void Measure(benchmark::State& state, Bench& bench, Cache cache) {
  bench.Resolve();
  if (cache == Cache::kPinned) bench.Pin();
  for ([[maybe_unused]] const auto run : state) {
    if (cache == Cache::kCold) {
      state.PauseTiming();
      bench.EmptyTheCache();
      state.ResumeTiming();
    }
    bench.Resolve();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * state.range(0) * kContentBytes);
  state.SetLabel("items are artifacts");
}

void ResolveInProcess(benchmark::State& state, Cache cache) {
  const int count = static_cast<int>(state.range(0));
  const auto registry = mockregistry::Registry::InMemory(Artifacts(count));
  SystemClock clock;
  conformance::client::InProcessTransport transport(*registry, clock);
  Bench bench(count, registry->Authority(), transport);
  Measure(state, bench, cache);
}

void ResolveOverLoopback(benchmark::State& state, Cache cache) {
  const int count = static_cast<int>(state.range(0));
  const RegistryProcess registry(count);
  resolver::transport::CurlTransport transport;
  Bench bench(count, registry.authority(), transport);
  Measure(state, bench, cache);
}

void Shape(benchmark::internal::Benchmark* bench) {
  bench->Arg(1)->Arg(16)->Arg(256)->MeasureProcessCPUTime()->UseRealTime();
  bench->Unit(benchmark::kMillisecond);
}
BENCHMARK_CAPTURE(ResolveInProcess, cold, Cache::kCold)->Apply(Shape);
BENCHMARK_CAPTURE(ResolveOverLoopback, cold, Cache::kCold)->Apply(Shape);
BENCHMARK_CAPTURE(ResolveOverLoopback, warm, Cache::kWarm)->Apply(Shape);
BENCHMARK_CAPTURE(ResolveOverLoopback, pinned, Cache::kPinned)->Apply(Shape);

// From a tag to a verified manifest, one after the other over a kept connection.
void TagToManifest(benchmark::State& state) {
  const RegistryProcess registry(1);
  resolver::transport::CurlTransport transport;
  SystemClock clock;
  resolver::registry_client::Options options;
  options.plain_http = {registry.authority()};
  resolver::registry_client::RegistryClient client(transport, clock, options);
  const auto reference = oci::Reference::Parse(registry.authority() + "/lib/app0:1");
  if (!reference) std::abort();
  for ([[maybe_unused]] const auto run : state) {
    if (!client.GetManifest(*reference)) std::abort();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(TagToManifest)->MeasureProcessCPUTime()->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace pullproof
