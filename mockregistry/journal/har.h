// The journal as an HTTP archive, which browsers and proxies can show.
// Format: HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/
#ifndef PULLPROOF_MOCKREGISTRY_JOURNAL_HAR_H_
#define PULLPROOF_MOCKREGISTRY_JOURNAL_HAR_H_

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "mockregistry/journal/journal.h"

namespace pullproof::mockregistry::journal {

// What a HAR says and an entry does not.
struct HarContext {
  std::function<std::string(std::string_view host)> origin;  // "registry" -> "http://127.0.0.1:1"
  std::chrono::system_clock::time_point epoch;  // the calendar when the registry's clock was at 0
  std::string creator_version;
};

// One JSON text, with secrets replaced as in ToJson; cookies are only in the headers. Exchanges
// that are under way are left out, those that got no answer have status 0. What HAR has no place
// for (operation, name, rule, how it ended) is in members that begin with an underscore. Pure.
std::string ToHar(std::span<const Entry> entries, const HarContext& context);

}  // namespace pullproof::mockregistry::journal

#endif  // PULLPROOF_MOCKREGISTRY_JOURNAL_HAR_H_
