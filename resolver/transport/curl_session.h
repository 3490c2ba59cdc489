// One connection and what libcurl needs to drive it.
#ifndef PULLPROOF_RESOLVER_TRANSPORT_CURL_SESSION_H_
#define PULLPROOF_RESOLVER_TRANSPORT_CURL_SESSION_H_

#include <array>
#include <memory>
#include <optional>
#include <string>

#include <curl/curl.h>

#include "base/error.h"
#include "resolver/transport/curl_transport.h"
#include "resolver/transport/transport.h"

namespace pullproof::resolver::transport {

// "https://127.0.0.1:5000" of a URL: what one session talks to.
std::string OriginOf(std::string_view url);
// The URL as error messages may show it: without query and fragment (signatures, tokens) and
// without a user.
std::string ShownUrl(std::string_view url);

// Runs exchanges with one origin, one after the other, over a connection that is kept between
// them. Not thread-safe; may move from thread to thread between exchanges.
class CurlSession {
 public:
  // `share` (names, TLS sessions) is not owned.
  CurlSession(std::string origin, CURLSH* share, const CurlOptions& options);
  ~CurlSession();
  CurlSession(const CurlSession&) = delete;
  CurlSession& operator=(const CurlSession&) = delete;

  // Errors: as Transport::Exchange, without `where`.
  Result<Response> Exchange(const Request& request, const Receiver& receiver);

  [[nodiscard]] const std::string& origin() const { return origin_; }

 private:
  struct Transfer;
  struct FreeLines {
    void operator()(curl_slist* lines) const { curl_slist_free_all(lines); }
  };
  using Lines = std::unique_ptr<curl_slist, FreeLines>;

  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* transfer);
  static std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* transfer);
  static curl_socket_t OnOpenSocket(void* transfer, curlsocktype purpose,
                                    struct curl_sockaddr* address);
  static Result<Lines> HeaderLines(const Request& request, bool has_body);

  void SetConstantOptions(CURLSH* share, const CurlOptions& options);
  void SetProxy(const Proxy* proxy);
  void SetRequestOptions(const Request& request, bool has_body, curl_slist* lines,
                         Transfer& transfer);
  CURLcode Run(const Request& request, Transfer& transfer);
  [[nodiscard]] std::optional<IpAddress> Peer() const;

  std::string origin_;
  bool proxied_ = false;
  std::optional<IpAddress> kept_;  // what the kept connection is connected to
  CURL* easy_;
  CURLM* multi_;
  std::array<char, CURL_ERROR_SIZE> detail_{};
};

}  // namespace pullproof::resolver::transport

#endif  // PULLPROOF_RESOLVER_TRANSPORT_CURL_SESSION_H_
