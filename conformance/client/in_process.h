// Runs a client that is written in C++ against a registry: the wire, the clock and the budget that
// it works with, and what it comes to.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_IN_PROCESS_H_
#define PULLPROOF_CONFORMANCE_CLIENT_IN_PROCESS_H_

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "conformance/client/client.h"
#include "mockregistry/registry.h"
#include "resolver/transport/transport.h"

namespace pullproof::conformance::client {

// What the work may use; all of it ends with the work.
struct Surroundings {
  resolver::transport::Transport* transport;
  Clock* clock;
};
// Gives the tags of a list-tags, the digests of a referrers, else nothing. They are also what it
// prints, one to a line.
using Work = std::function<Result<std::vector<std::string>>(const Surroundings&)>;

// Over sockets the clock is the system's. In process it is the registry's own: on a ManualClock
// every wait is free. The outcome is kHung when the budget was overrun, else kOk or kFailed with
// the error's text in `err` and its class. An exception is a crash. Thread-safe.
// `sockets` is used over sockets.
Attempt RunInProcess(Wire wire, const Task& task, mockregistry::Registry& registry,
                     resolver::transport::Transport& sockets, const Work& work);

// What every client in this process shares: a subclass only says what it can do, and does it.
class InProcessClient : public Client {
 public:
  [[nodiscard]] std::string version() const override;
  // In process there is neither TLS nor a proxy.
  [[nodiscard]] bool Supports(Verb verb, const std::vector<std::string>& needs) const override;
  Attempt Run(const Task& task, mockregistry::Registry& registry) override;

 protected:
  // What the spans show outlives the client.
  InProcessClient(Wire wire, std::span<const Verb> verbs,
                  std::span<const std::string_view> capabilities)
      : wire_(wire), verbs_(verbs), capabilities_(capabilities) {}

  // What it reaches registries with over sockets: libcurl with the task's certificates and proxy.
  [[nodiscard]] virtual Result<std::unique_ptr<resolver::transport::Transport>> Sockets(
      const Task& task) const;

 private:
  // Only for verbs that it supports. Thread-safe.
  [[nodiscard]] virtual Result<std::vector<std::string>> Do(
      const Task& task, const mockregistry::Registry& registry,
      const Surroundings& surroundings) const = 0;

  Wire wire_;
  std::span<const Verb> verbs_;
  std::span<const std::string_view> capabilities_;
};

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_IN_PROCESS_H_
