#include "oci/reference.h"

#include <benchmark/benchmark.h>

#include <string>

namespace pullproof::oci {
namespace {

void ParseReference(benchmark::State& state, const std::string& text) {
  for ([[maybe_unused]] const auto run : state) benchmark::DoNotOptimize(Reference::Parse(text));
}
BENCHMARK_CAPTURE(ParseReference, short_name, "alpine");
BENCHMARK_CAPTURE(ParseReference, tagged, "registry.example:5000/team/sub/app:v1.2.3");
BENCHMARK_CAPTURE(ParseReference, pinned,
                  "registry.example/team/app:v1@sha256:" + std::string(64, 'a'));
BENCHMARK_CAPTURE(ParseReference, refused, "registry.example/Team/App");

}  // namespace
}  // namespace pullproof::oci
