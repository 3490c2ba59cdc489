// pullproof serve: scripted registries for any client, until told to stop.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/table_reader.h"
#include "cli/command.h"
#include "cli/serve_events.h"
#include "mockregistry/admin/api.h"
#include "mockregistry/admin/house.h"
#include "mockregistry/admin/server.h"
#include "mockregistry/journal/journal_file.h"
#include "mockregistry/journal/json_writer.h"
#include "mockregistry/load_path.h"
#include "mockregistry/registry.h"
#include "mockregistry/scenario.h"

namespace pullproof::cli {
namespace {

namespace admin = mockregistry::admin;
namespace fs = std::filesystem;
using mockregistry::journal::JournalFile;
using mockregistry::journal::JsonArray;
using mockregistry::journal::JsonObject;

// How long exchanges that are under way may take to end when the program is told to stop: longer
// than an honest one needs, shorter than a supervisor's patience (docker stop: 10 s).
constexpr Duration kDrainTime = std::chrono::seconds(5);

struct Options {
  std::vector<std::string> fixtures;
  std::uint16_t port = 0;
  std::string timeout;  // empty: until a signal
  bool until_stdin_eof = false;
  std::string port_file;
  std::string journal;
  bool watch = false;
  bool admin = false;
  std::optional<std::uint16_t> admin_port;
  bool admin_open = false;

  [[nodiscard]] bool has_admin() const { return admin || admin_open || admin_port; }
};

// A fixture's file, and the registry that plays it.
struct Played {
  fs::path file;  // empty: no file
  std::shared_ptr<admin::Tenant> tenant;
};

std::string ToJson(const admin::Tenant& tenant) {
  const mockregistry::Registry& registry = *tenant.registry;
  const auto scenario = registry.SharedScenario();
  JsonObject hosts;
  for (const mockregistry::Host& host : scenario->hosts) {
    hosts.Text(host.id, registry.Origin(host.id));
  }
  JsonObject line;
  line.Text("id", tenant.id).Text("fixture", scenario->fixture.id).Raw("hosts", hosts.Finish());
  // Whoever connects over TLS must trust the authority that signed; it is made anew at each start.
  if (const std::string ca = registry.CaPem(); !ca.empty()) line.Text("ca", ca);
  return line.Finish();
}

// Null after printing what is wrong.
std::shared_ptr<const mockregistry::Scenario> Load(const fs::path& file) {
  SystemFileSystem files;
  Diagnostics problems(file.string());
  auto scenario = mockregistry::LoadPath(file, files, problems);
  PrintDiagnostics(problems);
  return scenario;
}

class Service {
 public:
  explicit Service(const Options& options) : options_(options) {}

  int Run() {
    if (!options_.timeout.empty()) events_.StopAfter(*ParseDuration(options_.timeout));
    if (options_.until_stdin_eof) events_.StopAtEndOfInput();
    std::vector<std::pair<fs::path, std::shared_ptr<const mockregistry::Scenario>>> scenarios;
    bool good = true;
    for (const std::string& fixture : options_.fixtures) {
      scenarios.emplace_back(fixture, Load(fixture));
      good = good && scenarios.back().second != nullptr;
    }
    if (!good) return kMisuse;
    if (scenarios.empty()) scenarios.emplace_back(fs::path(), mockregistry::EmptyScenario());
    if (const Result<void> started = Start(scenarios); !started) {
      PrintError(started.error());
      return kHarness;
    }
    while (const auto changed = events_.Next()) {
      for (const fs::path& file : *changed) Reload(file);
    }
    return Stop();
  }

 private:
  template <typename Scenarios>
  Result<void> Start(const Scenarios& scenarios) {
    if (!options_.journal.empty()) {
      PULLPROOF_ASSIGN_OR_RETURN(journal_, JournalFile::Create(options_.journal));
    }
    house_.emplace(RegistryOptions(0));
    for (const auto& [file, scenario] : scenarios) {
      // A fixed port belongs to the first fixture; the others take any.
      PULLPROOF_ASSIGN_OR_RETURN(
          auto registry, mockregistry::Registry::Start(
                             scenario, RegistryOptions(played_.empty() ? options_.port : 0)));
      PULLPROOF_ASSIGN_OR_RETURN(auto tenant, house_->Adopt(std::move(registry)));
      played_.push_back({file, std::move(tenant)});
      if (options_.watch && !file.empty()) PULLPROOF_RETURN_IF_ERROR(events_.Watch(file));
    }
    if (options_.has_admin()) PULLPROOF_RETURN_IF_ERROR(StartAdmin());
    return Announce();
  }

  [[nodiscard]] mockregistry::Options RegistryOptions(std::uint16_t port) const {
    mockregistry::Options options;
    options.port = port;
    if (journal_) {
      options.sink = [file = journal_.get()](std::string_view fixture, const auto& entry) {
        file->Write(fixture, entry);
      };
    }
    return options;
  }

