// Parts of an entity, by Range. Spec: RFC 9110 sections 14 (Range) and 15.3.7 (206), 15.5.17 (416).
#ifndef PULLPROOF_MOCKREGISTRY_API_RANGES_H_
#define PULLPROOF_MOCKREGISTRY_API_RANGES_H_

#include <string_view>

#include "mockregistry/api/message.h"

namespace pullproof::mockregistry::api {

// Makes the part that `range` asks for out of a whole answer with status 200 and a body: 206 with
// one Content-Range, 206 with multipart/byteranges when several ranges can be had, or 416. A unit
// other than bytes is ignored. `digest` is of the whole entity. Shares the bytes. Pure.
Response PartOf(Response whole, std::string_view range, std::string_view digest);

}  // namespace pullproof::mockregistry::api

#endif  // PULLPROOF_MOCKREGISTRY_API_RANGES_H_
