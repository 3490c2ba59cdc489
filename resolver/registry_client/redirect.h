// Where an answer 3xx sends a client, and whether it goes there.
// Spec: RFC 9110 sections 10.2.2 (Location) and 15.4; distribution-spec, "API": registries MAY
// redirect any request, and Authorization MUST NOT cross a host boundary.
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_REDIRECT_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_REDIRECT_H_

#include "base/error.h"
#include "resolver/registry_client/url.h"
#include "resolver/transport/transport.h"

namespace pullproof::resolver::registry_client {

// Content networks chain two or three; a loop is ended by this bound.
inline constexpr int kMaxRedirects = 10;

// 301, 302, 303, 307, 308: for GET they all mean the same.
bool IsRedirect(int status);

// 307, 308: the only ones after which a request with a body is sent again as it was (RFC 9110
// section 15.4).
bool KeepsMethod(int status);

// The next URL after `from` answered with a redirect. `registry` is the host that was asked at
// first. Errors: redirect.location (none, or not to be read), redirect.scheme (neither http nor
// https), redirect.user (credentials in the URL), redirect.downgrade (from https to http, where
// whoever listens would learn and could change everything), redirect.link-local (an address that
// no registry but a link-local one has a reason to name). Pure.
Result<Url> Follow(const Url& from, const transport::Response& response, const Url& registry);

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_REDIRECT_H_
