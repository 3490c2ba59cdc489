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
#include "mockregistry/journal/near_miss.h"
#include "mockregistry/journal/query.h"
#include "mockregistry/scenario.h"
#include "mockregistry/script/engine.h"
#include "mockregistry/script/plan.h"
#include "mockregistry/script/rule.h"

namespace pullproof::mockregistry {

struct Options {
  Clock* clock = nullptr;  // null: the system's
  std::uint16_t port = 0;  // of the first host; 0: any free one
  std::size_t journal_capacity = journal::Journal::kDefaultCapacity;  // 0: no journal
  // Instead of the fixture's, for what is left to chance and for tokens; content stays the same.
  std::optional<std::uint64_t> seed = std::nullopt;
  // Is given each exchange when it is over, one at a time, with the id of the fixture.
  std::function<void(std::string_view fixture, const journal::Entry&)> sink = nullptr;
};

// A rule as it stands now.
struct RuleState {
  std::string id;
  std::string why;
  bool enabled = false;
  std::uint64_t matched = 0;  // requests that its `on` matched; 0: a rule that never had its turn
  std::uint64_t fired = 0;
};

// All methods are thread-safe.
class Registry {
 public:
  // Ready means bound and listening: when this returns, every host takes connections.
  // Errors: registry.bind (address in use, no such address), registry.tls (no certificate could be
  // made).
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

  // "127.0.0.1:40123", for any of the fixture's hosts; of one that has names behind the proxy the
  // first of them: "registry-1.docker.io".
  [[nodiscard]] std::string Authority(std::string_view host = "registry") const;
  // The same with its scheme: "http://127.0.0.1:40123", or https:// when the host speaks TLS.
  [[nodiscard]] std::string Origin(std::string_view host = "registry") const;
  // The certificate, in PEM, of the authority that signed those of the hosts that speak TLS: for
  // SSL_CERT_FILE and the like. Empty when none does.
  [[nodiscard]] std::string CaPem() const;
  // "http://127.0.0.1:40125", for HTTP_PROXY and HTTPS_PROXY: the way to the hosts that have names.
  // Empty when none has. It never dials out.
  [[nodiscard]] std::string ProxyUrl() const;
  // The fixture's host behind "127.0.0.1:40123", or with a name behind the proxy; empty when it is
  // none of ours.
  [[nodiscard]] std::string HostOf(std::string_view authority) const;
  // The reference is good until the next Replace; the pointer as long as it is held.
  [[nodiscard]] const Scenario& scenario() const;
  [[nodiscard]] std::shared_ptr<const Scenario> SharedScenario() const;
  [[nodiscard]] journal::Journal& journal();
  // The clock that stamps the journal: a client without sockets waits on the same one.
  [[nodiscard]] Clock& clock() const;

  // One request through the same rooms as from a socket; the caller carries the plan out (its wait
  // has not been waited) and then tells the journal with Complete.
  script::Plan Exchange(const api::Request& request);
  // What became of a plan: bytes of the body handed over, how it ended ("complete", "cut fin",
  // "cut rst", "hang", "reset", "client gone"), and when it began to go out (on the clock of the
  // registry; absent: now).
  void Complete(const script::Plan& plan, std::uint64_t body_sent, std::string_view ending,
                std::optional<Duration> began = std::nullopt);
  // Every secret that was given to a client, and the hosts that may see it: for leak checks.
  [[nodiscard]] std::vector<auth::Secret> Secrets() const;

  // --- Steering ------------------------------------------------------------------------------
  // Each is one step: an exchange sees the registry as before it or as after it.

  // Turns a rule on or off; false when there is none of that id.
  bool EnableRule(std::string_view id, bool enabled);
  // In the order in which they are asked.
  [[nodiscard]] std::vector<RuleState> Rules() const;
  // Adds a rule before the one of that id, or behind the last; replaces the one that has its id.
  // The new rule counts from 0, the others and the state go on. `rule` is one entry of `rules` as a
  // fixture has it: TOML's inside of an inline table (`id = "gone", on = { op = "blob.get" }, do =
  // { status = 404 }`), or a JSON object. Errors: rules.exists, rules.unknown, rules.too-many, and
  // those of script::ReadRules.
  Result<void> AddRule(std::string_view rule,
                       const std::optional<std::string>& before = std::nullopt);
  Result<void> ReplaceRule(std::string_view rule);
  // What `when` and `then` speak of. Set replaces the whole of it.
  [[nodiscard]] script::State State() const;
  void SetState(script::State state);
  // Counters, state, tokens, content and the journal as after the start; rules as in the fixture.
  void Reset();
  // Plays another fixture from now on, with everything as after a start but the journal, which goes
  // on. Error: registry.hosts, when its hosts are not those that listen here.
  Result<void> Replace(std::shared_ptr<const Scenario> scenario);

  // --- Asking --------------------------------------------------------------------------------

  // The last `limit` answers that no rule shaped, each with the rules that came nearest to it.
  [[nodiscard]] std::vector<journal::Unmatched> Unmatched(std::size_t limit = 20) const;

  // --- Stopping ------------------------------------------------------------------------------

  // From now on every connection ends with its next answer.
  void BeginDrain();
  // Until no exchange or handshake is under way on any socket; false after `timeout` of real time.
  bool AwaitDrained(Duration timeout);

 private:
  class Impl;
  explicit Registry(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Expectations ask the same questions of the journal as rules ask of requests.
using journal::SubjectOf;

// Journal questions.
std::function<bool(const journal::Entry&)> FiredRule(std::string rule);
std::function<bool(const journal::Entry&)> Operation(std::string operation);

}  // namespace pullproof::mockregistry

#endif  // PULLPROOF_MOCKREGISTRY_REGISTRY_H_
