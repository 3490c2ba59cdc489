#include "conformance/case_run.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "conformance/case/placeholder.h"
#include "conformance/client/home.h"
#include "mockregistry/registry.h"
#include "mockregistry/script/vocabulary.h"
#include "mockregistry/wire/tls.h"
#include "oci/reference.h"

namespace pullproof::conformance {
namespace {

namespace fs = std::filesystem;
using mockregistry::Registry;
using mockregistry::auth::Secret;

// The case's own directory lies some levels below the temporary one, so that a path that climbs out
// of an output ("../../../x") still lands where it is noticed.
constexpr std::string_view kNest = "outer/middle/inner";
constexpr std::string_view kSentinel = "sentinel/keep.txt";
constexpr std::string_view kSentinelText = "nothing but the harness writes here\n";
// How long exchanges may take to be put down in the journal after the client has gone: the server
// notices a closed connection within milliseconds.
constexpr Duration kSettleTime = std::chrono::seconds(2);

// Where the parts of a case lie.
class Places {
 public:
  explicit Places(TemporaryDirectory root) : root_(std::move(root)) {}

  [[nodiscard]] const fs::path& root() const { return root_.path(); }
  [[nodiscard]] fs::path inner() const { return root() / kNest; }
  // Beside what a client may write to.
  [[nodiscard]] fs::path Authorities(std::size_t step) const {
    return inner() / fmt::format("step-{}/ca.pem", step);
  }
  [[nodiscard]] fs::path Home(std::size_t number) const { return root() / HomeName(number); }
  [[nodiscard]] fs::path Output(std::size_t step) const { return root() / OutputName(step); }
  [[nodiscard]] fs::path Input(std::size_t step) const {
    return inner() / fmt::format("step-{}/in", step);
  }
  // Paths below the root that a client may write to.
  [[nodiscard]] std::vector<std::string> Free(std::size_t steps) const {
    std::vector<std::string> free;
    for (std::size_t number = 1; number <= steps; ++number) {
      free.push_back(HomeName(number));
      free.push_back(OutputName(number));
    }
    return free;
  }
  void Keep() { root_.Keep(); }

 private:
  static std::string HomeName(std::size_t number) {
    return fmt::format("{}/home-{}", kNest, number);
  }
  static std::string OutputName(std::size_t step) {
    return fmt::format("{}/step-{}/out", kNest, step);
  }

  TemporaryDirectory root_;
};

class CaseRun {
 public:
  CaseRun(const Case& subject, const CaseRunOptions& options, client::Client& client)
      : subject_(subject), options_(options), files_(*options.files), client_(client) {}

  CaseRunResult Run() {
    if (Result<void> status = RunSteps(); !status) result_.evidence.harness = status.error();
    return std::move(result_);
  }

 private:
  judge::Evidence& evidence() { return result_.evidence; }

  Result<void> RunSteps() {
    PULLPROOF_ASSIGN_OR_RETURN(
        registry_,
        Registry::Start(subject_.scenario, {.clock = options_.clock, .seed = options_.seed}));
    for (const auto& host : subject_.scenario->hosts) {
      evidence().authorities[host.id] = registry_->Authority(host.id);
    }
    PULLPROOF_ASSIGN_OR_RETURN(TemporaryDirectory root, TemporaryDirectory::Create("pullproof"));
    Places places(std::move(root));
    if (options_.keep) {
      places.Keep();
      result_.kept = places.root().string();
    }
    PULLPROOF_RETURN_IF_ERROR(Prepare(places));
    const std::vector<std::string> free = places.Free(subject_.steps.size());
    PULLPROOF_ASSIGN_OR_RETURN(const judge::Tree before,
                               judge::ListTree(files_, places.root(), free));
    for (std::size_t i = 0; i < subject_.steps.size(); ++i) {
      PULLPROOF_RETURN_IF_ERROR(RunStep(i, places));
      if (IsTheEnd(evidence().steps.back().attempt.outcome)) break;
    }
    PULLPROOF_ASSIGN_OR_RETURN(const judge::Tree after,
                               judge::ListTree(files_, places.root(), free));
    evidence().outside = judge::DescribeChanges(before, after);
    CollectJournal();
    return {};
  }

  // After these nothing more can be learned.
  static bool IsTheEnd(client::Outcome outcome) {
    return outcome != client::Outcome::kOk && outcome != client::Outcome::kFailed;
  }

