// Hosts on the wire: TLS with the registry's own authority, the ways to break a connection before
// its first request, and the proxy.
#include "mockregistry/network.h"

#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mockregistry/registry.h"
#include "tests/mockregistry/wire/raw_client.h"
#include "tests/mockregistry/wire/tls_client.h"

namespace pullproof::mockregistry {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using wire::RawClient;
using wire::TlsClient;

constexpr std::string_view kImage = R"(
fixture = 1
id = "network.test"
blobs.layer = "hello"
manifests.app = { image = { layers = ["layer"] } }
repos."lib/app" = { tags = { "1.0" = "app" } }
)";

constexpr std::string_view kHub = R"(
[hosts.hub]
names = ["registry-1.docker.io", "index.docker.io"]
tls = true
[hosts.plain]
names = ["plain.example"]
)";

std::uint16_t PortOf(std::string_view authority) {
  std::uint16_t port = 0;
  const std::string_view digits = authority.substr(authority.rfind(':') + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return port;
}

class NetworkTest : public testing::Test {
 protected:
  void Start(std::string_view more) {
    Diagnostics problems("f.toml");
    auto scenario = LoadScenario(std::string(kImage) + std::string(more), "f.toml", ".", problems);
    for (const Diagnostic& problem : problems.all()) {
      ADD_FAILURE() << FormatDiagnostic(problems, problem);
    }
    ASSERT_NE(scenario, nullptr) << more;
    Options options;
    options.clock = &clock_;
    auto started = Registry::Start(scenario, options);
    ASSERT_TRUE(started.has_value()) << Describe(started.error());
    registry_ = *std::move(started);
  }

  [[nodiscard]] std::uint16_t Port(std::string_view host = "registry") const {
    return PortOf(registry_->Authority(host));
  }
  [[nodiscard]] std::uint16_t ProxyPort() const { return PortOf(registry_->ProxyUrl()); }
  [[nodiscard]] TlsClient::Trust Trust(std::string name = "127.0.0.1") const {
    return {.ca_pem = registry_->CaPem(), .name = std::move(name)};
  }
  // "HOST VIA METHOD TARGET RULE ENDING" of each entry, once there are that many and all complete.
  [[nodiscard]] std::vector<std::string> Entries(std::size_t count) const {
    const auto is_complete = [](const journal::Entry& entry) { return !entry.ending.empty(); };
    registry_->journal().Wait(count, is_complete, std::chrono::seconds(10));
    std::vector<std::string> entries;
    for (const journal::Entry& e : registry_->journal().Snapshot()) {
      entries.push_back(
          fmt::format("{}|{}|{} {}|{}|{}", e.host, e.via, e.method, e.target, e.rule, e.ending));
    }
    return entries;
  }
  static std::string Get(std::string_view target, std::string_view host = "a") {
    return fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", target, host);
  }

  ManualClock clock_;
  std::unique_ptr<Registry> registry_;
};

TEST_F(NetworkTest, EveryHostThatSpeaksTlsHasACertificateOfItsOwn) {
  Start(R"(
[hosts.registry]
tls = true
[hosts.v6]
name = "::1"
tls = true
[hosts.local]
name = "a.localhost"
tls = true
[hosts.clear]
)");
  EXPECT_THAT(registry_->Origin(), StartsWith("https://127.0.0.1:"));
  EXPECT_THAT(registry_->Origin("v6"), StartsWith("https://[::1]:"));
  EXPECT_THAT(registry_->Origin("clear"), StartsWith("http://127.0.0.1:"));
  EXPECT_THAT(registry_->CaPem(), StartsWith("-----BEGIN CERTIFICATE-----"));
  struct Row {
    const char* host;
    const char* address;
    const char* name;
  };
  for (const Row& row : {Row{"registry", "127.0.0.1", "127.0.0.1"}, Row{"v6", "::1", "::1"},
                         Row{"local", "127.0.0.1", "a.localhost"}}) {
    TlsClient client(Port(row.host), Trust(row.name), row.address);
    ASSERT_TRUE(client.connected()) << row.host << ": " << client.failure();
    ASSERT_TRUE(client.Send(Get("/v2/lib/app/manifests/1.0")));
    EXPECT_THAT(client.ReadAnswer(), HasSubstr("schemaVersion"));
  }
  const TlsClient wrong(Port(), Trust("a.localhost"));
  EXPECT_FALSE(wrong.connected());
}

TEST_F(NetworkTest, WithoutTlsThereIsNoAuthorityAndWithoutNamesNoProxy) {
  Start("");
  EXPECT_EQ(registry_->CaPem(), "");
  EXPECT_EQ(registry_->ProxyUrl(), "");
  EXPECT_THAT(registry_->Origin(), StartsWith("http://127.0.0.1:"));
}

TEST_F(NetworkTest, RedirectsAndChallengesSayHttps) {
  Start(R"(
rules = [ { id = "away", on = { op = "blob.get" }, do = { redirect = { host = "cdn" } } } ]
[hosts.registry]
tls = true
[hosts.cdn]
tls = true
)");
  api::Request request;
  request.method = "GET";
  request.target =
      "/v2/lib/app/blobs/"
      "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  EXPECT_EQ(registry_->Exchange(request).response.headers.Find("Location"),
            registry_->Origin("cdn") + request.target);
}

