#include "resolver/manifest/semver.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::resolver::manifest {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsIdentifierCharacter(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}
bool IsNumeric(std::string_view text) { return std::ranges::all_of(text, IsDigit); }

// Takes "digits" off the front: no leading zero, no more than fits.
std::optional<std::uint64_t> TakeNumber(std::string_view& text) {
  const std::size_t length =
      std::min(static_cast<std::size_t>(std::ranges::find_if_not(text, IsDigit) - text.begin()),
               text.size());
  if (length == 0 || (length > 1 && text.front() == '0')) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + length, number);
  if (error != std::errc{} || end != text.data() + length) return std::nullopt;
  text.remove_prefix(length);
  return number;
}

bool TakeCharacter(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool TakeWildcard(std::string_view& text) {
  return TakeCharacter(text, '*') || TakeCharacter(text, 'x') || TakeCharacter(text, 'X');
}

// Dotted identifiers, none empty; in a pre-release no number has a leading zero.
bool AreIdentifiers(std::string_view text, bool in_pre_release) {
  return std::ranges::all_of(Split(text, '.'), [&](std::string_view identifier) {
    if (identifier.empty() || !std::ranges::all_of(identifier, IsIdentifierCharacter)) return false;
    return !(in_pre_release && identifier.size() > 1 && identifier.front() == '0' &&
             IsNumeric(identifier));
  });
}

// Takes "[-PRE][+BUILD]", which must be all that is left, and gives PRE.
std::optional<std::string> TakeSuffix(std::string_view text) {
  std::string pre;
  if (TakeCharacter(text, '-')) {
    const std::string_view found = text.substr(0, text.find('+'));
    if (!AreIdentifiers(found, true)) return std::nullopt;
    pre = found;
    text.remove_prefix(found.size());
  }
  if (TakeCharacter(text, '+')) {
    if (!AreIdentifiers(text, false)) return std::nullopt;
    text = {};
  }
  if (!text.empty()) return std::nullopt;
  return pre;
}

std::strong_ordering CompareIdentifiers(std::string_view a, std::string_view b) {
  const bool a_is_number = IsNumeric(a);
  const bool b_is_number = IsNumeric(b);
  if (a_is_number != b_is_number) {
    return a_is_number ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  // Without leading zeros the longer number is the greater one, however long it is.
  if (a_is_number && a.size() != b.size()) return a.size() <=> b.size();
  return a <=> b;
}

std::strong_ordering ComparePre(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) {
    if (a.empty() == b.empty()) return std::strong_ordering::equal;
    return a.empty() ? std::strong_ordering::greater : std::strong_ordering::less;
  }
  const auto left = Split(a, '.');
  const auto right = Split(b, '.');
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    if (const auto order = CompareIdentifiers(left[i], right[i]); order != 0) return order;
  }
  return left.size() <=> right.size();
}

std::unexpected<Error> FailVersion(std::string_view text) {
  return Fail("semver.syntax",
              fmt::format("\"{}\" is no semantic version", text.substr(0, kMaxVersionText)), {},
              "a version is MAJOR.MINOR.PATCH, perhaps with -PRERELEASE");
}

std::unexpected<Error> FailRequirement(std::string_view text, std::string_view why) {
  return Fail(
      "semver.requirement",
      fmt::format("\"{}\" is no version requirement: {}", text.substr(0, kMaxVersionText), why), {},
      "write \"1.2\" for anything compatible with it, or \">=1, <3\"");
}

}  // namespace

Result<Version> Version::Parse(std::string_view text) {
  std::string_view rest = text;
  if (text.size() > kMaxVersionText) return FailVersion(text);
  std::array<std::uint64_t, 3> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i != 0 && !TakeCharacter(rest, '.')) return FailVersion(text);
    const auto number = TakeNumber(rest);
    if (!number) return FailVersion(text);
    numbers[i] = *number;
  }
  auto pre = TakeSuffix(rest);
  if (!pre) return FailVersion(text);
  Version version;
  version.major_ = numbers[0];
  version.minor_ = numbers[1];
  version.patch_ = numbers[2];
  version.pre_ = *std::move(pre);
  return version;
}

std::string Version::ToString() const {
  return fmt::format("{}.{}.{}{}{}", major_, minor_, patch_, pre_.empty() ? "" : "-", pre_);
}

std::strong_ordering Version::operator<=>(const Version& other) const {
  if (const auto order = major_ <=> other.major_; order != 0) return order;
  if (const auto order = minor_ <=> other.minor_; order != 0) return order;
  if (const auto order = patch_ <=> other.patch_; order != 0) return order;
  return ComparePre(pre_, other.pre_);
}

Result<Requirement::Comparator> Requirement::ParseComparator(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, Operator>, 7> kOperators{{
      {">=", Operator::kGreaterEqual},
      {"<=", Operator::kLessEqual},
      {">", Operator::kGreater},
      {"<", Operator::kLess},
      {"=", Operator::kExact},
      {"~", Operator::kTilde},
      {"^", Operator::kCaret},
  }};
  std::string_view rest = text;
  Comparator wanted;
  bool written = false;
  for (const auto& [sign, op] : kOperators) {
    if (!rest.starts_with(sign)) continue;
    rest.remove_prefix(sign.size());
    wanted.op = op;
    written = true;
    break;
  }
  rest = Trim(rest);
  const auto major = TakeNumber(rest);
  if (!major) return FailRequirement(text, "a number is missing");
  wanted.major = *major;
  bool wildcard = false;
  for (auto* const part : {&wanted.minor, &wanted.patch}) {
    if (!TakeCharacter(rest, '.')) break;
    if (TakeWildcard(rest)) {
      wildcard = true;
      continue;
    }
    if (wildcard) return FailRequirement(text, "there is more behind a wildcard");
    *part = TakeNumber(rest);
    if (!*part) return FailRequirement(text, "a number is missing");
  }
  if (wildcard && !written) wanted.op = Operator::kWildcard;
  if (wanted.patch) {
    auto pre = TakeSuffix(rest);
    if (!pre) return FailRequirement(text, "a version is MAJOR.MINOR.PATCH[-PRERELEASE]");
    wanted.pre = *std::move(pre);
  } else if (!rest.empty()) {
    return FailRequirement(text, "only a full version may have more behind it");
  }
  return wanted;
}

