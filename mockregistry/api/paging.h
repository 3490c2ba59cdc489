// Pages of a listing: what the client asked for, what the script makes of it, and the Link to the
// next page. Spec: distribution-spec, "Listing Tags"; RFC 8288 (Link).
#ifndef PULLPROOF_MOCKREGISTRY_API_PAGING_H_
#define PULLPROOF_MOCKREGISTRY_API_PAGING_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "mockregistry/api/answer.h"

namespace pullproof::mockregistry::api {

struct PageRequest {
  std::uint64_t count = 0;  // entries at most
  std::string last;         // the list goes on after this one; empty: from the start
};

// Reads `n`, `last` and `cursor`. PAGINATION_NUMBER_INVALID for an `n` that is no number, a cursor
// that is not ours, and a made-up `last` where only cursors count.
Step<PageRequest> ReadPageRequest(const Exchange& exchange);

// Adds the Link to what comes after `last`. `more`: something does.
void AddNextLink(const Exchange& exchange, const PageRequest& page, std::string_view last,
                 bool more, Response& response);

}  // namespace pullproof::mockregistry::api

#endif  // PULLPROOF_MOCKREGISTRY_API_PAGING_H_
