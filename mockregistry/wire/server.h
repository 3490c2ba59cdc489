// One listener: sockets, TLS, HTTP/1.1, and carrying plans out byte by byte. The only room that
// includes httplib.h, and only in its .cc files.
#ifndef PULLPROOF_MOCKREGISTRY_WIRE_SERVER_H_
#define PULLPROOF_MOCKREGISTRY_WIRE_SERVER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "mockregistry/api/message.h"
#include "mockregistry/script/plan.h"
#include "mockregistry/wire/limits.h"
#include "mockregistry/wire/tls.h"

namespace pullproof::mockregistry::wire {

// How a connection that has sent its first bytes is met.
struct Greeting {
  std::shared_ptr<const TlsIdentity> identity;  // null: with the alert handshake_failure
  std::uint64_t connection = 0;
  std::string rule;  // of the handler's own use
};
// What became of it, as the journal calls it.
inline constexpr std::string_view kTlsAlert = "tls alert";        // ours, in place of a handshake
inline constexpr std::string_view kTlsFailed = "tls failed";      // the client broke it off
inline constexpr std::string_view kTlsComplete = "tls complete";  // the client took the certificate
inline constexpr std::string_view kRefused = "refused";           // not let in

// Called from the connections' threads, many at a time. Whatever is null is not asked.
struct Handler {
  // A whole request; `connection` is filled in, `host` is the caller's to set.
  std::function<script::Plan(api::Request)> exchange = nullptr;
  // What became of the plan: bytes of the body handed to the socket, how it ended, and when (on the
  // server's clock) its wait was over and it began to go out.
  std::function<void(const script::Plan&, std::uint64_t body_sent, std::string_view ending,
                     Duration began)>
      complete = nullptr;
  // Whether a connection is let in; asked when it comes, before anything is read. One that is not
  // is reset. Null: all are.
  std::function<bool(std::uint64_t connection)> admits = nullptr;
  // Asked at the first bytes of a connection. Null: it speaks clear text.
  std::function<Greeting(std::uint64_t connection)> greets = nullptr;
  std::function<void(const Greeting&, std::string_view ending)> greeted = nullptr;
  // Who takes the connection over when its CONNECT was answered with 2xx; lives longer than the
  // server. Null: nobody, and CONNECT is a request like any other.
  std::function<const Handler*(std::string_view authority)> tunnel = nullptr;
  // Whether `exchange` never waits for anything (other requests, files, the network): then other
  // connections may wait for it.
  bool is_quick = false;
  // Bytes of a request's body, at most kMaxBody; a larger one is answered 413 and not read.
  std::uint64_t max_body = kMaxBody;
};

class Server {
 public:
  // Binds `address` ("127.0.0.1" or "::1": anything that is not loopback is refused) and returns
  // when connections are being accepted. Port 0: any free one. `clock` waits out plans.
  // `last_connection` is counted up for each connection: servers that share it never give two
  // connections one number. Null: this one counts from 1. Errors: registry.bind.
  static Result<std::unique_ptr<Server>> Start(
      const std::string& address, std::uint16_t port, Handler handler, Clock& clock,
      std::atomic<std::uint64_t>* last_connection = nullptr);
  // Closes every connection, however busy, and joins every thread.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pullproof::mockregistry::wire

#endif  // PULLPROOF_MOCKREGISTRY_WIRE_SERVER_H_
