#include "conformance/client/budget.h"

#include <string>

#include <gtest/gtest.h>

namespace pullproof::conformance::client {
namespace {

namespace transport = resolver::transport;
using std::chrono::seconds;

// Answers with a body of three pieces, each after `pause`.
class SlowTransport final : public transport::Transport {
 public:
  SlowTransport(Clock& clock, Duration pause) : clock_(clock), pause_(pause) {}

  Result<transport::Response> Exchange(const transport::Request& request,
                                       const transport::Receiver& receiver) override {
    last_ = request;
    transport::Response response{.status = 200, .headers = {}};
    PULLPROOF_RETURN_IF_ERROR(receiver.on_response(response));
    for (int i = 0; i < 3; ++i) {
      clock_.Sleep(pause_);
      PULLPROOF_RETURN_IF_ERROR(receiver.on_body("piece"));
    }
    return response;
  }

  [[nodiscard]] const transport::Request& last() const { return last_; }

 private:
  Clock& clock_;
  Duration pause_;
  transport::Request last_;
};

class BudgetTest : public ::testing::Test {
 protected:
  Result<transport::Response> Ask(transport::Transport& transport) {
    return transport.Exchange(
        {}, {.on_response = [](const transport::Response&) -> Result<void> { return {}; },
             .on_body = [this](std::string_view bytes) -> Result<void> {
               body_ += bytes;
               return {};
             }});
  }

  ManualClock clock_;
  std::string body_;
};

TEST_F(BudgetTest, CountsDown) {
  const Budget budget(clock_, seconds(10));
  EXPECT_LE(budget.Left(), seconds(10));
  clock_.Advance(seconds(4));
  EXPECT_LE(budget.Left(), seconds(6));
  EXPECT_GT(budget.Left(), seconds(5));
  clock_.Advance(seconds(7));
  EXPECT_EQ(budget.Left(), Duration::zero());
  EXPECT_FALSE(budget.WasOverrun()) << "nobody has needed more";
}

TEST_F(BudgetTest, AWaitIsCutShortAndNoticed) {
  Budget budget(clock_, seconds(10));
  BudgetClock clock(clock_, budget);
  clock.Sleep(seconds(3));
  EXPECT_EQ(clock.Now(), seconds(3));
  EXPECT_FALSE(budget.WasOverrun());
  clock.Sleep(seconds(60));
  EXPECT_LE(clock.Now(), seconds(10));
  EXPECT_TRUE(budget.WasOverrun());
}

TEST_F(BudgetTest, NothingIsExchangedAfterwards) {
  Budget budget(clock_, seconds(10));
  BudgetClock clock(clock_, budget);
  SlowTransport slow(clock_, Duration::zero());
  BudgetTransport transport(slow, budget);
  EXPECT_TRUE(Ask(transport).has_value());
  EXPECT_EQ(body_, "piecepiecepiece");
  clock.Sleep(seconds(60));
  const Result<transport::Response> late = Ask(transport);
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().id, "transport.timeout");
}

TEST_F(BudgetTest, AnAnswerThatDripsOnIsCut) {
  Budget budget(clock_, seconds(10));
  SlowTransport slow(clock_, seconds(6));
  BudgetTransport transport(slow, budget);
  const Result<transport::Response> dripping = Ask(transport);
  ASSERT_FALSE(dripping.has_value());
  EXPECT_EQ(dripping.error().id, "transport.timeout");
  EXPECT_EQ(body_, "piece");
  EXPECT_TRUE(budget.WasOverrun());
}

TEST_F(BudgetTest, ASilentServerIsWaitedForNoLongerThanTheBudget) {
  Budget budget(clock_, seconds(10));
  SlowTransport slow(clock_, Duration::zero());
  BudgetTransport transport(slow, budget);
  ASSERT_TRUE(Ask(transport).has_value());
  EXPECT_LE(slow.last().idle_timeout, seconds(10));
  EXPECT_LE(slow.last().connect_timeout, seconds(10));
}

}  // namespace
}  // namespace pullproof::conformance::client
