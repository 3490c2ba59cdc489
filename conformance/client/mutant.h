// Clients that do one thing wrong. They prove that the suite can see it: a case that none of them
// fails has not shown that it can fail at all.
//
// All of them are the same small client (simple_*.h), written apart from the resolver and its
// checks, with one misbehaviour switched on (misbehaviours.h). docs/clients.md lists them.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_MUTANT_H_
#define PULLPROOF_CONFORMANCE_CLIENT_MUTANT_H_

#include <memory>
#include <span>
#include <string_view>

#include "base/error.h"
#include "conformance/client/client.h"
#include "conformance/client/misbehaviours.h"

namespace pullproof::conformance::client {

struct Mutant {
  std::string_view name;       // "ignores-digests"
  std::string_view what;       // one sentence for people
  std::string_view caught_by;  // a case that it must not pass
  Misbehaviours misbehaviours;
};

// The first is "well-behaved", which does nothing wrong: what the others fail, it must pass.
std::span<const Mutant> Mutants();

// The client "mutant:NAME". Error: client.unknown.
Result<std::unique_ptr<Client>> MakeMutantClient(std::string_view name, Wire wire);

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_MUTANT_H_
