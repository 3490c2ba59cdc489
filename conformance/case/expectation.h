// What a case expects: of one step, or of the whole. Everything is literal; nothing is computed by
// the code that is judged.
// Format: docs/cases.md "Expectations" (the table `expect` of a fixture).
#ifndef PULLPROOF_CONFORMANCE_CASE_EXPECTATION_H_
#define PULLPROOF_CONFORMANCE_CASE_EXPECTATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/document.h"
#include "base/table_reader.h"
#include "conformance/case/bound.h"
#include "mockregistry/content/fixture.h"
#include "mockregistry/scenario.h"
#include "mockregistry/script/rule.h"

namespace pullproof::conformance {

using mockregistry::content::Level;

enum class Wanted { kOk, kFail, kAny };

// Requests that are counted. A level of its own stands for this line alone; without one the case's
// level holds.
struct RequestsExpected {
  std::string id;  // for `order` and `gap`; may be empty
  mockregistry::script::Matcher on;
  std::string description;  // of `on`, for people: "op blob.get, name layer"
  CountRange count{.low = 1, .high = std::nullopt};
  std::optional<Level> level;
  std::string note;  // shown when it happened: "resumed"
};

// Requests that must not be made.
struct NeverExpected {
  mockregistry::script::Matcher on;
  std::string description;
  std::optional<Level> level;
  std::string why;
};

// One or more exchanges that `order` and `gap` speak of: those that a rule fired on, those that an
// expectation's id stands for, or those of an operation ("manifest.get", "manifest.*").
struct Event {
  enum class Kind { kRule, kExpectation, kOperation };
  Kind kind = Kind::kOperation;
  std::string name;
};

// The time from the end of each exchange of `after` to the arrival of `before`.
struct GapExpected {
  Event after;
  Event before;
  bool next = false;  // the next one after each, not the first of all
  std::optional<Duration> min;
  std::optional<Duration> max;
  std::optional<Level> level;
};

// Bytes of a blob's body that the registry got rid of, over all its exchanges.
struct SentBytesExpected {
  std::string name;
  Limit limit;  // per cent of the blob's size, or bytes
};

struct TagsExpected {
  std::optional<std::uint64_t> count;
  std::optional<std::string> first;
  std::optional<std::string> last;
};

// What a referrers step must print, by the names of manifests: however a client words its list, the
// digests stand in it.
struct ReferrersExpected {
  std::vector<std::string> listed;
  std::vector<std::string> absent;
};

// A file that a resolve step must leave among its assets.
struct AssetExpected {
  std::string path;                 // below the assets' directory: "site/img/logo.svg"
  std::optional<std::string> name;  // of the content that it must hold
  std::string text;                 // else these very bytes
};

struct Expectation {
  std::optional<Wanted> result;
  std::vector<std::string> error;   // classes, soft: one of them
  std::vector<std::string> whole;   // names of content that must be on disk, bit for bit
  std::vector<std::string> absent;  // names of content that must not be there, altered or not
  // Rule, how often. A rule that had to fire and never did makes the verdict an error; one that may
  // stay silent, since clients differ, is "0..".
  std::vector<std::pair<std::string, CountRange>> fired;
  std::vector<RequestsExpected> requests;
  std::vector<NeverExpected> never;
  std::vector<Event> order;
  std::vector<GapExpected> gaps;
  std::vector<std::string> no_secret_to;  // hosts
  std::vector<SentBytesExpected> sent_bytes;
  std::optional<Level> sent_bytes_level;
  std::optional<Limit> total_requests;
  std::optional<Limit> time;
  std::optional<Limit> memory;  // `rss`
  std::optional<TagsExpected> tags;
  std::optional<ReferrersExpected> referrers;
  // Of a resolve step: what the lock says at least. A table must have the stated members, a list
  // exactly the stated items, anything else must be equal; placeholders are filled in.
  std::optional<Node> lock;
  // Of a resolve step: the files of each component, COMPONENT/PATH below the assets' directory. A
  // component that is named at all has no others. How a resolver names the Wasm is its own
  // business: `whole` finds it by its bytes.
  std::optional<std::vector<AssetExpected>> assets;
};

// Reads the table. Checks every name of content, rule and host against the scenario and says what
// was meant. `what` names the table in messages.
Expectation ReadExpectation(const Node& node, const std::string& what,
                            const mockregistry::Scenario& scenario, Diagnostics& problems);

// "op blob.get, name layer, range from>0": the table `on` in one line.
std::string DescribeMatcher(const Node& on);

}  // namespace pullproof::conformance

#endif  // PULLPROOF_CONFORMANCE_CASE_EXPECTATION_H_
