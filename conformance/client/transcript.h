// What a client printed, read by its profile. The text is hostile: registries put words into their
// clients' mouths. So lines are matched with globs, which take linear time and no stack.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_TRANSCRIPT_H_
#define PULLPROOF_CONFORMANCE_CLIENT_TRANSCRIPT_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "conformance/client/profile.h"

namespace pullproof::conformance::client {

// True if a line of `text` matches one of the patterns as a whole. Only the first kMaxMatchedLine
// bytes of a line count.
inline constexpr std::size_t kMaxMatchedLine = 8192;
bool AnyLineMatches(std::string_view text, std::span<const std::string> patterns);

// The class of the first rule that fits; empty when none does.
std::string ClassifyError(std::span<const ErrorRule> rules, int status, std::string_view err);

// The word that follows `after`, or the first word when that is empty; empty when there is none.
std::string VersionIn(std::string_view text, std::string_view after);

// The tags that a listing printed. Errors: client.tags (no JSON, no such place in it, no array of
// strings).
Result<std::vector<std::string>> ReadTags(std::string_view out, const TagFormat& format);

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_TRANSCRIPT_H_
