#include "resolver/registry_client/authenticator.h"

#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::resolver::registry_client {
namespace {

std::string BasicAuthorization(const Credentials& credentials) {
  return "Basic " + Base64Encode(fmt::format("{}:{}", credentials.user, credentials.password));
}

}  // namespace

std::shared_ptr<Authenticator::Entry> Authenticator::EntryOf(const Endpoint& endpoint) {
  const std::scoped_lock lock(mutex_);
  auto& entry =
      entries_[{endpoint.registry, endpoint.repository, endpoint.also, endpoint.mount_from}];
  if (entry == nullptr) entry = std::make_shared<Entry>();
  return entry;
}

const Credentials* Authenticator::CredentialsOf(const Endpoint& endpoint) const {
  const auto found = credentials_.find(endpoint.registry);
  return found == credentials_.end() ? nullptr : &found->second;
}

Result<std::string> Authenticator::Authorization(const Endpoint& endpoint) {
  const auto entry = EntryOf(endpoint);
  const std::scoped_lock lock(entry->mutex);
  if (!entry->authorization.empty() && clock_.Now() >= entry->expires) {
    PULLPROOF_RETURN_IF_ERROR(Renew(*entry, endpoint));
  }
  return entry->authorization;
}

Result<std::string> Authenticator::AnswerChallenge(const Endpoint& endpoint, const Answer& refusal,
                                                   std::string_view sent) {
  const auto entry = EntryOf(endpoint);
  const std::scoped_lock lock(entry->mutex);
  // Another thread was refused, too, and has the answer already.
  const bool is_newer = !entry->authorization.empty() && entry->authorization != sent;
  if (is_newer && clock_.Now() < entry->expires) return entry->authorization;
  PULLPROOF_ASSIGN_OR_RETURN(entry->demand, ReadDemand(refusal.response.headers, endpoint));
  PULLPROOF_RETURN_IF_ERROR(Renew(*entry, endpoint));
  if (entry->authorization != sent) return entry->authorization;
  Error error = StatusFailure(refusal, "the registry", clock_).error;
  error.hint = fmt::format("are the credentials for {} right?", endpoint.registry);
  return std::unexpected(std::move(error));
}

Result<void> Authenticator::Renew(Entry& entry, const Endpoint& endpoint) {
  if (const auto* request = std::get_if<TokenRequest>(&*entry.demand)) {
    PULLPROOF_ASSIGN_OR_RETURN(const Token token, FetchToken(*request, endpoint));
    entry.authorization = "Bearer " + token.value;
    entry.expires = clock_.Now() + token.lifetime;
    return {};
  }
  const Credentials* const credentials = CredentialsOf(endpoint);
  if (credentials == nullptr) {
    return Fail("registry.unauthorized", "the registry asks for a user and a password", {},
                fmt::format("give credentials for {}", endpoint.registry));
  }
  entry.authorization = BasicAuthorization(*credentials);
  entry.expires = Duration::max();
  return {};
}

Result<Token> Authenticator::FetchToken(const TokenRequest& request, const Endpoint& endpoint) {
  oci::Headers headers;
  if (const Credentials* const credentials = CredentialsOf(endpoint)) {
    headers.Add("Authorization", BasicAuthorization(*credentials));
  }
  const Url url = request.ToUrl();
  const std::string who = fmt::format("the token service {}://{}", url.scheme(), url.host());
  Retrier retrier(clock_, jitter_);
  while (true) {
    std::string body;
    const Content content{.ranged = false,
                          .on_response = [&](const transport::Response&) -> Result<void> {
                            body.clear();
                            return {};
                          },
                          .on_body = [&](std::string_view bytes) -> Result<void> {
                            if (bytes.size() > kMaxTokenAnswer - body.size()) {
                              return Fail("auth.token", fmt::format("{} answered more than {} KiB",
                                                                    who, kMaxTokenAnswer >> 10));
                            }
                            body += bytes;
                            return {};
                          }};
    auto answer = Ask(transport_, url, headers, content);
    if (answer && answer->is_content) return ParseToken(body);
    // A redirect is refused as any other status: credentials would have to stay behind.
    PULLPROOF_RETURN_IF_ERROR(retrier.WaitAfter(answer ? StatusFailure(*answer, who, clock_)
                                                       : std::move(answer).error()));
  }
}

}  // namespace pullproof::resolver::registry_client
