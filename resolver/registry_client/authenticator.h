// Credentials and tokens: what is sent to a registry, and only after it asked.
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_AUTHENTICATOR_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_AUTHENTICATOR_H_

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "resolver/registry_client/ask.h"
#include "resolver/registry_client/demand.h"
#include "resolver/registry_client/endpoint.h"
#include "resolver/registry_client/registry_client.h"
#include "resolver/registry_client/retry.h"
#include "resolver/registry_client/token.h"

namespace pullproof::resolver::registry_client {

// Remembers for every repository of every registry what its last challenge demanded and what
// answered it: a token is never sent for another repository than the one it was asked for, and one
// that may write never where reading is enough.
// Thread-safe; of threads that need the same token, one asks and the others wait for it.
class Authenticator {
 public:
  // Nothing is owned; `credentials` may be null.
  Authenticator(transport::Transport& transport, Clock& clock, Jitter& jitter,
                credentials::Source* credentials)
      : transport_(transport), clock_(clock), jitter_(jitter), credentials_(credentials) {}

  // The Authorization header's value for a request to the registry; empty before any challenge.
  // Asks for a new token when the last one's time is over. Errors: as AnswerChallenge.
  Result<std::string> Authorization(const Endpoint& endpoint);
  // The value with which to ask again after a 401. `sent` is the one that was refused, empty when
  // there was none. Errors: those of ReadDemand, registry.unauthorized (nothing better to send),
  // auth.token, and those of asking the token service.
  Result<std::string> AnswerChallenge(const Endpoint& endpoint, const Answer& refusal,
                                      std::string_view sent);

 private:
  struct Entry {
    std::mutex mutex;  // held while a token is fetched
    std::optional<Demand> demand;
    std::string authorization;
    Duration expires = Duration::max();  // on the clock
    // What the source said, once it was asked.
    std::optional<std::optional<credentials::Credential>> credential;
    std::string refresh_token;                  // that the token service gave, for the next token
    std::optional<transport::Reach> innermost;  // where the registry was when it challenged
    Deadline deadline;                          // of the operation that holds it
    // How often a token was asked for in vain, and the last error: whoever has waited for that
    // while another thread asked does not ask the same once more.
    std::atomic<int> failures = 0;
    std::optional<Error> failure;
  };

  std::shared_ptr<Entry> EntryOf(const Endpoint& endpoint);
  // Fills in authorization and expires by what is demanded. The entry's mutex is held.
  // `failures`: what the entry's were before it was waited for.
  Result<void> Renew(Entry& entry, const Endpoint& endpoint, int failures);
  Result<void> TryToRenew(Entry& entry, const Endpoint& endpoint);
  // Asks the source, the first time. Null: anonymous. The entry's mutex is held, as by all below.
  Result<const credentials::Credential*> CredentialOf(Entry& entry, const Endpoint& endpoint);
  Result<Token> FetchToken(Entry& entry, const TokenRequest& request,
                           const credentials::Credential* credential);
  // By OAuth2; nullopt where the service does not speak it.
  Result<std::optional<Token>> ExchangeRefreshToken(Entry& entry, const TokenRequest& request,
                                                    const credentials::Credential* credential);
  static std::string NameOf(const Url& url);
  // One request, a POST with a form if there is one, tried until there is an answer that asking
  // again would not change. The body of a good one is left in `body`.
  Result<Answer> AskTokenService(const Url& url, const oci::Headers& headers,
                                 const std::string* form, const Entry& entry, std::string& body);

  transport::Transport& transport_;
  Clock& clock_;
  Jitter& jitter_;
  credentials::Source* credentials_;
  std::mutex mutex_;
  // By registry, repository and what else the token is for.
  std::map<std::array<std::string, 4>, std::shared_ptr<Entry>> entries_;
};

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_AUTHENTICATOR_H_
