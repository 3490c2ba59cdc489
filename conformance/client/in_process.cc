#include "conformance/client/in_process.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "conformance/client/budget.h"
#include "conformance/client/error_class.h"
#include "conformance/client/home.h"
#include "conformance/client/in_process_transport.h"
#include "resolver/transport/curl_transport.h"

namespace pullproof::conformance::client {
namespace {

void Record(const Result<std::vector<std::string>>& result, Attempt& attempt) {
  if (result) {
    attempt.outcome = Outcome::kOk;
    attempt.tags = *result;
    attempt.out = fmt::format("{}", fmt::join(*result, "\n"));
    return;
  }
  attempt.outcome = Outcome::kFailed;
  attempt.exit_status = 1;  // what `pullproof resolve` would end with
  attempt.err = Describe(result.error());
  attempt.error_class = ErrorClassOf(result.error().id);
  if (result.error().id == "transport.unsupported") attempt.outcome = Outcome::kUnsupported;
}

}  // namespace

Attempt RunInProcess(Wire wire, const Task& task, mockregistry::Registry& registry,
                     resolver::transport::Transport& sockets, const Work& work) {
  Clock& clock = registry.clock();
  Budget budget(clock, task.budget);
  BudgetClock budget_clock(clock, budget);
  InProcessTransport in_process(registry, budget_clock);
  resolver::transport::Transport& chosen =
      wire == Wire::kInProcess ? static_cast<resolver::transport::Transport&>(in_process) : sockets;
  BudgetTransport transport(chosen, budget);

  Attempt attempt;
  const Duration start = clock.Now();
  try {
    Record(work({.transport = &transport, .clock = &budget_clock}), attempt);
  } catch (const std::exception& thrown) {
    attempt.outcome = Outcome::kCrashed;
    attempt.err = thrown.what();
  }
  attempt.took = clock.Now() - start;
  if (budget.WasOverrun() && attempt.outcome == Outcome::kFailed) attempt.outcome = Outcome::kHung;
  return attempt;
}

std::string InProcessClient::version() const { return PULLPROOF_VERSION; }

bool InProcessClient::Supports(Verb verb, const std::vector<std::string>& needs) const {
  const auto needs_sockets = [](std::string_view need) {
    return need == kTlsCapability || need == kProxyCapability;
  };
  if (wire_ == Wire::kInProcess && std::ranges::any_of(needs, needs_sockets)) return false;
  return std::ranges::find(verbs_, verb) != verbs_.end() &&
         std::ranges::all_of(needs, [&](const std::string& need) {
           return std::ranges::find(capabilities_, need) != capabilities_.end();
         });
}

Attempt InProcessClient::Run(const Task& task, mockregistry::Registry& registry) {
  if (!Supports(task.verb, {})) {
    Attempt attempt;
    attempt.outcome = Outcome::kUnsupported;
    return attempt;
  }
  // Each run has its own connections, as each run of a command has.
  const Result<std::unique_ptr<resolver::transport::Transport>> sockets = Sockets(task);
  if (!sockets) {
    Attempt attempt;
    Record(std::unexpected(sockets.error()), attempt);
    return attempt;
  }
  return RunInProcess(wire_, task, registry, **sockets, [&](const Surroundings& surroundings) {
    return Do(task, registry, surroundings);
  });
}

Result<std::unique_ptr<resolver::transport::Transport>> InProcessClient::Sockets(
    const Task& task) const {
  const Environment environment = NetworkEnvironment(task);
  PULLPROOF_ASSIGN_OR_RETURN(
      auto options,
      resolver::transport::OptionsFrom([&](const std::string& name) -> std::optional<std::string> {
        const auto found = std::ranges::find(environment, name, &Environment::value_type::first);
        return found == environment.end() ? std::nullopt : std::optional(found->second);
      }));
  return std::make_unique<resolver::transport::CurlTransport>(std::move(options));
}

}  // namespace pullproof::conformance::client