TEST_F(NetworkTest, HandshakesAreBrokenByRule) {
  struct Row {
    const char* conn;
    const char* failure;
    const char* ending;
  };
  for (const Row& row : {Row{"tls-alert", "handshake failure", "tls alert"},
                         Row{"tls-expired", "certificate has expired", "tls failed"},
                         Row{"tls-wrong-name", "mismatch", "tls failed"}}) {
    Start(fmt::format(R"(
[[rules]]
id = "bad"
on = {{ host = "registry" }}
pick = {{ first = 1 }}
do = {{ conn = "{}" }}
[hosts.registry]
tls = true
)",
                      row.conn));
    {
      const TlsClient first(Port(), Trust());
      EXPECT_FALSE(first.connected()) << row.conn;
      EXPECT_THAT(first.failure(), HasSubstr(row.failure)) << row.conn;
    }
    TlsClient second(Port(), Trust());
    ASSERT_TRUE(second.connected()) << row.conn << ": " << second.failure();
    ASSERT_TRUE(second.Send(Get("/v2/")));
    EXPECT_THAT(second.ReadAnswer(), StartsWith("HTTP/1.1 200"));
    EXPECT_THAT(Entries(2), ElementsAre(fmt::format("registry|| |bad|{}", row.ending),
                                        "registry||GET /v2/||complete"));
  }
}

