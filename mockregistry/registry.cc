#include "mockregistry/registry.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <functional>
#include <mutex>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/document.h"
#include "base/table_reader.h"
#include "mockregistry/api/handle.h"
#include "mockregistry/api/route.h"
#include "mockregistry/network.h"
#include "mockregistry/script/engine.h"
#include "mockregistry/store/store.h"
#include "mockregistry/wire/in_flight.h"
#include "mockregistry/wire/server.h"
#include "oci/digest.h"

namespace pullproof::mockregistry {
namespace {

Clock& SystemClockInstance() {
  static SystemClock clock;  // has no state
  return clock;
}

// Chance and tokens depend on the fixture and the options alone, never on the run.
std::uint64_t SeedOf(const content::Fixture& fixture, std::optional<std::uint64_t> stated) {
  if (stated) return *stated;
  if (fixture.seed) return *fixture.seed;
  const oci::Digest digest = oci::Digest::Of(fixture.id);
  std::uint64_t seed = 0;
  constexpr std::size_t kDigits = 16;
  std::from_chars(digest.hex().data(), digest.hex().data() + kDigits, seed, 16);
  return seed;
}

api::Limits LimitsOf(const content::Fixture& fixture) {
  api::Limits limits;
  limits.max_manifest = fixture.max_manifest.value_or(limits.max_manifest);
  limits.max_page = fixture.max_page.value_or(limits.max_page);
  limits.min_blob = fixture.min_blob.value_or(limits.min_blob);
  limits.min_chunk = fixture.min_chunk.value_or(limits.min_chunk);
  return limits;
}

bool IsBlobRoute(api::Operation operation) {
  return operation == api::Operation::kBlobGet || operation == api::Operation::kBlobHead;
}

bool Serves(const Host& host, api::Operation operation) {
  if (operation == api::Operation::kToken) return true;  // auth/ knows which hosts are realms
  switch (host.serves) {
    case Host::Serves::kAll:
      return true;
    case Host::Serves::kBlobs:
      return IsBlobRoute(operation);
    case Host::Serves::kNone:
      return false;
  }
  return false;
}

// One entry of `rules`, in either spelling, checked against the names of the scenario.
Result<script::Rule> ReadRule(std::string_view text, const Scenario& scenario) {
  constexpr std::string_view kName = "the rule";
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool is_json = first != std::string_view::npos && text[first] == '{';
  Result<Node> document =
      is_json ? ParseJson(text, kName) : ParseToml(fmt::format("rule = {{ {} }}", text), kName);
  if (!document) return std::unexpected(std::move(document).error());
  Node::Array rules;
  rules.push_back(is_json ? *std::move(document) : std::move(*document->Find("rule")));
  std::vector<std::string> hosts;
  for (const Host& host : scenario.hosts) hosts.push_back(host.id);
  if (scenario.HasProxy()) hosts.emplace_back(script::kProxyHost);
  Diagnostics problems{std::string(kName)};
  std::vector<script::Rule> read =
      script::ReadRules(Node(std::move(rules)), scenario.content, hosts, problems);
  if (problems.HasErrors()) return std::unexpected(problems.FirstError());
  return std::move(read.front());
}

}  // namespace

class Registry::Impl {
 public:
  Impl(std::shared_ptr<const Scenario> scenario, const Options& options)
      : clock_(options.clock != nullptr ? *options.clock : SystemClockInstance()),
        seed_(options.seed),
        journal_(options.journal_capacity),
        network_(scenario->hosts, MakeCallbacks()) {
    stage_.store(MakeStage(std::move(scenario)));
    if (options.sink) {
      journal_.SetSink([this, sink = options.sink](const journal::Entry& entry) {
        sink(stage_.load()->scenario->fixture.id, entry);
      });
    }
  }

  Result<void> Listen(std::uint16_t first_port) { return network_.Listen(first_port, clock_); }

