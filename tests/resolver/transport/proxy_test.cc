// Which proxy is asked, what it gets, and what its refusals are.
#include "resolver/transport/proxy.h"

#include <map>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resolver/transport/curl_transport.h"
#include "tests/resolver/transport/raw_server.h"

namespace pullproof::resolver::transport {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(ProxyParse, TakesWhatPeopleWrite) {
  const std::map<std::string, Proxy> kTable = {
      {"proxy.test", {"http://proxy.test:1080", "", ""}},
      {"Proxy.Test:3128", {"http://proxy.test:3128", "", ""}},
      {"http://proxy.test:3128/", {"http://proxy.test:3128", "", ""}},
      {"HTTPS://proxy.test:443", {"https://proxy.test:443", "", ""}},
      {"http://[::1]:8080", {"http://[::1]:8080", "", ""}},
      {"http://user:p%40ss@proxy.test:1", {"http://proxy.test:1", "user", "p@ss"}},
      {"user@proxy.test:1", {"http://proxy.test:1", "user", ""}},
  };
  for (const auto& [text, expected] : kTable) {
    const auto proxy = Proxy::Parse(text);
    ASSERT_TRUE(proxy) << text;
    EXPECT_EQ(*proxy, expected) << text;
  }
}

TEST(ProxyParse, RefusesWhatIsNone) {
  for (const char* text :
       {"", "::", "http://", "http://:80", "proxy.test:", "proxy.test:0", "proxy.test:65536",
        "proxy.test:http", "socks5://proxy.test:1", "http://proxy test:1", "http://a/b",
        "http://u:%zz@proxy.test:1", "http://[::1"}) {
    const auto proxy = Proxy::Parse(text);
    ASSERT_FALSE(proxy) << text;
    EXPECT_EQ(proxy.error().id, "transport.proxy") << text;
  }
}

TEST(ProxyParse, DoesNotShowThePassword) {
  const auto proxy = Proxy::Parse("http://user:hunter2@proxy.test:x");
  ASSERT_FALSE(proxy);
  EXPECT_THAT(Describe(proxy.error()), Not(HasSubstr("hunter2")));
}

TEST(ProxyRules, ByScheme) {
  const ProxyRules rules{.http = *Proxy::Parse("a:1"), .https = *Proxy::Parse("b:1"), .direct = {}};
  EXPECT_EQ(rules.For("http", "registry.test", 80), &*rules.http);
  EXPECT_EQ(rules.For("https", "registry.test", 443), &*rules.https);
  EXPECT_EQ(ProxyRules{}.For("https", "registry.test", 443), nullptr);
}

TEST(ProxyRules, LoopbackIsAskedDirectly) {
  const ProxyRules rules{.http = *Proxy::Parse("a:1"), .https = {}, .direct = {}};
  for (const char* host : {"127.0.0.1", "127.9.9.9", "[::1]", "localhost", "a.localhost"}) {
    EXPECT_EQ(rules.For("http", host, 80), nullptr) << host;
  }
}

TEST(ProxyRules, WhatIsAskedDirectly) {
  struct Row {
    const char* no_proxy;
    const char* host;
    bool direct;
  };
  constexpr Row kTable[] = {
      {"", "registry.test", false},
      {"*", "registry.test", true},
      {"registry.test", "registry.test", true},
      {"registry.test", "a.registry.test", true},
      {"registry.test", "otherregistry.test", false},
      {"registry.test", "REGISTRY.test.", true},
      {".registry.test", "registry.test", true},
      {".registry.test", "a.registry.test", true},
      {"test", "registry.test", true},
      {"a.test, registry.test", "registry.test", true},
      {"a.test registry.test", "registry.test", true},
      {"registry.test:5000", "registry.test", true},
      {"registry.test:80", "registry.test", false},
      {"10.0.0.0/8", "10.255.0.1", true},
      {"10.0.0.0/8", "11.0.0.1", false},
      {"10.0.0.0/9", "10.128.0.1", false},
      {"10.0.0.1", "10.0.0.1", true},
      {"10.0.0.1", "10.0.0.10", false},
      {"fd00::/8", "[fd12::1]", true},
      {"fd00::1", "[fd00::1]", true},
      {"[fd00::1]:5000", "[fd00::1]", true},
      {"10.0.0.0/99", "10.0.0.1", false},
      {"10.0.0.0/x", "10.0.0.1", false},
  };
  for (const Row& row : kTable) {
    const ProxyRules rules{
        .http = *Proxy::Parse("a:1"), .https = {}, .direct = ParseNoProxy(row.no_proxy)};
    EXPECT_EQ(rules.For("http", row.host, 5000) == nullptr, row.direct)
        << row.no_proxy << " and " << row.host;
  }
}

Result<CurlOptions> From(const std::map<std::string, std::string>& environment) {
  return OptionsFrom([&](const std::string& name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  });
}

TEST(OptionsFrom, ReadsAsCurlDoes) {
  const auto none = From({});
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->proxies.http || none->proxies.https);
  EXPECT_EQ(none->ca_file, "");
  const auto all = From({{"SSL_CERT_FILE", "/x/y.pem"},
                         {"http_proxy", "a:1"},
                         {"HTTPS_PROXY", "b:1"},
                         {"NO_PROXY", "x.test,y.test"}});
  ASSERT_TRUE(all);
  EXPECT_EQ(all->ca_file, "/x/y.pem");
  EXPECT_EQ(all->proxies.http->url, "http://a:1");
  EXPECT_EQ(all->proxies.https->url, "http://b:1");
  EXPECT_THAT(all->proxies.direct, testing::ElementsAre("x.test", "y.test"));
}

