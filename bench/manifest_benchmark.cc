#include "oci/manifest.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

#include "oci/media_type.h"

namespace pullproof::oci {
namespace {

std::string ManifestWithLayers(std::int64_t layers) {
  const std::string descriptor =
      fmt::format(R"({{"mediaType":"{}","digest":"sha256:{}","size":1234}})", media::kImageLayer,
                  std::string(64, 'a'));
  std::string text = fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[)",
                                 media::kImageManifest, descriptor);
  for (std::int64_t i = 0; i < layers; ++i) {
    if (i != 0) text += ',';
    text += descriptor;
  }
  return text + "]}";
}

void Parse(benchmark::State& state) {
  const std::string text = ManifestWithLayers(state.range(0));
  for ([[maybe_unused]] const auto run : state) {
    const auto manifest = ParseManifest(text, media::kImageManifest, "bench");
    if (!manifest) std::abort();
    benchmark::DoNotOptimize(manifest);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(Parse)->Arg(1)->Arg(10)->Arg(500);

}  // namespace
}  // namespace pullproof::oci
