#include "conformance/client/adapter_client.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "conformance/client/adapter_session.h"
#include "conformance/client/error_class.h"
#include "conformance/client/home.h"

namespace pullproof::conformance::client {
namespace {

constexpr std::string_view kHarness = "pullproof " PULLPROOF_VERSION;

Node Text(std::string_view text) { return Node(std::string(text)); }

// What the adapter must know of a task. Paths are absolute; what the case leaves open is not there.
Node::Table MembersOf(const Task& task) {
  Node::Table members;
  const auto put = [&](std::string name, Node value) {
    members.push_back({std::move(name), {}, std::move(value)});
  };
  const auto put_text = [&](std::string name, const std::string& text) {
    if (!text.empty()) put(std::move(name), Node(text));
  };
  put("verb", Text(VerbName(task.verb)));
  put_text("reference", task.reference);
  put_text("to", task.to);
  put_text("platform", task.platform);
  if (task.login) {
    put("login", Node(Node::Table{{"user", {}, Node(task.login->user)},
                                  {"password", {}, Node(task.login->password)}}));
  }
  if (task.recursive) put("recursive", Node(true));
  if (task.strict) put("strict", Node(true));
  put("plain_http", Node(task.plain_http));
  put_text("ca_file", task.ca_file.string());
  put_text("proxy", task.proxy);
  put_text("home", task.home.string());
  put_text("output", task.output.string());
  put_text("input", task.input.string());
  put("budget_ms",
      Node(static_cast<std::int64_t>(
          std::chrono::duration_cast<std::chrono::milliseconds>(task.budget).count())));
  return members;
}

constexpr std::array<std::pair<std::string_view, Outcome>, 6> kOutcomes = {
    {{"ok", Outcome::kOk},
     {"failed", Outcome::kFailed},
     {"crashed", Outcome::kCrashed},
     {"hung", Outcome::kHung},
     {"skipped", Outcome::kUnsupported},
     {"errored", Outcome::kBroken}}};

Attempt Broken(std::string why) {
  Attempt attempt;
  attempt.outcome = Outcome::kBroken;
  attempt.err = std::move(why);
  return attempt;
}

// "MESSAGE\nLABEL: DETAIL", whichever of them there are.
std::string Join(std::string message, std::string_view label, const std::string& detail) {
  if (detail.empty()) return message;
  if (!message.empty()) message += '\n';
  return message + fmt::format("{}: {}", label, detail);
}

Attempt ReadReply(const Node& reply, Verb verb) {
  Diagnostics problems("the adapter's reply");
  TableReader reader(reply, "the reply", problems);
  Attempt attempt;
  const std::optional<Outcome> outcome =
      reader.OptionalEnum<Outcome>("outcome", std::span(kOutcomes));
  attempt.outcome = outcome.value_or(Outcome::kBroken);
  attempt.exit_status = static_cast<int>(reader.Integer("exit_status", 0, 0, UINT8_MAX));
  attempt.error_class = reader.String("error_class");
  attempt.err = reader.String("message");
  attempt.err = Join(std::move(attempt.err), "see", reader.String("url"));
  attempt.err = Join(std::move(attempt.err), "context", reader.String("context"));
  if (verb == Verb::kListTags && attempt.outcome == Outcome::kOk) {
    reader.Required("tags");
    attempt.tags = reader.Strings("tags");
  }
  if (!attempt.error_class.empty() &&
      std::ranges::find(kErrorClasses, attempt.error_class) == kErrorClasses.end()) {
    problems.Report("model.unknown-value", reader.PositionOf("error_class"),
                    fmt::format("there is no error class `{}`", attempt.error_class));
  }
  if (!outcome) problems.Report("model.missing-member", reader.at(), "it has no `outcome`");
  if (problems.HasErrors()) return Broken(Describe(problems.FirstError()));
  return attempt;
}

class AdapterClient final : public Client {
 public:
  AdapterClient(AdapterCommand command, TemporaryDirectory home)
      : command_(std::move(command)), home_(std::move(home)) {}

  // Called once, before anything else.
  Result<void> Start() {
    PULLPROOF_RETURN_IF_ERROR(PrepareHome(home_.path()));
    Result<std::shared_ptr<Worker>> first = NewWorker();
    if (!first) {
      Error error = std::move(first).error();
      if (error.id == "process.not-found" && !command_.install.empty()) {
        error.hint = command_.install;
      }
      return std::unexpected(std::move(error));
    }
    info_ = (*first)->session->info();
    workers_.push_back(*std::move(first));
    return {};
  }

  [[nodiscard]] std::string name() const override { return info_.name; }
  [[nodiscard]] std::string version() const override { return info_.version; }

