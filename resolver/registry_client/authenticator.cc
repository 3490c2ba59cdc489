#include "resolver/registry_client/authenticator.h"

#include <initializer_list>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::resolver::registry_client {
namespace {

using credentials::Credential;

std::string BasicAuthorization(const Credential& credential) {
  return "Basic " + Base64Encode(fmt::format("{}:{}", credential.user, credential.password));
}

bool HasPassword(const Credential* credential) {
  return credential != nullptr && !credential->user.empty();
}

// What a service says of a refusal is shown; should it repeat a secret, that is not.
Error WithoutSecrets(Error error, std::initializer_list<std::string_view> secrets) {
  for (const std::string_view secret : secrets) {
    if (secret.empty()) continue;
    for (std::size_t at = error.message.find(secret); at != std::string::npos;
         at = error.message.find(secret)) {
      error.message.replace(at, secret.size(), "(withheld)");
    }
  }
  return error;
}

// Answers of services that do not speak OAuth2. Spec: distribution's oauth.md ("404" and a GET
// instead); 405 and 401 are what others say.
bool SpeaksNoOAuth(int status) { return status == 404 || status == 405 || status == 401; }

}  // namespace

std::shared_ptr<Authenticator::Entry> Authenticator::EntryOf(const Endpoint& endpoint) {
  const std::scoped_lock lock(mutex_);
  auto& entry =
      entries_[{endpoint.registry, endpoint.repository, endpoint.also, endpoint.mount_from}];
  if (entry == nullptr) entry = std::make_shared<Entry>();
  return entry;
}

Result<const Credential*> Authenticator::CredentialOf(Entry& entry, const Endpoint& endpoint) {
  if (!entry.credential) {
    if (credentials_ == nullptr) {
      entry.credential.emplace();
    } else {
      PULLPROOF_ASSIGN_OR_RETURN(entry.credential,
                                 credentials_->Find(endpoint.registry, endpoint.repository));
    }
  }
  return entry.credential->has_value() ? &**entry.credential : nullptr;
}

Result<std::string> Authenticator::Authorization(const Endpoint& endpoint) {
  const auto entry = EntryOf(endpoint);
  const int failures = entry->failures;
  const std::scoped_lock lock(entry->mutex);
  if (!entry->authorization.empty() && clock_.Now() >= entry->expires) {
    PULLPROOF_RETURN_IF_ERROR(Renew(*entry, endpoint, failures));
  }
  return entry->authorization;
}

Result<std::string> Authenticator::AnswerChallenge(const Endpoint& endpoint, const Answer& refusal,
                                                   std::string_view sent) {
  const auto entry = EntryOf(endpoint);
  const int failures = entry->failures;
  const std::scoped_lock lock(entry->mutex);
  // Another thread was refused, too, and has the answer already.
  const bool is_newer = !entry->authorization.empty() && entry->authorization != sent;
  if (is_newer && clock_.Now() < entry->expires) return entry->authorization;
  PULLPROOF_ASSIGN_OR_RETURN(entry->demand, ReadDemand(refusal.response.headers, endpoint));
  if (const auto& peer = refusal.response.peer) entry->innermost = transport::ReachOf(*peer);
  PULLPROOF_RETURN_IF_ERROR(Renew(*entry, endpoint, failures));
  if (entry->authorization != sent) return entry->authorization;
  Error error = StatusFailure(refusal, "the registry", clock_).error;
  error.hint = fmt::format("are the credentials for {} right?", endpoint.registry);
  return std::unexpected(std::move(error));
}

Result<void> Authenticator::Renew(Entry& entry, const Endpoint& endpoint, int failures) {
  if (entry.failures != failures) return std::unexpected(*entry.failure);
  entry.deadline = endpoint.deadline;
  auto renewed = TryToRenew(entry, endpoint);
  if (!renewed) {
    entry.failure = renewed.error();
    ++entry.failures;
  }
  return renewed;
}

