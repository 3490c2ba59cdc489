// A request to a registry, with everything that may lie between question and content: challenges,
// redirects, and in the end another try.
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_FETCHER_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_FETCHER_H_

#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "oci/headers.h"
#include "resolver/registry_client/ask.h"
#include "resolver/registry_client/authenticator.h"
#include "resolver/registry_client/endpoint.h"
#include "resolver/registry_client/registry_client.h"
#include "resolver/registry_client/retry.h"
#include "resolver/registry_client/url.h"

namespace pullproof::resolver::registry_client {

// Thread-safe.
class Fetcher {
 public:
  // Nothing is owned.
  Fetcher(transport::Transport& transport, Clock& clock, const Options& options);

  // One try: asks `url`, answers at most one challenge, follows redirects: a request that is no GET
  // or HEAD only where method and body are to be kept. Gives the URL that served the content.
  // Authorization goes to the registry's own origin, and not any more once a redirect has left it.
  Attempt<Url> Try(const Endpoint& endpoint, const Url& url, const oci::Headers& headers,
                   const Content& content);
  // Tries until it is there or there is no point. `content` sees on_response once for every try
  // that got so far, and must begin anew.
  Result<Url> Get(const Endpoint& endpoint, const Url& url, const oci::Headers& headers,
                  const Content& content);
  // For operations that go on where the last try ended.
  [[nodiscard]] Retrier NewRetrier(const Endpoint& endpoint) {
    return {clock_, jitter_, endpoint.deadline};
  }
  [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
  transport::Transport& transport_;
  Clock& clock_;
  Jitter jitter_;
  Authenticator authenticator_;
};

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_FETCHER_H_
