// Questions to the journal, in the words that rules ask of requests.
// Format: docs/serving.md "Questions".
#ifndef PULLPROOF_MOCKREGISTRY_JOURNAL_QUERY_H_
#define PULLPROOF_MOCKREGISTRY_JOURNAL_QUERY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/table_reader.h"
#include "mockregistry/journal/journal.h"
#include "mockregistry/script/matcher.h"

namespace pullproof::mockregistry::journal {

// The entry as a matcher sees it. Valid as long as the entry.
script::Subject SubjectOf(const Entry& entry);

// All stated members must hold; an empty query means every entry. Immutable and thread-safe after
// reading, and cheap enough to run under the journal's lock.
//
//   const auto cut = journal::Query::Parse(R"(op = "blob.get", name = "layer", rule = "cut")");
//   registry->journal().Count(*cut)
struct Query {
  script::Matcher on;               // op host repo ref name header query range auth method path
  std::optional<std::string> rule;  // that fired; empty: the honest answer
  // Inclusive ranges: 404 is 404 to 404, "4xx" is 400 to 499, 0 is no answer at all.
  std::vector<std::pair<int, int>> status;
  std::optional<std::uint64_t> connection;
  std::optional<std::string> ending;
  std::optional<bool> ended;      // whether the exchange is over
  std::uint64_t after = 0;        // entries with a larger number
  std::optional<Duration> since;  // received at this time of the registry's clock or later
  std::optional<Duration> until;  // received before it

  // Reads a table: the members of `on`, and beside them `rule`, `status` (a number, "4xx", or an
  // array of those), `connection`, `ending`, `ended`, `after`, `since_ns`, `until_ns`. `what` names
  // it in messages. Reports what script::Matcher::Read does, and journal.status.
  static std::optional<Query> Read(const Node& node, const std::string& what,
                                   Diagnostics& problems);
  // The same from the inside of a TOML inline table: `op = "blob.get", status = 206`. Errors: those
  // of Read, and toml.*.
  static Result<Query> Parse(std::string_view members);

  [[nodiscard]] bool operator()(const Entry& entry) const;
};

}  // namespace pullproof::mockregistry::journal

#endif  // PULLPROOF_MOCKREGISTRY_JOURNAL_QUERY_H_
