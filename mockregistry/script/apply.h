// From the honest answer to the plan of one exchange.
#ifndef PULLPROOF_MOCKREGISTRY_SCRIPT_APPLY_H_
#define PULLPROOF_MOCKREGISTRY_SCRIPT_APPLY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "mockregistry/api/message.h"
#include "mockregistry/content/content.h"
#include "mockregistry/script/plan.h"
#include "mockregistry/script/rule.h"

namespace pullproof::mockregistry::script {

// What Apply needs to know beside the rule.
struct Surroundings {
  const content::Content* content = nullptr;
  std::function<std::string(std::string_view)> origin;  // host id -> "http://127.0.0.1:1234"
  std::uint64_t seed = 0;                               // the fixture's, for `mutate`
  std::uint64_t firing = 1;  // how often the rule has fired, this time included
};

// Lays the rule's effect over the honest answer, phase by phase; without a rule the plan is the
// answer. `effect.list` and `effect.token` have already shaped the answer. Pure and thread-safe.
//
//  1. wait.
//  2. conn: `instead` is set and the rest is left alone.
//  3. status changes the status and nothing else (but 204 and 304 lose their body); error replaces
//     the answer by an error body, with the code's usual status unless `status` is given.
//  4. headers are set, their placeholders filled in (kOriginPlaceholder), then drop_headers
//  removed, then the status line replaced.
//  5. redirect: an answer without a body whose absolute Location leads to the same path (and query)
//     at another host; its own query values follow byte for byte. Headers of phase 4 are kept.
//  6. descriptor: the manifest is written anew in canonical JSON; a body that is no manifest with
//     that child is left alone.
//     mutate: see Mutate; a body that is no JSON is left alone. Docker-Content-Digest and ETag,
//     where they are, become those of the new bytes: only who asked by digest can tell.
//  7. body: see BodyFault. The honest headers stay, Docker-Content-Digest and Content-Range too.
//
// An answer to HEAD keeps `head_only` and is altered like the one to GET, as far as headers show
// it: a flipped bit does not, an appended byte does. Cuts in the middle and bad chunks, which need
// a body, are left out.
Plan Apply(const Rule* rule, const api::Request& request, api::Response answer,
           const Surroundings& surroundings);

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_MOCKREGISTRY_SCRIPT_APPLY_H_
