// The rooms of the mock registry joined: one exchange in memory, and the same over sockets.
#include "mockregistry/registry.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace pullproof::mockregistry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::shared_ptr<const Scenario> Load(const std::string& text) {
  Diagnostics problems("f.toml");
  auto scenario = LoadScenario(text, "f.toml", ".", problems);
  for (const Diagnostic& problem : problems.all()) {
    ADD_FAILURE() << FormatDiagnostic(problems, problem);
  }
  return scenario;
}

constexpr std::string_view kImage = R"(
fixture = 1
id = "registry.test"
blobs.layer = "hello"
manifests.app = { image = { layers = ["layer"] } }
repos."lib/app" = { tags = { "1.0" = "app" } }
)";

std::string With(std::string_view more) { return std::string(kImage) + std::string(more); }

api::Request Get(std::string target, oci::Headers headers = {}) {
  api::Request request;
  request.method = "GET";
  request.target = std::move(target);
  request.headers = std::move(headers);
  return request;
}

std::string BodyOf(const script::Plan& plan) {
  return plan.response.body == nullptr ? "" : content::ReadAll(*plan.response.body);
}

constexpr std::string_view kHello =
    "/v2/lib/app/blobs/sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

TEST(Registry, AnswersHonestlyWithoutARule) {
  const auto registry = Registry::InMemory(Load(std::string(kImage)));
  const script::Plan manifest = registry->Exchange(Get("/v2/lib/app/manifests/1.0"));
  EXPECT_EQ(manifest.response.status, 200);
  EXPECT_EQ(manifest.rule, "");
  EXPECT_THAT(BodyOf(manifest), HasSubstr("schemaVersion"));
  EXPECT_EQ(BodyOf(registry->Exchange(Get(std::string(kHello)))), "hello");
  EXPECT_EQ(registry->Exchange(Get("/v2/")).response.status, 200);
  EXPECT_EQ(registry->Exchange(Get("/v2/lib/app/manifests/2.0")).response.status, 404);
}

