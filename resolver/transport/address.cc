#include "resolver/transport/address.h"

#include <algorithm>
#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/text.h"

namespace pullproof::resolver::transport {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

bool IsMapped(const IpAddress& address) {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
}

// A host without its brackets, zone and final dot.
std::string BareHost(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  host = host.substr(0, host.find('%'));
  if (host.ends_with('.')) host.remove_suffix(1);
  return ToLowerAscii(host);
}

}  // namespace

std::optional<IpAddress> ParseIpAddress(std::string_view host) {
  const std::string bare = BareHost(host);
  IpAddress address;
  if (inet_pton(AF_INET6, bare.c_str(), address.bytes.data()) == 1) return address;
  // inet_aton takes what follows a blank for a comment.
  in_addr short_form{};
  if (bare.find_first_of(" \t\n") != std::string::npos ||
      inet_aton(bare.c_str(), &short_form) == 0) {
    return std::nullopt;
  }
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
  std::memcpy(&address.bytes[kMappedPrefix.size()], &short_form.s_addr, sizeof short_form.s_addr);
  return address;
}

bool IsLoopback(const IpAddress& address) {
  if (IsMapped(address)) return address.bytes[12] == 127;
  IpAddress one;
  one.bytes.back() = 1;
  return address == one;
}

bool IsLinkLocal(const IpAddress& address) {
  if (IsMapped(address)) return address.bytes[12] == 169 && address.bytes[13] == 254;
  return address.bytes[0] == 0xFE && (address.bytes[1] & 0xC0) == 0x80;
}

Reach ReachOf(const IpAddress& address) {
  if (IsLinkLocal(address)) return Reach::kLinkLocal;
  if (IsLoopback(address)) return Reach::kLoopback;
  const auto& bytes = address.bytes;
  if (IsMapped(address)) {
    const int first = bytes[12];
    const int second = bytes[13];
    if (first == 0) return Reach::kLoopback;
    const bool is_private = first == 10 || (first == 172 && (second & 0xF0) == 16) ||
                            (first == 192 && second == 168) ||
                            (first == 100 && (second & 0xC0) == 64);
    return is_private ? Reach::kPrivate : Reach::kPublic;
  }
  if (address == IpAddress{}) return Reach::kLoopback;
  const bool is_private =
      (bytes[0] & 0xFE) == 0xFC || (bytes[0] == 0xFE && (bytes[1] & 0xC0) == 0xC0);
  return is_private ? Reach::kPrivate : Reach::kPublic;
}

std::string_view NameOf(Reach reach) {
  switch (reach) {
    case Reach::kPublic:
      return "a public address";
    case Reach::kPrivate:
      return "a private address";
    case Reach::kLoopback:
      return "a loopback address";
    case Reach::kLinkLocal:
      return "a link-local address";
  }
  return {};
}

bool IsLoopbackHost(std::string_view host) {
  if (const auto address = ParseIpAddress(host)) return IsLoopback(*address);
  const std::string bare = BareHost(host);
  return bare == "localhost" || bare.ends_with(".localhost");
}

bool IsLinkLocalHost(std::string_view host) {
  const auto address = ParseIpAddress(host);
  return address && IsLinkLocal(*address);
}

}  // namespace pullproof::resolver::transport
