// Byte ranges, asked for and answered. Offsets are bytes, inclusive at both ends.
// Spec: RFC 9110 section 14; distribution-spec, Pulling blobs ("Resumable Pull").
#ifndef PULLPROOF_OCI_RANGE_H_
#define PULLPROOF_OCI_RANGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace pullproof::oci {

// An offset: digits only (no sign, no blanks), below 2^63 so that sums cannot overflow. nullopt for
// anything else.
std::optional<std::uint64_t> ParseOffset(std::string_view text);

struct ByteSpan {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // inclusive, not below `first`

  [[nodiscard]] std::uint64_t length() const { return last - first + 1; }
  bool operator==(const ByteSpan&) const = default;
};

// One element of a Range header: first-last, first-, or -suffix.
class ByteRange {
 public:
  // "bytes=0-99,200-,-5". An empty list is a syntax error; more than kMaxRanges is refused, since
  // overlapping ranges multiply the answer (RFC 9110 section 14.2). Error: range.syntax.
  static Result<std::vector<ByteRange>> ParseHeader(std::string_view value);

  // The part of a body of `size` bytes that this asks for, clamped to its end; nullopt when it
  // asks for nothing that is there (416).
  [[nodiscard]] std::optional<ByteSpan> Within(std::uint64_t size) const;
  [[nodiscard]] bool is_suffix() const { return !first_.has_value(); }
  // nullopt for a suffix range.
  [[nodiscard]] std::optional<std::uint64_t> first() const { return first_; }

  static constexpr std::size_t kMaxRanges = 16;

 private:
  ByteRange(std::optional<std::uint64_t> first, std::optional<std::uint64_t> last)
      : first_(first), last_(last) {}

  std::optional<std::uint64_t> first_;
  std::optional<std::uint64_t> last_;  // for a suffix: its length
};

struct ContentRange {
  std::optional<ByteSpan> span;        // nullopt: unsatisfied ("bytes */123")
  std::optional<std::uint64_t> total;  // nullopt: unknown ("bytes 0-5/*")

  // "bytes 0-99/1234". Error: range.syntax.
  static Result<ContentRange> Parse(std::string_view value);
  [[nodiscard]] std::string ToString() const;
};

}  // namespace pullproof::oci

#endif  // PULLPROOF_OCI_RANGE_H_
