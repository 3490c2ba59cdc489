#include "resolver/registry_client/retry_after.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <vector>

#include "base/text.h"

namespace pullproof::resolver::registry_client {
namespace {

using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

constexpr seconds kYear = std::chrono::hours(24 * 365);

std::optional<int> ParseNumber(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value >= 0 ? std::optional(value) : std::nullopt;
}

std::optional<std::chrono::month> ParseMonth(std::string_view text) {
  constexpr std::array<std::string_view, 12> kNames = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto found = std::ranges::find(kNames, text);
  if (found == kNames.end()) return std::nullopt;
  return std::chrono::month(static_cast<unsigned>(found - kNames.begin()) + 1);
}

// RFC 850's two digits: a year more than 50 years ahead is the last one that ended so.
int FullYear(int two_digits, sys_seconds now) {
  const int this_year = static_cast<int>(
      std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(now)).year());
  const int year = this_year - this_year % 100 + two_digits;
  return year > this_year + 50 ? year - 100 : year;
}

// The words of a date without the punctuation between them.
std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t start = text.find_first_not_of(" ,:-");
    if (start == std::string_view::npos) return words;
    text.remove_prefix(start);
    const std::size_t length = std::min(text.find_first_of(" ,:-"), text.size());
    words.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
}

}  // namespace

std::optional<sys_seconds> ParseHttpDate(std::string_view text, sys_seconds now) {
  const std::vector<std::string_view> words = Words(text);
  // Sun, 06 Nov 1994 08:49:37 GMT · Sunday, 06-Nov-94 08:49:37 GMT · Sun Nov  6 08:49:37 1994
  const bool is_gmt = words.size() == 8 && words[7] == "GMT";
  if (!is_gmt && words.size() != 7) return std::nullopt;
  const auto day = ParseNumber(words[is_gmt ? 1 : 2]);
  const auto month = ParseMonth(words[is_gmt ? 2 : 1]);
  const std::string_view year_word = words[is_gmt ? 3 : 6];
  const auto year = ParseNumber(year_word);
  const std::size_t time = is_gmt ? 4 : 3;
  const auto hour = ParseNumber(words[time]);
  const auto minute = ParseNumber(words[time + 1]);
  const auto second = ParseNumber(words[time + 2]);
  if (!day || !month || !year || !hour || !minute || !second) return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 60 || *year > 9999) return std::nullopt;
  const std::chrono::year_month_day date(
      std::chrono::year(year_word.size() == 2 ? FullYear(*year, now) : *year), *month,
      std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         seconds(*second);
}

std::optional<seconds> ParseRetryAfter(std::string_view value,
                                       std::chrono::system_clock::time_point now) {
  value = Trim(value);
  std::optional<seconds> wait;
  if (!value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    wait = error == std::errc() ? seconds(std::min(number, kYear.count())) : kYear;
  } else if (const auto date = ParseHttpDate(value, std::chrono::floor<seconds>(now))) {
    wait = std::min(*date - std::chrono::floor<seconds>(now), kYear);
  }
  if (!wait || *wait <= seconds::zero()) return std::nullopt;
  return wait;
}

}  // namespace pullproof::resolver::registry_client
