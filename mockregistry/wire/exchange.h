// What a connection's thread does with input: the handshake at its beginning, then one request and
// its answer after the other.
#ifndef PULLPROOF_MOCKREGISTRY_WIRE_EXCHANGE_H_
#define PULLPROOF_MOCKREGISTRY_WIRE_EXCHANGE_H_

#include "base/clock.h"
#include "mockregistry/wire/connection.h"
#include "mockregistry/wire/library.h"
#include "mockregistry/wire/server.h"

namespace pullproof::mockregistry::wire {

struct Session {
  Connection connection;
  const Handler* handler;   // whom it reaches; a tunnel through a proxy changes that
  bool is_greeted = false;  // by that handler
};

// Greets a connection that was not, then reads its next request, has it answered, and carries the
// plan out. What is no valid request is refused without asking the handler. False when the
// connection is over and must be destroyed.
bool ServeInput(Session& session, Library& library, Clock& clock);

}  // namespace pullproof::mockregistry::wire

#endif  // PULLPROOF_MOCKREGISTRY_WIRE_EXCHANGE_H_
