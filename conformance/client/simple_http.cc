#include "conformance/client/simple_http.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "oci/range.h"

namespace pullproof::conformance::client {
namespace {

namespace transport = resolver::transport;

constexpr int kMaxAttempts = 5;
constexpr int kStubbornAttempts = 50;  // of a client that insists, so that its case ends
constexpr int kPatientAttempts = 100;  // of one that waits for the silent, likewise
constexpr int kMaxRedirects = 10;
constexpr int kMaxChallenges = 2;  // the first, and one more for a token that was used up
constexpr std::uint64_t kUsualBound = std::uint64_t{64} << 20;
constexpr Duration kFirstBackoff = std::chrono::seconds(1);
constexpr Duration kLongestWait = std::chrono::seconds(30);
constexpr Duration kImpatience = std::chrono::seconds(3);
constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool IsHttpUrl(std::string_view url) { return url.starts_with(kHttp) || url.starts_with(kHttps); }

bool MayPass(int status) {
  return status == kTooMany || status == 500 || status == 502 || status == 503 || status == 504;
}

bool MayPass(const Error& error) {
  return error.id == "transport.closed" || error.id == "transport.truncated";
}

bool IsHopeless(int status) {
  return status == kBadRequest || status == kUnauthorized || status == kDenied ||
         status == kNotFound;
}

std::string WithoutQuery(std::string_view url) { return std::string(url.substr(0, url.find('?'))); }

// Removes `.` and `..` segments. Spec: RFC 3986 section 5.2.4.
std::string WithoutDots(std::string_view path) {
  std::vector<std::string_view> kept;
  const std::vector<std::string_view> segments = Split(path, '/');
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool is_last = i + 1 == segments.size();
    if (segments[i] == "..") {
      if (kept.size() > 1) kept.pop_back();
      if (is_last) kept.emplace_back();
    } else if (segments[i] == ".") {
      if (is_last) kept.emplace_back();
    } else {
      kept.push_back(segments[i]);
    }
  }
  return fmt::format("{}", fmt::join(kept, "/"));
}

// The headers whose names begin with a capital letter.
oci::Headers UsuallySpelt(const oci::Headers& headers) {
  oci::Headers usual;
  for (const auto& [name, value] : headers.lines()) {
    if (!name.empty() && name.front() >= 'A' && name.front() <= 'Z') usual.Add(name, value);
  }
  return usual;
}

// Retry-After in its two forms. Spec: RFC 9110 section 10.2.3.
std::optional<Duration> RetryAfter(const oci::Headers& headers, const Clock& clock) {
  const std::optional<std::string> value = headers.Find("Retry-After");
  if (!value) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), seconds);
  if (error == std::errc{} && end == value->data() + value->size()) {
    constexpr std::int64_t kDay = 86'400;
    if (seconds < 0) return std::nullopt;
    return std::chrono::seconds(std::min(seconds, kDay));
  }
  std::tm date{};
  if (::strptime(value->c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date) == nullptr) {
    return std::nullopt;
  }
  const auto when = std::chrono::system_clock::from_time_t(::timegm(&date));
  return std::max<Duration>(Duration::zero(), when - clock.Wall());
}

}  // namespace

std::string_view OriginOf(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  return url.substr(0, url.find_first_of("/?#", scheme + 3));
}

std::string_view HostNameOf(std::string_view url) {
  std::string_view origin = OriginOf(url);
  if (origin.empty()) return {};
  origin.remove_prefix(origin.find("://") + 3);
  return origin.substr(0, origin.rfind(':'));
}

Result<std::string> ResolveUrl(std::string_view base, std::string_view location) {
  const std::size_t scheme = location.find("://");
  const bool has_scheme =
      scheme != std::string_view::npos && scheme < location.find_first_of("/?#");
  if (has_scheme && !IsHttpUrl(location)) {
    return Fail("redirect.location", "this client follows http and https URLs only",
                std::string(location));
  }
  const bool is_open = location.contains('[') && !location.contains(']');
  if (is_open) return Fail("redirect.location", "an address that does not close its bracket");
  if (has_scheme) return std::string(location);
  if (location.empty()) return Fail("redirect.location", "there is no Location", std::string(base));
  if (location.starts_with("//")) {
    return fmt::format("{}{}", base.substr(0, base.find(':') + 1), location);
  }
  const std::string_view origin = OriginOf(base);
  const std::string_view path =
      base.substr(origin.size(), base.find_first_of("?#", origin.size()) - origin.size());
  if (location.starts_with('?')) return fmt::format("{}{}{}", origin, path, location);
  const std::string_view target = location.substr(0, location.find_first_of("?#"));
  const std::string_view rest = location.substr(target.size());
  if (location.starts_with('/')) return fmt::format("{}{}{}", origin, WithoutDots(target), rest);
  const std::string joined = fmt::format("{}{}", path.substr(0, path.rfind('/') + 1), target);
  return fmt::format("{}{}{}", origin, WithoutDots(joined), rest);
}