  Result<void> Prepare(const Places& places) {
    PULLPROOF_RETURN_IF_ERROR(WriteText(places.inner() / kSentinel, kSentinelText));
    for (std::size_t i = 0; i < subject_.steps.size(); ++i) {
      const Step& step = subject_.steps[i];
      PULLPROOF_RETURN_IF_ERROR(files_.CreateDirectories(places.Home(i + 1)));
      PULLPROOF_RETURN_IF_ERROR(files_.CreateDirectories(places.Output(i + 1)));
      if (!registry_->CaPem().empty()) {
        PULLPROOF_ASSIGN_OR_RETURN(const std::string authorities, AuthoritiesFor(step));
        PULLPROOF_RETURN_IF_ERROR(WriteText(places.Authorities(i + 1), authorities));
      }
      for (const auto& [path, text] : step.files) {
        PULLPROOF_ASSIGN_OR_RETURN(const std::string filled, Fill(text));
        PULLPROOF_RETURN_IF_ERROR(WriteText(places.Input(i + 1) / path, filled));
      }
    }
    return {};
  }

  // What the client is told to trust, in PEM.
  Result<std::string> AuthoritiesFor(const Step& step) const {
    switch (step.trust) {
      case Step::Trust::kHosts:
        return registry_->CaPem();
      case Step::Trust::kAnother: {
        PULLPROOF_ASSIGN_OR_RETURN(const auto another, mockregistry::wire::TestAuthority::Make());
        return another->pem();
      }
      case Step::Trust::kBroken:
        break;
    }
    return "this is no certificate\n";
  }

  // Nothing of a case has to outlive a crash, and to flush a file to its device costs more than all
  // the rest of the harness.
  static Result<void> WriteText(const fs::path& path, std::string_view text) {
    return client::WritePrivateFile(path, text);
  }

  Result<std::string> Fill(std::string_view text) const {
    return FillPlaceholders(text, subject_.scenario->content,
                            [this](std::string_view host) { return registry_->Authority(host); });
  }

  Result<void> RunStep(std::size_t index, const Places& places) {
    const Step& step = subject_.steps[index];
    for (const std::string& rule : step.disable) registry_->EnableRule(rule, false);
    for (const std::string& rule : step.enable) registry_->EnableRule(rule, true);
    if (step.fresh || home_ == 0) home_ = index + 1;
    PULLPROOF_ASSIGN_OR_RETURN(const client::Task task, TaskOf(index, places));
    if (step.login) AddLoginSecrets(task);
    if (step.proxy_login) {
      AddSecrets(*step.proxy_login, "proxy password",
                 {std::string(mockregistry::script::kProxyHost)});
    }
    judge::StepEvidence seen;
    seen.first_entry = EntryCount();
    seen.attempt = client_.Run(task, *registry_);
    Settle();
    seen.end_entry = EntryCount();
    PULLPROOF_ASSIGN_OR_RETURN(seen.output, judge::ListTree(files_, task.output));
    PULLPROOF_ASSIGN_OR_RETURN(seen.home, judge::ListTree(files_, task.home));
    if (step.verb == client::Verb::kResolve) {
      Result<std::string> lock =
          files_.Read(task.output / client::kLockName, DocumentLimits{}.max_bytes);
      if (lock) seen.lock = *std::move(lock);
    }
    evidence().steps.push_back(std::move(seen));
    result_.references.push_back(task.reference);
    return {};
  }

  Result<client::Task> TaskOf(std::size_t index, const Places& places) const {
    const Step& step = subject_.steps[index];
    client::Task task;
    task.verb = step.verb;
    PULLPROOF_ASSIGN_OR_RETURN(task.reference, Fill(step.reference));
    PULLPROOF_ASSIGN_OR_RETURN(task.to, Fill(step.to));
    task.platform = step.platform;
    task.login = step.login;
    task.recursive = step.recursive;
    task.strict = step.strict;
    task.plain_http = IsPlain(step, task.reference);
    if (!registry_->CaPem().empty()) task.ca_file = places.Authorities(index + 1);
    task.proxy = ProxyFor(step);
    task.home = places.Home(home_);
    task.output = places.Output(index + 1);
    task.input = places.Input(index + 1);
    task.budget = BudgetOf(step);
    task.max_memory = options_.max_memory;
    return task;
  }

