// pullproof serve: scripted registries for any client, until told to stop.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/document.h"
#include "base/file.h"
#include "base/table_reader.h"
#include "cli/command.h"
#include "mockregistry/registry.h"
#include "mockregistry/scenario.h"

namespace pullproof::cli {
namespace {

struct Options {
  std::vector<std::string> fixtures;
  std::uint16_t port = 0;
  std::string timeout;  // empty: until a signal
};

using Scenarios = std::vector<std::shared_ptr<const mockregistry::Scenario>>;
using Registries = std::vector<std::unique_ptr<mockregistry::Registry>>;

// SIGINT and SIGTERM, blocked before any thread starts so that all threads inherit the mask and
// only Await takes them.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }

  // Returns at a signal, or when the time is over.
  void Await(std::optional<Duration> timeout) const {
    if (!timeout) {
      int signal = 0;
      sigwait(&set_, &signal);
      return;
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*timeout);
    const timespec limit{.tv_sec = seconds.count(), .tv_nsec = (*timeout - seconds).count()};
    while (sigtimedwait(&set_, nullptr, &limit) < 0 && errno == EINTR) {
    }
  }

 private:
  sigset_t set_{};
};

std::string ToJson(const mockregistry::Registry& registry) {
  std::string hosts;
  for (const mockregistry::Host& host : registry.scenario().hosts) {
    if (!hosts.empty()) hosts += ',';
    hosts += fmt::format("{}:{}", CanonicalJsonString(host.id),
                         CanonicalJsonString("http://" + registry.Authority(host.id)));
  }
  return fmt::format(R"({{"fixture":{},"hosts":{{{}}}}})",
                     CanonicalJsonString(registry.scenario().fixture.id), hosts);
}

// One line, written at once: whoever started us reads it to learn that we are ready, and where.
void Announce(const Registries& registries) {
  std::string all;
  for (const auto& registry : registries) {
    if (!all.empty()) all += ',';
    all += ToJson(*registry);
  }
  fmt::print(R"({{"listening":{},"pid":{},"registries":[{}]}})"
             "\n",
             CanonicalJsonString("http://" + registries.front()->Authority()), ::getpid(), all);
  std::fflush(stdout);
}

// Nullopt after printing what is wrong.
std::optional<Scenarios> Load(const std::vector<std::string>& fixtures) {
  SystemFileSystem files;
  Scenarios scenarios;
  bool good = true;
  for (const std::string& name : fixtures) {
    const Result<std::string> text = files.Read(name, DocumentLimits{}.max_bytes);
    if (!text) {
      PrintError(text.error());
      good = false;
      continue;
    }
    Diagnostics problems(name);
    auto scenario = mockregistry::LoadScenario(*text, name,
                                               std::filesystem::path(name).parent_path(), problems);
    PrintDiagnostics(problems);
    good = good && scenario != nullptr;
    scenarios.push_back(std::move(scenario));
  }
  if (!good) return std::nullopt;
  if (scenarios.empty()) scenarios.push_back(mockregistry::EmptyScenario());
  return scenarios;
}

int Run(const Options& options) {
  const StopSignals signals;
  const std::optional<Scenarios> scenarios = Load(options.fixtures);
  if (!scenarios) return kMisuse;
  std::optional<Duration> timeout;
  if (!options.timeout.empty()) timeout = *ParseDuration(options.timeout);

  Registries registries;
  for (const auto& scenario : *scenarios) {
    mockregistry::Options settings;
    // A fixed port belongs to the first fixture; the others take any.
    if (registries.empty()) settings.port = options.port;
    auto registry = mockregistry::Registry::Start(scenario, settings);
    if (!registry) {
      PrintError(registry.error());
      return kHarness;
    }
    registries.push_back(*std::move(registry));
  }
  Announce(registries);
  signals.Await(timeout);
  return kAsExpected;
}

}  // namespace

void AddServe(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "serve",
      "Serve fixtures on loopback, each as a registry with ports of its own; without a fixture, "
      "an\n"
      "empty registry that takes pushes. Once all listen, prints one line of JSON:\n"
      R"(  {"listening":"http://127.0.0.1:PORT","pid":N,"registries":[{"fixture":ID,"hosts":{…}}]})"
      "\nEnds with status 0 at SIGTERM, SIGINT, or when --timeout is over.");
  auto options = std::make_shared<Options>();
  command->add_option("FIXTURE", options->fixtures, "Fixture or case files, TOML or JSON")
      ->check(CLI::ExistingFile);
  command->add_option("--port", options->port, "Port of the first fixture's first host; 0: any")
      ->capture_default_str();
  command->add_option("--timeout", options->timeout, "Stop by itself after this long: 30s, 500ms")
      ->check(CheckDuration);
  command->callback([&action, options] { action = [options] { return Run(*options); }; });
}

}  // namespace pullproof::cli