Error StatusError(const HttpAnswer& answer) {
  std::string_view id = "registry.status";
  if (answer.status == kUnauthorized) id = "registry.unauthorized";
  if (answer.status == kDenied) id = "registry.denied";
  if (answer.status == kNotFound) id = "registry.not-found";
  if (answer.status == kTooMany) id = "registry.too-many-requests";
  if (answer.status >= 500) id = "registry.server-error";
  return {std::string(id),
          fmt::format("the registry answered {}", answer.status),
          WithoutQuery(answer.url),
          {}};
}

SimpleHttp::SimpleHttp(transport::Transport& transport, Clock& clock, std::optional<Login> login,
                       std::string home, const Misbehaviours& misbehaviours)
    : transport_(transport),
      clock_(clock),
      misbehaviours_(misbehaviours),
      auth_(
          std::move(login), std::move(home), misbehaviours,
          [this](const std::string& url, const std::string& authorization) -> Result<std::string> {
            HttpRequest request;
            request.url = url;
            request.authorization = authorization.empty() ? "none" : authorization;
            PULLPROOF_ASSIGN_OR_RETURN(const HttpAnswer answer, Do(request));
            if (answer.status != kOk) {
              return Fail("auth.token", fmt::format("the token service answered {}", answer.status),
                          WithoutQuery(url));
            }
            return answer.body;
          }) {}

Result<HttpAnswer> SimpleHttp::Ask(const HttpRequest& request) {
  transport::Request asked;
  asked.method = request.method;
  asked.url = request.url;
  asked.headers = request.headers;
  for (const auto& [name, value] : to_all_) asked.headers.Set(name, value);
  if (!misbehaviours_.keeps_encoded) asked.headers.Add("Accept-Encoding", "identity");
  asked.body = misbehaviours_.sends_body_once && body_was_sent_ ? std::string() : request.body;
  body_was_sent_ = body_was_sent_ || !request.body.empty();
  const Duration start = clock_.Now();
  const std::uint64_t bound = request.max_body != 0 ? request.max_body : kUsualBound;
  HttpAnswer answer;
  answer.url = request.url;
  const transport::Receiver receiver{
      .on_response = [&](const transport::Response& response) -> Result<void> {
        answer.status = response.status;
        answer.headers =
            misbehaviours_.spells_header_names ? UsuallySpelt(response.headers) : response.headers;
        const std::string coding = response.headers.Find("Content-Encoding").value_or("identity");
        if (!EqualsIgnoreCase(coding, "identity") && !misbehaviours_.keeps_encoded &&
            !misbehaviours_.trusts_encoding) {
          return Fail("transport.protocol", "the answer has an encoding that nobody asked for",
                      WithoutQuery(request.url));
        }
        if (misbehaviours_.needs_content_length && !response.headers.Has("Content-Length")) {
          return Fail("transport.protocol", "the answer does not say its length",
                      WithoutQuery(request.url));
        }
        return {};
      },
      .on_body = [&](std::string_view bytes) -> Result<void> {
        if (answer.body.size() + bytes.size() > bound && !misbehaviours_.reads_without_bound) {
          return Fail("limit.bytes", "the answer is too large", WithoutQuery(request.url));
        }
        if (misbehaviours_.is_impatient && clock_.Now() - start > kImpatience) {
          return Fail("transport.timeout", "this takes too long", WithoutQuery(request.url));
        }
        if (misbehaviours_.reads_first_piece && !answer.body.empty()) return {};
        answer.body += bytes;
        return {};
      }};
  Result<transport::Response> response = transport_.Exchange(asked, receiver);
  if (!response && misbehaviours_.falls_back_to_http && asked.url.starts_with(kHttps) &&
      answer.status == 0) {
    asked.url.replace(0, kHttps.size(), kHttp);
    response = transport_.Exchange(asked, receiver);
  }
  if (response) {
    const bool is_encoded = answer.headers.Has("Content-Encoding");
    if (misbehaviours_.trusts_encoding && is_encoded) {
      // Its writer left the decoder out: nothing in these cases decodes.
      answer.body.clear();
      answer.is_trusted = true;
    }
    return answer;
  }
  const bool is_cut = response.error().id == "transport.truncated" ||
                      (response.error().id == "transport.closed" && answer.status != 0);
  if (misbehaviours_.accepts_truncated && is_cut) {
    return answer;
  }
  if (answer.status == kOk) partial_ = std::move(answer.body);
  return std::unexpected(response.error());
}

