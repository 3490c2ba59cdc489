// The script at work: which rule fires for a request, and what it makes of the honest answer.
#ifndef PULLPROOF_MOCKREGISTRY_SCRIPT_ENGINE_H_
#define PULLPROOF_MOCKREGISTRY_SCRIPT_ENGINE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "mockregistry/api/message.h"
#include "mockregistry/content/content.h"
#include "mockregistry/script/plan.h"
#include "mockregistry/script/rule.h"

namespace pullproof::mockregistry::script {

// Counters and state of one registry's rules. Thread-safe.
class Engine {
 public:
  // The rules outlive the engine.
  Engine(std::span<const Rule> rules, std::uint64_t seed);
  ~Engine();

  // The first enabled rule that matches, is picked and whose `when` holds; null for the honest
  // answer. A rule that matches but is not picked is passed over. Counts, and moves the state.
  const Rule* Choose(const Subject& subject, std::uint64_t connection);

  // False when there is no rule of that id.
  bool Enable(std::string_view id, bool enabled);
  // Counters and state as at the start; rules enabled as in the fixture.
  void Reset();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// What Apply needs to know beside the rule.
struct Surroundings {
  const content::Content* content = nullptr;
  std::function<std::string(std::string_view)> origin;  // host id -> "http://127.0.0.1:1234"
};

// Lays the rule's effect over the honest answer, phase by phase; without a rule the plan is the
// answer. `effect.list` and `effect.token` have already shaped the answer. Pure.
Plan Apply(const Rule* rule, const api::Request& request, const Subject& subject,
           api::Response answer, const Surroundings& surroundings);

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_MOCKREGISTRY_SCRIPT_ENGINE_H_
