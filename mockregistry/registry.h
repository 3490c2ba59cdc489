// The one public face of the mock registry: load a fixture, start, ask the journal, stop.
//
//   Diagnostics problems("case.toml");
//   auto scenario = mockregistry::LoadScenario(text, "case.toml", ".", problems);
//   auto registry = mockregistry::Registry::Start(scenario);           // Result
//   …pull from (*registry)->Authority()…                               // "127.0.0.1:40123"
//   EXPECT_EQ((*registry)->journal().Count(mockregistry::FiredRule("cut")), 1);
#ifndef PULLPROOF_MOCKREGISTRY_REGISTRY_H_
#define PULLPROOF_MOCKREGISTRY_REGISTRY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "mockregistry/api/message.h"
#include "mockregistry/auth/auth.h"
#include "mockregistry/journal/journal.h"
#include "mockregistry/scenario.h"
#include "mockregistry/script/plan.h"
#include "mockregistry/script/rule.h"

namespace pullproof::mockregistry {

struct Options {
  Clock* clock = nullptr;  // null: the system's
  std::uint16_t port = 0;  // of the first host; 0: any free one
  std::size_t journal_capacity = journal::Journal::kDefaultCapacity;
  // Instead of the fixture's, for what is left to chance and for tokens; content stays the same.
  std::optional<std::uint64_t> seed = std::nullopt;
};

// All methods are thread-safe.
class Registry {
 public:
  // Ready means bound and listening: when this returns, every host takes connections.
  // Errors: registry.bind (address in use, no such address).
  static Result<std::unique_ptr<Registry>> Start(std::shared_ptr<const Scenario> scenario,
                                                 const Options& options = {});
  // Without any socket: only Exchange works, and Authority names hosts that do not exist
  // ("registry.localhost").
  static std::unique_ptr<Registry> InMemory(std::shared_ptr<const Scenario> scenario,
                                            const Options& options = {});
  // Closes every connection and joins every thread.
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // "127.0.0.1:40123", for any of the fixture's hosts.
  [[nodiscard]] std::string Authority(std::string_view host = "registry") const;
  // The fixture's host behind "127.0.0.1:40123"; empty when it is none of ours.
  [[nodiscard]] std::string HostOf(std::string_view authority) const;
  [[nodiscard]] const Scenario& scenario() const;
  [[nodiscard]] journal::Journal& journal();
  // The clock that stamps the journal: a client without sockets waits on the same one.
  [[nodiscard]] Clock& clock() const;

  // One request through the same rooms as from a socket; the caller carries the plan out (its wait
  // has not been waited) and then tells the journal with Complete.
  script::Plan Exchange(const api::Request& request);
  // What became of a plan: bytes of the body handed over, and how it ended ("complete", "cut fin",
  // "cut rst", "hang", "reset", "client gone").
  void Complete(const script::Plan& plan, std::uint64_t body_sent, std::string_view ending);
  // Every secret that was given to a client, and the hosts that may see it: for leak checks.
  [[nodiscard]] std::vector<auth::Secret> Secrets() const;

  // Turns a rule on or off; false when there is none of that id.
  bool EnableRule(std::string_view id, bool enabled);
  // Counters, state, tokens and the journal as after the start; rules as in the fixture.
  void Reset();

 private:
  class Impl;
  explicit Registry(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The entry as a matcher sees it: expectations ask the same questions of the journal as rules ask
// of requests. Valid as long as the entry.
script::Subject SubjectOf(const journal::Entry& entry);

// Journal questions.
std::function<bool(const journal::Entry&)> FiredRule(std::string rule);
std::function<bool(const journal::Entry&)> Operation(std::string operation);

}  // namespace pullproof::mockregistry

#endif  // PULLPROOF_MOCKREGISTRY_REGISTRY_H_