bool SimpleHttp::MaySendCredentials(std::string_view from, std::string_view to) const {
  if (OriginOf(from) == OriginOf(to) || misbehaviours_.forwards_credentials ||
      misbehaviours_.follows_links_anywhere) {
    return true;
  }
  const std::string_view here = HostNameOf(from);
  const std::string_view there = HostNameOf(to);
  if (misbehaviours_.compares_host_names_only && here == there) return true;
  return misbehaviours_.trusts_subdomains && there.ends_with(here) && there.size() > here.size() &&
         there[there.size() - here.size() - 1] == '.';
}

Result<std::string> SimpleHttp::NextHop(const HttpRequest& request,
                                        const HttpAnswer& answer) const {
  const std::string location = answer.headers.Find("Location").value_or("");
  if (misbehaviours_.needs_absolute_locations && !IsHttpUrl(location)) {
    return Fail("redirect.location", "this client follows absolute URLs only", location);
  }
  PULLPROOF_ASSIGN_OR_RETURN(std::string url, ResolveUrl(request.url, location));
  if (request.url.starts_with(kHttps) && url.starts_with(kHttp) &&
      !misbehaviours_.follows_downgrades) {
    return Fail("redirect.downgrade", "a redirect from https to http", WithoutQuery(url));
  }
  if (!misbehaviours_.normalizes_locations) return url;
  const std::size_t path = OriginOf(url).size();
  const std::string decoded = PercentDecode(url.substr(path)).value_or(url.substr(path));
  std::string encoded;
  for (const char c : decoded) {
    // What its writer knew to be special in an address.
    encoded += std::string_view("/?=&:-._~").contains(c) ? std::string(1, c)
                                                         : PercentEncode(std::string(1, c));
  }
  return url.substr(0, path) + encoded;
}

Result<HttpAnswer> SimpleHttp::Through(const HttpRequest& request) {
  HttpRequest at = request;
  int challenges = 0;
  const int most_redirects = misbehaviours_.follows_one_redirect ? 1 : kMaxRedirects;
  for (int redirects = 0; redirects <= most_redirects || misbehaviours_.redirects_forever;) {
    at.headers.Remove("Authorization");
    const std::string& identity = request.identity.empty() ? request.url : request.identity;
    const bool may_identify = MaySendCredentials(identity, at.url);
    std::string authorization = request.authorization;
    if (authorization.empty()) {
      const std::string_view origin = OriginOf(may_identify ? identity : at.url);
      PULLPROOF_ASSIGN_OR_RETURN(authorization, auth_.HeaderFor(origin, request.scope));
    } else if (!may_identify || authorization == "none") {
      authorization.clear();
    }
    if (!authorization.empty()) at.headers.Set("Authorization", authorization);
    PULLPROOF_ASSIGN_OR_RETURN(HttpAnswer answer, Ask(at));
    const bool is_challenge = answer.status == kUnauthorized ||
                              (answer.status == kDenied && misbehaviours_.authenticates_on_403);
    const bool may_answer =
        OriginOf(at.url) == OriginOf(request.url) || misbehaviours_.answers_any_challenge;
    if (is_challenge && request.authorization.empty() && may_answer &&
        (challenges < kMaxChallenges || misbehaviours_.asks_tokens_forever)) {
      ++challenges;
      PULLPROOF_ASSIGN_OR_RETURN(const bool is_new,
                                 auth_.Answer(OriginOf(at.url), answer.headers, request.scope));
      if (is_new || misbehaviours_.asks_tokens_forever) continue;
    }
    const bool is_followed =
        misbehaviours_.follows_307_only ? answer.status == 307 : IsRedirect(answer.status);
    if (!is_followed || misbehaviours_.follows_no_redirects) return answer;
    Result<std::string> next = NextHop(at, answer);
    if (!next && misbehaviours_.takes_redirect_for_answer) {
      answer.status = kOk;
      answer.is_trusted = true;
      return answer;
    }
    if (!next) return std::unexpected(next.error());
    if (misbehaviours_.sends_referer) at.headers.Set("Referer", at.url);
    if (answer.status == 303 && at.method != "HEAD") {
      at.method = "GET";
      at.body.clear();
    }
    at.url = *std::move(next);
    ++redirects;
  }
  return Fail("redirect.too-many", fmt::format("more than {} redirects", most_redirects),
              WithoutQuery(request.url));
}

