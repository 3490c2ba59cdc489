#include "resolver/sources/glob.h"

#include <algorithm>

#include <fmt/format.h>

namespace pullproof::resolver::sources {
namespace {

// The UTF-8 character at `offset`; a byte on its own where the text is not UTF-8.
std::string_view CharacterAt(std::string_view text, std::size_t offset) {
  std::size_t end = offset + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
  return text.substr(offset, end - offset);
}

std::unexpected<Error> FailGlob(std::string_view pattern, std::string_view why) {
  return Fail("files.glob", fmt::format("the pattern \"{}\" {}", pattern, why));
}

}  // namespace

bool HasGlobCharacters(std::string_view text) {
  return text.find_first_of("?*[]") != std::string_view::npos;
}

Result<Glob> Glob::Parse(std::string_view pattern) {
  Glob glob;
  std::size_t i = 0;
  while (i < pattern.size()) {
    const std::string_view c = CharacterAt(pattern, i);
    if (c == "*") {
      const std::size_t stars = std::min(pattern.find_first_not_of('*', i), pattern.size()) - i;
      const bool starts_segment = i == 0 || pattern[i - 1] == '/';
      const std::size_t after = i + stars;
      const bool ends_segment = after == pattern.size() || pattern[after] == '/';
      if (stars > 2 || (stars == 2 && (!starts_segment || !ends_segment))) {
        return FailGlob(pattern, "has a `**` that is not a whole segment");
      }
      if (stars == 1) {
        glob.tokens_.push_back({Token::Kind::kAnySequence, {}, false, {}});
        i = after;
      } else {
        glob.tokens_.push_back({Token::Kind::kAnyDirectories, {}, false, {}});
        i = std::min(after + 1, pattern.size());  // with the slash behind it
      }
    } else if (c == "?") {
      glob.tokens_.push_back({Token::Kind::kAnyCharacter, {}, false, {}});
      ++i;
    } else if (c == "[") {
      Token set{Token::Kind::kSet, {}, false, {}};
      ++i;
      if (i < pattern.size() && pattern[i] == '!') {
        set.negated = true;
        ++i;
      }
      // A `]` in the first place is a member.
      const std::size_t close = pattern.find(']', i + 1);
      if (i >= pattern.size() || close == std::string_view::npos) {
        return FailGlob(pattern, "has a `[` without a `]`");
      }
      while (i < close) {
        const std::string low(CharacterAt(pattern, i));
        i += low.size();
        std::string high = low;
        if (i + 1 < close && pattern[i] == '-') {
          high = CharacterAt(pattern, i + 1);
          i += 1 + high.size();
        }
        set.ranges.emplace_back(low, std::move(high));
      }
      i = close + 1;
      glob.tokens_.push_back(std::move(set));
    } else {
      glob.tokens_.push_back({Token::Kind::kCharacter, std::string(c), false, {}});
      i += c.size();
    }
  }
  return glob;
}

bool Glob::MatchesOne(const Token& token, std::string_view character) {
  switch (token.kind) {
    case Token::Kind::kCharacter:
      return token.text == character;
    case Token::Kind::kAnyCharacter:
      return true;
    case Token::Kind::kSet:
      // The bytes of UTF-8 sort as the characters do.
      return token.negated != std::ranges::any_of(token.ranges, [&](const auto& range) {
               return range.first <= character && character <= range.second;
             });
    case Token::Kind::kAnySequence:
    case Token::Kind::kAnyDirectories:
      return false;
  }
  return false;
}

bool Glob::Matches(std::string_view text) const {
  // All places in the pattern at which a match of the text so far may stand, side by side: no
  // pattern makes this slow. `at[t]`: token t comes next; `within[t]`: token t, a `**`, is in the
  // middle of a directory's name, which it must walk over to its slash.
  const std::size_t count = tokens_.size();
  std::vector<bool> at(count + 1, false);
  std::vector<bool> within(count + 1, false);
  const auto skip_empty_runs = [&](std::vector<bool>& places) {
    for (std::size_t t = 0; t < count; ++t) {
      const Token::Kind kind = tokens_[t].kind;
      if (kind == Token::Kind::kAnySequence || kind == Token::Kind::kAnyDirectories) {
        places[t + 1] = places[t + 1] || places[t];
      }
    }
  };
  at[0] = true;
  skip_empty_runs(at);
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view character = CharacterAt(text, i);
    std::vector<bool> next_at(count + 1, false);
    std::vector<bool> next_within(count + 1, false);
    for (std::size_t t = 0; t < count; ++t) {
      if (tokens_[t].kind == Token::Kind::kAnyDirectories) {
        if (at[t] || within[t]) (character == "/" ? next_at : next_within)[t] = true;
      } else if (at[t] && tokens_[t].kind == Token::Kind::kAnySequence) {
        next_at[t] = true;
      } else if (at[t] && MatchesOne(tokens_[t], character)) {
        next_at[t + 1] = true;
      }
    }
    skip_empty_runs(next_at);
    at = std::move(next_at);
    within = std::move(next_within);
    i += character.size();
  }
  // A `**` at the end takes everything that is left.
  return at[count] || (count != 0 && within[count - 1]);
}

}  // namespace pullproof::resolver::sources
