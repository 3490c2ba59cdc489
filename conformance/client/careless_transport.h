// libcurl as careless programs set it: for clients that misbehave below HTTP. It is the mutants'
// own; the resolver's transport has no such switches.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_CARELESS_TRANSPORT_H_
#define PULLPROOF_CONFORMANCE_CLIENT_CARELESS_TRANSPORT_H_

#include <string>
#include <utility>

#include "base/error.h"
#include "conformance/client/client.h"
#include "conformance/client/misbehaviours.h"
#include "resolver/transport/transport.h"

namespace pullproof::conformance::client {

// Whether a client that misbehaves so needs this transport.
[[nodiscard]] bool IsCarelessBelowHttp(const Misbehaviours& misbehaviours);

// A connection for each exchange. Thread-safe. Errors: as CurlTransport.
class CarelessTransport final : public resolver::transport::Transport {
 public:
  // Certificates and proxy are the task's; it never dials anything but loopback, since the proxy is
  // asked for all that has a name. Both outlive it.
  CarelessTransport(const Task& task, const Misbehaviours& misbehaviours)
      : task_(task), misbehaviours_(misbehaviours) {}

  Result<resolver::transport::Response> Exchange(
      const resolver::transport::Request& request,
      const resolver::transport::Receiver& receiver) override;

 private:
  const Task& task_;
  const Misbehaviours& misbehaviours_;
};

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_CARELESS_TRANSPORT_H_
