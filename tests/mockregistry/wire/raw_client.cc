#include "tests/mockregistry/wire/raw_client.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

namespace pullproof::mockregistry::wire {
namespace {

constexpr int kPatience = 10'000;  // milliseconds

FileDescriptor Connect(std::uint16_t port, const std::string& address) {
  const bool is_v6 = address.contains(':');
  FileDescriptor socket(::socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  if (is_v6) {
    ::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr);
  } else {
    ::inet_pton(AF_INET, address.c_str(), &v4.sin_addr);
  }
  const auto* const to =
      is_v6 ? reinterpret_cast<const sockaddr*>(&v6) : reinterpret_cast<const sockaddr*>(&v4);
  const auto size = static_cast<socklen_t>(is_v6 ? sizeof(v6) : sizeof(v4));
  return ::connect(socket.get(), to, size) == 0 ? std::move(socket) : FileDescriptor();
}

}  // namespace

RawClient::RawClient(std::uint16_t port, const std::string& address)
    : socket_(Connect(port, address)) {}

bool RawClient::Send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

RawClient::Received RawClient::ReadToEnd() const {
  Received received;
  while (ReadSome(std::size_t{1} << 16, received)) {
  }
  return received;
}

std::string RawClient::Read(std::size_t count) const {
  Received received;
  while (received.bytes.size() < count && ReadSome(count - received.bytes.size(), received)) {
  }
  return received.bytes;
}

std::string RawClient::ReadAnswer() const {
  constexpr std::string_view kLength = "Content-Length: ";
  Received received;
  while (!received.bytes.ends_with("\r\n\r\n") && ReadSome(1, received)) {
  }
  const std::size_t length = received.bytes.find(kLength);
  if (length == std::string::npos) return received.bytes;
  const char* const digits = received.bytes.c_str() + length + kLength.size();
  return received.bytes + Read(std::strtoull(digits, nullptr, 10));
}

bool RawClient::IsSilent() const {
  char byte = 0;
  return ::recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

unsigned RawClient::DataPackets() const {
  tcp_info info{};
  socklen_t size = sizeof(info);
  ::getsockopt(socket_.get(), IPPROTO_TCP, TCP_INFO, &info, &size);
  return info.tcpi_data_segs_in;
}

void RawClient::FinishSending() const { ::shutdown(socket_.get(), SHUT_WR); }

bool RawClient::ReadSome(std::size_t most, Received& received) const {
  std::array<char, std::size_t{1} << 16> buffer;  // NOLINT(*-member-init): heads come byte by byte
  pollfd polled{.fd = socket_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&polled, 1, kPatience) != 1) return false;
  const ssize_t count = ::recv(socket_.get(), buffer.data(), std::min(most, buffer.size()), 0);
  if (count > 0) {
    received.bytes.append(buffer.data(), static_cast<std::size_t>(count));
  } else {
    received.end = count == 0 ? End::kFin : End::kRst;
  }
  return count > 0;
}

}  // namespace pullproof::mockregistry::wire
