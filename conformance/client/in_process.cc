#include "conformance/client/in_process.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "conformance/client/budget.h"
#include "conformance/client/error_class.h"
#include "conformance/client/in_process_transport.h"
#include "resolver/transport/curl_transport.h"

namespace pullproof::conformance::client {
namespace {

// Each run has its own connections, as each run of a command has.
std::unique_ptr<resolver::transport::Transport> MakeTransport(Wire wire,
                                                              mockregistry::Registry& registry,
                                                              Clock& clock) {
  if (wire == Wire::kInProcess) return std::make_unique<InProcessTransport>(registry, clock);
  return std::make_unique<resolver::transport::CurlTransport>();
}

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
}

}  // namespace

Attempt RunInProcess(Wire wire, const Task& task, mockregistry::Registry& registry,
                     const Work& work) {
  SystemClock system;
  Clock& clock = wire == Wire::kInProcess ? registry.clock() : system;
  Budget budget(clock, task.budget);
  BudgetClock budget_clock(clock, budget);
  const std::unique_ptr<resolver::transport::Transport> wire_transport =
      MakeTransport(wire, registry, budget_clock);
  BudgetTransport transport(*wire_transport, budget);

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
  return RunInProcess(wire_, task, registry, [&](const Surroundings& surroundings) {
    return Do(task, registry, surroundings);
  });
}

}  // namespace pullproof::conformance::client
