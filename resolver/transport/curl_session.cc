#include "resolver/transport/curl_session.h"

#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <netinet/in.h>

#include "base/text.h"
#include "oci/headers.h"
#include "resolver/transport/address.h"
#include "resolver/transport/curl_error.h"
#include "resolver/transport/response_head.h"

namespace pullproof::resolver::transport {
namespace {

// What libcurl hands over at a time: large enough that a call per piece costs nothing against
// hashing it, small enough to stay in the processor's cache.
constexpr long kReceiveBuffer = 128L << 10;
// One connection a session: sessions are what there are many of.
constexpr long kConnectionsKept = 1;

// The end of "http://" or "https://"; 0 when the URL has another scheme.
std::size_t AfterScheme(std::string_view url) {
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return 0;
  const std::string scheme = ToLowerAscii(url.substr(0, colon));
  return scheme == "http" || scheme == "https" ? colon + 3 : 0;
}

std::string_view AuthorityOf(std::string_view url) {
  const std::string_view rest = url.substr(AfterScheme(url));
  return rest.substr(0, rest.find_first_of("/?#"));
}

// The authority without its port.
std::string_view HostOf(std::string_view url) {
  const std::string_view authority = AuthorityOf(url);
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return authority.substr(0, colon);
}

std::string SchemeOf(std::string_view url) { return ToLowerAscii(url.substr(0, url.find(':'))); }

// What is written, or the scheme's; 0 for what is no port, which libcurl will refuse.
std::uint16_t PortOf(std::string_view url) {
  constexpr std::uint16_t kHttp = 80;
  constexpr std::uint16_t kHttps = 443;
  const std::string_view authority = AuthorityOf(url);
  const std::string_view host = HostOf(url);
  if (host.size() == authority.size()) return SchemeOf(url) == "https" ? kHttps : kHttp;
  const std::string_view text = authority.substr(host.size() + 1);
  std::uint16_t port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

IpAddress AddressOf(const sockaddr& address) {
  IpAddress ip;
  if (address.sa_family == AF_INET6) {
    std::memcpy(ip.bytes.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr,
                ip.bytes.size());
  } else if (address.sa_family == AF_INET) {
    ip.bytes[10] = ip.bytes[11] = 0xFF;
    std::memcpy(&ip.bytes[12], &reinterpret_cast<const sockaddr_in&>(address).sin_addr, 4);
  }
  return ip;
}

Error TooFarInside(Reach reach) {
  return {"transport.address",
          fmt::format("the host is at {}, and nothing further out may send a client there",
                      NameOf(reach)),
          {},
          "a registry that names such a place may be after what only this machine can reach"};
}

std::unexpected<Error> BadRequest(std::string message) {
  return Fail("transport.request", std::move(message));
}

// Everything goes onto the wire byte for byte, so nothing may pass that ends a line or a word.
Result<void> CheckUrl(std::string_view url) {
  const std::size_t authority = AfterScheme(url);
  if (authority == 0) return BadRequest("only http and https URLs can be asked");
  if (AuthorityOf(url).empty()) return BadRequest("the URL names no host");
  if (AuthorityOf(url).find('@') != std::string_view::npos) {
    return BadRequest("a URL with a user in it is not asked");
  }
  const auto is_graphic = [](char c) { return c > 0x20 && c < 0x7F; };
  if (!std::ranges::all_of(url, is_graphic)) {
    return BadRequest("a URL is of graphic ASCII characters only");
  }
  return {};
}

// RFC 9110 section 5.6.2
bool IsToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool HasBody(const Request& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
         request.method == "PATCH";
}

long Milliseconds(Duration duration) {
  return static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

using SteadyTime = std::chrono::steady_clock::time_point;

}  // namespace

// What the callbacks of one exchange share.
struct CurlSession::Transfer {
  const CurlSession& session;
  const Receiver& receiver;
  ResponseHead head;
  std::optional<Error> refused;  // by the receiver, or by the head
  std::exception_ptr thrown;     // by the receiver: must not unwind through C
  std::optional<Reach> innermost = {};
  std::optional<Error> unreachable = {};  // the last address that may not be connected to
  SteadyTime last_activity = std::chrono::steady_clock::now();

  // Runs one step of the receiver; false ends the transfer.
  template <typename Step>
  bool Take(const Step& step) noexcept {
    last_activity = std::chrono::steady_clock::now();
    try {
      if (Result<void> result = step(); !result) refused = std::move(result).error();
    } catch (...) {
      thrown = std::current_exception();
    }
    return !refused && !thrown;
  }
};

std::string OriginOf(std::string_view url) {
  const std::string_view authority = AuthorityOf(url);
  return ToLowerAscii(url.substr(0, AfterScheme(url) + authority.size()));
}

std::string ShownUrl(std::string_view url) {
  std::string shown(url.substr(0, url.find_first_of("?#")));
  const std::string_view authority = AuthorityOf(shown);
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    shown.erase(AfterScheme(shown), at + 1);
  }
  return shown;
}

CurlSession::CurlSession(std::string origin, CURLSH* share, const CurlOptions& options)
    : origin_(std::move(origin)), easy_(curl_easy_init()), multi_(curl_multi_init()) {
  if (easy_ == nullptr || multi_ == nullptr) {
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
    throw std::bad_alloc();
  }
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kConnectionsKept);
  SetConstantOptions(share, options);
}

CurlSession::~CurlSession() {
  curl_easy_cleanup(easy_);
  curl_multi_cleanup(multi_);
}

void CurlSession::SetConstantOptions(CURLSH* share, const CurlOptions& options) {
  curl_easy_setopt(easy_, CURLOPT_SHARE, share);
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, detail_.data());
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_NOPROGRESS, 1L);
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy_, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy_, CURLOPT_BUFFERSIZE, kReceiveBuffer);
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &CurlSession::OnHeader);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &CurlSession::OnBody);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, &CurlSession::OnOpenSocket);
  if (!options.ca_file.empty()) {
    curl_easy_setopt(easy_, CURLOPT_CAINFO, options.ca_file.c_str());
    curl_easy_setopt(easy_, CURLOPT_PROXY_CAINFO, options.ca_file.c_str());
  }
  SetProxy(options.proxies.For(SchemeOf(origin_), HostOf(origin_), PortOf(origin_)));
}