TEST(Registry, TheJournalTellsWhatWasAskedAndWhatBecameOfIt) {
  ManualClock clock;
  Options options;
  options.clock = &clock;
  const auto registry = Registry::InMemory(Load(With(R"(
rules = [ { id = "gone", on = { op = "blob.get", name = "layer" }, do = { status = 404 } } ]
)")),
                                           options);
  clock.Advance(std::chrono::seconds(1));
  api::Request request = Get(std::string(kHello), {{"Accept", "*/*"}});
  request.connection = 7;
  const script::Plan plan = registry->Exchange(request);
  clock.Advance(std::chrono::seconds(1));
  registry->Complete(plan, 3, "cut fin", std::chrono::milliseconds(1500));

  const auto entries = registry->journal().Snapshot();
  ASSERT_EQ(entries.size(), 1U);
  const journal::Entry& entry = entries[0];
  EXPECT_EQ(entry.received, Duration(std::chrono::seconds(1)));
  EXPECT_EQ(entry.began, Duration(std::chrono::milliseconds(1500)));
  EXPECT_EQ(entry.answered, Duration(std::chrono::seconds(2)));
  EXPECT_EQ(entry.connection, 7U);
  EXPECT_EQ(entry.operation, "blob.get");
  EXPECT_EQ(entry.repository, "lib/app");
  EXPECT_EQ(entry.name, "layer");
  EXPECT_EQ(entry.rule, "gone");
  EXPECT_EQ(entry.status, 404);
  EXPECT_EQ(entry.body_sent, 3U);
  EXPECT_EQ(entry.ending, "cut fin");
  EXPECT_EQ(entry.request_headers.Find("accept"), "*/*");
  EXPECT_EQ(registry->journal().Count(FiredRule("gone")), 1U);
  EXPECT_EQ(registry->journal().Count(Operation("blob.get")), 1U);
  EXPECT_EQ(SubjectOf(entry).name, "layer");
}

TEST(Registry, WhatAuthenticationRefusesNeverReachesTheScript) {
  const auto registry = Registry::InMemory(Load(With(R"(
rules = [ { id = "once", on = { op = "blob.get" }, pick = { first = 1 }, do = { status = 503 } } ]
[auth.registry]
scheme = "basic"
users = { alice = "s3cret" }
)")));
  EXPECT_EQ(registry->Exchange(Get(std::string(kHello))).response.status, 401);
  const oci::Headers alice{{"Authorization", "Basic YWxpY2U6czNjcmV0"}};
  EXPECT_EQ(registry->Exchange(Get(std::string(kHello), alice)).response.status, 503);
  EXPECT_EQ(registry->Exchange(Get(std::string(kHello), alice)).response.status, 200);
  EXPECT_THAT(registry->Secrets(), testing::Not(IsEmpty()));
}

TEST(Registry, HostsServeWhatTheFixtureSays) {
  const auto registry = Registry::InMemory(Load(With(R"(
[hosts.cdn]
serves = "blobs"
rejects = { header = { Authorization = { present = true } }, status = 418 }
)")));
  api::Request request = Get(std::string(kHello));
  request.host = "cdn";
  EXPECT_EQ(registry->Exchange(request).response.status, 200);
  request.headers.Add("Authorization", "Basic eA==");
  EXPECT_EQ(registry->Exchange(request).response.status, 418);
  request = Get("/v2/lib/app/manifests/1.0");
  request.host = "cdn";
  EXPECT_EQ(registry->Exchange(request).response.status, 404);
}

TEST(Registry, IsAsLimitedAsTheFixtureSays) {
  const auto limited = Registry::InMemory(Load(With(R"(
warnings = ["it is late"]
limits = { min_chunk = 5, referrers_api = false }
)")));
  api::Request start;
  start.method = "POST";
  start.target = "/v2/lib/app/blobs/uploads/";
  const script::Plan started = limited->Exchange(start);
  EXPECT_EQ(started.response.headers.Find("OCI-Chunk-Min-Length"), "5");
  EXPECT_EQ(started.response.headers.Find("Warning"), "299 - \"it is late\"");
  const std::string referrers = "/v2/lib/app/referrers/" + std::string(kHello.substr(18));
  EXPECT_EQ(limited->Exchange(Get(referrers)).response.status, 404);

  const auto read_only = Registry::InMemory(Load(With("limits = { read_only = true }")));
  EXPECT_EQ(read_only->Exchange(start).response.status, 405);
  EXPECT_EQ(read_only->Exchange(Get(std::string(kHello))).response.status, 200);
  EXPECT_EQ(read_only->Exchange(Get(referrers)).response.status, 200);
}

TEST(Registry, TheJournalTellsWhatWasMutated) {
  const auto registry = Registry::InMemory(Load(With(R"(
[[rules]]
id = "m"
on = { op = "manifest.get" }
do = { mutate = { rounds = 3 } }
)")));
  const script::Plan first = registry->Exchange(Get("/v2/lib/app/manifests/1.0"));
  const script::Plan second = registry->Exchange(Get("/v2/lib/app/manifests/1.0"));
  EXPECT_NE(BodyOf(first), BodyOf(second));
  const auto entries = registry->journal().Snapshot();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].rule, "m");
  EXPECT_EQ(entries[0].mutation, first.mutation);
  EXPECT_NE(entries[0].mutation, "");
  EXPECT_THAT(journal::ToJson(entries[0]), HasSubstr(R"("mutation":")"));
  // From the start again, the same again.
  registry->Reset();
  EXPECT_EQ(BodyOf(registry->Exchange(Get("/v2/lib/app/manifests/1.0"))), BodyOf(first));
}

TEST(Registry, RulesAreTurnedOnAndOffAndResetTurnsBack) {
  const auto registry = Registry::InMemory(Load(With(R"(
rules = [ { id = "off", enabled = false, on = { op = "ping" }, do = { status = 500 } } ]
)")));
  EXPECT_EQ(registry->Exchange(Get("/v2/")).response.status, 200);
  EXPECT_TRUE(registry->EnableRule("off", true));
  EXPECT_EQ(registry->Exchange(Get("/v2/")).response.status, 500);
  EXPECT_FALSE(registry->EnableRule("absent", true));
  registry->Reset();
  EXPECT_EQ(registry->Exchange(Get("/v2/")).response.status, 200);
  EXPECT_EQ(registry->journal().Snapshot().size(), 1U);
}

TEST(Registry, RulesAreAddedAndReplacedWhileOthersGoOnCounting) {
  const auto registry = Registry::InMemory(Load(With(R"(
rules = [ { id = "third", on = { op = "ping" }, pick = { nth = 3 }, do = { status = 503 } } ]
)")));
  EXPECT_EQ(registry->Exchange(Get("/v2/")).response.status, 200);
  ASSERT_TRUE(registry->AddRule(R"(id = "gone", on = { op = "blob.get" }, do = { status = 404 })"));
  EXPECT_EQ(registry->Exchange(Get(std::string(kHello))).response.status, 404);
  EXPECT_EQ(registry->Exchange(Get("/v2/")).response.status, 200);
  EXPECT_EQ(registry->Exchange(Get("/v2/")).response.status, 503);
  ASSERT_TRUE(registry->AddRule(
      R"({"id": "first", "on": {"op": "blob.get"}, "do": {"status": 410}, "why": "see"})",
      "third"));
  EXPECT_EQ(registry->Exchange(Get(std::string(kHello))).response.status, 410);
  ASSERT_TRUE(
      registry->ReplaceRule(R"(id = "first", on = { op = "ping" }, do = { status = 500 })"));
  EXPECT_EQ(registry->Exchange(Get(std::string(kHello))).response.status, 404);

  const std::vector<RuleState> rules = registry->Rules();
  ASSERT_EQ(rules.size(), 3U);
  EXPECT_EQ(rules[0].id, "first");
  EXPECT_EQ(rules[0].matched, 0U);
  EXPECT_EQ(rules[1].id, "third");
  EXPECT_EQ(rules[1].matched, 3U);
  EXPECT_EQ(rules[1].fired, 1U);
  EXPECT_EQ(rules[2].id, "gone");
  registry->Reset();
  EXPECT_EQ(registry->Rules().size(), 1U);
  EXPECT_EQ(registry->Rules()[0].matched, 0U);
}

TEST(Registry, SaysWhyARuleIsNotTaken) {
  const auto registry = Registry::InMemory(Load(With(R"(
rules = [ { id = "a", on = { op = "ping" }, do = { status = 503 } } ]
)")));
  const std::string rule = R"(on = { op = "ping" }, do = { status = 500 })";
  EXPECT_EQ(registry->AddRule(R"(id = "a", )" + rule).error().id, "rules.exists");
  EXPECT_EQ(registry->AddRule(R"(id = "b", )" + rule, "c").error().id, "rules.unknown");
  EXPECT_EQ(registry->ReplaceRule(R"(id = "b", )" + rule).error().id, "rules.unknown");
  EXPECT_EQ(registry->AddRule("id = ").error().id, "toml.syntax");
  EXPECT_EQ(registry->AddRule("{").error().id, "json.syntax");
  EXPECT_EQ(
      registry->AddRule(R"(id = "b", on = { name = "layr" }, do = { status = 500 })").error().id,
      "script.unknown-name");
}

TEST(Registry, StateIsReadAndSet) {
  const auto registry = Registry::InMemory(Load(With(R"(
[[rules]]
id = "down"
on = { op = "ping" }
when = { power = "off" }
then = { power = "off" }
do = { status = 503 }
)")));
  EXPECT_THAT(registry->State(), IsEmpty());
  EXPECT_EQ(registry->Exchange(Get("/v2/")).response.status, 200);
  registry->SetState({{"power", "off"}});
  EXPECT_EQ(registry->Exchange(Get("/v2/")).response.status, 503);
  EXPECT_THAT(registry->State(), ElementsAre(testing::Pair("power", "off")));
}

TEST(Registry, PlaysAnotherFixture) {
  const auto registry = Registry::InMemory(Load(std::string(kImage)));
  const auto before = registry->SharedScenario();
  EXPECT_EQ(registry->Exchange(Get(std::string(kHello))).response.status, 200);
  ASSERT_TRUE(registry->Replace(Load("fixture = 1\nid = \"other\"\n")));
  EXPECT_EQ(registry->scenario().fixture.id, "other");
  EXPECT_EQ(before->fixture.id, "registry.test");
  EXPECT_EQ(registry->Exchange(Get(std::string(kHello))).response.status, 404);
  EXPECT_EQ(registry->journal().Snapshot().size(), 2U);
  const auto refused =
      registry->Replace(Load("fixture = 1\nid = \"third\"\nhosts.cdn = { serves = \"blobs\" }\n"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().id, "registry.hosts");
  EXPECT_EQ(registry->scenario().fixture.id, "other");
}

TEST(Registry, TellsWhatNoRuleShaped) {
  const auto registry = Registry::InMemory(Load(With(R"(
rules = [ { id = "gone", on = { op = "manifest.get", ref = "1.0" }, do = { status = 404 } } ]
[auth.registry]
scheme = "basic"
users = { alice = "s3cret" }
)")));
  const oci::Headers alice{{"Authorization", "Basic YWxpY2U6czNjcmV0"}};
  registry->Exchange(Get("/v2/"));
  registry->Exchange(Get("/v2/lib/app/manifests/1.0", alice));
  registry->Exchange(Get("/v2/lib/app/manifests/2.0", alice));
  const auto unmatched = registry->Unmatched();
  ASSERT_EQ(unmatched.size(), 2U);
  EXPECT_EQ(journal::Describe(unmatched[0]),
            "#1 GET /v2/ (ping) was refused with 401 before any rule was asked");
  EXPECT_EQ(journal::Describe(unmatched[1]),
            "#3 GET /v2/lib/app/manifests/2.0 (manifest.get) was answered 404 by no rule\n"
            "  rule `gone` is nearest: `ref` is `2.0`, wanted `1.0`");
  EXPECT_EQ(registry->Unmatched(1).size(), 1U);
}

TEST(Registry, WithoutAJournalNothingIsKept) {
  Options options;
  options.journal_capacity = 0;
  const auto registry = Registry::InMemory(EmptyScenario(), options);
  const script::Plan plan = registry->Exchange(Get("/v2/"));
  registry->Complete(plan, 2, "complete");
  EXPECT_THAT(registry->journal().Snapshot(), IsEmpty());
}

TEST(Registry, ResetForgetsWhatWasPushed) {
  const auto registry = Registry::InMemory(EmptyScenario());
  api::Request push;
  push.method = "POST";
  push.target =
      "/v2/a/b/blobs/uploads/?digest="
      "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  push.body = "hello";
  EXPECT_EQ(registry->Exchange(push).response.status, 201);
  const std::string blob =
      "/v2/a/b/blobs/sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  EXPECT_EQ(registry->Exchange(Get(blob)).response.status, 200);
  registry->Reset();
  EXPECT_EQ(registry->Exchange(Get(blob)).response.status, 404);
}

// One exchange over a raw socket: everything that arrives until the registry closes.
std::string Ask(const std::string& authority, const std::string& target) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port =
      htons(static_cast<std::uint16_t>(std::stoi(authority.substr(authority.find(':') + 1))));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string request =
        "GET " + target + " HTTP/1.1\r\nHost: " + authority + "\r\nConnection: close\r\n\r\n";
    EXPECT_EQ(::send(fd, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
    char buffer[4096];
    for (ssize_t got = 0; (got = ::recv(fd, buffer, sizeof(buffer), 0)) > 0;) {
      answer.append(buffer, static_cast<std::size_t>(got));
    }
  }
  ::close(fd);
  return answer;
}

TEST(Registry, ListensOnOnePortForEachHost) {
  auto registry = Registry::Start(Load(With(R"(
[[rules]]
id = "move"
on = { op = "blob.get", host = "registry" }
do = { redirect = { host = "cdn", status = 307 } }
[hosts.cdn]
name = "localhost"
serves = "blobs"
)")));
  ASSERT_TRUE(registry) << Describe(registry.error());
  const std::string main = (*registry)->Authority();
  const std::string cdn = (*registry)->Authority("cdn");
  EXPECT_THAT(main, StartsWith("127.0.0.1:"));
  EXPECT_THAT(cdn, StartsWith("localhost:"));
  EXPECT_EQ((*registry)->HostOf(cdn), "cdn");
  EXPECT_EQ((*registry)->HostOf("localhost:1"), "");
  EXPECT_EQ((*registry)->Authority("absent"), "");

  EXPECT_THAT(Ask(main, std::string(kHello)),
              testing::AllOf(StartsWith("HTTP/1.1 307 "),
                             HasSubstr("Location: http://" + cdn + std::string(kHello) + "\r\n")));
  EXPECT_THAT(Ask(cdn, std::string(kHello)), testing::EndsWith("\r\n\r\nhello"));
  ASSERT_TRUE((*registry)->journal().Wait(
      2, [](const journal::Entry& entry) { return !entry.ending.empty(); },
      std::chrono::seconds(10)));
  std::vector<std::string> hosts;
  for (const auto& entry : (*registry)->journal().Snapshot()) hosts.push_back(entry.host);
  EXPECT_THAT(hosts, ElementsAre("registry", "cdn"));
}

TEST(Registry, SaysThatAPortIsTaken) {
  auto first = Registry::Start(EmptyScenario());
  ASSERT_TRUE(first);
  const std::string authority = (*first)->Authority();
  Options options;
  options.port = static_cast<std::uint16_t>(std::stoi(authority.substr(authority.find(':') + 1)));
  const auto second = Registry::Start(EmptyScenario(), options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().id, "registry.bind");
}

}  // namespace
}  // namespace pullproof::mockregistry
