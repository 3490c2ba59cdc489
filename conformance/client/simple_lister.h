// How the small client lists: tags and referrers, over all pages.
// Spec: distribution-spec, "Listing Tags", "Listing Referrers", "Unavailable Referrers API"; RFC
// 8288.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_LISTER_H_
#define PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_LISTER_H_

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/error.h"
#include "conformance/client/misbehaviours.h"
#include "conformance/client/simple_http.h"
#include "conformance/client/simple_puller.h"
#include "oci/headers.h"

namespace pullproof::conformance::client {

// "sha256-…": where the referrers of a digest are kept when there is no API. Spec:
// distribution-spec, "Referrers Tag Schema": no more than 32 characters, and 64 of the digest.
std::string ReferrersTag(std::string_view digest);

// Not thread-safe. Errors: those of SimpleHttp; registry.tags, limit.pages, redirect.listing,
// json.*.
class SimpleLister {
 public:
  // Everything outlives it.
  SimpleLister(SimpleHttp& http, SimplePuller& puller, const Misbehaviours& misbehaviours)
      : http_(http), puller_(puller), misbehaviours_(misbehaviours) {}

  Result<std::vector<std::string>> Tags(const Place& place);
  // The digests of what refers to the manifest, and with `recursive` of what refers to those.
  Result<std::vector<std::string>> Referrers(const Place& place, bool recursive);

 private:
  using TakePage = std::function<Result<std::string>(const HttpAnswer&)>;  // gives the last name

  // Takes `first`, whose answer is there already, and the pages behind it.
  Result<void> ReadPages(HttpRequest request, HttpAnswer first, const TakePage& take);
  [[nodiscard]] std::optional<std::string> NextLink(const oci::Headers& headers) const;
  Result<std::vector<std::string>> ReferrersOf(const Place& place, const std::string& digest);
  Result<std::vector<std::string>> ReferrersByTag(const Place& place, const std::string& digest);

  SimpleHttp& http_;
  SimplePuller& puller_;
  const Misbehaviours& misbehaviours_;
};

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_LISTER_H_
