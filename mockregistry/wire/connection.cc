#include "mockregistry/wire/connection.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "mockregistry/wire/chunked_body.h"
#include "mockregistry/wire/limits.h"

namespace pullproof::mockregistry::wire {
namespace {

using std::chrono::milliseconds;

// Most heads fit; a body is read straight to where it stays.
constexpr std::size_t kReadSize = std::size_t{16} << 10;
constexpr std::size_t kBodyReadSize = std::size_t{256} << 10;
// How soon a wait on the clock notices that there is nobody to wait for.
constexpr Duration kWaitSlice = milliseconds{20};
// Plain text in one record: RFC 8446 section 5.1.
constexpr std::size_t kTlsRecord = std::size_t{1} << 14;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

bool WouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

// Lets `receive` put up to `size` bytes to the end of `out`. What it returns, and its errno.
template <typename Receive>
ssize_t ReceiveInto(std::string& out, std::size_t size, const Receive& receive) {
  const std::size_t before = out.size();
  ssize_t received = 0;
  int error = 0;
  out.resize_and_overwrite(before + size, [&](char* bytes, std::size_t) {
    received = receive(bytes + before, size);
    error = errno;
    return before + static_cast<std::size_t>(std::max<ssize_t>(received, 0));
  });
  errno = error;
  return received;
}

std::unexpected<Refusal> TooLarge() {
  return Refuse(413, "the body is larger than this server takes");
}

milliseconds Until(std::chrono::steady_clock::time_point deadline) {
  return std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
}

// Drops the first `count` bytes of the pieces.
std::span<iovec> Advance(std::span<iovec> pieces, std::size_t count) {
  while (!pieces.empty() && count >= pieces.front().iov_len) {
    count -= pieces.front().iov_len;
    pieces = pieces.subspan(1);
  }
  if (!pieces.empty()) {
    pieces.front().iov_base = static_cast<char*>(pieces.front().iov_base) + count;
    pieces.front().iov_len -= count;
  }
  return pieces;
}

}  // namespace

Connection::Connection(FileDescriptor socket, std::uint64_t number)
    : socket_(std::move(socket)), number_(number) {
  const int yes = 1;
  // Every Send is a packet of its own: faults are cut to the byte, and answers never wait for an
  // acknowledgement.
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

bool Connection::StartTls(std::shared_ptr<const TlsIdentity> identity) {
  AboutToWait();  // for the other side's key, and for our own signature
  const RealClock::time_point deadline = RealClock::now() + kHandshakeTime;
  tls_ = std::make_unique<TlsStream>(std::move(identity), socket(), std::string(unused()));
  input_.clear();
  used_ = 0;
  while (true) {
    const TlsStream::Progress progress = tls_->Handshake();
    if (progress == TlsStream::Progress::kDone) return true;
    if (progress == TlsStream::Progress::kFailed) return false;
    const short event = progress == TlsStream::Progress::kWantsInput ? POLLIN : POLLOUT;
    if (stopped() || !Poll(event, Until(deadline))) return false;
  }
}

void Connection::RefuseTls() {
  // An end with unread input would be a reset, and the client might never see the alert.
  std::string hello;
  ReceiveInto(hello, kReadSize, [this](char* out, std::size_t size) {
    return ::recv(socket(), out, size, MSG_DONTWAIT);
  });
  Send(std::array{kHandshakeFailure});
}

void Connection::TakeUp(std::string buffer, const BeforeWait* before_wait) {
  before_wait_ = before_wait;
  input_ = std::move(buffer);
  input_.clear();
  used_ = 0;
}

std::string Connection::Rest() {
  before_wait_ = nullptr;
  used_ = 0;
  return std::exchange(input_, std::string());
}

void Connection::Notice(bool ends) {
  is_drained_ = false;
  has_end_ = has_end_ || ends;
}

bool Connection::TakeInput() {
  if (!unused().empty() || (tls_ != nullptr && tls_->HasInput())) return true;
  if (is_drained_) return false;
  input_.clear();
  used_ = 0;
  const ssize_t received = Receive(input_, kReadSize);
  return received >= 0 || !WouldBlock(errno);
}

bool Connection::HasEnded() const {
  char byte = 0;
  return unused().empty() && ::recv(socket(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

ssize_t Connection::Receive(std::string& out, std::size_t size) {
  const ssize_t received = ReceiveInto(out, size, [this](char* bytes, std::size_t most) {
    return tls_ != nullptr ? tls_->Receive(bytes, most)
                           : ::recv(socket(), bytes, most, MSG_DONTWAIT);
  });
  // A stream that gave less than it was asked for had no more (epoll(7), "Questions and answers"
  // 9); only an end may still be behind it.
  is_drained_ = received < 0 ? WouldBlock(errno)
                             : received > 0 && static_cast<std::size_t>(received) < size &&
                                   tls_ == nullptr && !has_end_;
  return received;
}

std::expected<RequestHead, Refusal> Connection::ReadHead() {
  const RealClock::time_point deadline = RealClock::now() + kHeadTime;
  HeadScanner scanner;
  while (true) {
    const auto length = scanner.Scan(unused());
    if (!length) return std::unexpected(length.error());
    if (*length) {
      auto head = ParseHead(unused().substr(0, **length));
      used_ += **length;
      return head;
    }
    if (auto filled = Fill(deadline); !filled) return std::unexpected(filled.error());
  }
}

std::expected<std::string, Refusal> Connection::ReadBody(const RequestHead& head,
                                                         std::uint64_t most) {
  const bool has_body = head.framing == BodyFraming::kChunked || head.length > 0;
  if (!has_body) return std::string();
  if (head.length > most) return TooLarge();
  if (head.expects_continue && unused().empty()) {
    if (Send(std::array{kContinue}) != kContinue.size()) return std::unexpected(kClientGone);
  }
  return head.framing == BodyFraming::kChunked ? ReadChunks(most) : ReadLength(head.length);
}

std::expected<std::string, Refusal> Connection::ReadLength(std::uint64_t length) {
  std::string body;
  body.reserve(length);  // costs address space; memory only as the body arrives
  body += unused().substr(0, length);
  used_ += body.size();
  while (body.size() < length) {
    const std::size_t wanted = std::min<std::size_t>(length - body.size(), kBodyReadSize);
    const ssize_t received = Receive(body, wanted);
    if (received > 0) continue;
    if (received == 0 || !WouldBlock(errno)) return std::unexpected(kClientGone);
    if (!Poll(POLLIN, kStallTime)) {
      return Refuse(408, "the body did not arrive in time");
    }
  }
  return body;
}

std::expected<std::string, Refusal> Connection::ReadChunks(std::uint64_t most) {
  ChunkedBody decoder;
  std::string body;
  while (true) {
    std::string_view input = unused();
    const auto whole = decoder.Decode(input, body);
    used_ = input_.size() - input.size();
    if (!whole) return std::unexpected(whole.error());
    if (body.size() > most) return TooLarge();
    if (*whole) return body;
    if (auto filled = Fill(RealClock::now() + kStallTime); !filled) {
      return std::unexpected(filled.error());
    }
  }
}

std::expected<void, Refusal> Connection::Fill(RealClock::time_point deadline) {
  input_.erase(0, used_);
  used_ = 0;
  while (true) {
    const ssize_t received = Receive(input_, kReadSize);
    if (received > 0) return {};
    if (received == 0 || !WouldBlock(errno)) return std::unexpected(kClientGone);
    if (!Poll(POLLIN, Until(deadline))) {
      return Refuse(408, "the request did not arrive in time");
    }
  }
}

std::size_t Connection::Send(std::span<const std::string_view> pieces) {
  constexpr std::size_t kMostPieces = 4;
  std::array<iovec, kMostPieces> vectors{};
  std::size_t count = 0;
  for (const std::string_view piece : pieces) {
    if (!piece.empty()) vectors.at(count++) = {const_cast<char*>(piece.data()), piece.size()};
  }
  std::size_t sent = 0;
  std::span<iovec> left = std::span(vectors).first(count);
  while (!left.empty()) {
    const ssize_t taken = SendSome(left);
    if (taken >= 0) {
      sent += static_cast<std::size_t>(taken);
      left = Advance(left, static_cast<std::size_t>(taken));
    } else if (!WouldBlock(errno) || !Poll(POLLOUT, kStallTime)) {
      break;
    }
  }
  return sent;
}

ssize_t Connection::SendSome(std::span<iovec> pieces) {
  if (tls_ == nullptr) {
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    return ::sendmsg(socket(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  // Pieces that fit into one record go out as one; a large piece is sent from where it lies.
  const iovec& first = pieces.front();
  if (pieces.size() == 1 || first.iov_len >= kTlsRecord) {
    return tls_->Send(static_cast<const char*>(first.iov_base), first.iov_len);
  }
  std::string record;
  for (const iovec& piece : pieces) {
    record.append(static_cast<const char*>(piece.iov_base),
                  std::min(piece.iov_len, kTlsRecord - record.size()));
  }
  return tls_->Send(record.data(), record.size());
}

bool Connection::Wait(Duration duration, Clock& clock) {
  if (duration <= Duration::zero()) return true;
  AboutToWait();
  const Duration end = clock.Now() + duration;
  for (Duration left = duration; left > Duration::zero(); left = end - clock.Now()) {
    if (!ClientStays()) return false;
    clock.Sleep(std::min(left, kWaitSlice));
  }
  return true;
}

void Connection::SayGoodbye() {
  if (tls_ != nullptr) tls_->SayGoodbye();
}

void Connection::Finish(bool input_left) {
  ::shutdown(socket(), SHUT_WR);
  const RealClock::time_point deadline = RealClock::now() + kDrainTime;
  std::uint64_t drained = 0;
  std::string dropped;
  while (drained < kMaxDrain) {
    dropped.clear();
    const ssize_t received = ReceiveInto(dropped, kReadSize, [this](char* out, std::size_t size) {
      return ::recv(socket(), out, size, MSG_DONTWAIT);  // below TLS, whose words are over
    });
    if (received > 0) {
      drained += static_cast<std::uint64_t>(received);
      input_left = true;
    } else if (received == 0 || !WouldBlock(errno) || !input_left ||
               !Poll(POLLIN, Until(deadline))) {
      return;
    }
  }
}

void Connection::Reset() {
  const RealClock::time_point deadline = RealClock::now() + kFlushTime;
  int unacknowledged = 0;
  while (::ioctl(socket(), SIOCOUTQ, &unacknowledged) == 0 && unacknowledged > 0 &&
         RealClock::now() < deadline && !stopped()) {
    AboutToWait();
    ::poll(nullptr, 0, 1);  // there is no event for an acknowledgement
  }
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

void Connection::Hang() { Poll(POLLRDHUP, kMaxHang); }

void Connection::Shutdown() {
  stopped_ = true;
  ::shutdown(socket(), SHUT_RDWR);
}

bool Connection::Poll(short events, milliseconds timeout) const {
  if (timeout > milliseconds::zero()) AboutToWait();
  const RealClock::time_point deadline = RealClock::now() + timeout;
  pollfd polled{.fd = socket(), .events = events, .revents = 0};
  while (true) {
    const milliseconds left = std::max(timeout, milliseconds::zero());
    const int ready = ::poll(&polled, 1, static_cast<int>(left.count()));
    if (ready >= 0 || errno != EINTR) return ready > 0;
    timeout = Until(deadline);
  }
}

bool Connection::ClientStays() const { return !Poll(POLLRDHUP, milliseconds::zero()); }

}  // namespace pullproof::mockregistry::wire
