// A listening socket on the loopback interface, and nowhere else.
#ifndef PULLPROOF_MOCKREGISTRY_WIRE_LISTENER_H_
#define PULLPROOF_MOCKREGISTRY_WIRE_LISTENER_H_

#include <cstdint>
#include <string>

#include "base/error.h"
#include "mockregistry/wire/file_descriptor.h"

namespace pullproof::mockregistry::wire {

struct Listener {
  FileDescriptor socket;   // listening, non-blocking
  std::uint16_t port = 0;  // that it was given
};

// Binds a literal address, 127.0.0.0/8 or ::1, and listens. Port 0: any free one.
// Error: registry.bind; `where` is ADDRESS:PORT.
Result<Listener> Listen(const std::string& address, std::uint16_t port);

}  // namespace pullproof::mockregistry::wire

#endif  // PULLPROOF_MOCKREGISTRY_WIRE_LISTENER_H_