  // Who was asked decides: a host, or the proxy itself.
  script::Plan Exchange(api::Request request, Way way) {
    const std::shared_ptr<Stage> stage = stage_.load();
    return request.host == script::kProxyHost ? ExchangeAtProxy(*stage, std::move(request))
                                              : ExchangeAtHost(*stage, std::move(request), way);
  }

  void Complete(const script::Plan& plan, std::uint64_t body_sent, std::string_view ending,
                std::optional<Duration> began) {
    if (!journal_.keeps()) return;
    const Duration now = clock_.Now();
    const auto change = [&](journal::Entry& entry) {
      entry.began = began.value_or(now);
      entry.answered = now;
      entry.body_sent = body_sent;
      entry.ending = ending;
    };
    journal_.Complete(plan.entry, std::cref(change));  // which costs no allocation
  }

  void Reset() {
    const std::lock_guard lock(steering_);
    stage_.store(MakeStage(stage_.load()->scenario));
    journal_.Clear();
  }

  Result<void> Replace(std::shared_ptr<const Scenario> scenario) {
    const std::lock_guard lock(steering_);
    const auto names = [](const Host& host) {
      return std::tuple(host.id, host.name, host.names, host.tls);
    };
    if (!std::ranges::equal(scenario->hosts, stage_.load()->scenario->hosts, {}, names, names)) {
      return Fail("registry.hosts", "the fixture has other hosts than those that listen here", {},
                  "start it anew");
    }
    stage_.store(MakeStage(std::move(scenario)));
    return {};
  }

  void BeginDrain() { draining_.store(true); }
  bool AwaitDrained(Duration timeout) { return in_flight_.AwaitNone(timeout); }

  bool EnableRule(std::string_view id, bool enabled) {
    return stage_.load()->engine->Enable(id, enabled);
  }

  [[nodiscard]] std::vector<RuleState> Rules() const {
    const std::shared_ptr<Stage> stage = stage_.load();
    std::vector<RuleState> rules;
    for (const script::RuleStatus& status : stage->engine->Rules()) {
      rules.push_back({.id = status.rule->id,
                       .why = status.rule->why,
                       .enabled = status.enabled,
                       .matched = status.matched,
                       .fired = status.fired});
    }
    return rules;
  }

  Result<void> AddRule(std::string_view text, const std::optional<std::string>& before) {
    return ChangeRules(text, [&before](const script::Engine& engine, script::Rule rule) {
      return engine.With(std::move(rule), before);
    });
  }

  Result<void> ReplaceRule(std::string_view text) {
    return ChangeRules(text, [](const script::Engine& engine, script::Rule rule) {
      return engine.WithReplaced(std::move(rule));
    });
  }

  [[nodiscard]] script::State State() const { return stage_.load()->engine->CurrentState(); }
  void SetState(script::State state) { stage_.load()->engine->SetState(std::move(state)); }

  [[nodiscard]] std::vector<journal::Unmatched> Unmatched(std::size_t limit) const {
    const std::shared_ptr<Stage> stage = stage_.load();
    const std::vector<script::RuleStatus> rules = stage->engine->Rules();
    std::vector<journal::Unmatched> unmatched;
    for (journal::Entry& entry : journal_.Find(
             [](const journal::Entry& candidate) { return candidate.rule.empty(); }, limit)) {
      auto nearest = entry.rules_asked ? journal::NearestRules(entry, rules)
                                       : std::vector<journal::NearMiss>();
      unmatched.push_back({.entry = std::move(entry), .nearest = std::move(nearest)});
    }
    return unmatched;
  }

  [[nodiscard]] const Network& network() const { return network_; }
  [[nodiscard]] std::shared_ptr<const Scenario> scenario() const { return stage_.load()->scenario; }
  journal::Journal& journal() { return journal_; }
  [[nodiscard]] Clock& clock() const { return clock_; }
  [[nodiscard]] std::vector<auth::Secret> Secrets() const {
    return stage_.load()->authenticator->Secrets();
  }

