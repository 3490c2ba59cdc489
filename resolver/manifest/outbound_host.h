// Where a component may connect to: the entries of `allowed_outbound_hosts`, and their ancestors,
// `allowed_http_hosts`. All functions are pure.
// Source: Spin, crates/factor-outbound-networking/src/config.rs.
#ifndef PULLPROOF_RESOLVER_MANIFEST_OUTBOUND_HOST_H_
#define PULLPROOF_RESOLVER_MANIFEST_OUTBOUND_HOST_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace pullproof::resolver::manifest {

struct OutboundHost {
  std::string scheme;  // "https", or "*"
  std::string host;    // as written, without a trailing slash
  std::string port;    // "443", "1000..2000", "*"; empty: the scheme's own

  // Names another component of the same app, or all of them.
  [[nodiscard]] bool IsServiceChaining() const;
  // Names something of whoever runs the component, or everything: `*`, `self`, `self.alt`, a
  // network of all addresses, or a component of the app.
  [[nodiscard]] bool IsHostsOwn() const;
};

// One entry without templates: SCHEME://HOST[:PORT]. Error: spin.host.
Result<OutboundHost> ParseOutboundHost(std::string_view entry);

// The entries of the deprecated list as entries of today's. All bad ones are named in one error,
// one a line. Error: spin.host.
Result<std::vector<std::string>> ConvertHttpHosts(std::span<const std::string> entries);

}  // namespace pullproof::resolver::manifest

#endif  // PULLPROOF_RESOLVER_MANIFEST_OUTBOUND_HOST_H_
