#include "resolver/registry_client/ask.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"
#include "resolver/registry_client/retry_after.h"

namespace pullproof::resolver::registry_client {
namespace {

constexpr std::string_view kUserAgent = "pullproof/" PULLPROOF_VERSION;

// Faults of a connection, not of a configuration: a name that does not resolve, a certificate that
// is not trusted and a port that speaks something else are the same a second later.
bool IsTransient(const Error& error) {
  constexpr std::array<std::string_view, 4> kTransient = {
      "transport.connect", "transport.timeout", "transport.closed", "transport.truncated"};
  return std::ranges::find(kTransient, error.id) != kTransient.end();
}

// The URL belongs into the sentence: `where` is what the caller asked for.
Error WithUrlInMessage(Error error) {
  if (error.id.starts_with("transport.") && !error.where.empty()) {
    error.message += fmt::format(" ({})", error.where);
    error.where.clear();
  }
  return error;
}

Error TooLate(const Url& url) {
  return {"transport.timeout",
          fmt::format("the time for it is over before {} has answered", url.host()),
          {},
          "the server answers, but too slowly to wait for"};
}

// The first entry of {"errors": [{"code": …, "message": …}]}. Spec: distribution-spec, "Error
// Codes": the body MAY be in this form, or in any other.
std::optional<std::string> EnvelopeText(std::string_view body) {
  const auto root = ParseJson(body, "body");
  if (!root) return std::nullopt;
  const Node* errors = root->Find("errors");
  if (errors == nullptr || errors->array() == nullptr || errors->array()->empty()) {
    return std::nullopt;
  }
  const auto text = [&](std::string_view name) -> std::string {
    const Node* member = errors->array()->front().Find(name);
    return member == nullptr || member->string() == nullptr ? std::string() : *member->string();
  };
  const std::string code = text("code");
  const std::string message = text("message");
  return fmt::format("{}{}{}", code, code.empty() || message.empty() ? "" : ": ", message);
}

// What a refusal says, short and safe to print; empty when that is nothing for people.
std::string RefusalText(std::string_view body) {
  constexpr std::size_t kShown = 300;
  std::string text = EnvelopeText(body).value_or(std::string(body));
  text.resize(text.find_last_not_of(" \t\r\n") + 1);
  const bool is_page = text.starts_with('<');
  if (is_page) return "a web page";
  if (text.size() > kShown) {
    text.resize(kShown);
    text += "...";
  }
  return Printable(text);
}

struct Kind {
  const char* id;
  const char* hint;
};

Kind KindOf(int status) {
  if (status == 401)
    return {"registry.unauthorized", "are there credentials for it, and are they right?"};
  if (status == 403) return {"registry.denied", "these credentials, or none, may not read it"};
  if (status == 404) {
    return {"registry.not-found",
            "is the name spelt right? some registries say this, too, of what one may not read"};
  }
  if (status == 429) return {"registry.too-many-requests", ""};
  if (status >= 500) return {"registry.server-error", ""};
  return {"registry.status", ""};
}

}  // namespace

Attempt<Answer> Ask(transport::Transport& transport, const Clock& clock, Deadline deadline,
                    const Url& url, oci::Headers headers, const Content& content,
                    std::optional<transport::Reach> innermost) {
  const Duration left = deadline.Left(clock);
  if (left == Duration::zero()) return Final(TooLate(url));
  headers.Add("User-Agent", std::string(kUserAgent));
  // Digests are of the bytes as they are stored.
  headers.Add("Accept-Encoding", "identity");
  const transport::Request request{.method = std::string(content.method),
                                   .url = url.ToString(),
                                   .headers = std::move(headers),
                                   .body = content.body == nullptr ? "" : *content.body,
                                   .total_timeout = left,
                                   .innermost = innermost};
  Answer answer;
  bool answered = false;
  const transport::Receiver receiver{
      .on_response = [&](const transport::Response& response) -> Result<void> {
        answered = true;
        answer.response = response;
        answer.is_content =
            content.accepts ? content.accepts(response.status)
                            : response.status == 200 || (content.ranged && response.status == 206);
        return answer.is_content ? content.on_response(response) : Result<void>();
      },
      .on_body = [&](std::string_view bytes) -> Result<void> {
        if (deadline.Left(clock) == Duration::zero()) return std::unexpected(TooLate(url));
        if (answer.is_content) return content.on_body(bytes);
        answer.refusal += bytes.substr(0, kMaxRefusalBytes - answer.refusal.size());
        if (answer.refusal.size() < kMaxRefusalBytes) return {};
        return Fail("limit.bytes", "enough was read of a refusal");
      }};
  auto result = transport.Exchange(request, receiver);
  // A refusal stands as soon as its status is there, whatever becomes of its body.
  if (result || (answered && !answer.is_content)) return answer;
  const bool transient = IsTransient(result.error()) && deadline.Left(clock) > Duration::zero();
  return std::unexpected(Failure{.error = WithUrlInMessage(std::move(result).error()),
                                 .status = answer.response.status,
                                 .transient = transient,
                                 .retry_after = {}});
}

Failure StatusFailure(const Answer& answer, std::string_view who, const Clock& clock) {
  const int status = answer.response.status;
  const auto [id, hint] = KindOf(status);
  const std::string text = RefusalText(answer.refusal);
  Failure failure{.error = {.id = id,
                            .message = fmt::format("{} answered {}{}{}", who, status,
                                                   text.empty() ? "" : ": ", text),
                            .where = {},
                            .hint = hint},
                  .status = status,
                  .transient = status == 429 || status >= 500,
                  .retry_after = {}};
  if (const auto header = answer.response.headers.Find("Retry-After")) {
    failure.retry_after = ParseRetryAfter(*header, clock.Wall());
  }
  return failure;
}

}  // namespace pullproof::resolver::registry_client