void CurlSession::SetProxy(const Proxy* proxy) {
  proxied_ = proxy != nullptr;
  // Both set, also to nothing, or libcurl would look into the environment.
  curl_easy_setopt(easy_, CURLOPT_NOPROXY, "");
  curl_easy_setopt(easy_, CURLOPT_PROXY, proxied_ ? proxy->url.c_str() : "");
  if (!proxied_ || proxy->user.empty()) return;
  curl_easy_setopt(easy_, CURLOPT_PROXYAUTH, static_cast<long>(CURLAUTH_BASIC));
  curl_easy_setopt(easy_, CURLOPT_PROXYUSERNAME, proxy->user.c_str());
  curl_easy_setopt(easy_, CURLOPT_PROXYPASSWORD, proxy->password.c_str());
}

Result<CurlSession::Lines> CurlSession::HeaderLines(const Request& request, bool has_body) {
  Lines lines;
  const auto append = [&lines](const std::string& line) {
    curl_slist* const longer = curl_slist_append(lines.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    (void)lines.release();
    lines.reset(longer);
  };
  for (const auto& [name, value] : request.headers.lines()) {
    if (!IsToken(name) || !oci::IsHeaderValue(value)) {
      return BadRequest(fmt::format("the header `{}` cannot be sent", Printable(name)));
    }
    // libcurl takes "Name:" as an order to drop the header, and "Name;" as an empty one.
    append(value.empty() ? name + ";" : name + ": " + value);
  }
  // What libcurl would add on its own.
  if (!request.headers.Has("Accept")) append("Accept:");
  if (has_body) {
    if (!request.headers.Has("Content-Type")) append("Content-Type:");
    append("Expect:");
  }
  return lines;
}

void CurlSession::SetRequestOptions(const Request& request, bool has_body, curl_slist* lines,
                                    Transfer& transfer) {
  curl_easy_setopt(easy_, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, lines);
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, Milliseconds(request.connect_timeout));
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, &transfer);
  curl_easy_setopt(easy_, CURLOPT_HTTPGET, 1L);  // forgets the method and body of the last request
  const bool is_plain = request.method == "GET" && !has_body;
  curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, is_plain ? nullptr : request.method.c_str());
  if (request.method == "HEAD") curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
  if (has_body) {
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, request.body.data());
  }
}

std::size_t CurlSession::OnHeader(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::string_view line(data, size * count);
  const bool taken = transfer.Take([&]() -> Result<void> {
    PULLPROOF_ASSIGN_OR_RETURN(const bool ends_head, transfer.head.TakeLine(line));
    if (!ends_head) return {};
    transfer.head.response().peer = transfer.session.Peer();
    return transfer.receiver.on_response(transfer.head.response());
  });
  return taken ? line.size() : 0;
}

