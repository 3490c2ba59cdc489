// What a case says about places and digests that are known only when its registry runs.
// Format: docs/cases.md "Placeholders".
#ifndef PULLPROOF_CONFORMANCE_CASE_PLACEHOLDER_H_
#define PULLPROOF_CONFORMANCE_CASE_PLACEHOLDER_H_

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "mockregistry/content/content.h"

namespace pullproof::conformance {

// Gives "127.0.0.1:40123" for a host's id; empty when there is none of that id.
using AuthorityOf = std::function<std::string(std::string_view)>;

// Replaces `{registry}`, `{host:ID}` (both an authority) and `{digest:NAME}` (of a blob or a
// manifest). Other braces stay as they are when they hold a blank, a quote or nothing, or stand
// doubled, so that TOML tables and Spin templates pass unharmed.
// Errors: placeholder.unknown, placeholder.host, placeholder.content.
Result<std::string> FillPlaceholders(std::string_view text,
                                     const mockregistry::content::Content& content,
                                     const AuthorityOf& authority_of);

}  // namespace pullproof::conformance

#endif  // PULLPROOF_CONFORMANCE_CASE_PLACEHOLDER_H_
