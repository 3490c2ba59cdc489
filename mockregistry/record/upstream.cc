#include "mockregistry/record/upstream.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::mockregistry::record {
namespace {

// Those of one connection (RFC 9110 section 7.6.1), those that libcurl writes itself, and those
// that would have the upstream answer with less than the whole.
constexpr std::array<std::string_view, 16> kNotForwarded = {"host",
                                                            "connection",
                                                            "keep-alive",
                                                            "te",
                                                            "trailer",
                                                            "transfer-encoding",
                                                            "upgrade",
                                                            "expect",
                                                            "content-length",
                                                            "range",
                                                            "if-range",
                                                            "if-none-match",
                                                            "if-modified-since",
                                                            "if-match",
                                                            "accept-encoding",
                                                            "proxy-authorization"};

bool IsForwarded(std::string_view name) {
  return std::ranges::find(kNotForwarded, ToLowerAscii(name)) == kNotForwarded.end();
}

struct Transfer {
  UpstreamAnswer answer;
  bool too_large = false;
};

std::size_t TakeHeader(char* bytes, std::size_t size, std::size_t count, void* transfer) {
  UpstreamAnswer& answer = static_cast<Transfer*>(transfer)->answer;
  const std::string_view line = Trim(std::string_view(bytes, size * count));
  // Each redirect and each interim answer has a head of its own; the last one counts.
  if (line.starts_with("HTTP/")) answer.headers = {};
  const std::size_t colon = line.find(':');
  if (!line.starts_with("HTTP/") && colon != std::string_view::npos) {
    std::string_view value = Trim(line.substr(colon + 1));
    while (value.ends_with('\r') || value.ends_with('\n')) value.remove_suffix(1);
    answer.headers.Add(std::string(line.substr(0, colon)), std::string(Trim(value)));
  }
  return size * count;
}

std::size_t TakeBody(char* bytes, std::size_t size, std::size_t count, void* target) {
  auto& transfer = *static_cast<Transfer*>(target);
  if (transfer.answer.body.size() + size * count > kMaxAnswer) {
    transfer.too_large = true;
    return 0;
  }
  transfer.answer.body.append(bytes, size * count);
  return size * count;
}

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

void Append(HeaderList& list, const std::string& line) {
  list.reset(curl_slist_append(list.release(), line.c_str()));
}

HeaderList HeadersFor(const api::Request& request) {
  HeaderList list;
  for (const auto& [name, value] : request.headers.lines()) {
    if (!IsForwarded(name) || !oci::IsHeaderValue(value)) continue;
    // In libcurl's words a header with an empty value has a semicolon.
    Append(list, value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  }
  Append(list, "Accept-Encoding: identity");
  Append(list, "Expect:");
  return list;
}

bool IsRead(const api::Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

void Configure(CURL* easy, const api::Request& request, const std::string& url, curl_slist* headers,
               Transfer& transfer) {
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, kStallSeconds);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &TakeHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &TakeBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, IsRead(request) ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, kMaxRedirects);
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (request.method != "GET") {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

}  // namespace

Result<Upstream> Upstream::At(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::string_view name = url.substr(0, scheme);
  std::string_view authority =
      scheme == std::string_view::npos ? std::string_view() : url.substr(scheme + 3);
  if (authority.ends_with('/')) authority.remove_suffix(1);
  if ((name != "http" && name != "https") || authority.empty() ||
      authority.find_first_of("/?#@ \\") != std::string_view::npos || Printable(url) != url) {
    return Fail("record.url", "the upstream is no URL of a registry", {},
                "write http://HOST:PORT or https://HOST, without user, path and query");
  }
  return Upstream(fmt::format("{}://{}", name, authority));
}

// libcurl counts these calls.
Upstream::Upstream(std::string url)
    : url_(std::move(url)), initialised_(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {}

Upstream::Upstream(Upstream&& other) noexcept
    : url_(std::move(other.url_)), initialised_(std::exchange(other.initialised_, false)) {}

Upstream::~Upstream() {
  if (initialised_) curl_global_cleanup();
}

Result<UpstreamAnswer> Upstream::Ask(const api::Request& request) const {
  const Easy easy(curl_easy_init());
  if (easy == nullptr) return Fail("record.upstream", "libcurl has no memory left");
  const std::string url = url_ + request.target;
  const HeaderList headers = HeadersFor(request);
  Transfer transfer;
  Configure(easy.get(), request, url, headers.get(), transfer);
  const CURLcode code = curl_easy_perform(easy.get());
  if (transfer.too_large) {
    return Fail("record.too-large", fmt::format("the answer has more than {} bytes", kMaxAnswer));
  }
  if (code != CURLE_OK) return Fail("record.upstream", curl_easy_strerror(code), url_);
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  transfer.answer.status = static_cast<int>(status);
  return std::move(transfer.answer);
}

}  // namespace pullproof::mockregistry::record
