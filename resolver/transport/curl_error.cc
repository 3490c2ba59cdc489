#include "resolver/transport/curl_error.h"

#include <string>

#include "base/text.h"

namespace pullproof::resolver::transport {
namespace {

struct Kind {
  const char* id;
  const char* hint;
};

Kind KindOf(CURLcode code, std::string_view detail, bool head_complete) {
  constexpr const char* kNotHttp = "is this the port of a registry, and does it speak http there?";
  constexpr const char* kNobody = "is the registry running, and is the port right?";
  constexpr const char* kProxy = "is the proxy in HTTPS_PROXY or http_proxy the right one?";
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {"transport.proxy", kProxy};
    case CURLE_COULDNT_RESOLVE_HOST:
      return {"transport.resolve", "is the name of the registry spelt right?"};
    case CURLE_PROXY:
      return {"transport.proxy", kProxy};
    case CURLE_COULDNT_CONNECT:
      return {"transport.connect", kNobody};
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_USE_SSL_FAILED:
      return {
          "transport.tls",
          "a registry of your own authority: name its certificate by --ca-file or SSL_CERT_FILE"};
    case CURLE_OPERATION_TIMEDOUT:
      if (detail.starts_with("Resolving timed out")) return {"transport.resolve", ""};
      if (detail.starts_with("Connection timed out")) return {"transport.connect", kNobody};
      return {"transport.timeout", ""};
    case CURLE_PARTIAL_FILE:
      return {"transport.truncated", ""};
    case CURLE_RECV_ERROR:
      if (detail.find("CONNECT tunnel failed") != std::string_view::npos ||
          detail.find("from proxy after CONNECT") != std::string_view::npos ||
          detail.find("Proxy CONNECT aborted") != std::string_view::npos) {
        return {"transport.proxy", kProxy};
      }
      // The same code stands for a reset and for junk where a chunk size belongs.
      if (detail.ends_with("in chunked-encoding")) return {"transport.protocol", kNotHttp};
      return {"transport.closed", ""};
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return {"transport.closed", ""};
    case CURLE_URL_MALFORMAT:
      return {"transport.request", ""};
    case CURLE_OUT_OF_MEMORY:
      // libcurl's answer to a single header line above its own limit of 100 KiB.
      if (!head_complete) return {"limit.header", ""};
      return {"transport.protocol", ""};
    default:
      return {"transport.protocol", kNotHttp};
  }
}

}  // namespace

Error CurlError(CURLcode code, std::string_view detail, bool head_complete) {
  const auto [id, hint] = KindOf(code, detail, head_complete);
  const std::string_view text = detail.empty() ? curl_easy_strerror(code) : detail;
  std::string message = std::string_view(id) == "limit.header"
                            ? "a header line of the answer is too long"
                            : Printable(text);
  return {id, std::move(message), {}, hint};
}

}  // namespace pullproof::resolver::transport
