// The registry that is recorded: one request there and back, by libcurl.
#ifndef PULLPROOF_MOCKREGISTRY_RECORD_UPSTREAM_H_
#define PULLPROOF_MOCKREGISTRY_RECORD_UPSTREAM_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "mockregistry/api/message.h"
#include "oci/headers.h"

namespace pullproof::mockregistry::record {

// Bytes of one answer: it lies in memory until it is written, and fixtures may hold no more.
inline constexpr std::size_t kMaxAnswer = std::size_t{256} << 20;
// A registry and its storage answer with one redirect, or with two.
inline constexpr long kMaxRedirects = 5;
// Without a byte from the upstream for so long, it is given up.
inline constexpr long kStallSeconds = 60;

struct UpstreamAnswer {
  int status = 0;
  oci::Headers headers;
  std::string body;
};

// Thread-safe.
class Upstream {
 public:
  // `url` is "http://HOST[:PORT]" or "https://…": no user, path or query. Error: record.url.
  static Result<Upstream> At(std::string_view url);

  Upstream(Upstream&& other) noexcept;
  Upstream& operator=(Upstream&&) = delete;
  ~Upstream();

  // Redirects of GET and HEAD are followed here, without credentials for other hosts, so that the
  // client is answered by one server. Headers that belong to one connection, to parts of the
  // content (Range) or to what the client has already (If-None-Match) are not sent on: answers are
  // whole. Errors: record.upstream (no answer), record.too-large.
  [[nodiscard]] Result<UpstreamAnswer> Ask(const api::Request& request) const;

  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  explicit Upstream(std::string url);
  std::string url_;
  bool initialised_ = false;
};

}  // namespace pullproof::mockregistry::record

#endif  // PULLPROOF_MOCKREGISTRY_RECORD_UPSTREAM_H_
