#include "resolver/registry_client/demand.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/challenge.h"
#include "resolver/transport/address.h"

namespace pullproof::resolver::registry_client {
namespace {

std::unexpected<Error> BadRealm(std::string_view why) {
  return Fail("auth.realm",
              fmt::format("the token service that the registry names is not asked: {}", why));
}

// The challenges of all lines that can be read; the error of one that cannot when there are none.
Result<std::vector<oci::Challenge>> ReadChallenges(const oci::Headers& refusal) {
  std::vector<oci::Challenge> all;
  std::optional<Error> unreadable;
  for (const std::string& line : refusal.All("WWW-Authenticate")) {
    auto challenges = oci::ParseChallenges(line);
    if (challenges) {
      all.insert(all.end(), challenges->begin(), challenges->end());
    } else {
      unreadable = std::move(challenges).error();
    }
  }
  if (all.empty() && unreadable) return std::unexpected(*std::move(unreadable));
  return all;
}

Result<Url> ReadRealm(const oci::Challenge& bearer, const Endpoint& endpoint) {
  const auto realm = bearer.Find("realm");
  if (!realm) return BadRealm("it names none");
  auto url = Url::Parse(*realm);
  if (!url) return BadRealm(url.error().message);
  if (endpoint.base.scheme() == "https" && url->scheme() == "http") {
    return BadRealm(fmt::format("{} speaks http, and the registry https", url->host()));
  }
  if (transport::IsLinkLocalHost(url->host()) && url->host() != endpoint.base.host()) {
    return BadRealm(fmt::format("{} is a link-local address", url->host()));
  }
  return url;
}

std::vector<std::string> ScopesFor(const Endpoint& endpoint, const std::string& challenged) {
  if (endpoint.also.empty()) return LeastScopes(challenged, endpoint.repository);
  return WriteScopes(challenged, endpoint.repository, endpoint.also, endpoint.mount_from);
}

}  // namespace

Result<Demand> ReadDemand(const oci::Headers& refusal, const Endpoint& endpoint) {
  PULLPROOF_ASSIGN_OR_RETURN(const auto challenges, ReadChallenges(refusal));
  const auto find = [&](std::string_view scheme) {
    return std::ranges::find(challenges, scheme, &oci::Challenge::scheme);
  };
  if (const auto bearer = find("bearer"); bearer != challenges.end()) {
    PULLPROOF_ASSIGN_OR_RETURN(Url realm, ReadRealm(*bearer, endpoint));
    return TokenRequest{.realm = std::move(realm),
                        .service = bearer->Find("service").value_or(""),
                        .scopes = ScopesFor(endpoint, bearer->Find("scope").value_or(""))};
  }
  if (find("basic") != challenges.end()) return BasicDemand{};
  if (challenges.empty()) {
    return Fail("registry.unauthorized", "the registry answered 401 without saying what it wants");
  }
  std::vector<std::string> schemes;
  for (const oci::Challenge& challenge : challenges) schemes.push_back(challenge.scheme);
  return Fail(
      "registry.unauthorized",
      Printable(fmt::format("the registry asks for {}; only Basic and Bearer are spoken here",
                            fmt::join(schemes, ", "))));
}

}  // namespace pullproof::resolver::registry_client
