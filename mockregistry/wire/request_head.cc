#include "mockregistry/wire/request_head.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "base/text.h"
#include "mockregistry/wire/limits.h"

namespace pullproof::mockregistry::wire {
namespace {

// RFC 9110 section 5.6.2.
bool IsToken(std::string_view text) {
  constexpr std::string_view kPunctuation = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kPunctuation.contains(c);
  });
}

bool IsVisible(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; });
}

// Whether the comma-separated list in that header names the word.
bool Lists(const oci::Headers& headers, std::string_view name, std::string_view word) {
  const std::string list = headers.Joined(name).value_or("");
  return std::ranges::any_of(
      Split(list, ','), [&](std::string_view item) { return EqualsIgnoreCase(Trim(item), word); });
}

std::expected<void, Refusal> ParseRequestLine(std::string_view line, RequestHead& head) {
  const std::vector<std::string_view> parts = Split(line, ' ');
  if (parts.size() != 3 || !IsToken(parts[0]) || !IsVisible(parts[1]) || !IsVisible(parts[2])) {
    return Refuse(400, "the request line is not METHOD TARGET VERSION");
  }
  head.method = parts[0];
  head.target = parts[1];
  head.version = parts[2];
  return {};
}

std::expected<void, Refusal> ParseHeaderLine(std::string_view line, RequestHead& head) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) {
    return Refuse(400, "a header line is not NAME: VALUE");
  }
  const std::string_view value = Trim(line.substr(colon + 1));
  if (!oci::IsHeaderValue(value)) return Refuse(400, "a header value holds a control character");
  head.headers.Add(std::string(line.substr(0, colon)), std::string(value));
  return {};
}

// RFC 9112 section 3.2.
std::expected<void, Refusal> CheckHost(const RequestHead& head) {
  const std::size_t hosts = head.headers.All("Host").size();
  if (hosts > 1 || (hosts == 0 && head.version == "HTTP/1.1")) {
    return Refuse(400, "a request has exactly one Host header");
  }
  return {};
}

std::expected<void, Refusal> ReadTransferEncoding(RequestHead& head) {
  const std::optional<std::string> coding = head.headers.Joined("Transfer-Encoding");
  if (!coding) return {};
  if (head.headers.Has("Content-Length")) {
    return Refuse(400, "Content-Length and Transfer-Encoding exclude each other");
  }
  if (head.version != "HTTP/1.1") return Refuse(400, "Transfer-Encoding needs HTTP/1.1");
  if (!EqualsIgnoreCase(*coding, "chunked")) {
    return Refuse(501, "the only known transfer coding is chunked");
  }
  head.framing = BodyFraming::kChunked;
  return {};
}

std::expected<void, Refusal> ReadContentLength(RequestHead& head) {
  const std::vector<std::string> lengths = head.headers.All("Content-Length");
  if (lengths.empty()) return {};
  const std::string& text = lengths.front();
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, head.length);
  if (lengths.size() > 1 || error == std::errc::invalid_argument || stopped != end) {
    return Refuse(400, "Content-Length is not one decimal number");
  }
  if (error == std::errc::result_out_of_range || head.length > kMaxBody) {
    return Refuse(413, "the body is larger than 1 GiB");
  }
  head.framing = BodyFraming::kLength;
  return {};
}

std::expected<void, Refusal> ReadExpectation(RequestHead& head) {
  const std::optional<std::string> expectation = head.headers.Joined("Expect");
  if (!expectation || head.version != "HTTP/1.1") return {};
  if (!EqualsIgnoreCase(*expectation, "100-continue")) {
    return Refuse(417, "the only known expectation is 100-continue");
  }
  head.expects_continue = true;
  return {};
}

}  // namespace

std::expected<std::optional<std::size_t>, Refusal> HeadScanner::Scan(std::string_view input) {
  while (true) {
    const std::size_t line_feed = input.find('\n', line_start_);
    const std::size_t reached = std::min(line_feed, input.size());
    if (lines_ == 0 && reached - line_start_ > kMaxRequestLine + 1) {  // 1: the CR
      return Refuse(414, "the request line is longer than 8190 bytes");
    }
    if (reached >= kMaxHeadBytes) return Refuse(431, "the request's head is larger than 64 KiB");
    if (line_feed == std::string_view::npos) return std::nullopt;
    const std::string_view line = input.substr(line_start_, line_feed - line_start_);
    if (!line.ends_with('\r')) return Refuse(400, "a line does not end in CR LF");
    line_start_ = line_feed + 1;
    // An empty line before the request line is skipped: RFC 9112 section 2.2.
    if (line == "\r" && lines_ == 0) continue;
    if (line == "\r") return line_start_;
    if (++lines_ > kMaxHeaderLines + 1) {  // 1: the request line
      return Refuse(431, "there are more than 256 header lines");
    }
  }
}

std::expected<RequestHead, Refusal> ParseHead(std::string_view head) {
  RequestHead parsed;
  bool first = true;
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    if (end == std::string_view::npos) return Refuse(400, "a line does not end in CR LF");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    if (line.empty()) continue;
    const auto accepted = first ? ParseRequestLine(line, parsed) : ParseHeaderLine(line, parsed);
    if (!accepted) return std::unexpected(accepted.error());
    first = false;
  }
  if (first) return Refuse(400, "the request line is not METHOD TARGET VERSION");
  if (auto checked = CheckHost(parsed); !checked) return std::unexpected(checked.error());
  for (const auto read : {ReadTransferEncoding, ReadContentLength, ReadExpectation}) {
    if (auto done = read(parsed); !done) return std::unexpected(done.error());
  }
  parsed.persists = parsed.version == "HTTP/1.1" && !Lists(parsed.headers, "Connection", "close");
  return parsed;
}

}  // namespace pullproof::mockregistry::wire
