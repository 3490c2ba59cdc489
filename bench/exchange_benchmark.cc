// One exchange of the mock registry in memory: route, authentication, rules, answer, effect,
// journal. What a socket adds is not here.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

#include "base/table_reader.h"
#include "mockregistry/registry.h"
#include "mockregistry/scenario.h"

namespace pullproof::mockregistry {
namespace {

std::shared_ptr<const Scenario> WithIdleRules(std::int64_t rules) {
  std::string text = R"(
fixture = 1
id = "bench.exchange"
blobs.layer = { random = "1MiB" }
blobs.other = "x"
manifests.app = { image = { layers = ["layer"] } }
repos."lib/app" = { tags = { "1.0" = "app" }, blobs = ["other"] }
)";
  for (std::int64_t i = 0; i < rules; ++i) {
    text += fmt::format(
        "[[rules]]\nid = \"r{}\"\non = {{ op = \"manifest.get\", name = \"layer\" }}\n"
        "do = {{ status = 500 }}\n",
        i);
  }
  Diagnostics problems("bench.toml");
  auto scenario = LoadScenario(text, "bench.toml", ".", problems);
  if (scenario == nullptr) std::abort();
  return scenario;
}

// range(0): rules that are asked and do not match.
void ManifestGet(benchmark::State& state) {
  const auto registry = Registry::InMemory(WithIdleRules(state.range(0)));
  api::Request request;
  request.method = "GET";
  request.target = "/v2/lib/app/manifests/1.0";
  request.headers.Add("Accept", "application/vnd.oci.image.manifest.v1+json");
  for ([[maybe_unused]] const auto run : state) {
    const script::Plan plan = registry->Exchange(request);
    if (plan.response.status != 200) std::abort();
    registry->Complete(plan, plan.response.body->size(), "complete");
  }
}
BENCHMARK(ManifestGet)->Arg(0)->Arg(100);

void LoadFixture(benchmark::State& state) {
  for ([[maybe_unused]] const auto run : state) benchmark::DoNotOptimize(WithIdleRules(10));
}
BENCHMARK(LoadFixture)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace pullproof::mockregistry