 private:
  // Everything that follows from the fixture, and what has become of it since. An exchange works on
  // one stage from its first step to its last, whatever is changed meanwhile.
  struct Stage {
    std::shared_ptr<const Scenario> scenario;
    api::Limits limits;
    std::uint64_t seed = 0;
    std::shared_ptr<script::Engine> engine;
    std::shared_ptr<auth::Authenticator> authenticator;
    std::shared_ptr<store::Store> store;
  };

  std::shared_ptr<Stage> MakeStage(std::shared_ptr<const Scenario> scenario) {
    auto stage = std::make_shared<Stage>();
    stage->limits = LimitsOf(scenario->fixture);
    stage->seed = SeedOf(scenario->fixture, seed_);
    stage->engine = std::make_shared<script::Engine>(scenario->rules, stage->seed);
    stage->authenticator = std::make_shared<auth::Authenticator>(
        scenario->auth, stage->seed, [this](std::string_view host) { return Origin(host); });
    stage->store = std::make_shared<store::Store>(scenario->content);
    stage->scenario = std::move(scenario);
    return stage;
  }

  template <typename MakeEngine>
  Result<void> ChangeRules(std::string_view text, const MakeEngine& make) {
    const std::lock_guard lock(steering_);
    auto stage = std::make_shared<Stage>(*stage_.load());
    PULLPROOF_ASSIGN_OR_RETURN(script::Rule rule, ReadRule(text, *stage->scenario));
    PULLPROOF_ASSIGN_OR_RETURN(stage->engine, make(*stage->engine, std::move(rule)));
    stage_.store(std::move(stage));
    return {};
  }

  NetworkCallbacks MakeCallbacks() {
    NetworkCallbacks callbacks;
    callbacks.exchange = [this](api::Request request, Way way) {
      script::Plan plan = Exchange(std::move(request), way);
      in_flight_.Begin();
      if (draining_.load(std::memory_order_relaxed)) {
        plan.response.headers.Set("Connection", "close");
      }
      return plan;
    };
    callbacks.complete = [this](const script::Plan& plan, std::uint64_t body_sent,
                                std::string_view ending, Duration began) {
      Complete(plan, body_sent, ending, began);
      in_flight_.End();
    };
    callbacks.opening = [this](script::Engine::Moment moment, std::string_view host,
                               std::uint64_t connection) {
      return ChosenOpening(*stage_.load(), moment, host, connection);
    };
    callbacks.greets = [this] { in_flight_.Begin(); };
    callbacks.greeted = [this] { in_flight_.End(); };
    callbacks.opened = [this](std::string_view host, std::uint64_t connection,
                              std::string_view rule, std::string_view ending,
                              Way way) { WitnessOpening(host, connection, rule, ending, way); };
    return callbacks;
  }

  // A copy: rules come and go with their stage.
  static std::optional<ScriptedOpening> ChosenOpening(Stage& stage, script::Engine::Moment moment,
                                                      std::string_view host,
                                                      std::uint64_t connection) {
    const script::Rule* rule = stage.engine->ChooseOpening(moment, host, connection);
    if (rule == nullptr) return std::nullopt;
    return ScriptedOpening{.rule = rule->id, .opening = *rule->effect.opening};
  }

  [[nodiscard]] std::string Origin(std::string_view host) const { return network_.Origin(host); }

  // --- The proxy -------------------------------------------------------------------------------

