// Where a registry's hosts are reached: a listener for each, its certificate where it speaks TLS,
// and the proxy behind which hosts go by other names. The proxy never dials out: a name is one of
// the fixture's hosts, or nobody. Format: docs/fixtures.md "Hosts".
#ifndef PULLPROOF_MOCKREGISTRY_NETWORK_H_
#define PULLPROOF_MOCKREGISTRY_NETWORK_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "mockregistry/api/message.h"
#include "mockregistry/scenario.h"
#include "mockregistry/script/effect.h"
#include "mockregistry/script/engine.h"
#include "mockregistry/script/plan.h"
#include "mockregistry/wire/server.h"
#include "mockregistry/wire/tls.h"

namespace pullproof::mockregistry {

// How a request came to its host.
enum class Way { kDirect, kTunnel, kForward };
// As the journal calls it: "", "tunnel", "forward".
std::string_view WayName(Way way);

// What a rule does to a connection before its first request.
struct ScriptedOpening {
  std::string rule;
  script::Opening opening = script::Opening::kRefuse;
};

// What a network asks of its registry, from many threads at a time.
struct NetworkCallbacks {
  // `request.host` says which host it reached: one of the fixture's, or script::kProxyHost.
  std::function<script::Plan(api::Request, Way)> exchange;
  // As wire::Handler::complete.
  std::function<void(const script::Plan&, std::uint64_t body_sent, std::string_view ending,
                     Duration began)>
      complete;
  // What the script has for a connection before its first request; nothing: it is let in, and
  // honestly met.
  std::function<std::optional<ScriptedOpening>(script::Engine::Moment, std::string_view host,
                                               std::uint64_t connection)>
      opening;
  // A handshake begins, and is over, however it ended.
  std::function<void()> greets;
  std::function<void()> greeted;
  // A connection was refused, or a handshake failed or was scripted. `rule` may be empty.
  std::function<void(std::string_view host, std::uint64_t connection, std::string_view rule,
                     std::string_view ending, Way)>
      opened;
};

// After Listen all methods are thread-safe.
class Network {
 public:
  // Nothing listens yet: hosts are called "cdn.localhost", or by the first of their names.
  Network(const std::vector<Host>& hosts, NetworkCallbacks callbacks);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Opens every listener; `first_port` is the first host's. Errors: registry.bind, registry.tls.
  Result<void> Listen(std::uint16_t first_port, Clock& clock);

  // "127.0.0.1:40123", or the first of the host's names; empty for an unknown host.
  [[nodiscard]] std::string Authority(std::string_view host) const;
  // The same with its scheme: "https://registry-1.docker.io".
  [[nodiscard]] std::string Origin(std::string_view host) const;
  // The host that listens at that authority or has that name (with any port); null when it is none.
  [[nodiscard]] const Host* Find(std::string_view authority) const;
  // The certificate authority of every host that speaks TLS; empty when none does.
  [[nodiscard]] std::string CaPem() const;
  // "http://127.0.0.1:40125"; empty when the fixture has no proxy.
  [[nodiscard]] std::string ProxyUrl() const { return proxy_url_; }

 private:
  // One of the fixture's hosts at its place.
  struct Station {
    Host host;
    std::string listens_at;  // "127.0.0.1:40123"
    std::shared_ptr<const wire::TlsIdentity> good;
    std::shared_ptr<const wire::TlsIdentity> expired;
    std::shared_ptr<const wire::TlsIdentity> wrong_name;
    wire::Handler tunnel;  // for connections that come through the proxy
  };

  Result<void> OpenAll(std::uint16_t first_port, Clock& clock);
  Result<void> MakeIdentities(Station& station);
  Result<void> StartServer(Station& station, std::uint16_t port, Clock& clock);
  Result<void> StartProxy(Clock& clock);
  wire::Handler HandlerFor(const Station& station, Way way);
  wire::Greeting Greet(const Station& station, std::uint64_t connection) const;
  [[nodiscard]] const Station* FindStation(std::string_view host) const;

  NetworkCallbacks callbacks_;
  std::deque<Station> stations_;  // in the order of the scenario's hosts; they stay where they are
  std::unique_ptr<wire::TestAuthority> authority_;
  std::string proxy_url_;
  std::atomic<std::uint64_t> last_connection_ = 0;
  // Clients that come to the first listener before the last one is open wait for it.
  std::atomic<bool> is_open_ = false;
  std::vector<std::unique_ptr<wire::Server>> servers_;  // last: they stop before the rest goes
};

}  // namespace pullproof::mockregistry

#endif  // PULLPROOF_MOCKREGISTRY_NETWORK_H_
