#include "mockregistry/wire/chunked_body.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "mockregistry/wire/limits.h"

namespace pullproof::mockregistry::wire {
namespace {

// Takes one line without its CR LF off the input; nullopt while it is not whole.
std::expected<std::optional<std::string_view>, Refusal> TakeLine(std::string_view& input) {
  const std::size_t line_feed = input.find('\n');
  if (std::min(line_feed, input.size()) > kMaxChunkLine) {
    return Refuse(400, "a line between chunks is longer than 1024 bytes");
  }
  if (line_feed == std::string_view::npos) return std::nullopt;
  const std::string_view line = input.substr(0, line_feed);
  if (!line.ends_with('\r')) return Refuse(400, "a line between chunks does not end in CR LF");
  input.remove_prefix(line_feed + 1);
  return line.substr(0, line.size() - 1);
}

}  // namespace

std::expected<bool, Refusal> ChunkedBody::Decode(std::string_view& input, std::string& body) {
  while (state_ != State::kDone) {
    const auto moved = Step(input, body);
    if (!moved) return std::unexpected(moved.error());
    if (!*moved) return false;
  }
  return true;
}

// False when it needs more input.
std::expected<bool, Refusal> ChunkedBody::Step(std::string_view& input, std::string& body) {
  switch (state_) {
    case State::kSize:
      return ReadSize(input, body.size());
    case State::kData: {
      const std::string_view data = input.substr(0, left_);
      body += data;
      input.remove_prefix(data.size());
      left_ -= data.size();
      if (left_ == 0) state_ = State::kDataEnd;
      return left_ == 0;
    }
    case State::kDataEnd:
      return ReadDataEnd(input);
    case State::kTrailer:
      return ReadTrailer(input);
    case State::kDone:
      return true;
  }
  return true;
}

std::expected<bool, Refusal> ChunkedBody::ReadSize(std::string_view& input, std::size_t decoded) {
  const auto line = TakeLine(input);
  if (!line) return std::unexpected(line.error());
  if (!*line) return false;
  const std::string_view digits = Trim((*line)->substr(0, (*line)->find(';')));
  const char* const end = digits.data() + digits.size();
  // The type has no sign, so that "-2" stops at its first character.
  const auto [stopped, error] = std::from_chars(digits.data(), end, left_, 16);
  if (error == std::errc::invalid_argument || stopped != end || !(*line)->starts_with(digits)) {
    return Refuse(400, "a chunk's size is not a hexadecimal number");
  }
  if (error == std::errc::result_out_of_range || left_ > kMaxBody - decoded) {
    return Refuse(413, "the body is larger than 1 GiB");
  }
  state_ = left_ == 0 ? State::kTrailer : State::kData;
  return true;
}

std::expected<bool, Refusal> ChunkedBody::ReadDataEnd(std::string_view& input) {
  constexpr std::string_view kEnd = "\r\n";
  if (!kEnd.starts_with(input.substr(0, kEnd.size()))) {
    return Refuse(400, "a chunk is longer than its size says");
  }
  if (input.size() < kEnd.size()) return false;
  input.remove_prefix(kEnd.size());
  state_ = State::kSize;
  return true;
}

std::expected<bool, Refusal> ChunkedBody::ReadTrailer(std::string_view& input) {
  const auto line = TakeLine(input);
  if (!line) return std::unexpected(line.error());
  if (!*line) return false;
  if ((*line)->empty()) {
    state_ = State::kDone;
  } else if (++trailers_ > kMaxTrailerLines) {
    return Refuse(400, "there are more than 64 trailer lines");
  }
  return true;
}

}  // namespace pullproof::mockregistry::wire
