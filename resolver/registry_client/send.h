// One request that changes something, or asks without wanting a body: what uploads, deletions and
// HEADs are made of.
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_SEND_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_SEND_H_

#include <string>
#include <string_view>
#include <vector>

#include "oci/digest.h"
#include "oci/headers.h"
#include "resolver/registry_client/endpoint.h"
#include "resolver/registry_client/fetcher.h"
#include "resolver/registry_client/retry.h"
#include "resolver/registry_client/url.h"

namespace pullproof::resolver::registry_client {

struct Message {
  std::string_view method;
  oci::Headers headers = {};
  const std::string* body = nullptr;  // not owned; null is none
  std::vector<int> good;              // the statuses that are no failure
};

struct Acknowledgement {
  int status = 0;
  oci::Headers headers;
  Url url;  // that answered
};

// One try. A good answer's body is read and dropped, up to a bound that no registry needs.
Attempt<Acknowledgement> Send(Fetcher& fetcher, const Endpoint& endpoint, const Url& url,
                              const Message& message);
// Tries until it is done or there is no point. Only for what may be done twice.
Result<Acknowledgement> SendUntilDone(Fetcher& fetcher, const Endpoint& endpoint, const Url& url,
                                      const Message& message);

// Docker-Content-Digest, when there is one, must not contradict what was sent. Error:
// digest.mismatch.
Result<void> CheckStoredDigest(const oci::Headers& answer, const oci::Digest& sent);

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_SEND_H_
