// SHA-2 over streams: what bounds every pull. Compare a resolve's bytes/s with `Verify`.
#include <benchmark/benchmark.h>

#include <string>

#include "oci/digest.h"

namespace pullproof::oci {
namespace {

void Hash(benchmark::State& state, Algorithm algorithm) {
  const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
  for ([[maybe_unused]] const auto run : state) {
    benchmark::DoNotOptimize(Digest::Of(bytes, algorithm));
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK_CAPTURE(Hash, sha256, Algorithm::kSha256)->Arg(1 << 10)->Arg(1 << 20);
BENCHMARK_CAPTURE(Hash, sha512, Algorithm::kSha512)->Arg(1 << 10)->Arg(1 << 20);

// 16 MiB through the verifier in pieces of range(0) bytes, as a transport delivers them.
void Verify(benchmark::State& state) {
  const std::string whole(std::size_t{16} << 20, 'x');
  const Digest digest = Digest::Of(whole);
  const auto piece = static_cast<std::size_t>(state.range(0));
  for ([[maybe_unused]] const auto run : state) {
    Verifier verifier(digest, whole.size());
    for (std::size_t at = 0; at < whole.size(); at += piece) {
      if (!verifier.Update(std::string_view(whole).substr(at, piece))) std::abort();
    }
    if (!verifier.Finish()) std::abort();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(whole.size()));
}
BENCHMARK(Verify)->Arg(1 << 12)->Arg(1 << 16)->Unit(benchmark::kMillisecond);

void ParseDigest(benchmark::State& state) {
  const std::string text = Digest::Of("x").ToString();
  for ([[maybe_unused]] const auto run : state) benchmark::DoNotOptimize(Digest::Parse(text));
}
BENCHMARK(ParseDigest);

}  // namespace
}  // namespace pullproof::oci
