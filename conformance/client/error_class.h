// Soft error classes: what kind of failure a client says that it had, as far as one can tell. A
// client that only has an exit status is not compared on them.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_ERROR_CLASS_H_
#define PULLPROOF_CONFORMANCE_CLIENT_ERROR_CLASS_H_

#include <array>
#include <string_view>

namespace pullproof::conformance::client {

inline constexpr std::array<std::string_view, 12> kErrorClasses = {
    "digest_mismatch",   "size_mismatch", "not_found", "unauthorized", "denied",
    "too_many_requests", "server_error",  "network",   "timeout",      "tls",
    "bad_content",       "unsupported"};

// The class of one of this project's own error ids ("digest.mismatch", docs/errors.md); empty when
// it belongs to none.
std::string_view ErrorClassOf(std::string_view error_id);

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_ERROR_CLASS_H_
