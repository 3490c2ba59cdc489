#include "mockregistry/script/engine.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "mockregistry/script/chance.h"
#include "mockregistry/script/counter.h"

namespace pullproof::mockregistry::script {
namespace {

// A sieve for names: most rules mean one piece of content, and one bit tells most others apart.
constexpr std::uint64_t kAnyName = ~std::uint64_t{0};

std::uint64_t NameBit(std::string_view name) {
  constexpr std::size_t kBits = 64;
  return std::uint64_t{1} << (std::hash<std::string_view>{}(name) % kBits);
}

std::uint64_t NameBits(const Matcher& on) {
  if (on.names().empty()) return kAnyName;
  std::uint64_t bits = 0;
  for (const std::string& name : on.names()) bits |= NameBit(name);
  return bits;
}

// What stands for the content in a counter: its name, or the reference of what was pushed.
std::string_view ContentKey(const Subject& subject) {
  return subject.name.empty() ? subject.reference : subject.name;
}

}  // namespace

class Engine::Impl {
 public:
  Impl(std::span<const Rule> rules, std::uint64_t seed)
      : rules_(rules), seed_(seed), enabled_(rules.size()), counters_(rules.size()) {
    for (std::size_t operation = 0; operation < kOperations; ++operation) {
      for (std::size_t rule = 0; rule < rules.size(); ++rule) {
        if (rules[rule].on.operations().Has(static_cast<api::Operation>(operation))) {
          candidates_[operation].push_back({rule, NameBits(rules[rule].on)});
        }
      }
    }
    EnableAsWritten();
  }

  const Rule* Choose(const Subject& subject, std::uint64_t connection) {
    const auto operation = static_cast<std::size_t>(OperationOf(subject.operation));
    const std::uint64_t name = NameBit(subject.name);
    for (const auto& [index, names] : candidates_[operation]) {
      if ((names & name) == 0) continue;
      const Rule& rule = rules_[index];
      if (!enabled_[index].load(std::memory_order_relaxed)) continue;
      if (!rule.on.MatchesBesideOperation(subject)) continue;
      if (Take(index, subject, connection)) return &rule;
    }
    return nullptr;
  }

  bool Enable(std::string_view id, bool enabled) {
    const auto rule = std::ranges::find(rules_, id, &Rule::id);
    if (rule == rules_.end()) return false;
    enabled_[static_cast<std::size_t>(rule - rules_.begin())].store(enabled);
    return true;
  }

  void Reset() {
    const std::scoped_lock lock(mutex_);
    for (KeyedCounter& counter : counters_) counter.Clear();
    state_.clear();
    EnableAsWritten();
  }

 private:
  struct Candidate {
    std::size_t rule;
    std::uint64_t names;  // NameBits: without the bit of a request's name it cannot match
  };

  void EnableAsWritten() {
    for (std::size_t i = 0; i < rules_.size(); ++i) enabled_[i].store(rules_[i].enabled);
  }

  // Counting, picking and moving the state are one step.
  bool Take(std::size_t index, const Subject& subject, std::uint64_t connection) {
    const Rule& rule = rules_[index];
    const std::scoped_lock lock(mutex_);
    if (!Holds(rule) || !Picks(index, subject, connection)) return false;
    for (const auto& [key, value] : rule.then) state_[key] = value;
    return true;
  }

  [[nodiscard]] bool Holds(const Rule& rule) const {
    return std::ranges::all_of(rule.when, [this](const auto& wanted) {
      const auto found = state_.find(wanted.first);
      return wanted.second == (found == state_.end() ? std::string_view() : found->second);
    });
  }

  bool Picks(std::size_t index, const Subject& subject, std::uint64_t connection) {
    const Pick& pick = rules_[index].pick;
    if (pick.kind == Pick::Kind::kAlways) return true;
    const bool per_content = pick.per == Pick::Per::kContent;
    std::string key;
    if (per_content) key = ContentKey(subject);
    if (pick.per == Pick::Per::kConnection) key = std::to_string(connection);
    const std::uint64_t n = counters_[index].Next(key);
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
        return Happens(pick.chance, seed_, rules_[index].id, n,
                       per_content ? std::string_view(key) : std::string_view());
    }
    return false;
  }

  std::span<const Rule> rules_;
  std::uint64_t seed_;
  std::array<std::vector<Candidate>, kOperations> candidates_;  // per operation, rules in order
  std::vector<std::atomic<bool>> enabled_;
  std::mutex mutex_;  // guards what follows
  std::vector<KeyedCounter> counters_;
  std::map<std::string, std::string, std::less<>> state_;
};

Engine::Engine(std::span<const Rule> rules, std::uint64_t seed)
    : impl_(std::make_unique<Impl>(rules, seed)) {}

Engine::~Engine() = default;

const Rule* Engine::Choose(const Subject& subject, std::uint64_t connection) {
  return impl_->Choose(subject, connection);
}

bool Engine::Enable(std::string_view id, bool enabled) { return impl_->Enable(id, enabled); }

void Engine::Reset() { impl_->Reset(); }

}  // namespace pullproof::mockregistry::script
