#include "resolver/registry_client/fetcher.h"

#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "resolver/registry_client/redirect.h"

namespace pullproof::resolver::registry_client {
namespace {

// Different in every process; the same in every run under a manual clock.
std::uint64_t SeedOf(const Clock& clock) {
  return static_cast<std::uint64_t>(clock.Now().count()) ^
         static_cast<std::uint64_t>(clock.Wall().time_since_epoch().count());
}

}  // namespace

Fetcher::Fetcher(transport::Transport& transport, Clock& clock, const Options& options)
    : transport_(transport),
      clock_(clock),
      jitter_(SeedOf(clock)),
      authenticator_(transport, clock, jitter_, options.credentials) {}

Attempt<Url> Fetcher::Try(const Endpoint& endpoint, const Url& url, const oci::Headers& headers,
                          const Content& content) {
  auto authorization = authenticator_.Authorization(endpoint);
  if (!authorization) return Final(std::move(authorization).error());
  Url at = url;
  bool at_registry = at.SameOrigin(endpoint.base);  // an upload may lead elsewhere
  bool challenged = false;
  int redirects = 0;
  std::optional<transport::Reach> innermost;  // once a server has named where to go
  const bool is_read = content.method == "GET" || content.method == "HEAD";
  while (true) {
    oci::Headers sent = headers;
    if (at_registry && !authorization->empty()) sent.Add("Authorization", *authorization);
    auto answer =
        Ask(transport_, clock_, endpoint.deadline, at, std::move(sent), content, innermost);
    if (!answer) return std::unexpected(std::move(answer).error());
    if (answer->is_content) return at;
    const int status = answer->response.status;
    if (status == 401 && at_registry && !challenged) {
      challenged = true;
      authorization = authenticator_.AnswerChallenge(endpoint, *answer, *authorization);
      if (!authorization) return Final(std::move(authorization).error());
    } else if (KeepsMethod(status) || (is_read && IsRedirect(status))) {
      if (++redirects > kMaxRedirects) {
        return Final({"redirect.too-many",
                      fmt::format("more than {} redirects", kMaxRedirects),
                      {},
                      "the last one led to " + at.host()});
      }
      auto next = Follow(at, answer->response, endpoint.base);
      if (!next) return Final(std::move(next).error());
      // Wherever a name leads, it leads no further inside than where this answer came from.
      if (const auto& peer = answer->response.peer) innermost = transport::ReachOf(*peer);
      at = *std::move(next);
      at_registry = at_registry && at.SameOrigin(endpoint.base);
    } else {
      const std::string who = at_registry ? "the registry" : at.host() + " (after a redirect)";
      return std::unexpected(StatusFailure(*answer, who, clock_));
    }
  }
}

Result<Url> Fetcher::Get(const Endpoint& endpoint, const Url& url, const oci::Headers& headers,
                         const Content& content) {
  Retrier retrier = NewRetrier(endpoint);
  while (true) {
    auto got = Try(endpoint, url, headers, content);
    if (got) return *std::move(got);
    PULLPROOF_RETURN_IF_ERROR(retrier.WaitAfter(std::move(got).error()));
  }
}

}  // namespace pullproof::resolver::registry_client
