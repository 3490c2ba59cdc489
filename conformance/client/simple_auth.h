// How the small client identifies itself: challenges, tokens, and to whom they are shown.
// Spec: RFC 7617 (Basic); distribution, docs/spec/auth/token.md (Bearer).
#ifndef PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_AUTH_H_
#define PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_AUTH_H_

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "conformance/client/client.h"
#include "conformance/client/misbehaviours.h"
#include "oci/challenge.h"
#include "oci/headers.h"

namespace pullproof::conformance::client {

// Not thread-safe.
class SimpleAuth {
 public:
  // Gets the body of a 200 from a token service, with this Authorization unless it is empty.
  using Fetch =
      std::function<Result<std::string>(const std::string& url, const std::string& authorization)>;

  // The login belongs to `home`, an origin.
  SimpleAuth(std::optional<Login> login, std::string home, const Misbehaviours& misbehaviours,
             Fetch fetch);

  // The Authorization for a request that needs `scope`; empty when there is none to send.
  Result<std::string> HeaderFor(std::string_view origin, const std::string& scope);
  // Takes up the challenges of a 401. False when that changes nothing: nobody to be, or what was
  // sent is what there is. Errors: challenge.syntax, auth.realm, auth.token, and those of Fetch.
  Result<bool> Answer(std::string_view origin, const oci::Headers& headers,
                      const std::string& scope);

 private:
  struct Service {
    std::string realm;
    std::string service;
    std::vector<std::string> scopes;
  };
  using Key = std::pair<std::string, std::string>;  // origin and scope

  [[nodiscard]] Result<std::vector<oci::Challenge>> Read(const oci::Headers& headers) const;
  [[nodiscard]] std::string Basic(std::string_view origin) const;
  [[nodiscard]] std::string UrlOf(const Service& service, const std::string& scope) const;
  [[nodiscard]] Key KeyOf(std::string_view origin, const std::string& scope) const;
  Result<void> FetchToken(std::string_view origin, const Service& service,
                          const std::string& scope);

  std::optional<Login> login_;
  std::string home_;
  const Misbehaviours& misbehaviours_;
  Fetch fetch_;
  std::set<std::string, std::less<>> basic_;  // origins that asked for it
  std::map<Key, std::string> tokens_;
  std::map<std::string, Service, std::less<>> services_;  // by origin
};

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_SIMPLE_AUTH_H_
