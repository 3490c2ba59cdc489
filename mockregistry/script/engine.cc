#include "mockregistry/script/engine.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mockregistry/script/chance.h"
#include "mockregistry/script/counter.h"

namespace pullproof::mockregistry::script {
namespace {

// A sieve: most rules mean one piece of content, one repository or one tag, and one bit of each
// tells most others apart, without a look at the rule.
using Bits = std::uint64_t;
constexpr Bits kAny = ~Bits{0};

Bits BitOf(std::string_view text) {
  constexpr std::size_t kBits = 64;
  return Bits{1} << (std::hash<std::string_view>{}(text) % kBits);
}

Bits BitsOfNames(const Matcher& on) {
  if (on.names().empty()) return kAny;
  Bits bits = 0;
  for (const std::string& name : on.names()) bits |= BitOf(name);
  return bits;
}

Bits BitsOf(const std::optional<TextMatcher>& matcher) {
  const std::optional<std::string_view> text = matcher ? matcher->OnlyText() : std::nullopt;
  return text ? BitOf(*text) : kAny;
}

// What stands for the content in a counter: its name, or the reference of what was pushed.
std::string_view ContentKey(const Subject& subject) {
  return subject.name.empty() ? subject.reference : subject.name;
}

std::unexpected<Error> UnknownRule(std::string_view id) {
  return Fail("rules.unknown", fmt::format("there is no rule `{}`", id));
}

}  // namespace

class Engine::Impl {
 public:
  Impl(std::span<const Rule> rules, std::uint64_t seed)
      : seed_(seed), shared_(std::make_shared<Shared>()) {
    for (const Rule& rule : rules) rules_.push_back(std::make_shared<Active>(&rule));
    FindCandidates();
  }

  [[nodiscard]] std::unique_ptr<Impl> WithInserted(Rule rule, std::size_t at) const {
    auto copy = std::unique_ptr<Impl>(new Impl(*this));
    copy->rules_.insert(copy->rules_.begin() + static_cast<std::ptrdiff_t>(at),
                        std::make_shared<Active>(std::make_shared<const Rule>(std::move(rule))));
    copy->FindCandidates();
    return copy;
  }

  [[nodiscard]] std::unique_ptr<Impl> WithReplaced(Rule rule, std::size_t at) const {
    auto copy = std::unique_ptr<Impl>(new Impl(*this));
    copy->rules_[at] = std::make_shared<Active>(std::make_shared<const Rule>(std::move(rule)));
    copy->FindCandidates();
    return copy;
  }

  // Their number when there is none of that id.
  [[nodiscard]] std::size_t PlaceOf(std::string_view id) const {
    return static_cast<std::size_t>(
        std::ranges::find(rules_, id,
                          [](const auto& active) -> std::string_view { return active->rule->id; }) -
        rules_.begin());
  }
  [[nodiscard]] std::size_t size() const { return rules_.size(); }

  const Rule* Choose(const Subject& subject, std::uint64_t connection, std::uint64_t* firing) {
    const auto operation = static_cast<std::size_t>(OperationOf(subject.operation));
    if (candidates_[operation].empty()) return nullptr;
    const Bits name = BitOf(subject.name);
    const Bits repository = BitOf(subject.repository);
    const Bits reference = BitOf(subject.reference);
    const bool at_proxy = subject.host == kProxyHost;
    for (const auto& [active, names, repositories, references] : candidates_[operation]) {
      if ((names & name) == 0 || (references & reference) == 0 ||
          (repositories & repository) == 0) {
        continue;
      }
      if (!active->enabled.load(std::memory_order_relaxed)) continue;
      if (at_proxy && !active->rule->on.host()) continue;
      if (Fires(*active, subject, connection, firing)) return active->rule;
    }
    return nullptr;
  }

