#include "resolver/transport/response_head.h"

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::resolver::transport {
namespace {

std::unexpected<Error> NotHttp(std::string message) {
  return Fail("transport.protocol", std::move(message), {},
              "is this the port of a registry, and does it speak http there?");
}

// Quoted in messages: enough to see what it is.
std::string Quote(std::string_view text) {
  constexpr std::size_t kShown = 80;
  return Printable(text.substr(0, kShown));
}

std::optional<std::int64_t> ParseLength(std::string_view text) {
  // from_chars takes a minus sign, which the grammar does not have.
  if (text.empty() || text.front() == '-') return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Result<bool> ResponseHead::TakeLine(std::string_view line) {
  bytes_ += line.size();
  if (bytes_ > kMaxHeaderBytes) {
    return Fail("limit.header",
                fmt::format("the answer's header is larger than {} KiB", kMaxHeaderBytes >> 10));
  }
  if (complete_) return false;
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (response_.status == 0) {
    PULLPROOF_RETURN_IF_ERROR(TakeStatusLine(line));
    return false;
  }
  // RFC 9112 section 5.2: a line that begins with a blank goes on with the one before.
  if (!line.empty() && (line.front() == ' ' || line.front() == '\t')) {
    field_ += ' ';
    field_ += Trim(line);
    return false;
  }
  PULLPROOF_RETURN_IF_ERROR(FinishField());
  if (!line.empty()) {
    field_ = line;
    return false;
  }
  if (response_.status < 200) {  // an interim answer; the next line is a status line again
    response_ = {};
    return false;
  }
  PULLPROOF_RETURN_IF_ERROR(CheckLengths());
  complete_ = true;
  return true;
}

// HTTP/1.1 SP 3DIGIT SP reason; HTTP/2 has no reason.
Result<void> ResponseHead::TakeStatusLine(std::string_view line) {
  const std::size_t blank = line.find(' ');
  const std::string_view code =
      blank == std::string_view::npos ? std::string_view() : line.substr(blank + 1, 3);
  const char* const end = code.data() + code.size();
  int status = 0;
  const bool is_number = code.size() == 3 && std::from_chars(code.data(), end, status).ptr == end;
  if (!line.starts_with("HTTP/") || !is_number || status < 100) {
    return NotHttp(fmt::format("`{}` is no status line", Quote(line)));
  }
  response_.status = status;
  return {};
}

Result<void> ResponseHead::FinishField() {
  const std::string field = std::exchange(field_, {});
  if (field.empty()) return {};
  const std::size_t colon = field.find(':');
  if (colon == std::string::npos || colon == 0) {
    return NotHttp(fmt::format("a header line without a name: `{}`", Quote(field)));
  }
  response_.headers.Add(field.substr(0, colon),
                        std::string(Trim(std::string_view(field).substr(colon + 1))));
  return {};
}

// One length, said as often as the server likes (RFC 9112 section 6.3).
Result<void> ResponseHead::CheckLengths() const {
  const auto joined = response_.headers.Joined("Content-Length");
  if (!joined) return {};
  std::optional<std::int64_t> length;
  for (const std::string_view part : Split(*joined, ',')) {
    const auto value = ParseLength(Trim(part));
    if (!value) return NotHttp(fmt::format("`{}` is no Content-Length", Quote(*joined)));
    if (length && *length != *value) {
      return NotHttp(fmt::format("contradictory Content-Lengths: {}", Quote(*joined)));
    }
    length = value;
  }
  return {};
}

}  // namespace pullproof::resolver::transport
