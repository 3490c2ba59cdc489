// Which proxy stands before which host.
// Convention: curl's manual, "ENVIRONMENT"; a proxy is asked as RFC 9110 section 7.3.2 has it for
// http, and by CONNECT (section 9.3.6) for https.
#ifndef PULLPROOF_RESOLVER_TRANSPORT_PROXY_H_
#define PULLPROOF_RESOLVER_TRANSPORT_PROXY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace pullproof::resolver::transport {

struct Proxy {
  std::string url;   // "http://proxy.test:3128": scheme, host and port, nothing else
  std::string user;  // sent to the proxy alone, as Basic; empty: none
  std::string password;

  // "[http://|https://][USER[:PASSWORD]@]HOST[:PORT][/]", user and password percent-encoded. The
  // port is 1080 when there is none, as for curl. Error: transport.proxy, which does not show the
  // password. Pure.
  static Result<Proxy> Parse(std::string_view text);

  bool operator==(const Proxy&) const = default;
};

struct ProxyRules {
  std::optional<Proxy> http = {};   // for http URLs
  std::optional<Proxy> https = {};  // for https URLs
  // Hosts that are asked directly: "*" is all of them, "example.com" and ".example.com" are the
  // name and everything below it, an address is itself, "10.0.0.0/8" is a network. Any but "*" may
  // have a ":PORT" behind it (an IPv6 address then needs its brackets).
  std::vector<std::string> direct = {};

  // Loopback hosts are never asked through a proxy: what they are differs from machine to machine.
  // `host` may have the brackets of an IPv6 address. Null: asked directly. Pure.
  [[nodiscard]] const Proxy* For(std::string_view scheme, std::string_view host,
                                 std::uint16_t port) const;
};

// The parts of a NO_PROXY value, which are divided by commas or blanks. Pure.
std::vector<std::string> ParseNoProxy(std::string_view value);

}  // namespace pullproof::resolver::transport

#endif  // PULLPROOF_RESOLVER_TRANSPORT_PROXY_H_
