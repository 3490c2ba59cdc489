// One accepted connection: its socket, TLS where its host speaks it, and what has been read from it
// and not used yet. That buffer outlives every request, so that pipelined ones are not lost.
#ifndef PULLPROOF_MOCKREGISTRY_WIRE_CONNECTION_H_
#define PULLPROOF_MOCKREGISTRY_WIRE_CONNECTION_H_

#include <sys/uio.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "mockregistry/wire/file_descriptor.h"
#include "mockregistry/wire/request_head.h"
#include "mockregistry/wire/tls.h"

namespace pullproof::mockregistry::wire {

// Belongs to one thread at a time; only Shutdown and stopped may be called from another. That
// thread says with TakeUp that it begins, and with Rest that it has done.
class Connection {
 public:
  // `socket` is connected and non-blocking. `number` counts the connections of a server from 1.
  Connection(FileDescriptor socket, std::uint64_t number);

  [[nodiscard]] int socket() const { return socket_.get(); }
  [[nodiscard]] std::uint64_t number() const { return number_; }

  // From here on everything that is sent and read is TLS. False when the client breaks the
  // handshake off, or does not go on with it.
  bool StartTls(std::shared_ptr<const TlsIdentity> identity);
  // Answers the client's first message with the alert handshake_failure, in clear text.
  void RefuseTls();
  [[nodiscard]] bool speaks_tls() const { return tls_ != nullptr; }

  // What is called before the thread waits for the client, or for anything else: it may have other
  // things to do, and leaves them to somebody else. It outlives the thread's work here.
  using BeforeWait = std::function<void()>;
  // `buffer` is memory to read into; its bytes are dropped.
  void TakeUp(std::string buffer, const BeforeWait* before_wait);
  // Gives the buffer back. Nothing that has been read may be left: TakeInput says when.
  std::string Rest();
  // Something has arrived since the last look at the socket, or with `ends`, the client has ended
  // its side: there is something to read until the end itself has been read.
  void Notice(bool ends);
  // Reads what is there, without waiting. False when nothing is, so that the next byte, or the end,
  // will be a change of the socket's state.
  bool TakeInput();
  // To be called before whatever may take long.
  void AboutToWait() const {
    if (before_wait_ != nullptr) (*before_wait_)();
  }
  // Whether the client has ended its side with nothing before it.
  [[nodiscard]] bool HasEnded() const;
  // The next request's head, within the bounds of limits.h. kClientGone: it never comes.
  std::expected<RequestHead, Refusal> ReadHead();
  // The body behind that head, decoded, of `most` bytes at most: more is refused (413) before it is
  // read. Sends "100 Continue" when the client waits for it.
  std::expected<std::string, Refusal> ReadBody(const RequestHead& head, std::uint64_t most);
  // Hands the pieces to the kernel, one after the other and, where they fit, in one packet. Returns
  // how many bytes it took: fewer than there are when the client has gone or has stopped reading.
  std::size_t Send(std::span<const std::string_view> pieces);
  // Lets time pass on the clock. False, early, when the client has gone or the server stops. A
  // client that has ended its side counts as gone: HTTP clients do that only when they give up.
  bool Wait(Duration duration, Clock& clock);

  // The ways in which a connection ends; nothing may be sent afterwards, and it is to be destroyed.
  // Tells a client that speaks TLS that what comes now is the end and not a cut; before Finish.
  void SayGoodbye();
  // In order. With `input_left` the rest of what the client sends is read first, up to a bound.
  void Finish(bool input_left);
  // With a reset, after everything before it has arrived.
  void Reset();
  // Silence, until the client gives up or kMaxHang is over.
  void Hang();

  // Ends whatever its thread is waiting for, since the server stops.
  void Shutdown();
  [[nodiscard]] bool stopped() const { return stopped_.load(); }

 private:
  using RealClock = std::chrono::steady_clock;

  // Reads what is there, up to `size` bytes, to the end of `out`. As recv(): -1 and errno when
  // nothing is there.
  ssize_t Receive(std::string& out, std::size_t size);
  // As sendmsg().
  ssize_t SendSome(std::span<iovec> pieces);
  // Waits for more and appends it to the buffer. Refuses with 408 after `deadline`.
  std::expected<void, Refusal> Fill(RealClock::time_point deadline);
  std::expected<std::string, Refusal> ReadLength(std::uint64_t length);
  std::expected<std::string, Refusal> ReadChunks(std::uint64_t most);
  bool Poll(short events, std::chrono::milliseconds timeout) const;
  [[nodiscard]] bool ClientStays() const;
  [[nodiscard]] std::string_view unused() const { return std::string_view(input_).substr(used_); }

  FileDescriptor socket_;
  std::uint64_t number_;
  std::unique_ptr<TlsStream> tls_;  // null: clear text
  const BeforeWait* before_wait_ = nullptr;
  std::string input_;
  std::size_t used_ = 0;     // bytes at the start of `input_`
  bool is_drained_ = false;  // the socket had no more when it was last read
  bool has_end_ = false;     // the client has ended its side
  std::atomic<bool> stopped_ = false;
};

}  // namespace pullproof::mockregistry::wire

#endif  // PULLPROOF_MOCKREGISTRY_WIRE_CONNECTION_H_