Result<Requirement> Requirement::Parse(std::string_view text) {
  if (text.size() > kMaxVersionText) return FailRequirement(text, "it is too long");
  Requirement requirement;
  std::string_view rest = Trim(text);
  if (rest.empty()) return FailRequirement(text, "it is empty");
  if (std::string_view star = rest; TakeWildcard(star)) {
    if (star.empty()) return requirement;
    return FailRequirement(text, "a wildcard stands alone");
  }
  for (const std::string_view part : Split(rest, ',')) {
    if (requirement.comparators_.size() == kMaxComparators) {
      return FailRequirement(text, "it has too many parts");
    }
    PULLPROOF_ASSIGN_OR_RETURN(Comparator wanted, ParseComparator(Trim(part)));
    requirement.comparators_.push_back(std::move(wanted));
  }
  return requirement;
}

Requirement Requirement::Exactly(const Version& version) {
  Requirement requirement;
  requirement.comparators_.push_back(
      {Operator::kExact, version.major_, version.minor_, version.patch_, version.pre_});
  return requirement;
}

bool Requirement::Exact(const Comparator& wanted, const Version& version) {
  return version.major_ == wanted.major &&
         version.minor_ == wanted.minor.value_or(version.minor_) &&
         version.patch_ == wanted.patch.value_or(version.patch_) && version.pre_ == wanted.pre;
}

bool Requirement::Greater(const Comparator& wanted, const Version& version) {
  if (version.major_ != wanted.major) return version.major_ > wanted.major;
  if (!wanted.minor) return false;
  if (version.minor_ != *wanted.minor) return version.minor_ > *wanted.minor;
  if (!wanted.patch) return false;
  if (version.patch_ != *wanted.patch) return version.patch_ > *wanted.patch;
  return ComparePre(version.pre_, wanted.pre) > 0;
}

bool Requirement::Less(const Comparator& wanted, const Version& version) {
  if (version.major_ != wanted.major) return version.major_ < wanted.major;
  if (!wanted.minor) return false;
  if (version.minor_ != *wanted.minor) return version.minor_ < *wanted.minor;
  if (!wanted.patch) return false;
  if (version.patch_ != *wanted.patch) return version.patch_ < *wanted.patch;
  return ComparePre(version.pre_, wanted.pre) < 0;
}

bool Requirement::Tilde(const Comparator& wanted, const Version& version) {
  if (version.major_ != wanted.major) return false;
  if (wanted.minor && version.minor_ != *wanted.minor) return false;
  if (wanted.patch && version.patch_ != *wanted.patch) return version.patch_ > *wanted.patch;
  return ComparePre(version.pre_, wanted.pre) >= 0;
}

bool Requirement::Caret(const Comparator& wanted, const Version& version) {
  if (version.major_ != wanted.major) return false;
  if (!wanted.minor) return true;
  if (!wanted.patch) {
    return wanted.major > 0 ? version.minor_ >= *wanted.minor : version.minor_ == *wanted.minor;
  }
  if (wanted.major > 0) {
    if (version.minor_ != *wanted.minor) return version.minor_ > *wanted.minor;
    if (version.patch_ != *wanted.patch) return version.patch_ > *wanted.patch;
  } else if (*wanted.minor > 0) {
    if (version.minor_ != *wanted.minor) return false;
    if (version.patch_ != *wanted.patch) return version.patch_ > *wanted.patch;
  } else if (version.minor_ != *wanted.minor || version.patch_ != *wanted.patch) {
    return false;
  }
  return ComparePre(version.pre_, wanted.pre) >= 0;
}

bool Requirement::MatchesOne(const Comparator& wanted, const Version& version) {
  switch (wanted.op) {
    case Operator::kExact:
    case Operator::kWildcard:
      return Exact(wanted, version);
    case Operator::kGreater:
      return Greater(wanted, version);
    case Operator::kGreaterEqual:
      return Exact(wanted, version) || Greater(wanted, version);
    case Operator::kLess:
      return Less(wanted, version);
    case Operator::kLessEqual:
      return Exact(wanted, version) || Less(wanted, version);
    case Operator::kTilde:
      return Tilde(wanted, version);
    case Operator::kCaret:
      return Caret(wanted, version);
  }
  return false;
}

bool Requirement::Matches(const Version& version) const {
  const bool all = std::ranges::all_of(
      comparators_, [&](const Comparator& wanted) { return MatchesOne(wanted, version); });
  if (!all || version.pre_.empty()) return all;
  return std::ranges::any_of(comparators_, [&](const Comparator& wanted) {
    return wanted.major == version.major_ && wanted.minor == version.minor_ &&
           wanted.patch == version.patch_ && !wanted.pre.empty();
  });
}

}  // namespace pullproof::resolver::manifest
