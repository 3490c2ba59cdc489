#include "mockregistry/registry.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mockregistry/api/handle.h"
#include "mockregistry/api/route.h"
#include "mockregistry/script/engine.h"
#include "mockregistry/store/store.h"
#include "mockregistry/wire/server.h"
#include "oci/digest.h"

namespace pullproof::mockregistry {
namespace {

Clock& SystemClockInstance() {
  static SystemClock clock;  // has no state
  return clock;
}

// Chance and tokens depend on the fixture and the options alone, never on the run.
std::uint64_t SeedOf(const content::Fixture& fixture, const Options& options) {
  if (options.seed) return *options.seed;
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

}  // namespace

class Registry::Impl {
 public:
  Impl(std::shared_ptr<const Scenario> scenario, const Options& options)
      : scenario_(std::move(scenario)),
        clock_(options.clock != nullptr ? *options.clock : SystemClockInstance()),
        journal_(options.journal_capacity),
        limits_(LimitsOf(scenario_->fixture)),
        engine_(scenario_->rules, SeedOf(scenario_->fixture, options)),
        authenticator_(scenario_->auth, SeedOf(scenario_->fixture, options),
                       [this](std::string_view host) { return Origin(host); }),
        store_(std::make_shared<store::Store>(scenario_->content)) {
    for (const Host& host : scenario_->hosts) {
      authorities_.emplace_back(host.id, host.id + ".localhost");
    }
  }

  Result<void> Listen(std::uint16_t first_port) {
    for (std::size_t i = 0; i < scenario_->hosts.size(); ++i) {
      const Host& host = scenario_->hosts[i];
      const bool is_v6 = host.name == "::1";
      const bool is_literal = host.name.starts_with("127.");
      const wire::Handler handler{
          .exchange =
              [this, id = host.id](api::Request request) {
                request.host = id;
                return Exchange(request);
              },
          .complete = [this](const script::Plan& plan, std::uint64_t body_sent,
                             std::string_view ending) { Complete(plan, body_sent, ending); }};
      PULLPROOF_ASSIGN_OR_RETURN(
          std::unique_ptr<wire::Server> server,
          wire::Server::Start(is_v6        ? "::1"
                              : is_literal ? host.name
                                           : "127.0.0.1",
                              i == 0 ? first_port : std::uint16_t{0}, handler, clock_));
      authorities_[i].second = fmt::format("{}:{}", is_v6 ? "[::1]" : host.name, server->port());
      servers_.push_back(std::move(server));
    }
    return {};
  }

  // The way of a request: what it means, whether its host takes it, who is asking, which rule
  // fires, what an honest registry would say, and what the rule makes of that.
  script::Plan Exchange(const api::Request& request) {
    journal::Entry entry;
    entry.received = clock_.Now();
    const std::shared_ptr<store::Store> store = store_.load();
    const api::Route route = api::RouteOf(request.method, request.target);
    const std::string name = store->NameOf(route.repository, route.reference);
    const script::Subject subject{.operation = api::OperationName(route.operation),
                                  .host = request.host,
                                  .repository = route.repository,
                                  .reference = route.reference,
                                  .name = name,
                                  .method = request.method,
                                  .target = request.target,
                                  .headers = &request.headers};
    script::Plan plan = MakePlan(request, route, subject, *store);
    plan.entry = Witness(std::move(entry), request, subject, plan);
    return plan;
  }

  void Complete(const script::Plan& plan, std::uint64_t body_sent, std::string_view ending) {
    const Duration now = clock_.Now();
    journal_.Complete(plan.entry, [&](journal::Entry& entry) {
      entry.answered = now;
      entry.body_sent = body_sent;
      entry.ending = ending;
    });
  }

  void Reset() {
    engine_.Reset();
    authenticator_.Reset();
    store_.store(std::make_shared<store::Store>(scenario_->content));
    journal_.Clear();
  }

  [[nodiscard]] std::string Authority(std::string_view host) const {
    const auto found = std::ranges::find(authorities_, host, &HostAuthority::first);
    return found == authorities_.end() ? std::string() : found->second;
  }

  [[nodiscard]] std::string HostOf(std::string_view authority) const {
    const auto found = std::ranges::find(authorities_, authority, &HostAuthority::second);
    return found == authorities_.end() ? std::string() : found->first;
  }

  [[nodiscard]] const Scenario& scenario() const { return *scenario_; }
  journal::Journal& journal() { return journal_; }
  [[nodiscard]] Clock& clock() const { return clock_; }
  script::Engine& engine() { return engine_; }
  auth::Authenticator& authenticator() { return authenticator_; }

