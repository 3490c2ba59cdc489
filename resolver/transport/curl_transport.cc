#include "resolver/transport/curl_transport.h"

#include <algorithm>
#include <array>
#include <exception>
#include <initializer_list>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "resolver/transport/curl_session.h"

namespace pullproof::resolver::transport {
namespace {

// A session costs three descriptors. So many of them fit under a limit of 64 open files, and are
// as many as a politely parallel client has busy.
constexpr std::size_t kMaxSessions = 16;

// libcurl counts these calls; since 7.84 they may come from any thread.
class GlobalInit {
 public:
  GlobalInit() {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::bad_alloc();
  }
  ~GlobalInit() { curl_global_cleanup(); }
  GlobalInit(const GlobalInit&) = delete;
  GlobalInit& operator=(const GlobalInit&) = delete;
};

// What all sessions share: resolved names and TLS sessions. Not connections, which libcurl's
// documentation says may not be shared by threads.
class Share {
 public:
  Share() : handle_(curl_share_init()) {
    if (handle_ == nullptr) throw std::bad_alloc();
    curl_share_setopt(handle_, CURLSHOPT_LOCKFUNC, &Share::Lock);
    curl_share_setopt(handle_, CURLSHOPT_UNLOCKFUNC, &Share::Unlock);
    curl_share_setopt(handle_, CURLSHOPT_USERDATA, this);
    curl_share_setopt(handle_, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    curl_share_setopt(handle_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  }
  ~Share() { curl_share_cleanup(handle_); }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;

  [[nodiscard]] CURLSH* handle() const { return handle_; }

 private:
  static void Lock(CURL* /*easy*/, curl_lock_data what, curl_lock_access /*access*/, void* self) {
    static_cast<Share*>(self)->mutexes_.at(what).lock();
  }
  static void Unlock(CURL* /*easy*/, curl_lock_data what, void* self) {
    static_cast<Share*>(self)->mutexes_.at(what).unlock();
  }

  std::array<std::mutex, CURL_LOCK_DATA_LAST> mutexes_;
  CURLSH* handle_;
};

}  // namespace

Result<CurlOptions> OptionsFrom(const Variables& variables) {
  const auto first_of = [&](std::initializer_list<const char*> names) -> std::string {
    for (const char* name : names) {
      if (const auto value = variables(name); value && !value->empty()) return *value;
    }
    return {};
  };
  CurlOptions options;
  options.ca_file = first_of({"SSL_CERT_FILE"});
  const auto read = [&](std::initializer_list<const char*> names,
                        std::optional<Proxy>& proxy) -> Result<void> {
    const std::string value = first_of(names);
    if (value.empty()) return {};
    PULLPROOF_ASSIGN_OR_RETURN(proxy, Proxy::Parse(value));
    return {};
  };
  PULLPROOF_RETURN_IF_ERROR(read({"http_proxy", "all_proxy", "ALL_PROXY"}, options.proxies.http));
  PULLPROOF_RETURN_IF_ERROR(
      read({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}, options.proxies.https));
  options.proxies.direct = ParseNoProxy(first_of({"no_proxy", "NO_PROXY"}));
  return options;
}

// Sessions that rest between exchanges, by origin, so that an exchange finds an open connection.
class CurlTransport::Pool {
 public:
  explicit Pool(CurlOptions options) : options_(std::move(options)) {}

  std::unique_ptr<CurlSession> Take(std::string origin) {
    std::unique_ptr<CurlSession> evicted;  // closed after the lock is given back
    {
      const std::scoped_lock lock(mutex_);
      // The one that was used last is the most likely to be still open.
      const auto found = std::find_if(idle_.rbegin(), idle_.rend(), [&](const auto& session) {
        return session->origin() == origin;
      });
      if (found != idle_.rend()) {
        auto session = std::move(*found);
        idle_.erase(std::next(found).base());
        ++busy_;
        return session;
      }
      evicted = TakeOldestIfFull();
      ++busy_;
    }
    try {
      return std::make_unique<CurlSession>(std::move(origin), share_.handle(), options_);
    } catch (...) {
      Forget();
      throw;
    }
  }

  void Return(std::unique_ptr<CurlSession> session) {
    std::unique_ptr<CurlSession> evicted;
    const std::scoped_lock lock(mutex_);
    --busy_;
    evicted = TakeOldestIfFull();
    idle_.push_back(std::move(session));
  }

  // For a session that is not given back.
  void Forget() {
    const std::scoped_lock lock(mutex_);
    --busy_;
  }

 private:
  std::unique_ptr<CurlSession> TakeOldestIfFull() {
    if (idle_.empty() || idle_.size() + busy_ < kMaxSessions) return nullptr;
    auto oldest = std::move(idle_.front());
    idle_.erase(idle_.begin());
    return oldest;
  }

  GlobalInit global_;  // before everything of libcurl, and gone after it
  CurlOptions options_;
  Share share_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<CurlSession>> idle_;  // the oldest first
  std::size_t busy_ = 0;
};

CurlTransport::CurlTransport(CurlOptions options)
    : pool_(std::make_unique<Pool>(std::move(options))) {}
CurlTransport::~CurlTransport() = default;

Result<Response> CurlTransport::Exchange(const Request& request, const Receiver& receiver) {
  auto session = pool_->Take(OriginOf(request.url));
  Result<Response> result;
  try {
    result = session->Exchange(request, receiver);
  } catch (...) {
    pool_->Forget();
    throw;
  }
  if (result) {
    pool_->Return(std::move(session));
    return result;
  }
  // The state of a broken exchange is not worth reasoning about; a session is cheap.
  pool_->Forget();
  return std::unexpected(At(std::move(result).error(), ShownUrl(request.url)));
}

}  // namespace pullproof::resolver::transport