Result<void> Authenticator::TryToRenew(Entry& entry, const Endpoint& endpoint) {
  PULLPROOF_ASSIGN_OR_RETURN(const Credential* const credential, CredentialOf(entry, endpoint));
  entry.expires = Duration::max();
  if (const auto* request = std::get_if<TokenRequest>(&*entry.demand)) {
    if (credential != nullptr && !credential->registry_token.empty()) {
      entry.authorization = "Bearer " + credential->registry_token;
      return {};
    }
    PULLPROOF_ASSIGN_OR_RETURN(Token token, FetchToken(entry, *request, credential));
    entry.authorization = "Bearer " + token.value;
    entry.expires = clock_.Now() + token.lifetime;
    entry.refresh_token = std::move(token.refresh);
    return {};
  }
  if (!HasPassword(credential)) {
    return Fail("registry.unauthorized", "the registry asks for a user and a password", {},
                fmt::format("give credentials for {}", endpoint.registry));
  }
  entry.authorization = BasicAuthorization(*credential);
  return {};
}

Result<Token> Authenticator::FetchToken(Entry& entry, const TokenRequest& request,
                                        const Credential* credential) {
  PULLPROOF_ASSIGN_OR_RETURN(auto exchanged, ExchangeRefreshToken(entry, request, credential));
  if (exchanged) return *std::move(exchanged);
  oci::Headers headers;
  if (HasPassword(credential)) headers.Add("Authorization", BasicAuthorization(*credential));
  std::string body;
  const Url url = request.ToUrl();
  auto answer = AskTokenService(url, headers, nullptr, entry, body);
  if (answer && answer->is_content) return ParseToken(body);
  Error error =
      answer ? StatusFailure(*answer, NameOf(url), clock_).error : std::move(answer).error();
  const std::string basic = HasPassword(credential) ? BasicAuthorization(*credential) : "";
  return std::unexpected(WithoutSecrets(
      std::move(error), {HasPassword(credential) ? credential->password : "", basic}));
}

Result<std::optional<Token>> Authenticator::ExchangeRefreshToken(Entry& entry,
                                                                 const TokenRequest& request,
                                                                 const Credential* credential) {
  const bool is_given = entry.refresh_token.empty();
  const std::string refresh = !is_given               ? entry.refresh_token
                              : credential == nullptr ? std::string()
                                                      : credential->identity_token;
  if (refresh.empty()) return std::nullopt;
  const std::string form = request.ToForm(refresh);
  std::string body;
  auto answer = AskTokenService(
      request.realm, {{"Content-Type", "application/x-www-form-urlencoded"}}, &form, entry, body);
  if (!answer) return std::unexpected(WithoutSecrets(std::move(answer).error(), {refresh}));
  if (answer->is_content) {
    PULLPROOF_ASSIGN_OR_RETURN(Token token, ParseToken(body));
    // A service that rotates them gives a new one; the others expect the old one again.
    if (token.refresh.empty() && !is_given) token.refresh = refresh;
    return std::optional(std::move(token));
  }
  // A token of the service's own may simply be over; there is another way then.
  if (SpeaksNoOAuth(answer->response.status) || !is_given) {
    entry.refresh_token.clear();
    return std::nullopt;
  }
  return std::unexpected(
      WithoutSecrets(StatusFailure(*answer, NameOf(request.realm), clock_).error, {refresh}));
}

std::string Authenticator::NameOf(const Url& url) {
  return fmt::format("the token service {}://{}", url.scheme(), url.host());
}

Result<Answer> Authenticator::AskTokenService(const Url& url, const oci::Headers& headers,
                                              const std::string* form, const Entry& entry,
                                              std::string& body) {
  const std::string who = NameOf(url);
  Retrier retrier(clock_, jitter_, entry.deadline);
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
                        },
                        .method = form == nullptr ? "GET" : "POST",
                        .body = form};
  while (true) {
    auto answer = Ask(transport_, clock_, entry.deadline, url, headers, content, entry.innermost);
    if (answer && answer->is_content) return *std::move(answer);
    // A redirect is refused as any other status: credentials would have to stay behind.
    Failure failure = answer ? StatusFailure(*answer, who, clock_) : std::move(answer).error();
    if (answer && !failure.transient) return *std::move(answer);
    PULLPROOF_RETURN_IF_ERROR(retrier.WaitAfter(std::move(failure)));
  }
}

}  // namespace pullproof::resolver::registry_client
