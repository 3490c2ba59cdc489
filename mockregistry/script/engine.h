// The script at work: which rule fires for a request.
#ifndef PULLPROOF_MOCKREGISTRY_SCRIPT_ENGINE_H_
#define PULLPROOF_MOCKREGISTRY_SCRIPT_ENGINE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mockregistry/script/apply.h"
#include "mockregistry/script/effect.h"
#include "mockregistry/script/rule.h"
#include "mockregistry/script/vocabulary.h"

namespace pullproof::mockregistry::script {

// How a rule stands at this moment.
struct RuleStatus {
  const Rule* rule = nullptr;  // lives as long as the engine that was asked
  bool enabled = false;
  bool holds = false;         // its `when`, in the present state
  std::uint64_t matched = 0;  // requests that its `on` matched while it was enabled
  std::uint64_t fired = 0;
};

using State = std::map<std::string, std::string, std::less<>>;

// Counters and state of one registry's rules. Thread-safe: a request that no rule matches takes no
// lock, and rules for other operations or other content cost next to nothing.
class Engine {
 public:
  // The rules outlive the engine, and every engine that is made from it.
  Engine(std::span<const Rule> rules, std::uint64_t seed);
  ~Engine();

  // An engine with one more rule, before the one of that id, or at the end. Counters and state are
  // shared with this one, which may go on serving meanwhile. Errors: rules.exists, rules.unknown
  // (`before`), rules.too-many.
  [[nodiscard]] Result<std::unique_ptr<Engine>> With(
      Rule rule, const std::optional<std::string>& before) const;
  // An engine with that rule in the place of the one with its id; it counts from 0. Error:
  // rules.unknown.
  [[nodiscard]] Result<std::unique_ptr<Engine>> WithReplaced(Rule rule) const;

  // The first enabled rule that matches, whose `when` holds and that is picked; null for the honest
  // answer. A rule counts the requests that get as far as its `pick`; one that does not pick is
  // passed over. Then the state moves. A key that no rule has set yet is the empty text.
  // Rules for what comes before a request are not asked. Of requests to the proxy itself
  // (kProxyHost) only rules are asked that name it: "every request" does not mean those.
  // `firing`, unless it is null, becomes how often the rule that is returned has fired, this time
  // included.
  const Rule* Choose(const Subject& subject, std::uint64_t connection,
                     std::uint64_t* firing = nullptr);
  // The same for a connection before its first request. Those that come in are met by the rules
  // with Opening::kRefuse, handshakes by all others with an opening.
  enum class Moment { kConnect, kHandshake };
  const Rule* ChooseOpening(Moment moment, std::string_view host, std::uint64_t connection);

  // False when there is no rule of that id.
  bool Enable(std::string_view id, bool enabled);
  // Counters and state as at the start; rules enabled as they are written.
  void Reset();

  // In the order in which they are asked.
  [[nodiscard]] std::vector<RuleStatus> Rules() const;
  [[nodiscard]] State CurrentState() const;
  // Replaces the whole of it.
  void SetState(State state);

 private:
  class Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_MOCKREGISTRY_SCRIPT_ENGINE_H_
