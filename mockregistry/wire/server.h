// One listener: sockets, HTTP/1.1, and carrying plans out byte by byte. The only room that includes
// httplib.h, and only in its .cc files.
#ifndef PULLPROOF_MOCKREGISTRY_WIRE_SERVER_H_
#define PULLPROOF_MOCKREGISTRY_WIRE_SERVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "mockregistry/api/message.h"
#include "mockregistry/script/plan.h"

namespace pullproof::mockregistry::wire {

// Called from the connections' threads, many at a time.
struct Handler {
  // A whole request; `connection` is filled in, `host` is the caller's to set.
  std::function<script::Plan(api::Request)> exchange;
  // What became of the plan: bytes of the body handed to the socket, how it ended, and when (on the
  // server's clock) its wait was over and it began to go out.
  std::function<void(const script::Plan&, std::uint64_t body_sent, std::string_view ending,
                     Duration began)>
      complete;
};

class Server {
 public:
  // Binds `address` ("127.0.0.1" or "::1": anything that is not loopback is refused) and returns
  // when connections are being accepted. Port 0: any free one. `clock` waits out plans.
  // Errors: registry.bind.
  static Result<std::unique_ptr<Server>> Start(const std::string& address, std::uint16_t port,
                                               Handler handler, Clock& clock);
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
