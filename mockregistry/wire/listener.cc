#include "mockregistry/wire/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "mockregistry/wire/limits.h"

namespace pullproof::mockregistry::wire {
namespace {

// A socket address of either family.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

// nullopt when the text is no address of the loopback interface.
std::optional<Address> ParseLoopback(const std::string& text, std::uint16_t port) {
  Address address;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    constexpr unsigned kLoopbackNet = 127;
    if (ntohl(v4.sin_addr.s_addr) >> 24U != kLoopbackNet) return std::nullopt;
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    address.size = sizeof(v4);
    std::memcpy(&address.storage, &v4, sizeof(v4));
  } else if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    if (std::memcmp(&v6.sin6_addr, &in6addr_loopback, sizeof(in6addr_loopback)) != 0) {
      return std::nullopt;
    }
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    address.size = sizeof(v6);
    std::memcpy(&address.storage, &v6, sizeof(v6));
  } else {
    return std::nullopt;
  }
  return address;
}

std::uint16_t PortOf(int socket) {
  Address address;
  address.size = sizeof(address.storage);
  if (::getsockname(socket, address.get(), &address.size) != 0) return 0;
  sockaddr_in v4{};  // the port has the same place in both families
  std::memcpy(&v4, &address.storage, sizeof(v4));
  return ntohs(v4.sin_port);
}

}  // namespace

Result<Listener> Listen(const std::string& address, std::uint16_t port) {
  const bool has_colon = address.find(':') != std::string::npos;
  const std::string where = fmt::format("{}:{}", has_colon ? "[" + address + "]" : address, port);
  const std::optional<Address> parsed = ParseLoopback(address, port);
  if (!parsed) {
    return Fail("registry.bind", "a mock registry listens on the loopback interface only", where,
                "use 127.0.0.1 or ::1");
  }
  FileDescriptor socket(
      ::socket(parsed->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int yes = 1;
  // Without it the port of a registry that has just ended cannot be taken again for a minute.
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (!socket.valid() || ::bind(socket.get(), parsed->get(), parsed->size) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    const int error = errno;
    return Fail("registry.bind",
                fmt::format("cannot listen: {}", std::generic_category().message(error)), where,
                error == EADDRINUSE ? "stop the program that has this port, or use port 0" : "");
  }
  const std::uint16_t bound = PortOf(socket.get());
  return Listener{std::move(socket), bound};
}

}  // namespace pullproof::mockregistry::wire
