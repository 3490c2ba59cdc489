#include "conformance/client/careless_transport.h"

#include <array>
#include <chrono>
#include <memory>
#include <new>
#include <optional>
#include <string_view>

#include <curl/curl.h>
#include <fmt/format.h>

#include "resolver/transport/curl_error.h"
#include "resolver/transport/response_head.h"

namespace pullproof::conformance::client {
namespace {

namespace transport = resolver::transport;

constexpr const char* kLoopback = "127.0.0.1,::1,localhost";

// What libcurl's callbacks work on.
struct Transfer {
  const transport::Receiver& receiver;
  transport::ResponseHead head = {};
  std::optional<Error> refused = {};

  // Whether libcurl is to go on.
  bool Take(const Result<void>& result) {
    if (!result) refused = result.error();
    return result.has_value();
  }
};

std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::string_view line(data, size * count);
  const auto take = [&]() -> Result<void> {
    PULLPROOF_ASSIGN_OR_RETURN(const bool ends_head, transfer.head.TakeLine(line));
    return ends_head ? transfer.receiver.on_response(transfer.head.response()) : Result<void>();
  };
  return transfer.Take(take()) ? line.size() : 0;
}

std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::string_view piece(data, size * count);
  return transfer.Take(transfer.receiver.on_body(piece)) ? piece.size() : CURL_WRITEFUNC_ERROR;
}

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

std::unique_ptr<curl_slist, FreeList> Lines(const transport::Request& request) {
  std::unique_ptr<curl_slist, FreeList> lines;
  for (const auto& [name, value] : request.headers.lines()) {
    curl_slist* const shorter = lines.release();
    curl_slist* const longer =
        curl_slist_append(shorter, fmt::format("{}: {}", name, value).c_str());
    lines.reset(longer != nullptr ? longer : shorter);
    if (longer == nullptr) throw std::bad_alloc();
  }
  return lines;
}

long Milliseconds(Duration duration) {
  return static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

}  // namespace

bool IsCarelessBelowHttp(const Misbehaviours& misbehaviours) {
  return misbehaviours.trusts_any_certificate || misbehaviours.ignores_certificate_names ||
         misbehaviours.asks_proxy_for_everything || misbehaviours.shows_credentials_to_proxy ||
         misbehaviours.asks_proxy_in_absolute_form;
}

Result<transport::Response> CarelessTransport::Exchange(const transport::Request& request,
                                                        const transport::Receiver& receiver) {
  const std::unique_ptr<CURL, FreeHandle> handle(curl_easy_init());
  if (handle == nullptr) throw std::bad_alloc();
  CURL* const easy = handle.get();
  const std::unique_ptr<curl_slist, FreeList> lines = Lines(request);
  Transfer transfer{.receiver = receiver};
  std::array<char, CURL_ERROR_SIZE> detail{};
  std::string url = request.url;
  constexpr std::string_view kHttps = "https:";
  if (misbehaviours_.asks_proxy_in_absolute_form && url.starts_with(kHttps)) {
    url.replace(0, kHttps.size(), "http:");
  }
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail.data());
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines.get());
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, Milliseconds(request.connect_timeout));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, Milliseconds(request.idle_timeout));
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  if (!task_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, task_.ca_file.c_str());
  const bool trusts_any = misbehaviours_.trusts_any_certificate;
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, trusts_any ? 0L : 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST,
                   trusts_any || misbehaviours_.ignores_certificate_names ? 0L : 2L);
  curl_easy_setopt(easy, CURLOPT_PROXY, task_.proxy.c_str());
  curl_easy_setopt(easy, CURLOPT_NOPROXY,
                   misbehaviours_.asks_proxy_for_everything ? "" : kLoopback);
  curl_easy_setopt(
      easy, CURLOPT_HEADEROPT,
      static_cast<long>(misbehaviours_.shows_credentials_to_proxy ? CURLHEADER_UNIFIED
                                                                  : CURLHEADER_SEPARATE));
  if (request.method == "HEAD") curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  if (request.method != "GET")
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (!request.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  }
  const CURLcode code = curl_easy_perform(easy);
  if (transfer.refused) return std::unexpected(*std::move(transfer.refused));
  if (code != CURLE_OK) {
    return std::unexpected(transport::CurlError(code, detail.data(), transfer.head.complete()));
  }
  if (!transfer.head.complete()) {
    return Fail("transport.closed", "the connection was closed within the answer's header");
  }
  return std::move(transfer.head.response());
}

}  // namespace pullproof::conformance::client
