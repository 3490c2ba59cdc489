// Small things about text that every floor needs. All functions are pure and thread-safe.
#ifndef PULLPROOF_BASE_TEXT_H_
#define PULLPROOF_BASE_TEXT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace pullproof {

enum class KeepLines { kNo, kYes };

// The text with control characters (C0, DEL and C1) and invalid UTF-8 written as \xNN or \n, so
// that hostile content cannot steer a terminal. With KeepLines::kYes a line feed stays one.
std::string Printable(std::string_view text, KeepLines keep_lines = KeepLines::kNo);

// True if the bytes are well-formed UTF-8 (RFC 3629: no surrogates, nothing above U+10FFFF).
bool IsUtf8(std::string_view text);

// The candidate that is closest to `word` by edit distance, if it is close enough to be a likely
// slip of the pen (at most a third of the letters differ); nullopt otherwise.
std::optional<std::string> ClosestTo(std::string_view word,
                                     std::span<const std::string_view> candidates);

// "did you mean `x`?" for the closest candidate; else "one of a, b, c"; empty without candidates.
std::string SuggestFrom(std::string_view word, std::span<const std::string_view> candidates);

// Shell-style match of the whole text: `*` is any run of characters ('/' included), `?` one
// character, everything else itself. Linear in text times pattern; no back-tracking explosion.
bool GlobMatch(std::string_view pattern, std::string_view text);

// A number of bytes: "0", "64KiB", "10GiB" (B, KiB, MiB, GiB). Error: size.syntax.
Result<std::uint64_t> ParseSize(std::string_view text);

// The parts between the separators; an empty text is one empty part.
std::vector<std::string_view> Split(std::string_view text, char separator);

std::string ToLowerAscii(std::string_view text);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
// Without blanks and tabs at both ends (RFC 9110 OWS).
std::string_view Trim(std::string_view text);

// RFC 4648 base64. Decoding accepts the standard alphabet with or without padding and refuses
// everything else, non-zero trailing bits included. Error: base64.syntax.
enum class Padding { kNone, kFull };
std::string Base64Encode(std::string_view bytes, Padding padding = Padding::kFull);
Result<std::string> Base64Decode(std::string_view text);

std::string HexEncode(std::string_view bytes);
// Lower- or upper-case digits, an even number of them. Error: hex.syntax.
Result<std::string> HexDecode(std::string_view text);

// RFC 3986 percent-encoding: everything but the unreserved characters. Decoding leaves '+' alone
// and refuses a '%' without two hexadecimal digits (nullopt).
std::string PercentEncode(std::string_view text);
std::optional<std::string> PercentDecode(std::string_view text);

}  // namespace pullproof

#endif  // PULLPROOF_BASE_TEXT_H_
