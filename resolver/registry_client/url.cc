#include "resolver/registry_client/url.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "resolver/transport/address.h"

namespace pullproof::resolver::registry_client {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

std::uint16_t DefaultPort(std::string_view scheme) {
  return scheme == "https" ? kHttpsPort : kHttpPort;
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::unexpected<Error> Bad(std::string message) { return Fail("url.syntax", std::move(message)); }

// Path or query of an error message must not show what may be a signature.
std::string Quote(std::string_view url) {
  constexpr std::size_t kShown = 120;
  return Printable(url.substr(0, std::min(kShown, url.find_first_of("?#"))));
}

Result<void> CheckCharacters(std::string_view text) {
  if (text.size() > kMaxUrl) return Bad(fmt::format("a URL of {} bytes", text.size()));
  if (!std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; })) {
    return Bad(fmt::format("`{}` has characters that no URL has", Quote(text)));
  }
  return {};
}

// The scheme that the text begins with, in lower case; empty when it is a relative reference.
std::string SchemeOf(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || !IsLetter(text.front())) return {};
  const std::string_view scheme = text.substr(0, colon);
  const bool is_scheme = std::ranges::all_of(
      scheme, [](char c) { return IsLetter(c) || IsDigit(c) || c == '+' || c == '-' || c == '.'; });
  return is_scheme ? ToLowerAscii(scheme) : std::string();
}

// A name, an IPv4 address, or an IPv6 address in brackets. Stricter than the grammar: no escapes
// and no sub-delimiters, over which two parsers could come to disagree about the host.
bool IsHost(std::string_view host) {
  if (host.starts_with('[')) {
    return host.ends_with(']') && host.find('%') == std::string_view::npos &&
           transport::ParseIpAddress(host).has_value();
  }
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '-' || c == '.' || c == '_';
  });
}

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

// RFC 3986 section 5.2.4, on a path that begins with a slash.
std::string RemoveDotSegments(std::string_view path) {
  const std::vector<std::string_view> segments = Split(path.substr(1), '/');
  std::vector<std::string_view> kept;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool up = segments[i] == "..";
    if (!up && segments[i] != ".") {
      kept.push_back(segments[i]);
      continue;
    }
    if (up && !kept.empty()) kept.pop_back();
    if (i + 1 == segments.size()) kept.emplace_back();  // "a/.." means the directory itself
  }
  return fmt::format("/{}", fmt::join(kept, "/"));
}

std::string_view PathOf(std::string_view target) { return target.substr(0, target.find('?')); }

}  // namespace

Result<Url> Url::Parse(std::string_view text) {
  PULLPROOF_RETURN_IF_ERROR(CheckCharacters(text));
  Url url;
  url.scheme_ = SchemeOf(text.substr(0, text.find('#')));
  if (url.scheme_.empty()) return Bad(fmt::format("`{}` is no absolute URL", Quote(text)));
  if (url.scheme_ != "http" && url.scheme_ != "https") {
    return Fail("url.scheme", fmt::format("`{}:` is neither http nor https", url.scheme_));
  }
  std::string_view rest = text.substr(0, text.find('#')).substr(url.scheme_.size() + 1);
  if (!rest.starts_with("//")) return Bad(fmt::format("`{}` names no host", Quote(text)));
  rest.remove_prefix(2);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.find('@') != std::string_view::npos) {
    return Fail("url.user", "a URL with a user in it");
  }
  // The colon of a port, not one inside brackets.
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  url.host_ = ToLowerAscii(authority.substr(0, colon));
  if (!IsHost(url.host_)) return Bad(fmt::format("`{}` names no host", Quote(text)));
  url.port_ = DefaultPort(url.scheme_);
  if (colon != std::string_view::npos && colon + 1 != authority.size()) {
    const auto port = ParsePort(authority.substr(colon + 1));
    if (!port) return Bad(fmt::format("`{}` has a port that is none", Quote(text)));
    url.port_ = *port;
  }
  url.target_ = rest.substr(authority.size());
  if (!url.target_.starts_with('/')) url.target_.insert(0, "/");
  return url;
}

Result<Url> Url::Resolve(std::string_view reference) const {
  PULLPROOF_RETURN_IF_ERROR(CheckCharacters(reference));
  reference = reference.substr(0, reference.find('#'));
  if (reference.empty()) return *this;
  if (!SchemeOf(reference).empty()) return Parse(reference);
  if (reference.starts_with("//")) return Parse(fmt::format("{}:{}", scheme_, reference));
  const std::string_view base = PathOf(target_);
  if (reference.starts_with('?')) return WithTarget(fmt::format("{}{}", base, reference));
  const std::string_view path = PathOf(reference);
  const std::string_view query = reference.substr(path.size());
  const std::string merged = path.starts_with('/')
                                 ? std::string(path)
                                 : fmt::format("{}{}", base.substr(0, base.rfind('/') + 1), path);
  return WithTarget(RemoveDotSegments(merged) + std::string(query));
}

bool Url::SameOrigin(const Url& other) const {
  return scheme_ == other.scheme_ && host_ == other.host_ && port_ == other.port_;
}

Url Url::WithQuery(std::string_view query) const {
  Url url = *this;
  if (query.empty()) return url;
  if (target_.find('?') == std::string::npos) {
    url.target_ += '?';
  } else if (!target_.ends_with('?') && !target_.ends_with('&')) {
    url.target_ += '&';
  }
  url.target_ += query;
  return url;
}

Url Url::WithTarget(std::string target) const {
  Url url = *this;
  url.target_ = std::move(target);
  return url;
}

std::string Url::ToString() const {
  if (port_ == DefaultPort(scheme_)) return fmt::format("{}://{}{}", scheme_, host_, target_);
  return fmt::format("{}://{}:{}{}", scheme_, host_, port_, target_);
}

}  // namespace pullproof::resolver::registry_client
