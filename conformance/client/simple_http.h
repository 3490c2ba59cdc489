// How the small client talks: one request at a time, with redirects, challenges, retries and
// resumed transfers, each of which can be switched to do it wrong. Spec: RFC 9110;
// distribution-spec, "Pulling Blobs" (Range).
#ifndef PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_HTTP_H_
#define PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_HTTP_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "conformance/client/client.h"
#include "conformance/client/misbehaviours.h"
#include "conformance/client/simple_auth.h"
#include "oci/headers.h"
#include "resolver/transport/transport.h"

namespace pullproof::conformance::client {

// The statuses that the small client tells apart. Spec: RFC 9110, section 15.
inline constexpr int kOk = 200;
inline constexpr int kCreated = 201;
inline constexpr int kAccepted = 202;
inline constexpr int kPartial = 206;
inline constexpr int kBadRequest = 400;
inline constexpr int kUnauthorized = 401;
inline constexpr int kDenied = 403;
inline constexpr int kNotFound = 404;
inline constexpr int kRangeRefused = 416;
inline constexpr int kTooMany = 429;

struct HttpRequest {
  std::string method = "GET";
  std::string url = {};
  oci::Headers headers = {};
  std::string body = {};
  std::string scope = {};  // what a token must allow: "repository:lib/app:pull"
  // Whose credentials it may carry, as a URL; empty: those of the URL's own origin.
  std::string identity = {};
  std::string authorization = {};  // fixed, of a token request; then no challenge is answered
  bool is_repeatable = true;       // may be tried again after a failure
  std::uint64_t max_body = 0;      // bytes of the answer; 0: the usual bound
};

struct HttpAnswer {
  int status = 0;
  oci::Headers headers = {};
  std::string body = {};
  std::string url = {};     // where it came from in the end
  bool is_trusted = false;  // to a client that looks no further
};

// "http://host:port" of a URL, in any scheme; empty when it is none.
std::string_view OriginOf(std::string_view url);
// "host" of "http://host:port/…".
std::string_view HostNameOf(std::string_view url);
// A Location or a Link against its base. Spec: RFC 3986 section 5.2. Error: redirect.location.
Result<std::string> ResolveUrl(std::string_view base, std::string_view location);
// The error that an answer stands for; `where` is its URL without the query.
Error StatusError(const HttpAnswer& answer);

// Not thread-safe.
class SimpleHttp {
 public:
  // Everything outlives it. The login belongs to `home`, an origin.
  SimpleHttp(resolver::transport::Transport& transport, Clock& clock, std::optional<Login> login,
             std::string home, const Misbehaviours& misbehaviours);

  // A header for every request.
  void AddToAll(std::string name, std::string value) {
    to_all_.emplace_back(std::move(name), std::move(value));
  }

  // The last answer, whatever its status: what can be overcome by asking again was tried. Errors:
  // those of the transport; redirect.*, auth.*, challenge.syntax, limit.bytes, registry.range.
  Result<HttpAnswer> Do(const HttpRequest& request);
  // The same; any status but 200 is a registry.* error.
  Result<HttpAnswer> Get(const HttpRequest& request);

 private:
  // One exchange. What had arrived when it broke is kept in `partial_`.
  Result<HttpAnswer> Ask(const HttpRequest& request);
  Result<HttpAnswer> Through(const HttpRequest& request);
  [[nodiscard]] bool MaySendCredentials(std::string_view from, std::string_view to) const;
  Result<std::string> NextHop(const HttpRequest& request, const HttpAnswer& answer) const;
  // Puts the rest that a Range brought behind what was there. True when the answer is whole.
  Result<bool> Join(std::string before, HttpAnswer& answer) const;
  [[nodiscard]] std::optional<Duration> WaitBefore(const Result<HttpAnswer>& answer,
                                                   Duration backoff) const;

  resolver::transport::Transport& transport_;
  Clock& clock_;
  const Misbehaviours& misbehaviours_;
  SimpleAuth auth_;
  std::string partial_;
  bool body_was_sent_ = false;
  std::vector<std::pair<std::string, std::string>> to_all_;
};

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_HTTP_H_
