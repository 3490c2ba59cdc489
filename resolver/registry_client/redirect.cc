#include "resolver/registry_client/redirect.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "resolver/transport/address.h"

namespace pullproof::resolver::registry_client {
namespace {

Error AsRedirectError(Error error) {
  error.id = error.id == "url.scheme" ? "redirect.scheme"
             : error.id == "url.user" ? "redirect.user"
                                      : "redirect.location";
  error.message = "the redirect cannot be followed: " + error.message;
  return error;
}

}  // namespace

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool KeepsMethod(int status) { return status == 307 || status == 308; }

Result<Url> Follow(const Url& from, const transport::Response& response, const Url& registry) {
  const auto location = response.headers.Find("Location");
  if (!location || location->empty()) {
    return Fail("redirect.location", fmt::format("{} without a Location", response.status));
  }
  auto next = from.Resolve(*location);
  if (!next) return std::unexpected(AsRedirectError(std::move(next).error()));
  if (from.scheme() == "https" && next->scheme() == "http") {
    return Fail("redirect.downgrade",
                fmt::format("a redirect from https to http, at {}", next->host()));
  }
  if (transport::IsLinkLocalHost(next->host()) && next->host() != registry.host()) {
    return Fail("redirect.link-local",
                fmt::format("a redirect to the link-local address {}", next->host()));
  }
  return next;
}

}  // namespace pullproof::resolver::registry_client