TEST(OptionsFrom, PrefersLowerCaseAndTheSchemesOwn) {
  const auto options = From({{"https_proxy", "a:1"}, {"HTTPS_PROXY", "b:1"}, {"ALL_PROXY", "c:1"}});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->proxies.https->url, "http://a:1");
  EXPECT_EQ(options->proxies.http->url, "http://c:1");
}

// CGI hands a request's `Proxy:` to programs as HTTP_PROXY.
TEST(OptionsFrom, IgnoresHttpProxyInUpperCase) {
  const auto options = From({{"HTTP_PROXY", "a:1"}});
  ASSERT_TRUE(options);
  EXPECT_FALSE(options->proxies.http);
}

TEST(OptionsFrom, AnEmptyValueIsNoneAndABadOneAnError) {
  EXPECT_FALSE(From({{"https_proxy", ""}})->proxies.https);
  const auto bad = From({{"https_proxy", "::"}});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().id, "transport.proxy");
}

// A proxy that keeps what it was asked and answers that.
class FakeProxy {
 public:
  explicit FakeProxy(std::string answer)
      : server_([this, answer](Peer& peer) {
          seen_ = peer.ReadRequest();
          peer.Send(answer);
        }) {}

  // "ok", or the error's id.
  std::string Ask(const std::string& url, const std::string& login = {}) {
    CurlTransport transport({.ca_file = {}, .proxies = Rules(login)});
    Request request{.url = url, .headers = {{"Authorization", "Bearer secret"}}};
    const auto response = transport.Exchange(
        request, {.on_response = [](const Response&) -> Result<void> { return {}; },
                  .on_body = [](std::string_view) -> Result<void> { return {}; }});
    if (!response) return response.error().id;
    EXPECT_FALSE(response->peer) << "what answers is the proxy";
    return "ok";
  }
  [[nodiscard]] const std::string& seen() const { return seen_; }

 private:
  [[nodiscard]] ProxyRules Rules(const std::string& login) const {
    const Proxy proxy = *Proxy::Parse(fmt::format("http://{}127.0.0.1:{}", login, server_.port()));
    return {.http = proxy, .https = proxy, .direct = {}};
  }

