// One case, carried out: everything is prepared, the client does its steps, and what was seen is
// put together for the judge.
#ifndef PULLPROOF_CONFORMANCE_CASE_RUN_H_
#define PULLPROOF_CONFORMANCE_CASE_RUN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "conformance/case/case.h"
#include "conformance/client/client.h"
#include "conformance/judge/evidence.h"

namespace pullproof::conformance {

struct CaseRunOptions {
  Duration budget{};
  std::uint64_t max_memory = 0;
  bool keep = false;
  std::optional<std::uint64_t> seed;  // instead of the fixture's, for what is left to chance
  Clock* clock = nullptr;             // not null
  FileSystem* files = nullptr;        // not null
};

struct CaseRunResult {
  judge::Evidence evidence;
  std::vector<std::string> references;  // of the steps that ran, placeholders filled in
  std::string kept;                     // the case's directory, when it was left
};

// Thread-safe for different cases. What keeps the harness from doing its work (no port, no
// directory) is in the evidence.
CaseRunResult RunCase(const Case& subject, const CaseRunOptions& options, client::Client& client);

}  // namespace pullproof::conformance

#endif  // PULLPROOF_CONFORMANCE_CASE_RUN_H_