 private:
  using HostAuthority = std::pair<std::string, std::string>;  // "cdn", "localhost:40123"

  [[nodiscard]] std::string Origin(std::string_view host) const {
    return "http://" + Authority(host);
  }

  script::Plan MakePlan(const api::Request& request, const api::Route& route,
                        const script::Subject& subject, store::Store& store) {
    const script::Surroundings surroundings{
        .content = &scenario_->content,
        .origin = [this](std::string_view host) { return Origin(host); }};
    const auto honest = [&](api::Response answer) {
      return script::Apply(nullptr, request, std::move(answer), surroundings);
    };
    const Host& host = *std::ranges::find(scenario_->hosts, request.host, &Host::id);
    if (host.rejects && host.rejects->Matches(subject)) {
      return honest(
          api::ErrorResponse("UNSUPPORTED", "this host refuses such requests", host.reject_status));
    }
    // What authentication refuses never reaches the script: rules count real exchanges.
    if (std::optional<api::Response> refusal = authenticator_.Check(request, route)) {
      return honest(*std::move(refusal));
    }
    const script::Rule* rule = engine_.Choose(subject, request.connection);
    return script::Apply(rule, request, Answer(request, route, host, rule, store), surroundings);
  }

  api::Response Answer(const api::Request& request, const api::Route& route, const Host& host,
                       const script::Rule* rule, store::Store& store) {
    if (route.operation == api::Operation::kToken) {
      return authenticator_.Token(request, route,
                                  rule != nullptr ? rule->effect.token : std::nullopt);
    }
    if (!Serves(host, route.operation)) {
      return api::ErrorResponse("NAME_UNKNOWN", "this host does not serve that", 404);
    }
    api::Context context;
    context.store = &store;
    context.limits = limits_;
    if (rule != nullptr && rule->effect.list) {
      context.list = rule->effect.list;
      context.list->origin = Origin(rule->effect.list_host.value_or(request.host));
    }
    return api::Handle(request, route, context);
  }

  std::uint64_t Witness(journal::Entry entry, const api::Request& request,
                        const script::Subject& subject, const script::Plan& plan) {
    entry.connection = request.connection;
    entry.host = request.host;
    entry.method = request.method;
    entry.target = request.target;
    entry.request_headers = request.headers;
    entry.request_body = request.body.substr(0, journal::kMaxKeptBody);
    entry.request_body_size = request.body.size();
    entry.operation = subject.operation;
    entry.repository = subject.repository;
    entry.reference = subject.reference;
    entry.name = subject.name;
    entry.rule = plan.rule;
    if (!plan.instead) {
      entry.status = plan.response.status;
      entry.response_headers = plan.response.headers;
      const bool has_body = plan.response.body != nullptr && !plan.response.head_only;
      entry.body_size = has_body ? plan.response.body->size() : 0;
    }
    return journal_.Append(std::move(entry));
  }

  std::shared_ptr<const Scenario> scenario_;
  Clock& clock_;
  std::vector<HostAuthority> authorities_;  // in the order of the scenario's hosts
  journal::Journal journal_;
  api::Limits limits_;
  script::Engine engine_;
  auth::Authenticator authenticator_;
  std::atomic<std::shared_ptr<store::Store>> store_;
  std::vector<std::unique_ptr<wire::Server>> servers_;  // last: they stop before the rest goes
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

std::string Registry::Authority(std::string_view host) const { return impl_->Authority(host); }
std::string Registry::HostOf(std::string_view authority) const { return impl_->HostOf(authority); }
const Scenario& Registry::scenario() const { return impl_->scenario(); }
journal::Journal& Registry::journal() { return impl_->journal(); }
Clock& Registry::clock() const { return impl_->clock(); }

script::Plan Registry::Exchange(const api::Request& request) { return impl_->Exchange(request); }

void Registry::Complete(const script::Plan& plan, std::uint64_t body_sent,
                        std::string_view ending) {
  impl_->Complete(plan, body_sent, ending);
}

std::vector<auth::Secret> Registry::Secrets() const { return impl_->authenticator().Secrets(); }

bool Registry::EnableRule(std::string_view id, bool enabled) {
  return impl_->engine().Enable(id, enabled);
}

void Registry::Reset() { impl_->Reset(); }

script::Subject SubjectOf(const journal::Entry& entry) {
  return {.operation = entry.operation,
          .host = entry.host,
          .repository = entry.repository,
          .reference = entry.reference,
          .name = entry.name,
          .method = entry.method,
          .target = entry.target,
          .headers = &entry.request_headers};
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
