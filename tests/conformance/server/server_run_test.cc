// The registry side against the mock: honest, it passes; with a rule that makes it wrong, it does
// not.
#include "conformance/server/server_run.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "conformance/client/in_process_transport.h"
#include "mockregistry/registry.h"
#include "mockregistry/scenario.h"

namespace pullproof::conformance::server {
namespace {

using report::CaseReport;
using report::Verdict;

class ServerRunTest : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<Diagnostics> problems;
    auto cases = LoadServerCases(problems);
    ASSERT_TRUE(cases.has_value());
    cases_ = *std::move(cases);
  }

  // By id, of a registry that `rules` make wrong.
  std::map<std::string, CaseReport> Run(std::string_view rules, std::string_view glob) {
    Diagnostics problems("f.toml");
    const auto scenario = mockregistry::LoadScenario(
        fmt::format("fixture = 1\nid = \"server.test\"\ntitle = \"empty\"\n{}", rules), "f.toml",
        ".", problems);
    EXPECT_NE(scenario, nullptr) << rules;
    if (scenario == nullptr) return {};
    mockregistry::Options options;
    options.clock = &clock_;
    const auto registry = mockregistry::Registry::InMemory(scenario, options);
    client::InProcessTransport transport(*registry, clock_);
    ServerOptions asked{.origin = "http://" + registry->Authority(),
                        .prefix = "pullproof/test",
                        .run = {std::string(glob)},
                        .skip = {},
                        .harness = "test",
                        .again = {}};
    report::Collector collector;
    EXPECT_TRUE(TestServer(cases_, asked, transport, clock_, collector).has_value());
    std::map<std::string, CaseReport> reports;
    for (const CaseReport& report : collector.run().cases) reports[report.id] = report;
    return reports;
  }

  ManualClock clock_;
  std::vector<ServerCase> cases_;
};

std::string Describe(const CaseReport& report) {
  std::string text = report.id + ": " + report.reason;
  for (const auto& finding : report.findings) {
    text += fmt::format("\n  request {}: {}, but {}", finding.step, finding.expected, finding.seen);
  }
  return text;
}

TEST_F(ServerRunTest, TheMockPassesAllOfThem) {
  for (const auto& [id, report] : Run("", "*")) {
    if (report.level == Level::kInfo) continue;
    EXPECT_EQ(report.verdict, Verdict::kPass) << Describe(report);
  }
}

TEST_F(ServerRunTest, ARegistryThatIsWrongFails) {
  struct Row {
    const char* id;
    const char* rule;
  };
  const std::vector<Row> rows = {
      {"server.tags.n-zero", "on = { op = \"tags.list\" }, do = { list = { page = 2 } }"},
      {"server.tags.pages", "on = { op = \"tags.list\" }, do = { list = { next = \"none\" } }"},
      {"server.tags.unknown-repository", "on = { op = \"tags.list\" }, do = { status = 500 }"},
      {"server.upload.out-of-order", "on = { op = \"upload.patch\" }, do = { status = 202 }"},
      {"server.upload.wrong-digest", "on = { op = \"upload.put\" }, do = { status = 201 }"},
      {"server.blob.range-first", "on = { op = \"blob.get\" }, do = { body = { flip_bit = 1 } }"},
      {"server.blob.head-agrees", "on = { op = \"blob.head\" }, do = { status = 405 }"},
      {"server.manifest.bytes-kept",
       "on = { op = \"manifest.get\" }, do = { body = { flip_bit = 1 } }"},
      {"server.manifest.unknown", "on = { op = \"manifest.get\" }, do = { status = 410 }"},
      {"server.mount.unknown", "on = { op = \"upload.mount\" }, do = { status = 404 }"},
      {"server.referrers.none", "on = { op = \"referrers.list\" }, do = { status = 500 }"},
      {"server.blob.unknown", "on = { op = \"blob.get\" }, do = { conn = \"close\" }"},
      {"server.ping.version", "on = { op = \"ping\" }, do = { status = 503 }"},
  };
  for (const Row& row : rows) {
    const auto reports = Run(fmt::format("rules = [ {{ id = \"wrong\", {} }} ]", row.rule), row.id);
    ASSERT_TRUE(reports.contains(row.id)) << row.id;
    EXPECT_EQ(reports.at(row.id).verdict, Verdict::kFail) << Describe(reports.at(row.id));
    EXPECT_FALSE(reports.at(row.id).findings.empty());
  }
}

TEST_F(ServerRunTest, WhatARegistryDoesNotHaveIsUnsupported) {
  const auto reports =
      Run("rules = [ { id = \"no\", on = { op = \"referrers.list\" }, do = { status = 404 } } ]",
          "server.referrers.*");
  for (const auto& [id, report] : reports) {
    EXPECT_EQ(report.verdict, Verdict::kUnsupported) << Describe(report);
  }
}

TEST_F(ServerRunTest, WhatCannotBePushedIsAnError) {
  const auto reports =
      Run("rules = [ { id = \"no\", on = { op = \"upload.*\" }, do = { status = 403 } } ]",
          "server.tags.pages");
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports.begin()->second.verdict, Verdict::kError);
}

TEST(ServerOrigin, IsOnLoopbackOnly) {
  EXPECT_EQ(ParseOrigin("http://127.0.0.1:5000").value_or(""), "http://127.0.0.1:5000");
  EXPECT_EQ(ParseOrigin("http://localhost:5000/").value_or(""), "http://localhost:5000");
  EXPECT_EQ(ParseOrigin("http://[::1]:5000").value_or(""), "http://[::1]:5000");
  struct Row {
    const char* url;
    const char* id;
  };
  for (const Row& row :
       {Row{"http://registry.example", "server.not-loopback"},
        Row{"http://192.0.2.1:5000", "server.not-loopback"},
        Row{"http://127.0.0.1.example", "server.not-loopback"},
        Row{"https://127.0.0.1", "server.url"}, Row{"127.0.0.1:5000", "server.url"},
        Row{"http://", "server.url"}, Row{"http://127.0.0.1:5000/v2", "server.url"},
        Row{"http://localhost@registry.example", "server.url"}}) {
    const auto origin = ParseOrigin(row.url);
    ASSERT_FALSE(origin.has_value()) << row.url;
    EXPECT_EQ(origin.error().id, row.id) << row.url;
  }
}

}  // namespace
}  // namespace pullproof::conformance::server
