#include "tests/mockregistry/wire/wire_fixture.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "mockregistry/content/byte_source.h"

namespace pullproof::mockregistry::wire {

script::Plan Answer(std::string body) {
  script::Plan plan;
  plan.response.body = content::FromString(std::move(body));
  return plan;
}

std::string Get(std::string_view target, std::string_view lines) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: registry.test\r\n{}\r\n", target, lines);
}

std::string Head(std::string_view status, std::string_view lines, std::string_view framing) {
  return fmt::format("HTTP/1.1 {}\r\n{}Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n{}\r\n", status,
                     lines, framing);
}

void WireFixture::Serve(std::function<script::Plan(const api::Request&)> answer,
                        const std::string& address) {
  ServeHandler({.exchange = std::move(answer)}, address);
}

void WireFixture::ServeHandler(Handler handler, const std::string& address) {
  Stop();
  handler.exchange = [this, answer = std::move(handler.exchange)](api::Request request) {
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    return answer(std::move(request));
  };
  handler.complete = [this](const script::Plan& plan, std::uint64_t body_sent,
                            std::string_view ending, Duration /*began*/) {
    {
      const std::lock_guard lock(mutex_);
      completions_.push_back({plan.rule, body_sent, std::string(ending)});
    }
    changed_.notify_all();
  };
  auto started = Server::Start(address, 0, std::move(handler), clock_);
  ASSERT_TRUE(started.has_value()) << Describe(started.error());
  server_ = *std::move(started);
}

void WireFixture::Serve(script::Plan plan) {
  Serve([plan = std::move(plan)](const api::Request& /*request*/) { return plan; });
}

std::vector<api::Request> WireFixture::requests() {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::vector<WireFixture::Completion> WireFixture::Completions(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::seconds(10), [&] { return completions_.size() >= count; });
  return completions_;
}

}  // namespace pullproof::mockregistry::wire
