#include "mockregistry/script/expression.h"

#include <algorithm>
#include <charconv>
#include <regex>
#include <utility>

#include <fmt/format.h>

namespace pullproof::mockregistry::script {
namespace {

// What makes an expression dangerous, read off its text.
struct Survey {
  bool has_back_reference = false;
  std::size_t repeats =
      1;  // product of all counts, as if they were nested; never above kMaxExpanded
};

// The largest count of "{2}", "{2,5}", "{2,}"; 1 for what is none.
std::size_t RepeatCount(std::string_view braces) {
  std::size_t count = 1;
  for (std::size_t at = 0; at < braces.size(); ++at) {
    std::size_t number = 0;
    const auto [end, failure] =
        std::from_chars(braces.data() + at, braces.data() + braces.size(), number);
    if (failure == std::errc::result_out_of_range) return Expression::kMaxExpanded;
    if (failure != std::errc{}) continue;
    count = std::max(count, number);
    at = static_cast<std::size_t>(end - braces.data());
  }
  return std::min(count, Expression::kMaxExpanded);
}

Survey Examine(std::string_view text) {
  Survey survey;
  bool in_class = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
      const bool is_digit = i < text.size() && text[i] >= '1' && text[i] <= '9';
      survey.has_back_reference = survey.has_back_reference || is_digit;
    } else if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
    } else if (c == '{') {
      const std::size_t end = std::min(text.find('}', i), text.size());
      survey.repeats = std::min(survey.repeats * RepeatCount(text.substr(i + 1, end - i - 1)),
                                Expression::kMaxExpanded);
      i = end;
    }
  }
  return survey;
}

std::unexpected<Error> Refuse(std::string_view text, std::string_view why, std::string hint = {}) {
  return Fail("script.expression", fmt::format("the expression `{}` {}", text, why), {},
              std::move(hint));
}

}  // namespace

struct Expression::Compiled {
  std::regex regex;
};

Result<Expression> Expression::Compile(std::string_view text) {
  if (text.size() > kMaxLength) {
    return Refuse(text.substr(0, 32), fmt::format("… is longer than {} bytes", kMaxLength));
  }
  const Survey survey = Examine(text);
  if (survey.has_back_reference) {
    return Refuse(text, "has a back-reference, which can take for ever to match");
  }
  if (survey.repeats * text.size() > kMaxExpanded) {
    return Refuse(text, "repeats too much", "use `*` or `+` instead of large counts");
  }
  try {
    // __polynomial: the library's breadth-first engine, which does not back-track.
    constexpr auto kFlags = std::regex::ECMAScript | std::regex::nosubs | std::regex::optimize |
                            std::regex_constants::__polynomial;
    auto compiled = std::make_shared<Compiled>();
    compiled->regex.assign(text.begin(), text.end(), kFlags);
    return Expression(std::string(text), std::move(compiled));
  } catch (const std::regex_error& error) {
    return Refuse(text, fmt::format("is not valid: {}", error.what()));
  }
}

bool Expression::Matches(std::string_view text) const {
  return text.size() <= kMaxText && std::regex_match(text.begin(), text.end(), compiled_->regex);
}

}  // namespace pullproof::mockregistry::script