std::size_t CurlSession::OnBody(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::string_view piece(data, size * count);
  const bool taken = transfer.Take([&] { return transfer.receiver.on_body(piece); });
  // 0 would not end the transfer if the piece itself is empty.
  return taken ? piece.size() : CURL_WRITEFUNC_ERROR;
}

// Called for every address that libcurl is about to try, after names are resolved.
curl_socket_t CurlSession::OnOpenSocket(void* self, curlsocktype /*purpose*/,
                                        struct curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(self);
  const IpAddress ip = AddressOf(address->addr);
  const bool is_ip = address->family == AF_INET || address->family == AF_INET6;
  if (transfer.innermost && (!is_ip || ReachOf(ip) > *transfer.innermost)) {
    transfer.unreachable = TooFarInside(ReachOf(ip));
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::optional<IpAddress> CurlSession::Peer() const {
  const char* text = nullptr;
  if (proxied_ || curl_easy_getinfo(easy_, CURLINFO_PRIMARY_IP, &text) != CURLE_OK) return {};
  return ParseIpAddress(text);
}

// Drives the transfer itself instead of curl_easy_perform, whose low-speed limit knows only whole
// seconds and an average: here the time since anything at all happened on the socket is exact.
CURLcode CurlSession::Run(const Request& request, Transfer& transfer) {
  const SteadyTime start = std::chrono::steady_clock::now();
  curl_multi_add_handle(multi_, easy_);
  std::optional<CURLcode> aborted;
  while (true) {
    int running = 0;
    if (curl_multi_perform(multi_, &running) != CURLM_OK) {
      aborted = CURLE_FAILED_INIT;
      break;
    }
    if (running == 0) break;
    const SteadyTime now = std::chrono::steady_clock::now();
    const Duration until_idle = request.idle_timeout - (now - transfer.last_activity);
    const Duration until_end = request.total_timeout - (now - start);
    if (std::min(until_idle, until_end) <= Duration::zero()) {
      aborted = CURLE_OPERATION_TIMEDOUT;
      const auto text =
          until_idle <= Duration::zero()
              ? fmt::format("nothing arrived for {} ms", Milliseconds(request.idle_timeout))
              : fmt::format("not over after {} ms", Milliseconds(request.total_timeout));
      *std::copy_n(text.begin(), std::min(text.size(), detail_.size() - 1), detail_.begin()) = 0;
      break;
    }
    int ready = 0;
    const auto wait =
        static_cast<int>(std::min(Milliseconds(std::min(until_idle, until_end)), 60'000L));
    curl_multi_poll(multi_, nullptr, 0, wait, &ready);
    if (ready > 0) transfer.last_activity = std::chrono::steady_clock::now();
  }
  CURLcode result = aborted.value_or(CURLE_FAILED_INIT);
  int left = 0;
  if (const CURLMsg* message = curl_multi_info_read(multi_, &left); message != nullptr) {
    result = message->data.result;
  }
  curl_multi_remove_handle(multi_, easy_);
  return result;
}

Result<Response> CurlSession::Exchange(const Request& request, const Receiver& receiver) {
  PULLPROOF_RETURN_IF_ERROR(CheckUrl(request.url));
  if (!IsToken(request.method)) return BadRequest("the method is not a word");
  const bool has_body = HasBody(request);
  PULLPROOF_ASSIGN_OR_RETURN(const Lines lines, HeaderLines(request, has_body));
  Transfer transfer{
      .session = *this, .receiver = receiver, .head = {}, .refused = {}, .thrown = {}};
  if (!proxied_) transfer.innermost = request.innermost;
  if (transfer.innermost && kept_ && ReachOf(*kept_) > *transfer.innermost) {
    return std::unexpected(TooFarInside(ReachOf(*kept_)));
  }
  detail_.front() = 0;
  SetRequestOptions(request, has_body, lines.get(), transfer);
  const CURLcode code = Run(request, transfer);
  if (transfer.thrown) std::rethrow_exception(transfer.thrown);
  if (transfer.refused) return std::unexpected(*std::move(transfer.refused));
  if (code != CURLE_OK && transfer.unreachable) {
    return std::unexpected(*std::move(transfer.unreachable));
  }
  if (code != CURLE_OK) {
    return std::unexpected(CurlError(code, detail_.data(), transfer.head.complete()));
  }
  if (!transfer.head.complete()) {
    return Fail("transport.closed", "the connection was closed within the answer's header");
  }
  kept_ = transfer.head.response().peer;
  return std::move(transfer.head.response());
}

}  // namespace pullproof::resolver::transport
