// A server that sends exactly the bytes that a test tells it to, on the loopback and a free port.
#ifndef PULLPROOF_TESTS_RESOLVER_TRANSPORT_RAW_SERVER_H_
#define PULLPROOF_TESTS_RESOLVER_TRANSPORT_RAW_SERVER_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace pullproof::resolver::transport {

// One accepted connection. Closed (FIN) when its handler returns.
class Peer {
 public:
  explicit Peer(int socket) : socket_(socket) {}

  // The next request, through its header and a body of Content-Length; empty when the client has
  // gone. Requests are not pipelined here.
  std::string ReadRequest();
  void Send(std::string_view bytes) const;
  // Makes the end of the connection a reset.
  void Reset() const;
  // Until the client closes the connection, or for so long.
  void WaitForClose(std::chrono::milliseconds limit = std::chrono::seconds(60)) const;

  [[nodiscard]] int socket() const { return socket_; }

 private:
  int socket_;
};

class RawServer {
 public:
  // `handler` runs once for every connection, on a thread of its own.
  explicit RawServer(std::function<void(Peer&)> handler);
  // Ends all connections and waits for their handlers.
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  // "http://127.0.0.1:PORT" and the path.
  [[nodiscard]] std::string Url(std::string_view path) const;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Connections accepted so far.
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void Accept();
  void Serve(int socket);

  std::function<void(Peer&)> handler_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// A server on the loopback that answers every connection's requests with the same bytes, and
// keeps the connection open.
std::function<void(Peer&)> AlwaysAnswer(std::string bytes);

}  // namespace pullproof::resolver::transport

#endif  // PULLPROOF_TESTS_RESOLVER_TRANSPORT_RAW_SERVER_H_