TEST_F(NetworkTest, AClientThatTakesABadCertificateIsServedAndSeen) {
  Start(R"(
rules = [ { id = "bad", on = {}, do = { conn = "tls-expired" } } ]
[hosts.registry]
tls = true
)");
  TlsClient careless(Port(), {.checks_certificate = false});
  ASSERT_TRUE(careless.connected());
  ASSERT_TRUE(careless.Send(Get("/v2/")));
  EXPECT_THAT(careless.ReadAnswer(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(Entries(2),
              ElementsAre("registry|| |bad|tls complete", "registry||GET /v2/||complete"));
}

TEST_F(NetworkTest, ARefusedConnectionIsResetBeforeItsRequest) {
  Start(R"(
rules = [ { id = "no", on = { host = "registry" }, pick = { nth = 1 }, do = { conn = "refuse" } } ]
)");
  EXPECT_EQ(RawClient(Port()).ReadToEnd().end, RawClient::End::kRst);
  const RawClient second(Port());
  ASSERT_TRUE(second.Send(Get("/v2/")));
  EXPECT_THAT(second.ReadAnswer(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(Entries(2), ElementsAre("registry|| |no|refused", "registry||GET /v2/||complete"));
}

TEST_F(NetworkTest, TheProxyLeadsToHostsByTheirNames) {
  Start(kHub);
  EXPECT_EQ(registry_->Authority("hub"), "registry-1.docker.io");
  EXPECT_EQ(registry_->Origin("hub"), "https://registry-1.docker.io");
  EXPECT_EQ(registry_->HostOf("index.docker.io:443"), "hub");
  TlsClient::Trust trust = Trust("index.docker.io");
  trust.proxy_authority = "index.docker.io:443";
  TlsClient client(ProxyPort(), trust);
  EXPECT_THAT(client.proxy_answer(), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(client.proxy_answer(), testing::Not(HasSubstr("Content-Length")));
  ASSERT_TRUE(client.connected()) << client.failure();
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client.Send(Get("/v2/")));
    EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 200"));
  }
  EXPECT_THAT(Entries(3),
              ElementsAre("proxy||CONNECT index.docker.io:443||complete",
                          "hub|tunnel|GET /v2/||complete", "hub|tunnel|GET /v2/||complete"));
}

TEST_F(NetworkTest, TheProxyTakesRequestsInAbsoluteForm) {
  Start(kHub);
  const RawClient client(ProxyPort());
  ASSERT_TRUE(client.Send(Get("http://plain.example/v2/lib/app/tags/list?n=1", "plain.example")));
  EXPECT_THAT(client.ReadAnswer(), EndsWith(R"({"name":"lib/app","tags":["1.0"]})"));
  // TLS is only for tunnels, and nobody else is reachable.
  ASSERT_TRUE(client.Send(Get("http://index.docker.io/v2/")));
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 502"));
  ASSERT_TRUE(client.Send(Get("http://10.0.0.1/v2/")));
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 502"));
  EXPECT_THAT(Entries(3), ElementsAre("plain|forward|GET /v2/lib/app/tags/list?n=1||complete",
                                      "proxy||GET http://index.docker.io/v2/||complete",
                                      "proxy||GET http://10.0.0.1/v2/||complete"));
}

TEST_F(NetworkTest, TheProxyNeverDialsOut) {
  Start(kHub);
  for (const std::string_view authority :
       {"registry.example:443", "10.0.0.1:443", "localhost:1", "docker.io:443", "127.0.0.1:1"}) {
    const RawClient client(ProxyPort());
    ASSERT_TRUE(client.Send(fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\n", authority)));
    EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 502 Bad Gateway\r\n")) << authority;
  }
  const RawClient client(ProxyPort());
  ASSERT_TRUE(client.Send("CONNECT plain.example:80 HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 200"));
  ASSERT_TRUE(client.Send(Get("/v2/")));
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 200"));
}

TEST_F(NetworkTest, RulesCanNameTheProxyAndOnlyThoseMeanIt) {
  Start(std::string(R"(
[[rules]]
id = "every"
on = {}
do = { status = 503 }
[[rules]]
id = "auth"
on = { host = "proxy", method = "CONNECT" }
pick = { first = 1 }
do = { status = 407, headers = { Proxy-Authenticate = "Basic realm=\"p\"" } }
)") + std::string(kHub));
  const std::string connect = "CONNECT plain.example:80 HTTP/1.1\r\nHost: a\r\n\r\n";
  const RawClient client(ProxyPort());
  ASSERT_TRUE(client.Send(connect));
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 407"));
  ASSERT_TRUE(client.Send(connect));
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 200"));
  ASSERT_TRUE(client.Send(Get("/v2/")));
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 503"));
}

TEST_F(NetworkTest, AHostThatRefusesIsOutOfTheProxysReach) {
  Start(std::string(R"(
rules = [ { id = "no", on = { host = "plain" }, do = { conn = "refuse" } } ]
)") + std::string(kHub));
  const RawClient client(ProxyPort());
  ASSERT_TRUE(client.Send("CONNECT plain.example:80 HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 502"));
  EXPECT_THAT(Entries(2), ElementsAre("plain|tunnel| |no|refused",
                                      "proxy||CONNECT plain.example:80||complete"));
}

TEST_F(NetworkTest, ConnectionsOfAllHostsAreCountedTogether) {
  Start("[hosts.cdn]\n");
  for (const char* host : {"registry", "cdn", "registry"}) {
    const RawClient client(Port(host));
    ASSERT_TRUE(client.Send(Get("/v2/")));
    ASSERT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1"));
  }
  std::vector<std::uint64_t> numbers;
  for (const auto& entry : registry_->journal().Snapshot()) numbers.push_back(entry.connection);
  EXPECT_THAT(numbers, ElementsAre(1U, 2U, 3U));
}

TEST_F(NetworkTest, AHundredRegistriesDoNotSeeEachOther) {
  constexpr std::size_t kRegistries = 100;
  std::vector<std::unique_ptr<Registry>> registries;
  for (std::size_t i = 0; i < kRegistries; ++i) {
    Start("");
    registries.push_back(std::move(registry_));
  }
  for (std::size_t i = 0; i < kRegistries; ++i) {
    const RawClient client(PortOf(registries[i]->Authority()));
    const std::string body = fmt::format("pushed to {}", i);
    const std::string digest = oci::Digest::Of(body).ToString();
    ASSERT_TRUE(
        client.Send(fmt::format("POST /v2/lib/app/blobs/uploads/?digest={} HTTP/1.1\r\nHost: a\r\n"
                                "Content-Length: {}\r\n\r\n{}",
                                digest, body.size(), body)));
    ASSERT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 201")) << i;
    const RawClient next(PortOf(registries[(i + 1) % kRegistries]->Authority()));
    ASSERT_TRUE(
        next.Send(fmt::format("HEAD /v2/lib/app/blobs/{} HTTP/1.1\r\nHost: a\r\n"
                              "Connection: close\r\n\r\n",
                              digest)));
    EXPECT_THAT(next.ReadToEnd().bytes, StartsWith("HTTP/1.1 404")) << i;
  }
  for (const auto& registry : registries) {
    const auto is_complete = [](const journal::Entry& entry) { return !entry.ending.empty(); };
    EXPECT_TRUE(registry->journal().Wait(2, is_complete, std::chrono::seconds(10)));
    EXPECT_EQ(registry->journal().Snapshot().size(), 2U);
  }
}

TEST_F(NetworkTest, AnUploadThatIsKilledHalfWayLeavesNothing) {
  Start("");
  const std::string body(100'000, 'x');
  const std::string digest = oci::Digest::Of(body).ToString();
  {
    const RawClient client(Port());
    ASSERT_TRUE(
        client.Send(fmt::format("POST /v2/lib/app/blobs/uploads/?digest={} HTTP/1.1\r\nHost: a\r\n"
                                "Content-Length: {}\r\n\r\n{}",
                                digest, body.size(), body.substr(0, body.size() / 2))));
  }
  const RawClient client(Port());
  ASSERT_TRUE(client.Send(fmt::format(
      "HEAD /v2/lib/app/blobs/{} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", digest)));
  EXPECT_THAT(client.ReadToEnd().bytes, StartsWith("HTTP/1.1 404"));
  // The half was no request: nobody was asked anything.
  EXPECT_THAT(Entries(1), ElementsAre(HasSubstr("HEAD")));
}

}  // namespace
}  // namespace pullproof::mockregistry