  // CONNECT, or a request for another host in absolute form (RFC 9112 section 3.2.2). Rules that
  // name the proxy come first; a request in absolute form that none of them takes is its host's.
  script::Plan ExchangeAtProxy(Stage& stage, api::Request request) {
    journal::Entry entry;
    entry.received = clock_.Now();
    script::Subject subject;
    subject.host = script::kProxyHost;
    subject.method = request.method;
    subject.target = request.target;
    subject.headers = &request.headers;
    const script::Rule* rule = stage.engine->Choose(subject, request.connection);
    const Host* host = nullptr;
    api::Response answer;
    if (request.method == "CONNECT") {
      answer = Connect(stage, request);
    } else {
      api::Request forwarded = request;
      host = SplitTarget(forwarded);
      if (host != nullptr && rule == nullptr)
        return ExchangeAtHost(stage, std::move(forwarded), Way::kForward);
      answer = host == nullptr
                   ? Unreachable("the target is no http URL of a host behind this proxy")
                   : Answer(stage, forwarded, api::RouteOf(forwarded.method, forwarded.target),
                            *host, nullptr);
    }
    const script::Surroundings surroundings{
        .content = &stage.scenario->content,
        .origin = [this](std::string_view id) { return Origin(id); },
        .seed = stage.seed,
        .firing = 1};  // no rule that the proxy itself asks has a manifest
    script::Plan plan = script::Apply(rule, request, std::move(answer), surroundings);
    if (journal_.keeps()) {
      plan.entry = Witness(std::move(entry), std::move(request), subject, plan);
    }
    return plan;
  }

  // What an honest proxy says to CONNECT.
  api::Response Connect(Stage& stage, const api::Request& request) {
    const Host* host = network_.Find(request.target);
    if (host == nullptr) return Unreachable("no such host behind this proxy");
    const std::optional<ScriptedOpening> refusal =
        ChosenOpening(stage, script::Engine::Moment::kConnect, host->id, request.connection);
    if (!refusal) return {.status = 200, .headers = {}, .body = nullptr};
    WitnessOpening(host->id, request.connection, refusal->rule, wire::kRefused, Way::kTunnel);
    return Unreachable("the host refuses the connection");
  }

  static api::Response Unreachable(std::string_view why) {
    constexpr int kBadGateway = 502;
    api::Response response{.status = kBadGateway, .headers = {}, .body = nullptr};
    response.headers.Add("Content-Type", "text/plain");
    response.body = content::FromString(std::string(why) + "\n");
    return response;
  }

  // Turns "http://cdn.example/v2/" into "/v2/" at that host; null when it is no such target, or the
  // host speaks TLS, which a proxy passes on only through CONNECT.
  const Host* SplitTarget(api::Request& request) const {
    constexpr std::string_view kScheme = "http://";
    if (!request.target.starts_with(kScheme)) return nullptr;
    const std::string_view rest = std::string_view(request.target).substr(kScheme.size());
    const std::size_t path = std::min(rest.find_first_of("/?"), rest.size());
    const Host* host = network_.Find(rest.substr(0, path));
    if (host == nullptr || host->tls) return nullptr;
    request.host = host->id;
    request.target = rest.substr(path).starts_with('/') ? std::string(rest.substr(path))
                                                        : "/" + std::string(rest.substr(path));
    return host;
  }

  void WitnessOpening(std::string_view host, std::uint64_t connection, std::string_view rule,
                      std::string_view ending, Way way) {
    if (!journal_.keeps()) return;
    journal::Entry entry;
    entry.received = clock_.Now();
    entry.began = entry.received;
    entry.answered = entry.received;
    entry.connection = connection;
    entry.host = host;
    entry.via = WayName(way);
    entry.rule = rule;
    entry.rules_asked = false;  // for requests
    entry.ending = ending;
    journal_.Append(std::move(entry));
  }

  // --- Hosts -----------------------------------------------------------------------------------

  // The way of a request: what it means, whether its host takes it, who is asking, which rule
  // fires, what an honest registry would say, and what the rule makes of that.
  script::Plan ExchangeAtHost(Stage& stage, api::Request request, Way way) {
    journal::Entry entry;
    entry.received = clock_.Now();
    entry.via = WayName(way);
    const api::Route route = RouteAt(stage, request);
    const std::string name = stage.store->NameOf(route.repository, route.reference);
    const script::Subject subject{.operation = api::OperationName(route.operation),
                                  .host = request.host,
                                  .repository = route.repository,
                                  .reference = route.reference,
                                  .name = name,
                                  .method = request.method,
                                  .target = request.target,
                                  .headers = &request.headers};
    script::Plan plan = MakePlan(stage, request, route, subject, entry.rules_asked);
    if (journal_.keeps()) {
      plan.entry = Witness(std::move(entry), std::move(request), subject, plan);
    }
    return plan;
  }

