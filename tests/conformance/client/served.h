// A registry without sockets that serves a fixture written in a test.
#ifndef PULLPROOF_TESTS_CONFORMANCE_CLIENT_SERVED_H_
#define PULLPROOF_TESTS_CONFORMANCE_CLIENT_SERVED_H_

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/table_reader.h"
#include "conformance/client/client.h"
#include "mockregistry/registry.h"
#include "mockregistry/scenario.h"
#include "oci/digest.h"

namespace pullproof::conformance::client {

// For GoogleTest's messages.
inline void PrintTo(Outcome outcome, std::ostream* out) { *out << OutcomeName(outcome); }

inline std::shared_ptr<const mockregistry::Scenario> ScenarioOf(std::string_view toml) {
  Diagnostics problems("test.toml");
  std::shared_ptr<const mockregistry::Scenario> scenario =
      mockregistry::LoadScenario(toml, "test.toml", ".", problems);
  for (const Diagnostic& problem : problems.all()) {
    ADD_FAILURE() << FormatDiagnostic(problems, problem);
  }
  return scenario != nullptr ? scenario : mockregistry::EmptyScenario();
}

// An image of one 100,000-byte layer at lib/app:1.0; `more` adds rules and hosts.
inline std::string ImageFixture(std::string_view more) {
  return std::string(R"(
fixture = 1
id      = "test.image"
title   = "an image of one layer"

blobs.layer     = { layer = 100000 }
manifests.app   = { image = { layers = ["layer"] } }
repos."lib/app" = { tags = { "1.0" = "app" } }
)") + std::string(more);
}

// The registry, its clock, and a home and an output for a client.
class Served {
 public:
  explicit Served(std::string_view toml, Wire wire = Wire::kInProcess) {
    const std::shared_ptr<const mockregistry::Scenario> scenario = ScenarioOf(toml);
    if (wire == Wire::kInProcess) {
      registry_ = mockregistry::Registry::InMemory(scenario, {.clock = &clock_});
    } else {
      auto started = mockregistry::Registry::Start(scenario);
      EXPECT_TRUE(started.has_value());
      registry_ = *std::move(started);
    }
    EXPECT_TRUE(directory_.has_value());
  }

  [[nodiscard]] mockregistry::Registry& registry() { return *registry_; }
  [[nodiscard]] ManualClock& clock() { return clock_; }

  // "{registry}" stands for the authority.
  [[nodiscard]] Task TaskFor(Verb verb, std::string reference) const {
    constexpr std::string_view kPlace = "{registry}";
    if (const std::size_t at = reference.find(kPlace); at != std::string::npos) {
      reference.replace(at, kPlace.size(), registry_->Authority());
    }
    Task task;
    task.verb = verb;
    task.reference = std::move(reference);
    task.home = directory_->path() / "home";
    task.output = directory_->path() / "out";
    task.budget = std::chrono::minutes(2);
    return task;
  }

  // Where a layout has the content of that name; it need not be there.
  [[nodiscard]] std::filesystem::path BlobFile(std::string_view name) const {
    const auto digest = registry_->scenario().content.DigestOfName(name);
    EXPECT_TRUE(digest.has_value()) << name;
    return directory_->path() / "out" / "blobs" / "sha256" / digest->hex();
  }
  [[nodiscard]] bool HasBlob(std::string_view name) const {
    return std::filesystem::exists(BlobFile(name));
  }
  [[nodiscard]] bool HasWhole(std::string_view name) const {
    const auto bytes = SystemFileSystem().Read(BlobFile(name), 1 << 24);
    return bytes && oci::Digest::Of(*bytes) == registry_->scenario().content.DigestOfName(name);
  }

 private:
  ManualClock clock_;
  std::unique_ptr<mockregistry::Registry> registry_;
  Result<TemporaryDirectory> directory_ = TemporaryDirectory::Create("client-test-");
};

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_TESTS_CONFORMANCE_CLIENT_SERVED_H_
