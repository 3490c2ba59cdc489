// One request and its answer on a connection.
#ifndef PULLPROOF_MOCKREGISTRY_WIRE_EXCHANGE_H_
#define PULLPROOF_MOCKREGISTRY_WIRE_EXCHANGE_H_

#include "base/clock.h"
#include "mockregistry/wire/connection.h"
#include "mockregistry/wire/library.h"
#include "mockregistry/wire/server.h"

namespace pullproof::mockregistry::wire {

// Reads the next request, has it answered, and carries the plan out. What is no valid request is
// refused without asking the handler. False when the connection is over and must be destroyed.
bool ServeExchange(Connection& connection, const Handler& handler, Library& library, Clock& clock);

}  // namespace pullproof::mockregistry::wire

#endif  // PULLPROOF_MOCKREGISTRY_WIRE_EXCHANGE_H_