  // What a request means at its host. Hosts share a store, but each is a registry of its own: what
  // the fixture has lies in that of `registry`, so another one cannot mount it, and the client
  // uploads. Spec: distribution-spec, "Mounting a blob from another repository".
  static api::Route RouteAt(const Stage& stage, const api::Request& request) {
    api::Route route = api::RouteOf(request.method, request.target);
    const Scenario& scenario = *stage.scenario;
    if (route.operation != api::Operation::kUploadMount ||
        request.host == scenario.hosts.front().id) {
      return route;
    }
    const std::optional<std::string> from = route.Query("from");
    const auto is_source = [&](const content::Repository& repository) {
      return repository.name == *from;
    };
    if (!from || std::ranges::any_of(scenario.content.repositories, is_source)) {
      route.operation = api::Operation::kUploadStart;
    }
    return route;
  }

  script::Plan MakePlan(Stage& stage, const api::Request& request, const api::Route& route,
                        const script::Subject& subject, bool& rules_asked) {
    script::Surroundings surroundings{
        .content = &stage.scenario->content,
        .origin = [this](std::string_view host) { return Origin(host); },
        .seed = stage.seed,
        .firing = 1};
    const auto refuse = [&](api::Response answer) {
      rules_asked = false;
      return script::Apply(nullptr, request, std::move(answer), surroundings);
    };
    const Host& host = *std::ranges::find(stage.scenario->hosts, request.host, &Host::id);
    if (host.rejects && host.rejects->Matches(subject)) {
      return refuse(
          api::ErrorResponse("UNSUPPORTED", "this host refuses such requests", host.reject_status));
    }
    // What authentication refuses never reaches the script: rules count real exchanges.
    if (std::optional<api::Response> refusal = stage.authenticator->Check(request, route)) {
      return refuse(*std::move(refusal));
    }
    const script::Rule* rule =
        stage.engine->Choose(subject, request.connection, &surroundings.firing);
    return script::Apply(rule, request, Answer(stage, request, route, host, rule), surroundings);
  }

  api::Response Answer(Stage& stage, const api::Request& request, const api::Route& route,
                       const Host& host, const script::Rule* rule) {
    if (route.operation == api::Operation::kToken) {
      return stage.authenticator->Token(request, route,
                                        rule != nullptr ? rule->effect.token : std::nullopt);
    }
    if (!Serves(host, route.operation)) {
      return api::ErrorResponse("NAME_UNKNOWN", "this host does not serve that", 404);
    }
    api::Context context;
    context.store = stage.store.get();
    context.limits = stage.limits;
    const content::Fixture& fixture = stage.scenario->fixture;
    context.read_only = fixture.read_only;
    context.referrers_api = fixture.referrers_api;
    context.warnings = fixture.warnings;
    if (rule != nullptr && rule->effect.list) {
      context.list = rule->effect.list;
      context.list->origin = Origin(rule->effect.list_host.value_or(request.host));
    }
    return api::Handle(request, route, context);
  }

  // What `subject` says, it may say of the request.
  std::uint64_t Witness(journal::Entry&& entry, api::Request&& request,
                        const script::Subject& subject, const script::Plan& plan) {
    entry.operation = subject.operation;
    entry.repository = subject.repository;
    entry.reference = subject.reference;
    entry.name = subject.name;
    entry.rule = plan.rule;
    entry.mutation = plan.mutation;
    if (!plan.instead) {
      entry.status = plan.response.status;
      entry.response_headers = plan.response.headers;
      const bool has_body = plan.response.body != nullptr && !plan.response.head_only;
      entry.body_size = has_body ? plan.response.body->size() : 0;
    }
    entry.connection = request.connection;
    entry.host = std::move(request.host);
    entry.method = std::move(request.method);
    entry.target = std::move(request.target);
    entry.request_headers = std::move(request.headers);
    entry.request_body_size = request.body.size();
    entry.request_body = request.body.size() <= journal::kMaxKeptBody
                             ? std::move(request.body)
                             : request.body.substr(0, journal::kMaxKeptBody);
    return journal_.Append(std::move(entry));
  }

