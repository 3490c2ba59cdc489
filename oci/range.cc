#include "oci/range.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::oci {
namespace {

constexpr std::string_view kUnit = "bytes";

std::unexpected<Error> FailRange(std::string_view value) {
  return Fail("range.syntax", fmt::format("`{}` is not a byte range", value.substr(0, 200)));
}

}  // namespace

std::optional<std::uint64_t> ParseOffset(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() ||
      number > static_cast<std::uint64_t>(INT64_MAX)) {
    return std::nullopt;
  }
  return number;
}

Result<std::vector<ByteRange>> ByteRange::ParseHeader(std::string_view value) {
  const std::size_t equals = value.find('=');
  if (equals == std::string_view::npos || !EqualsIgnoreCase(value.substr(0, equals), kUnit)) {
    return FailRange(value);
  }
  std::vector<ByteRange> ranges;
  for (const std::string_view part : Split(value.substr(equals + 1), ',')) {
    const std::string_view text = Trim(part);
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos || ranges.size() == kMaxRanges) return FailRange(value);
    const auto first = ParseOffset(text.substr(0, dash));
    const auto last = ParseOffset(text.substr(dash + 1));
    const bool first_written = dash != 0;
    const bool last_written = dash + 1 != text.size();
    if (first_written != first.has_value() || last_written != last.has_value() ||
        (!first && !last) || (first && last && *first > *last)) {
      return FailRange(value);
    }
    ranges.push_back(ByteRange(first, last));
  }
  return ranges;
}

std::optional<ByteSpan> ByteRange::Within(std::uint64_t size) const {
  if (!first_) {
    if (*last_ == 0 || size == 0) return std::nullopt;
    return ByteSpan{size - std::min(*last_, size), size - 1};
  }
  if (*first_ >= size) return std::nullopt;
  return ByteSpan{*first_, std::min(last_.value_or(size - 1), size - 1)};
}

Result<ContentRange> ContentRange::Parse(std::string_view value) {
  const std::size_t blank = value.find(' ');
  const std::size_t slash = value.find('/');
  if (blank == std::string_view::npos || slash == std::string_view::npos || slash < blank ||
      !EqualsIgnoreCase(value.substr(0, blank), kUnit)) {
    return FailRange(value);
  }
  const std::string_view span = Trim(value.substr(blank, slash - blank));
  const std::string_view total = value.substr(slash + 1);
  ContentRange range;
  if (total != "*") {
    range.total = ParseOffset(total);
    if (!range.total) return FailRange(value);
  }
  if (span == "*") {
    if (!range.total) return FailRange(value);
    return range;
  }
  const std::size_t dash = span.find('-');
  if (dash == std::string_view::npos) return FailRange(value);
  const auto first = ParseOffset(span.substr(0, dash));
  const auto last = ParseOffset(span.substr(dash + 1));
  if (!first || !last || *first > *last || (range.total && *last >= *range.total)) {
    return FailRange(value);
  }
  range.span = ByteSpan{*first, *last};
  return range;
}

std::string ContentRange::ToString() const {
  const std::string whole = total ? fmt::format("{}", *total) : "*";
  if (!span) return fmt::format("bytes */{}", whole);
  return fmt::format("bytes {}-{}/{}", span->first, span->last, whole);
}

}  // namespace pullproof::oci
