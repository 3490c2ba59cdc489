// Everything that was seen while a client worked on one case: what the judge decides upon.
#ifndef PULLPROOF_CONFORMANCE_JUDGE_EVIDENCE_H_
#define PULLPROOF_CONFORMANCE_JUDGE_EVIDENCE_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "conformance/client/client.h"
#include "conformance/judge/tree.h"
#include "mockregistry/auth/auth.h"
#include "mockregistry/journal/journal.h"

namespace pullproof::conformance::judge {

struct StepEvidence {
  client::Attempt attempt;
  std::size_t first_entry = 0;  // of the journal below: where the step's exchanges begin
  std::size_t end_entry = 0;    // and end, exclusive
  Tree output;
  Tree home;                        // after the step
  std::optional<std::string> lock;  // of a resolve step, when it left one
};

struct Evidence {
  std::vector<StepEvidence> steps;  // those that ran: none follows a hang or a crash
  std::vector<mockregistry::journal::Entry> journal;
  std::uint64_t dropped = 0;                        // entries that the journal let go
  std::vector<mockregistry::auth::Secret> secrets;  // the registry's, and those of the logins
  std::map<std::string, std::string, std::less<>> authorities;  // host's id -> "127.0.0.1:40123"
  std::vector<std::string> outside;  // changes beside outputs and homes, one sentence each
  std::optional<Error> harness;      // what kept the harness from seeing everything
};

}  // namespace pullproof::conformance::judge

#endif  // PULLPROOF_CONFORMANCE_JUDGE_EVIDENCE_H_
