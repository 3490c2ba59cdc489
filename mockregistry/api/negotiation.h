// What a request says about the representation that it wants: type, freshness.
// Spec: RFC 9110 sections 12.5.1 (Accept) and 13.1 (If-None-Match, If-Range). Pure and thread-safe.
#ifndef PULLPROOF_MOCKREGISTRY_API_NEGOTIATION_H_
#define PULLPROOF_MOCKREGISTRY_API_NEGOTIATION_H_

#include <string_view>

#include "oci/headers.h"

namespace pullproof::mockregistry::api {

// True when the request has no Accept, or one that lets the type through: by name, as `type/*` or
// `*/*`, without `q=0`. The most specific element decides; several header lines are one list.
bool Accepts(const oci::Headers& headers, std::string_view media_type);

// True when If-None-Match names this entity tag, weakly or not, or is `*`: the answer is 304.
bool IsFresh(const oci::Headers& headers, std::string_view etag);

// True when a Range may be answered: If-Range is absent, or is exactly this entity tag. A date in
// it never holds, since content has none here.
bool RangeHolds(const oci::Headers& headers, std::string_view etag);

}  // namespace pullproof::mockregistry::api

#endif  // PULLPROOF_MOCKREGISTRY_API_NEGOTIATION_H_
