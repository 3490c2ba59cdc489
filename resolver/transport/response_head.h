// The head of an answer, line by line as a transport gets it: bounded, without the 1xx that may
// come before it, and free of contradictions about its length.
// Spec: RFC 9112 sections 4 (status line), 5 (field lines), 6.3 (message body length).
#ifndef PULLPROOF_RESOLVER_TRANSPORT_RESPONSE_HEAD_H_
#define PULLPROOF_RESOLVER_TRANSPORT_RESPONSE_HEAD_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "resolver/transport/transport.h"

namespace pullproof::resolver::transport {

// All header lines of one exchange, those of 1xx answers and trailers included. Registries send 1
// to 2 KiB, and a signed Location up to 8; servers themselves refuse to be sent more than this.
inline constexpr std::size_t kMaxHeaderBytes = std::size_t{64} << 10;

// Not thread-safe.
class ResponseHead {
 public:
  // The next line, with or without its line end. True when it ends the head of the final answer;
  // lines after that are trailers, which only count. Errors: limit.header, transport.protocol.
  Result<bool> TakeLine(std::string_view line);

  [[nodiscard]] bool complete() const { return complete_; }
  // Meaningful once complete.
  [[nodiscard]] const Response& response() const { return response_; }
  [[nodiscard]] Response& response() { return response_; }

 private:
  Result<void> TakeStatusLine(std::string_view line);
  Result<void> FinishField();
  [[nodiscard]] Result<void> CheckLengths() const;

  Response response_;
  std::string field_;  // begun, and perhaps not at its end
  std::size_t bytes_ = 0;
  bool complete_ = false;
};

}  // namespace pullproof::resolver::transport

#endif  // PULLPROOF_RESOLVER_TRANSPORT_RESPONSE_HEAD_H_
