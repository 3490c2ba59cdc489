// The resolver's transport without a socket: requests go straight into a registry's core, and the
// plan that comes back is carried out here as libcurl would report it from a connection.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_IN_PROCESS_TRANSPORT_H_
#define PULLPROOF_CONFORMANCE_CLIENT_IN_PROCESS_TRANSPORT_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "mockregistry/registry.h"
#include "resolver/transport/transport.h"

namespace pullproof::conformance::client {

// Waits of the registry (a slow answer, a hang, a drip) are waited on `clock`: with a ManualClock
// that the registry and the client share, they cost nothing and are all the same seen by both.
//
// Differences from a socket: no TLS (an https URL is a transport.unsupported error); a body arrives
// in pieces of at most 16 KiB or the plan's slice; a connection's end is known at once.
class InProcessTransport final : public resolver::transport::Transport {
 public:
  // Both outlive the transport.
  InProcessTransport(mockregistry::Registry& registry, Clock& clock)
      : registry_(registry), clock_(clock) {}

  Result<resolver::transport::Response> Exchange(
      const resolver::transport::Request& request,
      const resolver::transport::Receiver& receiver) override;

 private:
  // Connections are kept alive and numbered as a client's pool would: rules can count them.
  std::uint64_t TakeConnection(const std::string& authority);
  void ReturnConnection(const std::string& authority, std::uint64_t connection);

  mockregistry::Registry& registry_;
  Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, std::vector<std::uint64_t>> idle_;  // by authority
  std::uint64_t last_connection_ = 0;
};

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_IN_PROCESS_TRANSPORT_H_
