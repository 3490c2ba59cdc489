// The transport that reaches real registries: libcurl, HTTP/1.1, and HTTP/2 where TLS offers it.
#ifndef PULLPROOF_RESOLVER_TRANSPORT_CURL_TRANSPORT_H_
#define PULLPROOF_RESOLVER_TRANSPORT_CURL_TRANSPORT_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "resolver/transport/proxy.h"
#include "resolver/transport/transport.h"

namespace pullproof::resolver::transport {

struct CurlOptions {
  // Certificate authorities in PEM, instead of the system's bundle; empty: the system's. A file
  // that cannot be read fails every exchange over TLS: trust is never silently widened.
  std::string ca_file = {};
  ProxyRules proxies = {};
};

// The value of an environment variable; nullopt when it is not set.
using Variables = std::function<std::optional<std::string>(const std::string&)>;

// What the curl tool makes of its environment: SSL_CERT_FILE; http_proxy (in lower case only: CGI
// hands a request's `Proxy:` header to programs as HTTP_PROXY), https_proxy, all_proxy and
// no_proxy, where the lower-case name goes before the upper-case one. An empty value is none.
// Nothing in this library reads the environment: programs that want it pass it to here.
// Error: transport.proxy (a value that names no proxy is never taken for none). Pure.
Result<CurlOptions> OptionsFrom(const Variables& variables);

// Sends exactly the header lines of the request, and Host and Content-Length; adds no Accept, no
// User-Agent, no Expect. A proxy gets nothing of the request's own headers in a CONNECT.
//
// Connections are kept and used again, by any thread. When a kept connection turns out to be closed
// before a byte of the answer arrived, libcurl itself asks once more on a fresh one (RFC 9112
// section 9.3.1). Names resolved and TLS sessions are shared by all connections.
//
// A body that has no length and ends with the connection counts as whole, over TLS also without a
// close_notify: a digest has to tell whether it is.
class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(CurlOptions options = {});
  ~CurlTransport() override;

  Result<Response> Exchange(const Request& request, const Receiver& receiver) override;

 private:
  class Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace pullproof::resolver::transport

#endif  // PULLPROOF_RESOLVER_TRANSPORT_CURL_TRANSPORT_H_
