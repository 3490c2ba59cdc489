// A running server whose answers a test decides, and that remembers what it was asked and told.
#ifndef PULLPROOF_TESTS_MOCKREGISTRY_WIRE_WIRE_FIXTURE_H_
#define PULLPROOF_TESTS_MOCKREGISTRY_WIRE_WIRE_FIXTURE_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "mockregistry/api/message.h"
#include "mockregistry/script/plan.h"
#include "mockregistry/wire/server.h"

namespace pullproof::mockregistry::wire {

// The answer 200 with that body.
script::Plan Answer(std::string body);
// "GET TARGET" with a Host header, and other lines as given ("X: y\r\n").
std::string Get(std::string_view target, std::string_view lines = "");
// The head of an answer as the server sends it at the manual clock's start; `lines` stand between
// the status line and the date, `framing` behind it.
std::string Head(std::string_view status, std::string_view lines, std::string_view framing);

class WireFixture : public ::testing::Test {
 protected:
  struct Completion {
    std::string rule;
    std::uint64_t body_sent = 0;
    std::string ending;

    bool operator==(const Completion&) const = default;
  };

  // Starts it (again) with that handler.
  void Serve(std::function<script::Plan(const api::Request&)> answer,
             const std::string& address = "127.0.0.1");
  void Serve(script::Plan plan);
  // The same with a handler that has more to say; `complete` is the fixture's.
  void ServeHandler(Handler handler, const std::string& address = "127.0.0.1");
  void Stop() { server_.reset(); }

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] std::vector<api::Request> requests();
  // The completions, once there are that many; or those that there are after ten seconds.
  [[nodiscard]] std::vector<Completion> Completions(std::size_t count);

  ManualClock clock_;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<api::Request> requests_;
  std::vector<Completion> completions_;
  std::unique_ptr<Server> server_;
};

}  // namespace pullproof::mockregistry::wire

#endif  // PULLPROOF_TESTS_MOCKREGISTRY_WIRE_WIRE_FIXTURE_H_
