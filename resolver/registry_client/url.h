// URLs as a registry may send them: absolute http ones, split no further than following them
// needs, with path and query kept byte for byte, since signatures cover those bytes.
// Spec: RFC 3986; RFC 6454 section 5 (same origin).
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_URL_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_URL_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace pullproof::resolver::registry_client {

// Signed URLs reach 4 KiB; common servers refuse a request line above 8.
inline constexpr std::size_t kMaxUrl = std::size_t{16} << 10;

class Url {
 public:
  // Errors: url.scheme (neither http nor https), url.user (credentials in the URL), url.syntax
  // (relative, a host or port that is none, a character that is no graphic ASCII one, too long).
  // A fragment is dropped.
  static Result<Url> Parse(std::string_view text);
  // What `reference` means when it stands in an answer of this URL (RFC 3986 section 5.2). Dot
  // segments are resolved in a relative reference; an absolute one is kept as it is written.
  // Errors: those of Parse.
  [[nodiscard]] Result<Url> Resolve(std::string_view reference) const;

  [[nodiscard]] const std::string& scheme() const { return scheme_; }  // in lower case
  [[nodiscard]] const std::string& host() const { return host_; }  // in lower case, with brackets
  [[nodiscard]] std::uint16_t port() const { return port_; }       // the scheme's when unwritten
  [[nodiscard]] const std::string& target() const { return target_; }  // path and query

  // Scheme, host and port are equal; names are not resolved.
  [[nodiscard]] bool SameOrigin(const Url& other) const;
  // The same place with more in its query; `query` is already encoded.
  [[nodiscard]] Url WithQuery(std::string_view query) const;
  // The same origin with another path (and query), which must begin with a slash.
  [[nodiscard]] Url WithTarget(std::string target) const;

  [[nodiscard]] std::string ToString() const;
  bool operator==(const Url&) const = default;

 private:
  Url() = default;

  std::string scheme_;
  std::string host_;
  std::uint16_t port_ = 0;
  std::string target_;
};

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_URL_H_