  const Rule* ChooseOpening(Moment moment, std::string_view host, std::uint64_t connection) {
    Subject subject;
    subject.host = host;
    for (Active* active : openings_) {
      const bool refuses = active->rule->effect.opening == Opening::kRefuse;
      if (refuses != (moment == Moment::kConnect)) continue;
      if (!active->enabled.load(std::memory_order_relaxed)) continue;
      if (Fires(*active, subject, connection, nullptr)) return active->rule;
    }
    return nullptr;
  }

  bool Enable(std::string_view id, bool enabled) {
    const std::size_t place = PlaceOf(id);
    if (place == rules_.size()) return false;
    rules_[place]->enabled.store(enabled);
    return true;
  }

  void Reset() {
    const std::scoped_lock lock(shared_->mutex);
    for (const auto& active : rules_) {
      active->counter.Clear();
      active->matched.store(0);
      active->fired.store(0);
      active->enabled.store(active->rule->enabled);
    }
    shared_->state.clear();
  }

  [[nodiscard]] std::vector<RuleStatus> Rules() const {
    const std::scoped_lock lock(shared_->mutex);
    std::vector<RuleStatus> statuses;
    statuses.reserve(rules_.size());
    for (const auto& active : rules_) {
      statuses.push_back({.rule = active->rule,
                          .enabled = active->enabled.load(),
                          .holds = Holds(*active->rule),
                          .matched = active->matched.load(),
                          .fired = active->fired.load()});
    }
    return statuses;
  }

  [[nodiscard]] State CurrentState() const {
    const std::scoped_lock lock(shared_->mutex);
    return shared_->state;
  }

  void SetState(State state) {
    const std::scoped_lock lock(shared_->mutex);
    shared_->state.swap(state);
  }

 private:
  // A rule with what it remembers. Engines that were made from one another share it.
  struct Active {
    explicit Active(const Rule* written) : rule(written), enabled(written->enabled) {}
    explicit Active(std::shared_ptr<const Rule> added)
        : owner(std::move(added)), rule(owner.get()), enabled(rule->enabled) {}

    std::shared_ptr<const Rule> owner;  // of a rule that was added
    const Rule* rule;
    std::atomic<bool> enabled;
    std::atomic<std::uint64_t> matched = 0;
    std::atomic<std::uint64_t> fired = 0;
    KeyedCounter counter;  // guarded by Shared::mutex
  };

  struct Shared {
    std::mutex mutex;
    State state;
  };

  struct Candidate {
    Active* active;
    // Without the bits of a request's name, repository and reference it cannot match.
    Bits names;
    Bits repositories;
    Bits references;
  };

  Impl(const Impl&) = default;

  void FindCandidates() {
    openings_.clear();
    for (const auto& active : rules_) {
      if (IsOpening(active)) openings_.push_back(active.get());
    }
    for (std::size_t operation = 0; operation < kOperations; ++operation) {
      candidates_[operation].clear();
      for (const auto& active : rules_) {
        if (!IsOpening(active) &&
            active->rule->on.operations().Has(static_cast<api::Operation>(operation))) {
          const Matcher& on = active->rule->on;
          candidates_[operation].push_back({.active = active.get(),
                                            .names = BitsOfNames(on),
                                            .repositories = BitsOf(on.repository()),
                                            .references = BitsOf(on.reference())});
        }
      }
    }
  }

  static bool IsOpening(const std::shared_ptr<Active>& active) {
    return active->rule->effect.opening.has_value();
  }

  // Of an enabled rule for the operation.
  bool Fires(Active& active, const Subject& subject, std::uint64_t connection,
             std::uint64_t* firing) {
    if (!active.rule->on.MatchesBesideOperation(subject)) return false;
    active.matched.fetch_add(1, std::memory_order_relaxed);
    if (!Take(active, subject, connection)) return false;
    const std::uint64_t before = active.fired.fetch_add(1, std::memory_order_relaxed);
    if (firing != nullptr) *firing = before + 1;
    return true;
  }