  [[nodiscard]] bool Supports(Verb verb, const std::vector<std::string>& needs) const override {
    const auto has = [](const std::vector<std::string>& list, std::string_view word) {
      return std::ranges::find(list, word) != list.end();
    };
    return has(info_.verbs, VerbName(verb)) &&
           std::ranges::all_of(
               needs, [&](const std::string& need) { return has(info_.capabilities, need); });
  }

  Attempt Run(const Task& task, mockregistry::Registry& /*registry*/) override {
    if (Result<void> ready = PrepareHome(task.home); !ready) {
      return Broken(Describe(ready.error()));
    }
    const Result<std::shared_ptr<Worker>> worker = Take();
    if (!worker) return Broken(Describe(worker.error()));
    const SystemClock clock;
    const Duration start = clock.Now();
    const Result<Node> reply = (*worker)->session->Run(MembersOf(task), task.budget);
    GiveBack(**worker);
    Attempt attempt;
    if (reply) {
      attempt = ReadReply(*reply, task.verb);
    } else {
      attempt = Broken(Describe(reply.error()));
      if (reply.error().id == "adapter.timeout") attempt.outcome = Outcome::kHung;
    }
    attempt.took = clock.Now() - start;
    attempt.command = command_.argv;
    return attempt;
  }

 private:
  struct Worker {
    std::unique_ptr<AdapterSession> session;
    std::size_t runs = 0;  // under way; guarded by the client's mutex
  };

  Result<std::shared_ptr<Worker>> NewWorker() const {
    ProcessSpec spec;
    spec.argv = command_.argv;
    spec.environment = BaseEnvironment(home_.path());
    spec.directory = command_.directory;
    PULLPROOF_ASSIGN_OR_RETURN(auto session, AdapterSession::Start(spec, kHarness));
    auto worker = std::make_shared<Worker>();
    worker->session = std::move(session);
    return worker;
  }

  // One that is alive and takes one more run, or a new one.
  Result<std::shared_ptr<Worker>> Take() {
    {
      const std::lock_guard lock(mutex_);
      std::erase_if(workers_, [](const std::shared_ptr<Worker>& worker) {
        return worker->runs == 0 && !worker->session->IsAlive();
      });
      for (const std::shared_ptr<Worker>& worker : workers_) {
        if (worker->runs < info_.parallel && worker->session->IsAlive()) {
          ++worker->runs;
          return worker;
        }
      }
    }
    PULLPROOF_ASSIGN_OR_RETURN(std::shared_ptr<Worker> worker, NewWorker());
    const std::lock_guard lock(mutex_);
    worker->runs = 1;
    workers_.push_back(worker);
    return worker;
  }

  void GiveBack(Worker& worker) {
    const std::lock_guard lock(mutex_);
    --worker.runs;
  }

  const AdapterCommand command_;
  const TemporaryDirectory home_;  // of the adapters themselves; each run has one of its own
  AdapterInfo info_;               // constant after Start
  std::mutex mutex_;
  std::vector<std::shared_ptr<Worker>> workers_;
};

}  // namespace

Result<std::unique_ptr<Client>> StartAdapter(AdapterCommand command) {
  PULLPROOF_ASSIGN_OR_RETURN(TemporaryDirectory home,
                             TemporaryDirectory::Create("pullproof-adapter-"));
  auto client = std::make_unique<AdapterClient>(std::move(command), std::move(home));
  PULLPROOF_RETURN_IF_ERROR(client->Start());
  return client;
}

Result<std::unique_ptr<Client>> LoadAdapter(const Node& document, const std::string& name,
                                            const std::filesystem::path& directory) {
  Diagnostics problems(name);
  TableReader reader(document, "the profile", problems);
  reader.Required("client");
  reader.Integer("client", 1, 1, 1);
  // For whoever reads the file; who the client is, the adapter says itself.
  for (const std::string_view member : {"name", "title", "homepage", "tried"}) {
    reader.String(member);
  }
  AdapterCommand command{.argv = {}, .directory = directory, .install = reader.String("install")};
  if (const Node* node = reader.Required("adapter")) {
    TableReader adapter(*node, "`adapter`", problems);
    adapter.Required("command");
    command.argv = adapter.Strings("command");
    adapter.Finish();
    if (command.argv.empty() && adapter.Has("command")) {
      problems.Report("client.command", adapter.PositionOf("command"),
                      "an adapter needs a command, a program and its words");
    }
  }
  reader.Finish();
  if (problems.HasErrors()) return std::unexpected(problems.FirstError());
  return StartAdapter(std::move(command));
}

}  // namespace pullproof::conformance::client
