// Decoding a request's body in chunks, strictly: "-2", "0x10" or a bare line feed is no chunk size
// (CVE-2026-45352). Trailers are read and dropped, never merged with the headers (CVE-2025-53629).
// Spec: RFC 9112 section 7.1.
#ifndef PULLPROOF_MOCKREGISTRY_WIRE_CHUNKED_BODY_H_
#define PULLPROOF_MOCKREGISTRY_WIRE_CHUNKED_BODY_H_

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "mockregistry/wire/request_head.h"

namespace pullproof::mockregistry::wire {

// Takes the encoded bytes in pieces of any size. Not thread-safe.
class ChunkedBody {
 public:
  // Consumes as much of `input` as it understands and appends what it decodes to `body`; what is
  // left of `input` must be offered again with more behind it. True when the body is whole, with
  // `input` at the first byte behind it. Refuses broken chunks (400) and too large a body (413).
  std::expected<bool, Refusal> Decode(std::string_view& input, std::string& body);

 private:
  enum class State { kSize, kData, kDataEnd, kTrailer, kDone };

  std::expected<bool, Refusal> Step(std::string_view& input, std::string& body);
  std::expected<bool, Refusal> ReadSize(std::string_view& input, std::size_t decoded);
  std::expected<bool, Refusal> ReadDataEnd(std::string_view& input);
  std::expected<bool, Refusal> ReadTrailer(std::string_view& input);

  State state_ = State::kSize;
  std::uint64_t left_ = 0;  // bytes of the chunk that are still to come
  std::size_t trailers_ = 0;
};

}  // namespace pullproof::mockregistry::wire

#endif  // PULLPROOF_MOCKREGISTRY_WIRE_CHUNKED_BODY_H_
