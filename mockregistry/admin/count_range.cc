#include "mockregistry/admin/count_range.h"

#include <charconv>

#include <fmt/format.h>

namespace pullproof::mockregistry::admin {
namespace {

std::optional<std::uint64_t> Number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc{} || stopped != end) return std::nullopt;
  return number;
}

std::optional<CountRange> Parse(std::string_view text) {
  const std::size_t dots = text.find("..");
  const std::optional<std::uint64_t> low = Number(text.substr(0, dots));
  if (!low) return std::nullopt;
  if (dots == std::string_view::npos) return CountRange{.low = *low, .high = *low};
  const std::string_view rest = text.substr(dots + 2);
  if (rest.empty()) return CountRange{.low = *low, .high = std::nullopt};
  const std::optional<std::uint64_t> high = Number(rest);
  if (!high || *high < *low) return std::nullopt;
  return CountRange{.low = *low, .high = high};
}

}  // namespace

Result<CountRange> CountRange::Read(const Node& node) {
  std::optional<CountRange> range;
  if (const std::int64_t* number = node.integer(); number != nullptr && *number >= 0) {
    const auto count = static_cast<std::uint64_t>(*number);
    range = CountRange{.low = count, .high = count};
  } else if (const std::string* text = node.string()) {
    range = Parse(*text);
  }
  if (range) return *range;
  return Fail("admin.count", "a count is neither a number nor a range", {},
              R"(write 2, "1..", or "0..3")");
}

std::string CountRange::Describe() const {
  if (!high) return fmt::format("at least {}", low);
  if (*high == low) return fmt::format("exactly {}", low);
  return fmt::format("{} to {}", low, *high);
}

}  // namespace pullproof::mockregistry::admin