  Result<void> StartAdmin() {
    if (!options_.admin_open) {
      PULLPROOF_ASSIGN_OR_RETURN(token_, admin::RandomToken());
    }
    api_.emplace(*house_, admin::Access(token_), [this] { events_.RequestStop(); });
    PULLPROOF_ASSIGN_OR_RETURN(
        admin_, admin::Server::Start(*api_, *house_, options_.admin_port.value_or(0), clock_));
    return {};
  }

  // One line, written at once: whoever started us reads it to learn that we are ready, and where.
  Result<void> Announce() {
    const std::string authority = played_.front().tenant->registry->Authority();
    JsonObject line;
    JsonArray registries;
    for (const Played& played : played_) registries.Add(ToJson(*played.tenant));
    line.Text("listening", played_.front().tenant->registry->Origin())
        .Number("pid", ::getpid())
        .Raw("registries", registries.Finish());
    if (admin_) {
      JsonObject access;
      access.Text("url", admin_->Url());
      if (token_) access.Text("token", *token_);
      line.Raw("admin", access.Finish());
    }
    fmt::print("{}\n", line.Finish());
    std::fflush(stdout);
    // After the line, so that whoever finds the file finds the line too.
    if (!options_.port_file.empty()) {
      SystemFileSystem files;
      PULLPROOF_RETURN_IF_ERROR(
          WriteFile(files, options_.port_file, authority.substr(authority.rfind(':') + 1) + "\n"));
    }
    return {};
  }

  // A file that cannot be played leaves the registry as it was.
  void Reload(const fs::path& file) {
    for (const Played& played : played_) {
      if (played.file != file) continue;
      const auto scenario = Load(file);
      if (scenario != nullptr) {
        const Result<void> replaced = played.tenant->registry->Replace(scenario);
        if (replaced) {
          fmt::print(stderr, "pullproof: {}: plays the new version\n", file.string());
          continue;
        }
        PrintError(At(replaced.error(), file.string()));
      }
      fmt::print(stderr, "pullproof: {}: goes on with the version before\n", file.string());
    }
  }

  int Stop() {
    admin_.reset();
    const auto deadline = std::chrono::steady_clock::now() + kDrainTime;
    for (const auto& tenant : house_->All()) tenant->registry->BeginDrain();
    for (const auto& tenant : house_->All()) {
      tenant->registry->AwaitDrained(
          std::max<Duration>(deadline - std::chrono::steady_clock::now(), Duration::zero()));
    }
    played_.clear();
    house_.reset();
    if (!journal_) return kAsExpected;
    const Result<void> written = journal_->status();
    if (written) return kAsExpected;
    PrintError(written.error());
    return kHarness;
  }

  const Options& options_;
  ServeEvents events_;  // before any thread
  SystemClock clock_;
  std::unique_ptr<JournalFile> journal_;
  std::optional<admin::House> house_;
  std::vector<Played> played_;
  std::optional<std::string> token_;
  std::optional<admin::Api> api_;
  std::unique_ptr<admin::Server> admin_;
};

}  // namespace

void AddServe(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "serve",
      "Serve fixtures on loopback, each as a registry with ports of its own; without a fixture, "
      "an\n"
      "empty registry that takes pushes. Once all listen, prints one line of JSON:\n"
      R"(  {"listening":"http://127.0.0.1:PORT","pid":N,"registries":[{"id":"1","fixture":ID,)"
      "\n"
      R"(   "hosts":{…}}],"admin":{"url":"http://127.0.0.1:PORT","token":"…"}})"
      "\nAt SIGTERM, SIGINT, or when it is time, exchanges that are under way may end (5 s at "
      "most);\nthen it ends with status 0. docs/serving.md has the admin API.");
  auto options = std::make_shared<Options>();
  command
      ->add_option(
          "FIXTURE", options->fixtures,
          "Fixture or case files, TOML or JSON; or images on disk: OCI layouts, archives of "
          "docker save")
      ->check(CLI::ExistingPath);
  command->add_option("--port", options->port, "Port of the first fixture's first host; 0: any")
      ->capture_default_str();
  command->add_option("--timeout", options->timeout, "Stop by itself after this long: 30s, 500ms")
      ->check(CheckDuration);
  command->add_flag("--until-stdin-eof", options->until_stdin_eof,
                    "Stop when standard input ends: when whoever started it is gone");
  command->add_option("--port-file", options->port_file,
                      "Write the first port into this file once all listen");
  command->add_flag("--watch", options->watch,
                    "Play a fixture anew when its file changes; a broken one changes nothing");
  command->add_option("--journal", options->journal,
                      "Write each exchange into this file as a line of JSON, without secrets");
  command->add_flag("--admin", options->admin, "Listen for the admin API, at any free port");
  command->add_option("--admin-port", options->admin_port, "The same, at this port");
  command->add_flag("--admin-open", options->admin_open, "The same, without a token");
  command->callback([&action, options] { action = [options] { return Service(*options).Run(); }; });
}

}  // namespace pullproof::cli
