// One large layer, streamed over loopback and verified while it arrives. What bounds it is hashing:
// `of_sha256` is its speed as a part of this machine's SHA-256 speed, measured in the same run.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/table_reader.h"
#include "mockregistry/registry.h"
#include "mockregistry/scenario.h"
#include "oci/descriptor.h"
#include "oci/digest.h"
#include "oci/media_type.h"
#include "oci/reference.h"
#include "resolver/registry_client/registry_client.h"
#include "resolver/transport/curl_transport.h"

namespace pullproof {
namespace {

constexpr std::size_t kLayerBytes = std::size_t{64} << 20;

std::shared_ptr<const mockregistry::Scenario> OneLayer() {
  Diagnostics problems("bench.toml");
  auto scenario = mockregistry::LoadScenario(
      "fixture = 1\nid = \"bench.stream\"\nblobs.layer = { zeros = \"64MiB\" }\n"
      "repos.\"lib/app\" = { tags = { \"1\" = \"app\" } }\n"
      "[manifests.app.image]\nlayers = [{ ref = \"layer\" }]\n",
      "bench.toml", ".", problems);
  if (scenario == nullptr) {
    for (const Diagnostic& problem : problems.all()) {
      fmt::print(stderr, "{}\n", FormatDiagnostic(problems, problem));
    }
    std::abort();
  }
  return scenario;
}

double HashSeconds(const std::string& bytes) {
  const auto start = std::chrono::steady_clock::now();
  benchmark::DoNotOptimize(oci::Digest::Of(bytes));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void StreamOneLayer(benchmark::State& state) {
  const auto registry = mockregistry::Registry::Start(OneLayer());
  if (!registry) std::abort();
  const std::string bytes(kLayerBytes, '\0');
  const oci::Descriptor layer{.media_type = std::string(oci::media::kOctetStream),
                              .digest = oci::Digest::Of(bytes),
                              .size = kLayerBytes,
                              .urls = {},
                              .annotations = {},
                              .data = {},
                              .platform = {},
                              .artifact_type = {}};
  SystemClock clock;
  resolver::transport::CurlTransport transport;
  resolver::registry_client::RegistryClient client(transport, clock, {});
  const auto reference = *oci::Reference::Parse((*registry)->Authority() + "/lib/app:1");
  double hashing = 0;
  double pulling = 0;
  for ([[maybe_unused]] const auto run : state) {
    state.PauseTiming();
    hashing += HashSeconds(bytes);
    const auto start = std::chrono::steady_clock::now();
    state.ResumeTiming();
    const auto pulled = client.GetBlob(
        reference, layer, [](std::string_view) -> Result<void> { return {}; },
        []() -> Result<void> { return {}; });
    if (!pulled) {
      fmt::print(stderr, "{}\n", Describe(pulled.error()));
      std::abort();
    }
    pulling += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kLayerBytes));
  state.counters["of_sha256"] = hashing / pulling;
}
BENCHMARK(StreamOneLayer)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace pullproof