  // Loopback hosts are asked in clear text unless they speak TLS; names are not, unless the step
  // says so.
  [[nodiscard]] bool IsPlain(const Step& step, std::string_view reference) const {
    if (step.insecure) return true;
    const auto& hosts = subject_.scenario->hosts;
    const auto host = std::ranges::find(hosts, HostOf(reference), &mockregistry::Host::id);
    // A step without a reference asks the first host.
    if (host == hosts.end()) return !subject_.scenario->HasProxy() && !hosts.front().tls;
    return !host->tls && host->names.empty();
  }

  // The id of the host that a reference names; empty when it is none of the case's.
  [[nodiscard]] std::string HostOf(std::string_view reference) const {
    std::string id = registry_->HostOf(reference.substr(0, reference.find('/')));
    if (!id.empty()) return id;
    const Result<oci::Reference> parsed = oci::Reference::Parse(reference);
    const bool is_hub = parsed && parsed->domain() == "docker.io";
    return is_hub ? registry_->HostOf("registry-1.docker.io") : std::string();
  }

  [[nodiscard]] std::string ProxyFor(const Step& step) const {
    std::string url = registry_->ProxyUrl();
    if (url.empty() || !step.proxy_login) return url;
    const client::Login& login = *step.proxy_login;
    return url.insert(url.find("//") + 2, fmt::format("{}:{}@", PercentEncode(login.user),
                                                      PercentEncode(login.password)));
  }

  // A case that allows a step more time than the run does means it.
  [[nodiscard]] Duration BudgetOf(const Step& step) const {
    Duration budget = options_.budget;
    for (const std::optional<Limit>& time : {step.expect.time, subject_.expect.time}) {
      if (time && time->direction == Limit::Direction::kAtMost) {
        budget = std::max(budget, Duration(static_cast<Duration::rep>(time->value)));
      }
    }
    return budget;
  }

  // The registry knows the secrets that it was told of; a login that it never asks for is one too.
  void AddLoginSecrets(const client::Task& task) {
    const std::string host = HostOf(task.reference);
    std::vector<std::string> known_to{host};
    for (const auto& policy : subject_.scenario->auth) {
      if (policy.host == host && !policy.realm.empty()) known_to.push_back(policy.realm);
    }
    AddSecrets(*task.login, "password", known_to);
  }

  void AddSecrets(const client::Login& login, std::string_view kind,
                  const std::vector<std::string>& known_to) {
    logins_.push_back({login.password, std::string(kind), known_to});
    logins_.push_back({Base64Encode(login.user + ":" + login.password),
                       fmt::format("user:{} in base64", kind), known_to});
  }

  // Entries since the start, those that the journal let go included.
  [[nodiscard]] std::size_t EntryCount() const {
    return registry_->journal().Snapshot().size() + registry_->journal().dropped();
  }

  // An answer's last byte reaches the client before the journal: wait for it to be put down.
  void Settle() {
    const auto is_complete = [](const auto& entry) { return !entry.ending.empty(); };
    registry_->journal().Wait(registry_->journal().Snapshot().size(), is_complete, kSettleTime);
    // A client that refuses a certificate is gone before the registry knows why.
    registry_->AwaitDrained(kSettleTime);
  }

  void CollectJournal() {
    judge::Evidence& seen = evidence();
    seen.journal = registry_->journal().Snapshot();
    seen.dropped = registry_->journal().dropped();
    for (judge::StepEvidence& step : seen.steps) {
      const auto in_snapshot = [&](std::size_t count) {
        return std::min(count - std::min<std::size_t>(count, seen.dropped), seen.journal.size());
      };
      step.first_entry = in_snapshot(step.first_entry);
      step.end_entry = in_snapshot(step.end_entry);
    }
    seen.secrets = registry_->Secrets();
    for (Secret& login : logins_) {
      if (std::ranges::find(seen.secrets, login.value, &Secret::value) == seen.secrets.end()) {
        seen.secrets.push_back(std::move(login));
      }
    }
  }

  const Case& subject_;
  const CaseRunOptions& options_;
  FileSystem& files_;
  client::Client& client_;
  std::unique_ptr<Registry> registry_;
  std::size_t home_ = 0;  // number of the step that the current home was made for
  std::vector<Secret> logins_;
  CaseRunResult result_;
};

}  // namespace

CaseRunResult RunCase(const Case& subject, const CaseRunOptions& options, client::Client& client) {
  return CaseRun(subject, options, client).Run();
}

}  // namespace pullproof::conformance
