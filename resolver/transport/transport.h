// One HTTP exchange, without any policy: no redirects, no retries, no authentication, no
// decompression. Those are decided by registry_client/, in one place, for every transport.
#ifndef PULLPROOF_RESOLVER_TRANSPORT_TRANSPORT_H_
#define PULLPROOF_RESOLVER_TRANSPORT_TRANSPORT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "oci/headers.h"
#include "resolver/transport/address.h"

namespace pullproof::resolver::transport {

struct Request {
  std::string method = "GET";
  std::string url = {};  // absolute, http or https, sent byte for byte
  oci::Headers headers = {};
  std::string body = {};
  Duration connect_timeout = std::chrono::seconds(10);
  // The transfer fails when nothing at all arrives for so long: a slow answer is not a dead one.
  Duration idle_timeout = std::chrono::seconds(20);
  // The transfer fails when it is not over by then, whatever arrives.
  Duration total_timeout = Duration::max();
  // Connects to no address that is further inside than this, whatever the host's name resolves to.
  // For URLs that a server named; through a proxy, which resolves names itself, it says nothing.
  std::optional<Reach> innermost = {};
};

struct Response {
  int status = 0;
  oci::Headers headers;  // of the final answer; 1xx are skipped
  // Of the server; absent when a proxy stood between, and where there is no network.
  std::optional<IpAddress> peer = {};
};

// Takes the answer as it arrives. Either function may refuse, which ends the transfer and makes
// its error the result.
struct Receiver {
  // Once, before any body. Must be set.
  std::function<Result<void>(const Response&)> on_response;
  // Each piece of the body. Must be set.
  std::function<Result<void>(std::string_view)> on_body;
};

// Thread-safe: many exchanges at a time share one pool of connections.
class Transport {
 public:
  virtual ~Transport() = default;
  // Errors: transport.request (nothing was sent: not an http or https URL, a user in the URL, a
  // line break in a header), transport.resolve, transport.proxy (it refuses), transport.address
  // (further inside than is allowed), transport.connect, transport.tls,
  // transport.timeout, transport.closed (before or within the answer), transport.truncated (fewer
  // bytes than Content-Length or an unfinished chunk), transport.protocol (not HTTP, contradictory
  // lengths), limit.header (header section too large), and whatever the receiver returns.
  // `where` is the URL without its query.
  virtual Result<Response> Exchange(const Request& request, const Receiver& receiver) = 0;
};

}  // namespace pullproof::resolver::transport

#endif  // PULLPROOF_RESOLVER_TRANSPORT_TRANSPORT_H_