  std::string seen_;
  RawServer server_;
};

constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

TEST(CurlTransportProxy, GetsAbsoluteUrlsOfHttp) {
  FakeProxy proxy(kOk);
  EXPECT_EQ(proxy.Ask("http://registry.test/v2/?a=%2F"), "ok");
  EXPECT_THAT(proxy.seen(), StartsWith("GET http://registry.test/v2/?a=%2F HTTP/1.1\r\n"));
  EXPECT_THAT(proxy.seen(), HasSubstr("Authorization: Bearer secret"));
  EXPECT_THAT(proxy.seen(), Not(HasSubstr("Proxy-Authorization")));
}

TEST(CurlTransportProxy, GetsItsOwnLogin) {
  FakeProxy proxy(kOk);
  EXPECT_EQ(proxy.Ask("http://registry.test/", "user:pass@"), "ok");
  EXPECT_THAT(proxy.seen(), HasSubstr("Proxy-Authorization: Basic dXNlcjpwYXNz\r\n"));
}

TEST(CurlTransportProxy, GetsNoneOfTheRequestsHeadersInAConnect) {
  FakeProxy proxy("HTTP/1.1 403 No\r\nContent-Length: 5\r\n\r\n<hi/>");
  EXPECT_EQ(proxy.Ask("https://registry.test/v2/", "user:pass@"), "transport.proxy");
  EXPECT_THAT(proxy.seen(), StartsWith("CONNECT registry.test:443 HTTP/1.1\r\n"));
  EXPECT_THAT(proxy.seen(), Not(HasSubstr("\r\nAuthorization:")));
  EXPECT_THAT(proxy.seen(), HasSubstr("Proxy-Authorization: Basic dXNlcjpwYXNz\r\n"));
}

TEST(CurlTransportProxy, ThatWantsALoginForEverIsAnError) {
  FakeProxy proxy(
      "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"
      "Content-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(proxy.Ask("https://registry.test/", "user:pass@"), "transport.proxy");
}

TEST(CurlTransportProxy, ThatHangsUpIsAnError) {
  FakeProxy proxy("");
  EXPECT_EQ(proxy.Ask("https://registry.test/"), "transport.proxy");
}

// The one thing that a name cannot hide: where it leads.
TEST(CurlTransportAddress, NothingFurtherInsideIsConnectedTo) {
  RawServer server(AlwaysAnswer(kOk));
  const Receiver receiver{.on_response = [](const Response&) -> Result<void> { return {}; },
                          .on_body = [](std::string_view) -> Result<void> { return {}; }};
  CurlTransport transport;
  const std::string url = fmt::format("http://localhost:{}/", server.port());
  for (const Reach reach : {Reach::kPublic, Reach::kPrivate}) {
    const auto refused = transport.Exchange({.url = url, .innermost = reach}, receiver);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().id, "transport.address");
  }
  EXPECT_EQ(server.connections(), 0);
  const auto allowed = transport.Exchange({.url = url, .innermost = Reach::kLoopback}, receiver);
  ASSERT_TRUE(allowed) << Describe(allowed.error());
  ASSERT_TRUE(allowed->peer);
  EXPECT_TRUE(IsLoopback(*allowed->peer));
}

TEST(CurlTransportAddress, AKeptConnectionIsNoWayRoundIt) {
  RawServer server([](Peer& peer) {
    while (!peer.ReadRequest().empty()) peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  const Receiver receiver{.on_response = [](const Response&) -> Result<void> { return {}; },
                          .on_body = [](std::string_view) -> Result<void> { return {}; }};
  CurlTransport transport;
  ASSERT_TRUE(transport.Exchange({.url = server.Url("/")}, receiver));
  const auto refused =
      transport.Exchange({.url = server.Url("/"), .innermost = Reach::kPublic}, receiver);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().id, "transport.address");
}

}  // namespace
}  // namespace pullproof::resolver::transport
