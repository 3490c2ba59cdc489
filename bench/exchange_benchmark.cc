// One exchange of the mock registry in memory: route, authentication, rules, answer, effect,
// journal; and the same over a socket. Each with the journal and without, in one run.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

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

Options WithJournal(bool journal) {
  Options options;
  if (!journal) options.journal_capacity = 0;
  return options;
}

// range(0): rules that are asked and do not match; range(1): whether there is a journal.
void ManifestGet(benchmark::State& state) {
  const auto registry =
      Registry::InMemory(WithIdleRules(state.range(0)), WithJournal(state.range(1) != 0));
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
BENCHMARK(ManifestGet)->ArgsProduct({{0, 100}, {0, 1}})->ArgNames({"rules", "journal"});

int Connect(const std::string& authority) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port =
      htons(static_cast<std::uint16_t>(std::stoi(authority.substr(authority.find(':') + 1))));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    std::abort();
  }
  return fd;
}

// One request and its answer on an open connection; CPU is that of the whole process, client
// included. range(0): whether there is a journal.
void ManifestGetOverSocket(benchmark::State& state) {
  const auto registry = Registry::Start(WithIdleRules(0), WithJournal(state.range(0) != 0));
  if (!registry) std::abort();
  const int fd = Connect((*registry)->Authority());
  const std::string request =
      "GET /v2/lib/app/manifests/1.0 HTTP/1.1\r\nHost: " + (*registry)->Authority() +
      "\r\nAccept: application/vnd.oci.image.manifest.v1+json\r\n\r\n";
  std::size_t answer_size = 0;
  for ([[maybe_unused]] const auto run : state) {
    if (::send(fd, request.data(), request.size(), 0) < 0) std::abort();
    char buffer[4096];
    std::size_t received = 0;
    // Every answer is as long as the first, which arrives in one piece.
    do {
      const ssize_t size = ::recv(fd, buffer, sizeof(buffer), 0);
      if (size <= 0) std::abort();
      received += static_cast<std::size_t>(size);
      if (answer_size == 0) answer_size = received;
    } while (received < answer_size);
  }
  ::close(fd);
}
BENCHMARK(ManifestGetOverSocket)->Arg(0)->Arg(1)->ArgName("journal")->MeasureProcessCPUTime();

void LoadFixture(benchmark::State& state) {
  for ([[maybe_unused]] const auto run : state) benchmark::DoNotOptimize(WithIdleRules(10));
}
BENCHMARK(LoadFixture)->Unit(benchmark::kMicrosecond);

// A directory of cases: a thousand fixtures as the suite has them, with a small layer and two
// rules.
void LoadThousandFixtures(benchmark::State& state) {
  constexpr int kFixtures = 1'000;
  std::vector<std::string> texts;
  for (int i = 0; i < kFixtures; ++i) {
    texts.push_back(fmt::format(R"(
fixture = 1
id = "bench.load-{}"
title = "One of a thousand"
blobs.layer = {{ layer = "1KiB" }}
manifests.app = {{ image = {{ layers = ["layer"] }} }}
repos."lib/app" = {{ tags = {{ "1.0" = "app" }} }}
[[rules]]
id = "cut"
on = {{ op = "blob.get", name = "layer" }}
pick = {{ first = 1 }}
do = {{ body = {{ cut = {{ at = "40%", end = "rst" }} }} }}
[[rules]]
id = "slow"
on = {{ op = "manifest.get" }}
do = {{ status = 503, headers = {{ "Retry-After" = "1" }} }}
)",
                                i));
  }
  for ([[maybe_unused]] const auto run : state) {
    for (const std::string& text : texts) {
      Diagnostics problems("bench.toml");
      if (LoadScenario(text, "bench.toml", ".", problems) == nullptr) std::abort();
    }
  }
}
BENCHMARK(LoadThousandFixtures)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pullproof::mockregistry