  // Counting, picking and moving the state are one step.
  bool Take(Active& active, const Subject& subject, std::uint64_t connection) {
    const std::scoped_lock lock(shared_->mutex);
    if (!Holds(*active.rule) || !Picks(active, subject, connection)) return false;
    for (const auto& [key, value] : active.rule->then) shared_->state[key] = value;
    return true;
  }

  [[nodiscard]] bool Holds(const Rule& rule) const {
    return std::ranges::all_of(rule.when, [this](const auto& wanted) {
      const auto found = shared_->state.find(wanted.first);
      return wanted.second == (found == shared_->state.end() ? std::string_view() : found->second);
    });
  }

  [[nodiscard]] bool Picks(Active& active, const Subject& subject, std::uint64_t connection) const {
    const Pick& pick = active.rule->pick;
    if (pick.kind == Pick::Kind::kAlways) return true;
    const bool per_content = pick.per == Pick::Per::kContent;
    std::string key;
    if (per_content) key = ContentKey(subject);
    if (pick.per == Pick::Per::kConnection) key = std::to_string(connection);
    const std::uint64_t n = active.counter.Next(key);
    switch (pick.kind) {
      case Pick::Kind::kAlways:
        return true;
      case Pick::Kind::kFirst:
        return n <= pick.n;
      case Pick::Kind::kNth:
        return n == pick.n;
      case Pick::Kind::kEvery:
        return n % pick.n == 0;
      case Pick::Kind::kFrom:
        return n >= pick.n;
      case Pick::Kind::kChance:
        return Happens(pick.chance, seed_, active.rule->id, n,
                       per_content ? std::string_view(key) : std::string_view());
    }
    return false;
  }

  std::uint64_t seed_;
  std::shared_ptr<Shared> shared_;
  std::vector<std::shared_ptr<Active>> rules_;
  std::array<std::vector<Candidate>, kOperations> candidates_;  // per operation, rules in order
  std::vector<Active*> openings_;  // rules for what comes before a request, in order
};

Engine::Engine(std::span<const Rule> rules, std::uint64_t seed)
    : impl_(std::make_unique<Impl>(rules, seed)) {}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::With(Rule rule,
                                             const std::optional<std::string>& before) const {
  if (impl_->PlaceOf(rule.id) != impl_->size()) {
    return Fail("rules.exists", fmt::format("there is a rule `{}` already", rule.id), {},
                "replace it, or choose another id");
  }
  if (impl_->size() >= kMaxRules) {
    return Fail("rules.too-many", fmt::format("more than {} rules", kMaxRules));
  }
  const std::size_t place = before ? impl_->PlaceOf(*before) : impl_->size();
  if (before && place == impl_->size()) return UnknownRule(*before);
  return std::unique_ptr<Engine>(new Engine(impl_->WithInserted(std::move(rule), place)));
}

Result<std::unique_ptr<Engine>> Engine::WithReplaced(Rule rule) const {
  const std::size_t place = impl_->PlaceOf(rule.id);
  if (place == impl_->size()) return UnknownRule(rule.id);
  return std::unique_ptr<Engine>(new Engine(impl_->WithReplaced(std::move(rule), place)));
}

const Rule* Engine::Choose(const Subject& subject, std::uint64_t connection,
                           std::uint64_t* firing) {
  return impl_->Choose(subject, connection, firing);
}

const Rule* Engine::ChooseOpening(Moment moment, std::string_view host, std::uint64_t connection) {
  return impl_->ChooseOpening(moment, host, connection);
}

bool Engine::Enable(std::string_view id, bool enabled) { return impl_->Enable(id, enabled); }

void Engine::Reset() { impl_->Reset(); }

std::vector<RuleStatus> Engine::Rules() const { return impl_->Rules(); }

State Engine::CurrentState() const { return impl_->CurrentState(); }

void Engine::SetState(State state) { impl_->SetState(std::move(state)); }

}  // namespace pullproof::mockregistry::script
