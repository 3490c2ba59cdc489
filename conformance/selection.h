// Which cases of a suite a run takes.
#ifndef PULLPROOF_CONFORMANCE_SELECTION_H_
#define PULLPROOF_CONFORMANCE_SELECTION_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "conformance/case/expectation.h"
#include "conformance/suite.h"

namespace pullproof::conformance {

// One of several runs that together take the suite once: `number` counts from 1.
struct Shard {
  std::size_t number = 1;
  std::size_t count = 1;

  // "2/5". Error: shard.syntax.
  static Result<Shard> Parse(std::string_view text);
};

// More machines than that would each have no case.
inline constexpr std::size_t kMaxShards = 1'000;

struct Selection {
  std::vector<std::string> run;   // globs of ids; empty: all
  std::vector<std::string> skip;  // globs of ids
  Level level = Level::kInfo;     // and nothing below it
  Shard shard;
};

// Places in the suite, ascending. The twin of a selected case comes along, whatever its level,
// unless it is skipped. A case and its twin are always in the same shard, so that no case is run
// twice and none goes without its twin. Pure.
// Error: suite.nothing-selected; a shard that is empty because there are more shards than cases is
// none.
Result<std::vector<std::size_t>> Select(const Suite& suite, const Selection& selection);

}  // namespace pullproof::conformance

#endif  // PULLPROOF_CONFORMANCE_SELECTION_H_
