// A client that knows nothing of HTTP: it sends bytes and sees bytes, and how a connection ends.
#ifndef PULLPROOF_TESTS_MOCKREGISTRY_WIRE_RAW_CLIENT_H_
#define PULLPROOF_TESTS_MOCKREGISTRY_WIRE_RAW_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "mockregistry/wire/file_descriptor.h"

namespace pullproof::mockregistry::wire {

// Every wait ends after ten seconds of real time with what has arrived until then, so that a broken
// server makes a readable failure.
class RawClient {
 public:
  enum class End { kNone, kFin, kRst };
  struct Received {
    std::string bytes;
    End end = End::kNone;
  };

  explicit RawClient(std::uint16_t port, const std::string& address = "127.0.0.1");

  [[nodiscard]] bool connected() const { return socket_.valid(); }
  // Sends everything; false when the server does not take it.
  bool Send(std::string_view bytes) const;
  // Everything up to the end of the connection.
  [[nodiscard]] Received ReadToEnd() const;
  // Exactly that many bytes.
  [[nodiscard]] std::string Read(std::size_t count) const;
  // One answer: its head, and as many bytes as its Content-Length says.
  [[nodiscard]] std::string ReadAnswer() const;
  // Whether nothing has arrived, neither bytes nor an end.
  [[nodiscard]] bool IsSilent() const;
  // Packets with data that came in so far.
  [[nodiscard]] unsigned DataPackets() const;
  // Ends the client's side of the connection.
  void FinishSending() const;

 private:
  // Appends what arrives next, `most` bytes at most; false at the end of the connection.
  bool ReadSome(std::size_t most, Received& received) const;

  FileDescriptor socket_;
};

}  // namespace pullproof::mockregistry::wire

#endif  // PULLPROOF_TESTS_MOCKREGISTRY_WIRE_RAW_CLIENT_H_
