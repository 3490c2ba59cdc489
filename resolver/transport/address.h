// What kind of address stands in a URL's host: the loopback may be spoken to in clear text, and a
// link-local one is nothing that a registry may send a client to.
#ifndef PULLPROOF_RESOLVER_TRANSPORT_ADDRESS_H_
#define PULLPROOF_RESOLVER_TRANSPORT_ADDRESS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pullproof::resolver::transport {

// An IPv6 address in network order; an IPv4 one as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2).
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  bool operator==(const IpAddress&) const = default;
};

// The address that a host is, if it is one: every form that a resolver takes for an IPv4 address
// ("127.1", "0x7f000001", "2130706433"), and IPv6 with or without brackets and zone. Names are
// never resolved. Pure, thread-safe, as all of these.
std::optional<IpAddress> ParseIpAddress(std::string_view host);

// 127.0.0.0/8 and ::1.
bool IsLoopback(const IpAddress& address);
// 169.254.0.0/16 (RFC 3927) and fe80::/10 (RFC 4291): the addresses of metadata services.
bool IsLinkLocal(const IpAddress& address);

// How far inside an address is: what is meant for fewer comes later.
enum class Reach : std::uint8_t {
  kPublic,
  kPrivate,    // RFC 1918, RFC 4193 (fc00::/7), RFC 6598 (100.64.0.0/10), fec0::/10
  kLoopback,   // also 0.0.0.0/8 and ::, which connect to this host
  kLinkLocal,  // asks the network's own services
};
Reach ReachOf(const IpAddress& address);
// "a link-local address", for messages.
std::string_view NameOf(Reach reach);

// A loopback address, "localhost", or a name below it (RFC 6761 section 6.3).
bool IsLoopbackHost(std::string_view host);
// A link-local address; a name never is.
bool IsLinkLocalHost(std::string_view host);

}  // namespace pullproof::resolver::transport

#endif  // PULLPROOF_RESOLVER_TRANSPORT_ADDRESS_H_