Result<bool> SimpleHttp::Join(std::string before, HttpAnswer& answer) const {
  if (answer.status == kOk && !misbehaviours_.joins_blindly) return true;  // all of it, anew
  if (answer.status == kOk || misbehaviours_.joins_blindly) {
    if (answer.status != kOk && answer.status != kPartial) return true;
    answer.body = std::move(before) + answer.body;
    answer.status = kOk;
    return true;
  }
  if (answer.status == kRangeRefused || answer.status == kBadRequest) {
    return misbehaviours_.gives_up_on_416;  // else once more, from the start
  }
  if (answer.status != kPartial) return true;
  const Result<oci::ContentRange> range =
      oci::ContentRange::Parse(answer.headers.Find("Content-Range").value_or(""));
  if (!range || !range->span || range->span->first != before.size()) {
    return Fail("registry.range", "the part that came is not the one that was asked for",
                WithoutQuery(answer.url));
  }
  answer.body = std::move(before) + answer.body;
  answer.status = kOk;
  return true;
}

std::optional<Duration> SimpleHttp::WaitBefore(const Result<HttpAnswer>& answer,
                                               Duration backoff) const {
  std::optional<Duration> stated;
  if (answer) stated = RetryAfter(answer->headers, clock_);
  if (misbehaviours_.reads_seconds_only && answer) {
    if (const auto text = answer->headers.Find("Retry-After")) {
      const bool is_number = text->find_first_not_of("0123456789") == std::string::npos;
      if (!is_number) return Duration::zero();
    }
  }
  if (misbehaviours_.ignores_retry_after || misbehaviours_.insists_on_proxy) {
    return Duration::zero();
  }
  const Duration wait = stated.value_or(backoff);
  // A server that asks for more than anybody would wait is taken at its word: not now.
  if (wait > kLongestWait && !misbehaviours_.waits_for_days) return std::nullopt;
  return wait;
}

Result<HttpAnswer> SimpleHttp::Do(const HttpRequest& request) {
  Duration backoff = kFirstBackoff;
  body_was_sent_ = false;
  std::string before;  // what is there of a transfer that broke
  for (int attempt = 1;; ++attempt) {
    HttpRequest asked = request;
    if (!before.empty()) asked.headers.Set("Range", fmt::format("bytes={}-", before.size()));
    partial_.clear();
    Result<HttpAnswer> answer = Through(asked);
    if (answer && !before.empty()) {
      PULLPROOF_ASSIGN_OR_RETURN(const bool is_whole, Join(std::move(before), *answer));
      before.clear();
      if (!is_whole) continue;
    }
    if (answer && misbehaviours_.takes_any_success && answer->status / 100 == 2) {
      answer->is_trusted = answer->status != kOk;
      answer->status = kOk;
    }
    const bool is_token = !request.authorization.empty();
    bool is_passing = answer ? MayPass(answer->status) : MayPass(answer.error());
    if (misbehaviours_.retries_hopeless && answer && IsHopeless(answer->status)) is_passing = true;
    const bool is_silent = !answer && answer.error().id == "transport.timeout";
    if (misbehaviours_.waits_for_the_silent && is_silent) is_passing = true;
    bool is_last = attempt >= kMaxAttempts && !misbehaviours_.retries_forever;
    if (misbehaviours_.insists_on_proxy && !answer) {
      is_passing = answer.error().id == "transport.proxy";
      is_last = attempt >= kStubbornAttempts;
    }
    if (misbehaviours_.waits_for_the_silent && is_silent) is_last = attempt >= kPatientAttempts;
    if (misbehaviours_.insists_on_token && is_token && answer && answer->status != kOk) {
      is_passing = true;
      is_last = false;
    }
    if (!is_passing || is_last || !request.is_repeatable || misbehaviours_.never_retries) {
      return answer;
    }
    const std::optional<Duration> wait = WaitBefore(answer, backoff);
    if (!wait) return answer;
    clock_.Sleep(*wait);
    backoff = std::min(2 * backoff, kLongestWait);
    // A part of a part is not kept: the next attempt asks for the whole part again.
    if (request.method == "GET" && !partial_.empty()) before = std::move(partial_);
  }
}

Result<HttpAnswer> SimpleHttp::Get(const HttpRequest& request) {
  PULLPROOF_ASSIGN_OR_RETURN(HttpAnswer answer, Do(request));
  if (answer.status == kOk || misbehaviours_.ignores_status) return answer;
  return std::unexpected(StatusError(answer));
}

}  // namespace pullproof::conformance::client
