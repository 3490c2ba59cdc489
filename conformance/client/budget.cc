#include "conformance/client/budget.h"

#include <algorithm>
#include <string_view>

namespace pullproof::conformance::client {
namespace {

namespace transport = resolver::transport;

std::unexpected<Error> Spent(Budget& budget) {
  budget.MarkOverrun();
  return Fail("transport.timeout", "the time that the case allows is spent");
}

}  // namespace

Budget::Budget(Clock& clock, Duration budget)
    : clock_(clock),
      deadline_(clock.Now() + budget),
      real_deadline_(std::chrono::steady_clock::now() + budget) {}

Duration Budget::Left() const {
  const Duration real = real_deadline_ - std::chrono::steady_clock::now();
  return std::max(Duration::zero(), std::min(deadline_ - clock_.Now(), real));
}

void BudgetClock::Sleep(Duration duration) {
  const Duration left = budget_.Left();
  if (duration > left) budget_.MarkOverrun();
  clock_.Sleep(std::min(duration, left));
}

Result<transport::Response> BudgetTransport::Exchange(const transport::Request& request,
                                                      const transport::Receiver& receiver) {
  const Duration left = budget_.Left();
  // After an overrun too: the wait that was cut short must not look like one that was kept.
  if (budget_.WasOverrun() || left == Duration::zero() || !budget_.TakeExchange()) {
    return Spent(budget_);
  }
  transport::Request bounded = request;
  bounded.connect_timeout = std::min(request.connect_timeout, left);
  bounded.total_timeout = std::min(request.total_timeout, left);
  bounded.idle_timeout = std::min({request.idle_timeout, left, kLongestSilence});
  const transport::Receiver watched = {.on_response = receiver.on_response,
                                       .on_body = [&](std::string_view bytes) -> Result<void> {
                                         if (budget_.Left() == Duration::zero())
                                           return Spent(budget_);
                                         return receiver.on_body(bytes);
                                       }};
  Result<transport::Response> response = transport_.Exchange(bounded, watched);
  if (!response && budget_.Left() == Duration::zero()) budget_.MarkOverrun();
  return response;
}

}  // namespace pullproof::conformance::client
