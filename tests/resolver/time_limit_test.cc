#include "resolver/time_limit.h"

#include <algorithm>
#include <chrono>

#include <gtest/gtest.h>

namespace pullproof::resolver {
namespace {

using std::chrono::seconds;

// Takes as long as it is told to, or as it may, whatever is shorter.
class SlowTransport final : public transport::Transport {
 public:
  SlowTransport(ManualClock& clock, Duration takes) : clock_(clock), takes_(takes) {}
  Result<transport::Response> Exchange(const transport::Request& request,
                                       const transport::Receiver& /*receiver*/) override {
    ++exchanges;
    clock_.Advance(std::min(takes_, request.total_timeout));
    if (takes_ > request.total_timeout) return Fail("transport.timeout", "not over");
    return transport::Response{.status = 200, .headers = {}};
  }
  int exchanges = 0;

 private:
  ManualClock& clock_;
  Duration takes_;
};

TEST(TimeLimitTransport, ServesUntilTheTimeIsOver) {
  ManualClock clock;
  SlowTransport slow(clock, seconds(4));
  TimeLimitTransport limited(slow, clock, seconds(10));
  EXPECT_TRUE(limited.Exchange({}, {}));
  EXPECT_TRUE(limited.Exchange({}, {}));
  const auto cut = limited.Exchange({}, {});
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().id, "limit.time");
  EXPECT_EQ(cut.error().message, "the run has taken more than 10 s");
  EXPECT_EQ(clock.Now(), seconds(10));
  EXPECT_EQ(limited.Exchange({}, {}).error().id, "limit.time");
  EXPECT_EQ(slow.exchanges, 3) << "nothing is asked after the end";
}

TEST(TimeLimitTransport, AnErrorInTimeIsPassedOn) {
  ManualClock clock;
  SlowTransport slow(clock, seconds(4));
  TimeLimitTransport limited(slow, clock, seconds(10));
  transport::Request request;
  request.total_timeout = seconds(1);
  EXPECT_EQ(limited.Exchange(request, {}).error().id, "transport.timeout");
}

}  // namespace
}  // namespace pullproof::resolver
