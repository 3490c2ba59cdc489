// Turns a package's templates into literals, so that they never meet the importer's variables.
#ifndef PULLPROOF_RESOLVER_MERGE_FOLD_H_
#define PULLPROOF_RESOLVER_MERGE_FOLD_H_

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "resolver/lock/locked_app.h"

namespace pullproof::resolver::merge {

// A template can name a long default again and again. No configuration value is as long as what the
// system takes for a whole environment variable, 128 KiB on Linux.
inline constexpr std::size_t kMaxFoldedBytes = std::size_t{128} << 10;

// The text with every variable replaced by its default. Pure.
// Errors: spin.template; merge.unfoldable-variable for a variable that is secret, required or not
// declared, for text that would hold a `{{` of its own (there is no escape for it), and for one
// longer than the bound.
Result<std::string> Fold(std::string_view text,
                         const std::map<std::string, lock::LockedVariable>& variables);

}  // namespace pullproof::resolver::merge

#endif  // PULLPROOF_RESOLVER_MERGE_FOLD_H_
