// A client for tests of the runner: it does what a function says.
#ifndef PULLPROOF_TESTS_CONFORMANCE_FAKE_CLIENT_H_
#define PULLPROOF_TESTS_CONFORMANCE_FAKE_CLIENT_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/client/client.h"

namespace pullproof::conformance {

class FakeClient final : public client::Client {
 public:
  using Behaviour = std::function<client::Attempt(const client::Task&, mockregistry::Registry&)>;
  explicit FakeClient(Behaviour behaviour) : behaviour_(std::move(behaviour)) {}

  [[nodiscard]] std::string name() const override { return "fake"; }
  [[nodiscard]] std::string version() const override { return "1"; }
  [[nodiscard]] bool Supports(client::Verb verb,
                              const std::vector<std::string>& needs) const override {
    return verb != client::Verb::kPush && needs.empty();
  }
  client::Attempt Run(const client::Task& task, mockregistry::Registry& registry) override {
    return behaviour_(task, registry);
  }

 private:
  Behaviour behaviour_;
};

inline client::Attempt Came(client::Outcome outcome) {
  client::Attempt attempt;
  attempt.outcome = outcome;
  attempt.exit_status = outcome == client::Outcome::kOk ? 0 : 1;
  return attempt;
}

}  // namespace pullproof::conformance

#endif  // PULLPROOF_TESTS_CONFORMANCE_FAKE_CLIENT_H_
