// The script at work: which rule fires for a request.
#ifndef PULLPROOF_MOCKREGISTRY_SCRIPT_ENGINE_H_
#define PULLPROOF_MOCKREGISTRY_SCRIPT_ENGINE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "mockregistry/script/apply.h"
#include "mockregistry/script/rule.h"

namespace pullproof::mockregistry::script {

// Counters and state of one registry's rules. Thread-safe: a request that no rule matches takes no
// lock, and rules for other operations or other content cost next to nothing.
class Engine {
 public:
  // The rules outlive the engine.
  Engine(std::span<const Rule> rules, std::uint64_t seed);
  ~Engine();

  // The first enabled rule that matches, whose `when` holds and that is picked; null for the honest
  // answer. A rule counts the requests that get as far as its `pick`; one that does not pick is
  // passed over. Then the state moves. A key that no rule has set yet is the empty text.
  const Rule* Choose(const Subject& subject, std::uint64_t connection);

  // False when there is no rule of that id.
  bool Enable(std::string_view id, bool enabled);
  // Counters and state as at the start; rules enabled as in the fixture.
  void Reset();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_MOCKREGISTRY_SCRIPT_ENGINE_H_
