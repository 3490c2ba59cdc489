// A budget for clients that run inside this process. A thread cannot be killed, so everything that
// such a client waits for goes through a clock and a transport that stop serving it when its time
// is up: it runs into an error at its next wait or exchange, and ends.
//
// What this cannot end is a loop that neither waits nor asks: that would be a bug of this project,
// not of a client under test, and the test runner's own timeout ends it.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_BUDGET_H_
#define PULLPROOF_CONFORMANCE_CLIENT_BUDGET_H_

#include <atomic>
#include <chrono>
#include <cstddef>

#include "base/clock.h"
#include "base/error.h"
#include "resolver/transport/transport.h"

namespace pullproof::conformance::client {

// No case needs half as many exchanges in one step, however many layers or pages it has. On a
// manual clock, where nothing takes time, this is what ends a client that asks for ever without
// waiting.
inline constexpr std::size_t kMaxExchanges = 10'000;

// A server on this machine that has said nothing for so long says nothing at all: a client inside
// this process need not wait its whole patience, so that a suite takes seconds. No fixture's pause
// within an answer that goes on is longer.
inline constexpr Duration kLongestSilence = std::chrono::seconds(3);

// Counts the client's own time, its exchanges, and real time beside them. Thread-safe.
class Budget {
 public:
  // The clock outlives the budget.
  Budget(Clock& clock, Duration budget);

  // What is left on the client's clock; zero when it is spent.
  [[nodiscard]] Duration Left() const;
  // True once it was needed and not there.
  [[nodiscard]] bool WasOverrun() const { return overrun_; }
  void MarkOverrun() { overrun_ = true; }
  // One more exchange; false when there were too many.
  [[nodiscard]] bool TakeExchange() { return ++exchanges_ <= kMaxExchanges; }

 private:
  Clock& clock_;
  Duration deadline_;
  std::chrono::steady_clock::time_point real_deadline_;
  std::atomic<bool> overrun_ = false;
  std::atomic<std::size_t> exchanges_ = 0;
};

// Sleeps no longer than the budget has left.
class BudgetClock final : public Clock {
 public:
  BudgetClock(Clock& clock, Budget& budget) : clock_(clock), budget_(budget) {}

  [[nodiscard]] Duration Now() const override { return clock_.Now(); }
  [[nodiscard]] std::chrono::system_clock::time_point Wall() const override {
    return clock_.Wall();
  }
  void Sleep(Duration duration) override;

 private:
  Clock& clock_;
  Budget& budget_;
};

// Exchanges nothing once the budget is spent, cuts an answer that drips on beyond it, and waits for
// a silent server no longer than it lasts. Error: transport.timeout.
class BudgetTransport final : public resolver::transport::Transport {
 public:
  BudgetTransport(resolver::transport::Transport& transport, Budget& budget)
      : transport_(transport), budget_(budget) {}

  Result<resolver::transport::Response> Exchange(
      const resolver::transport::Request& request,
      const resolver::transport::Receiver& receiver) override;

 private:
  resolver::transport::Transport& transport_;
  Budget& budget_;
};

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_BUDGET_H_
