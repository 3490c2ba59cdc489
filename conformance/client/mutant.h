// Clients that do one thing wrong. They prove that the suite can see it: a case that none of them
// fails has not shown that it can fail at all.
//
// All of them are the same small client (simple_puller.h), written apart from the resolver and its
// checks, with one misbehaviour switched on.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_MUTANT_H_
#define PULLPROOF_CONFORMANCE_CLIENT_MUTANT_H_

#include <memory>
#include <span>
#include <string_view>

#include "base/error.h"
#include "conformance/client/client.h"

namespace pullproof::conformance::client {

// Each is one way to be wrong, off by default. docs/clients.md lists them with the cases that they
// are meant to fail.
struct Misbehaviours {
  // Keeps content without comparing it with the digest that it was asked for by.
  bool ignores_digests = false;
  // Keeps content without comparing its length with its descriptor's size.
  bool ignores_sizes = false;
  // Takes content for whole when it is as long as Content-Length says, and looks no further:
  // neither at size nor at digest.
  bool trusts_content_length = false;
  // Keeps what had arrived when the connection ended too early, and calls it whole.
  bool accepts_truncated = false;
  // Sends the registry's Authorization along to whatever host a redirect names.
  bool forwards_credentials = false;
  // Gives up at the first refusal or broken connection.
  bool never_retries = false;
  // Asks again, and again, without an end.
  bool retries_forever = false;
  // Asks again at once, whatever Retry-After says.
  bool ignores_retry_after = false;
  // Follows the Link of a listing wherever it leads, even back to where it was.
  bool loops_on_links = false;
};

struct Mutant {
  std::string_view name;  // "ignores-digests"
  std::string_view what;  // one sentence for people
  Misbehaviours misbehaviours;
};

// The first is "well-behaved", which does nothing wrong: what the others fail, it must pass.
std::span<const Mutant> Mutants();

// The client "mutant:NAME". Error: client.unknown.
Result<std::unique_ptr<Client>> MakeMutantClient(std::string_view name, Wire wire);

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_MUTANT_H_
