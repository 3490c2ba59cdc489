// A transport around another one that stops serving when a run has taken the time that it may:
// what bounds a run as a whole, however many small things it asks for.
#ifndef PULLPROOF_RESOLVER_TIME_LIMIT_H_
#define PULLPROOF_RESOLVER_TIME_LIMIT_H_

#include "base/clock.h"
#include "base/error.h"
#include "resolver/transport/transport.h"

namespace pullproof::resolver {

// Thread-safe.
class TimeLimitTransport final : public transport::Transport {
 public:
  // Neither is owned. The time runs from now on.
  TimeLimitTransport(transport::Transport& inner, const Clock& clock, Duration limit)
      : inner_(inner), clock_(clock), limit_(limit), end_(clock.Now() + limit) {}

  // Errors: those of `inner`; limit.time when the time is over, before or within the exchange.
  Result<transport::Response> Exchange(const transport::Request& request,
                                       const transport::Receiver& receiver) override;

 private:
  transport::Transport& inner_;
  const Clock& clock_;
  const Duration limit_;
  const Duration end_;
};

}  // namespace pullproof::resolver

#endif  // PULLPROOF_RESOLVER_TIME_LIMIT_H_