  Clock& clock_;
  std::optional<std::uint64_t> seed_;
  journal::Journal journal_;
  std::mutex steering_;  // one change of the stage at a time
  std::atomic<std::shared_ptr<Stage>> stage_;
  wire::InFlight in_flight_;
  std::atomic<bool> draining_ = false;
  Network network_;  // last: its servers stop before the rest goes
};

Registry::Registry(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Registry::~Registry() = default;

Result<std::unique_ptr<Registry>> Registry::Start(std::shared_ptr<const Scenario> scenario,
                                                  const Options& options) {
  auto impl = std::make_unique<Impl>(std::move(scenario), options);
  PULLPROOF_RETURN_IF_ERROR(impl->Listen(options.port));
  return std::unique_ptr<Registry>(new Registry(std::move(impl)));
}

std::unique_ptr<Registry> Registry::InMemory(std::shared_ptr<const Scenario> scenario,
                                             const Options& options) {
  return std::unique_ptr<Registry>(
      new Registry(std::make_unique<Impl>(std::move(scenario), options)));
}

std::string Registry::Authority(std::string_view host) const {
  return impl_->network().Authority(host);
}
std::string Registry::Origin(std::string_view host) const { return impl_->network().Origin(host); }
std::string Registry::CaPem() const { return impl_->network().CaPem(); }
std::string Registry::ProxyUrl() const { return impl_->network().ProxyUrl(); }
std::string Registry::HostOf(std::string_view authority) const {
  const Host* host = impl_->network().Find(authority);
  return host == nullptr ? std::string() : host->id;
}
const Scenario& Registry::scenario() const { return *impl_->scenario(); }
std::shared_ptr<const Scenario> Registry::SharedScenario() const { return impl_->scenario(); }
journal::Journal& Registry::journal() { return impl_->journal(); }
Clock& Registry::clock() const { return impl_->clock(); }

script::Plan Registry::Exchange(const api::Request& request) {
  return impl_->Exchange(request, Way::kDirect);
}

void Registry::Complete(const script::Plan& plan, std::uint64_t body_sent, std::string_view ending,
                        std::optional<Duration> began) {
  impl_->Complete(plan, body_sent, ending, began);
}

std::vector<auth::Secret> Registry::Secrets() const { return impl_->Secrets(); }

bool Registry::EnableRule(std::string_view id, bool enabled) {
  return impl_->EnableRule(id, enabled);
}

void Registry::BeginDrain() { impl_->BeginDrain(); }
bool Registry::AwaitDrained(Duration timeout) { return impl_->AwaitDrained(timeout); }

std::vector<RuleState> Registry::Rules() const { return impl_->Rules(); }

Result<void> Registry::AddRule(std::string_view rule, const std::optional<std::string>& before) {
  return impl_->AddRule(rule, before);
}

Result<void> Registry::ReplaceRule(std::string_view rule) { return impl_->ReplaceRule(rule); }

script::State Registry::State() const { return impl_->State(); }
void Registry::SetState(script::State state) { impl_->SetState(std::move(state)); }

void Registry::Reset() { impl_->Reset(); }

Result<void> Registry::Replace(std::shared_ptr<const Scenario> scenario) {
  return impl_->Replace(std::move(scenario));
}

std::vector<journal::Unmatched> Registry::Unmatched(std::size_t limit) const {
  return impl_->Unmatched(limit);
}

std::function<bool(const journal::Entry&)> FiredRule(std::string rule) {
  return [rule = std::move(rule)](const journal::Entry& entry) { return entry.rule == rule; };
}

std::function<bool(const journal::Entry&)> Operation(std::string operation) {
  return [operation = std::move(operation)](const journal::Entry& entry) {
    return entry.operation == operation;
  };
}

}  // namespace pullproof::mockregistry
