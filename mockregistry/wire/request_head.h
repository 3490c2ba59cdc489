// Reading the head of a request, strictly: what two parsers could understand differently is
// refused, since such a request proves nothing and may smuggle another one.
// Spec: RFC 9112 sections 2 to 6.
#ifndef PULLPROOF_MOCKREGISTRY_WIRE_REQUEST_HEAD_H_
#define PULLPROOF_MOCKREGISTRY_WIRE_REQUEST_HEAD_H_

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "oci/headers.h"

namespace pullproof::mockregistry::wire {

// Why a request is not served. Its connection ends with it.
struct Refusal {
  int status = 0;        // of the answer; 0: there is nobody to answer
  std::string_view why;  // a sentence of fixed text

  bool operator==(const Refusal&) const = default;
};
inline constexpr Refusal kClientGone{};
// Shorthand for `return std::unexpected(Refusal{...})`.
[[nodiscard]] inline std::unexpected<Refusal> Refuse(int status, std::string_view why) {
  return std::unexpected(Refusal{status, why});
}

// How the end of a request's body is known.
enum class BodyFraming { kNone, kLength, kChunked };

struct RequestHead {
  std::string method;
  std::string target;  // raw
  std::string version;
  oci::Headers headers;  // in order, values raw
  BodyFraming framing = BodyFraming::kNone;
  std::uint64_t length = 0;       // bytes, of kLength
  bool expects_continue = false;  // the client waits for "100 Continue" before it sends the body
  bool persists = false;          // the connection goes on after the answer
};

// Finds the end of a head in bytes that arrive in pieces. Not thread-safe.
class HeadScanner {
 public:
  // `input` is everything since the end of the last request: what an earlier call was given, and
  // more. Returns the length of the head with its empty line, nullopt while that has not arrived.
  // Refuses what is too large (414, 431) and lines that do not end in CR LF (400).
  std::expected<std::optional<std::size_t>, Refusal> Scan(std::string_view input);

 private:
  std::size_t line_start_ = 0;
  std::size_t lines_ = 0;
};

// Parses a head with its empty line. The method and the version are only split off: the library
// judges them. Refuses broken syntax (400), an unknown transfer coding (501), an unknown
// expectation (417), a body that is too large (413), and Content-Length beside Transfer-Encoding
// (400). Pure.
std::expected<RequestHead, Refusal> ParseHead(std::string_view head);

}  // namespace pullproof::mockregistry::wire

#endif  // PULLPROOF_MOCKREGISTRY_WIRE_REQUEST_HEAD_H_
