#include "resolver/transport/proxy.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "resolver/transport/address.h"

namespace pullproof::resolver::transport {
namespace {

constexpr std::string_view kDefaultPort = "1080";

std::unexpected<Error> BadProxy(std::string message) {
  return Fail("transport.proxy", std::move(message), {},
              "write it as http://[USER:PASSWORD@]HOST:PORT");
}

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

bool IsHost(std::string_view host) {
  if (host.starts_with('[')) return host.ends_with(']') && ParseIpAddress(host).has_value();
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

struct HostAndPort {
  std::string_view host;
  std::string_view port;
};

HostAndPort SplitPort(std::string_view text) {
  const std::size_t bracket = text.find(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  // Without brackets a second colon makes it an IPv6 address.
  const bool has_port = colon != std::string_view::npos && text.find(':', colon + 1) == text.npos;
  if (!has_port) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

bool InNetwork(const IpAddress& address, const IpAddress& network, int bits) {
  for (std::size_t i = 0; i < address.bytes.size() && bits > 0; ++i, bits -= 8) {
    const int mask = bits >= 8 ? 0xFF : (0xFF << (8 - bits)) & 0xFF;
    if ((address.bytes[i] & mask) != (network.bytes[i] & mask)) return false;
  }
  return true;
}

// "10.0.0.0/8"
bool MatchesNetwork(std::string_view entry, const IpAddress& address) {
  constexpr int kAll = 128;
  constexpr int kMapped = 96;  // bits before an IPv4 address in its mapped form
  const std::size_t slash = entry.find('/');
  const auto network = ParseIpAddress(entry.substr(0, slash));
  const auto bits = ParseNumber<int>(entry.substr(slash + 1));
  if (!network || !bits || *bits < 0) return false;
  const int all = *bits + (entry.find(':') == std::string_view::npos ? kMapped : 0);
  return all <= kAll && InNetwork(address, *network, all);
}

bool MatchesHost(std::string_view entry, std::string_view host) {
  const auto address = ParseIpAddress(host);
  if (address) {
    if (entry.find('/') != std::string_view::npos) return MatchesNetwork(entry, *address);
    return ParseIpAddress(entry) == address;
  }
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.empty() || host.size() < entry.size()) return false;
  const std::string_view end = host.substr(host.size() - entry.size());
  if (!EqualsIgnoreCase(end, entry)) return false;
  return host.size() == entry.size() || host[host.size() - entry.size() - 1] == '.';
}

bool Matches(std::string_view entry, std::string_view host, std::uint16_t port) {
  if (entry == "*") return true;
  const auto [name, its_port] = SplitPort(entry);
  if (!its_port.empty() && ParseNumber<std::uint16_t>(its_port) != port) return false;
  if (host.ends_with('.')) host.remove_suffix(1);
  return MatchesHost(name, host);
}

}  // namespace

Result<Proxy> Proxy::Parse(std::string_view text) {
  text = Trim(text);
  std::string scheme = "http";
  if (const std::size_t colon = text.find("://"); colon != std::string_view::npos) {
    scheme = ToLowerAscii(text.substr(0, colon));
    text.remove_prefix(colon + 3);
  }
  if (scheme != "http" && scheme != "https") {
    return BadProxy(fmt::format("a proxy of the kind `{}` cannot be used, only http and https",
                                Printable(scheme)));
  }
  Proxy proxy;
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    const std::string_view login = text.substr(0, at);
    text.remove_prefix(at + 1);
    const std::size_t colon = login.find(':');
    const auto user = PercentDecode(login.substr(0, colon));
    const auto password = PercentDecode(colon == std::string_view::npos ? std::string_view()
                                                                        : login.substr(colon + 1));
    if (!user || !password) return BadProxy("the proxy's user or password is not percent-encoded");
    proxy.user = *user;
    proxy.password = *password;
  }
  if (text.ends_with('/')) text.remove_suffix(1);
  const auto [host, port] = SplitPort(text);
  const auto number = ParseNumber<std::uint16_t>(port.empty() ? kDefaultPort : port);
  if (!IsHost(host) || text.ends_with(':') || !number || *number == 0) {
    return BadProxy(fmt::format("`{}` is not the address of a proxy", Printable(text)));
  }
  proxy.url = fmt::format("{}://{}:{}", scheme, ToLowerAscii(host), *number);
  return proxy;
}

const Proxy* ProxyRules::For(std::string_view scheme, std::string_view host,
                             std::uint16_t port) const {
  const std::optional<Proxy>& proxy = scheme == "https" ? https : http;
  if (!proxy || IsLoopbackHost(host)) return nullptr;
  const bool is_direct = std::ranges::any_of(
      direct, [&](const std::string& entry) { return Matches(entry, host, port); });
  return is_direct ? nullptr : &*proxy;
}

std::vector<std::string> ParseNoProxy(std::string_view value) {
  std::vector<std::string> entries;
  for (const std::string_view part : Split(value, ',')) {
    for (const std::string_view entry : Split(part, ' ')) {
      if (const auto trimmed = Trim(entry); !trimmed.empty()) entries.emplace_back(trimmed);
    }
  }
  return entries;
}

}  // namespace pullproof::resolver::transport
