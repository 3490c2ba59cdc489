#include "resolver/manifest/outbound_host.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::resolver::manifest {
namespace {

constexpr std::string_view kAllowAll = "insecure:allow-all";
constexpr std::string_view kChainingSuffix = ".spin.internal";

// Schemes that have a port of their own.
constexpr std::array<std::string_view, 6> kSchemesWithPort = {"http",  "https", "postgres",
                                                              "mysql", "redis", "mqtt"};

std::unexpected<Error> FailHost(std::string_view entry, std::string_view why,
                                std::string hint = {}) {
  return Fail("spin.host", fmt::format("\"{}\" {}", entry, why), {}, std::move(hint));
}

bool IsAlphabetic(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

std::optional<unsigned> ParseNumber(std::string_view text, unsigned max) {
  unsigned number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || number > max) return std::nullopt;
  return number;
}

bool IsPort(std::string_view text) {
  constexpr unsigned kMaxPort = 65535;
  if (text == "*") return true;
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return ParseNumber(text, kMaxPort).has_value();
  const auto start = ParseNumber(text.substr(0, dots), kMaxPort);
  const auto end = ParseNumber(text.substr(dots + 2), kMaxPort + 1);  // exclusive
  return start && end && *start < *end;
}

bool IsHostName(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

bool IsIpv4(std::string_view text) {
  const auto parts = Split(text, '.');
  return parts.size() == 4 && std::ranges::all_of(parts, [](std::string_view part) {
           return ParseNumber(part, 255).has_value();
         });
}

// The inside of the brackets: hexadecimal digits and colons, perhaps an embedded IPv4 address.
bool IsIpv6(std::string_view text) {
  return text.contains(':') && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') ||
                  c == ':' || c == '.';
         });
}

bool IsNetwork(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view address = text.substr(0, slash);
  const std::string_view bits = text.substr(slash + 1);
  if (IsIpv4(address)) return ParseNumber(bits, 32).has_value();
  return IsIpv6(address) && ParseNumber(bits, 128).has_value();
}

Result<void> CheckHost(std::string_view entry, std::string_view host) {
  if (host.empty()) return FailHost(entry, "has no host");
  if (host == "*") return {};
  if (host.contains('{') || host.contains(',')) {
    return FailHost(entry, "holds a list of hosts", "write one entry for each");
  }
  if (host.front() == '[') {
    const std::string_view inside = host.substr(1, host.size() - 2);
    if (host.back() == ']' && (IsIpv6(inside) || IsNetwork(inside))) return {};
    return FailHost(entry, "has a bad address in brackets");
  }
  if (IsNetwork(host)) return {};
  if (host.contains('/')) {
    return FailHost(entry, "has a path", "an entry grants a host, never a part of it");
  }
  const std::string_view name = host.starts_with("*.") ? host.substr(2) : host;
  if (name.contains('*')) {
    return FailHost(entry, "has a `*` that is neither the whole host nor a leading `*.`");
  }
  if (!IsHostName(name)) return FailHost(entry, "has a host that is no name and no address");
  return {};
}

// Splits "HOST[:PORT]" behind the last colon that stands outside of brackets.
std::pair<std::string_view, std::optional<std::string_view>> SplitPort(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const std::size_t bracket = text.rfind(']');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) {
    return {text, std::nullopt};
  }
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::string NormalHost(std::string_view host) {
  std::string name = ToLowerAscii(host);
  while (name.ends_with('.')) name.pop_back();
  return name;
}

// One entry of `allowed_http_hosts`, or the reason why it is none.
Result<std::vector<std::string>> ConvertHttpHost(std::string_view entry) {
  if (entry == "self") return std::vector<std::string>{"http://self"};
  std::string_view host = entry;
  if (const std::size_t scheme_end = entry.find("://"); scheme_end != std::string_view::npos) {
    const std::string_view scheme = entry.substr(0, scheme_end);
    if (scheme != "http" && scheme != "https") {
      return FailHost(entry,
                      fmt::format("has the scheme \"{}\"; only http and https fit here", scheme));
    }
    host = entry.substr(scheme_end + 3);
  }
  std::vector<std::string> converted{fmt::format("http://{}", host),
                                     fmt::format("https://{}", host)};
  if (host.contains('/')) return FailHost(entry, "has a path");
  PULLPROOF_RETURN_IF_ERROR(ParseOutboundHost(converted.front()));
  return converted;
}

}  // namespace

bool OutboundHost::IsServiceChaining() const { return NormalHost(host).ends_with(kChainingSuffix); }

bool OutboundHost::IsHostsOwn() const {
  const std::string name = NormalHost(host);
  return name == "*" || name == "self" || name == "self.alt" || name.ends_with("/0") ||
         name.ends_with("/0]") || IsServiceChaining();
}

Result<OutboundHost> ParseOutboundHost(std::string_view entry) {
  const std::string_view text = Trim(entry);
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) {
    return FailHost(entry, "does not contain a scheme",
                    text == kAllowAll ? "write \"*://*:*\" to allow everything"
                                      : fmt::format("write \"https://{}\"", text));
  }
  const std::string_view scheme = text.substr(0, scheme_end);
  if (scheme != "*" && !IsAlphabetic(scheme)) {
    return FailHost(entry, "has a scheme that is neither letters nor `*`");
  }
  std::string_view authority = text.substr(scheme_end + 3);
  if (authority.ends_with('/')) authority.remove_suffix(1);
  const auto [host, port] = SplitPort(authority);
  PULLPROOF_RETURN_IF_ERROR(CheckHost(entry, host));
  if (port && !IsPort(*port)) {
    return FailHost(entry, fmt::format("has the port \"{}\"", *port),
                    "a port is a number, START..END or *");
  }
  if (!port && std::ranges::find(kSchemesWithPort, scheme) == kSchemesWithPort.end()) {
    return FailHost(entry, "needs a port", fmt::format("\"{}\" has no port of its own", scheme));
  }
  return OutboundHost{std::string(scheme), std::string(host), std::string(port.value_or(""))};
}

Result<std::vector<std::string>> ConvertHttpHosts(std::span<const std::string> entries) {
  if (std::ranges::find(entries, kAllowAll) != entries.end()) {
    return std::vector<std::string>{"http://*:*", "https://*:*", "http://self"};
  }
  std::vector<std::string> converted;
  std::string bad;
  for (const std::string& entry : entries) {
    auto hosts = ConvertHttpHost(entry);
    if (hosts) {
      converted.insert(converted.end(), hosts->begin(), hosts->end());
    } else {
      bad += "\n" + hosts.error().message;
    }
  }
  if (!bad.empty()) {
    return Fail("spin.host", "One or more allowed_http_hosts entries was invalid:" + bad);
  }
  return converted;
}

}  // namespace pullproof::resolver::manifest
