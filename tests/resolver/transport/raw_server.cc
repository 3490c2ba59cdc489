#include "tests/resolver/transport/raw_server.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

namespace pullproof::resolver::transport {
namespace {

std::size_t BodyLength(std::string_view head) {
  constexpr std::string_view kName = "\r\nContent-Length: ";
  const std::size_t at = head.find(kName);
  return at == std::string_view::npos ? 0 : std::stoul(std::string(head.substr(at + kName.size())));
}

}  // namespace

std::string Peer::ReadRequest() {
  std::string request;
  std::array<char, 4096> buffer;
  while (true) {
    if (const std::size_t end = request.find("\r\n\r\n"); end != std::string::npos) {
      if (request.size() >= end + 4 + BodyLength(request)) return request;
    }
    const ssize_t got = recv(socket_, buffer.data(), buffer.size(), 0);
    if (got <= 0) return {};
    request.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

void Peer::Send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the client has gone, which some tests want
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Peer::Reset() const {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

void Peer::WaitForClose(std::chrono::milliseconds limit) const {
  std::array<char, 4096> buffer;
  pollfd readable{.fd = socket_, .events = POLLIN, .revents = 0};
  while (poll(&readable, 1, static_cast<int>(limit.count())) > 0 &&
         recv(socket_, buffer.data(), buffer.size(), 0) > 0) {
  }
}

RawServer::RawServer(std::function<void(Peer&)> handler)
    : handler_(std::move(handler)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, length) != 0 || listen(listener_, SOMAXCONN) != 0 ||
      getsockname(listener_, generic, &length) != 0) {
    throw std::runtime_error("no socket on the loopback");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

RawServer::~RawServer() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::scoped_lock lock(mutex_);
    for (const int socket : open_) shutdown(socket, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  close(listener_);
}

std::string RawServer::Url(std::string_view path) const {
  return fmt::format("http://127.0.0.1:{}{}", port_, path);
}

void RawServer::Accept() {
  while (true) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    ++connections_;
    const std::scoped_lock lock(mutex_);
    open_.push_back(socket);
    threads_.emplace_back([this, socket] { Serve(socket); });
  }
}

void RawServer::Serve(int socket) {
  Peer peer(socket);
  handler_(peer);
  const std::scoped_lock lock(mutex_);
  std::erase(open_, socket);
  close(socket);
}

std::function<void(Peer&)> AlwaysAnswer(std::string bytes) {
  return [bytes = std::move(bytes)](Peer& peer) {
    while (!peer.ReadRequest().empty()) peer.Send(bytes);
  };
}

}  // namespace pullproof::resolver::transport
