// Resolvers that do one thing wrong: the built-in one, with its manifest altered before or its lock
// and assets altered after. They prove that the cases of `do = "resolve"` can fail, as the mutants
// of mutant.h do for the others.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_RESOLVE_MUTANT_H_
#define PULLPROOF_CONFORMANCE_CLIENT_RESOLVE_MUTANT_H_

#include <memory>
#include <span>
#include <string_view>

#include "base/error.h"
#include "conformance/client/client.h"

namespace pullproof::conformance::client {

struct ResolveMutant {
  std::string_view name;       // "resolves-anything"
  std::string_view what;       // one sentence for people
  std::string_view caught_by;  // a case that it must not pass
};

std::span<const ResolveMutant> ResolveMutants();

// The client "mutant:NAME". Error: client.unknown.
Result<std::unique_ptr<Client>> MakeResolveMutantClient(std::string_view name, Wire wire);

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_RESOLVE_MUTANT_H_
