#include "resolver/manifest/identifier.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::resolver::manifest {
namespace {

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::unexpected<Error> FailId(std::string message) { return Fail("spin.id", std::move(message)); }

// The whole UTF-8 character at the front: half of one would be no text.
std::string_view FirstCharacter(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) {
    ++length;
  }
  return text.substr(0, length);
}

enum class Case { kAnyPerWord, kLower };

Result<void> CheckWord(std::string_view word, char delimiter) {
  if (word.empty()) return FailId(fmt::format("'{}'-separated words must not be empty", delimiter));
  if (!IsUpper(word[0]) && !IsLower(word[0])) {
    return FailId(fmt::format("'{}'-separated words must start with an ASCII letter; got '{}'",
                              delimiter, FirstCharacter(word)));
  }
  for (std::size_t i = 1; i < word.size(); ++i) {
    const char c = word[i];
    if (IsDigit(c)) continue;
    if (!IsUpper(c) && !IsLower(c)) {
      return FailId(
          fmt::format("'{}'-separated words may only contain alphanumeric ASCII; got '{}'",
                      delimiter, FirstCharacter(word.substr(i))));
    }
    if (IsUpper(c) != IsUpper(word[0])) {
      return FailId(
          fmt::format("'{}'-separated words must be all lowercase or all UPPERCASE; got \"{}\"",
                      delimiter, word));
    }
  }
  return {};
}

Result<void> CheckWords(std::string_view id, char delimiter, Case letters) {
  const char other = delimiter == '-' ? '_' : '-';
  if (id.empty()) return FailId("empty");
  if (id.contains(other)) {
    return FailId(fmt::format("words must be separated with '{}', not '{}'", delimiter, other));
  }
  for (const std::string_view word : Split(id, delimiter)) {
    PULLPROOF_RETURN_IF_ERROR(CheckWord(word, delimiter));
  }
  if (letters == Case::kLower && std::ranges::any_of(id, IsUpper)) {
    return FailId(fmt::format("Lower-case identifiers must be all lowercase; got \"{}\"", id));
  }
  return {};
}

}  // namespace

Result<void> CheckKebabId(std::string_view id) { return CheckWords(id, '-', Case::kAnyPerWord); }

Result<void> CheckLowerSnakeId(std::string_view id) { return CheckWords(id, '_', Case::kLower); }

Result<void> CheckStoreLabel(std::string_view label) {
  if (CheckWords(label, '-', Case::kAnyPerWord).has_value()) return {};
  if (CheckWords(label, '_', Case::kAnyPerWord).has_value()) return {};
  return FailId(fmt::format("expected kebab-case or snake_case; got \"{}\"", label));
}

Result<void> CheckPackageName(std::string_view name) {
  const auto parts = Split(name, ':');
  if (parts.size() != 2) {
    return FailId(fmt::format("a package is NAMESPACE:NAME; got \"{}\"", name));
  }
  for (const std::string_view part : parts) {
    PULLPROOF_RETURN_IF_ERROR(CheckWords(part, '-', Case::kLower));
  }
  return {};
}

}  // namespace pullproof::resolver::manifest
