// Contract: matching answers like the plain recursive definition of the dialect, for every pattern
// and text that are short enough to try that way; and a pattern without special characters matches
// itself alone.
//
// Input: a pattern, a line "~~", a text.
#include <string_view>

#include "base/text.h"
#include "fuzz/contract.h"
#include "resolver/sources/glob.h"

namespace {

constexpr std::size_t kMostTried = 24;  // the definition takes time exponential in the pattern

bool IsAscii(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  }
  return true;
}

// One character against the set that starts behind "[" at the front; `end` is behind its "]".
bool InSet(std::string_view pattern, char c, std::size_t& end) {
  std::size_t i = 1;
  const bool negated = pattern[i] == '!';
  if (negated) ++i;
  const std::size_t close = pattern.find(']', i + 1);
  bool found = false;
  while (i < close) {
    const char low = pattern[i++];
    char high = low;
    if (i + 1 < close && pattern[i] == '-') {
      high = pattern[i + 1];
      i += 2;
    }
    found = found || (low <= c && c <= high);
  }
  end = close + 1;
  return found != negated;
}

bool Defined(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.starts_with("**")) {
    const std::string_view rest = pattern.substr(pattern.size() > 2 ? 3 : 2);
    if (rest.empty()) return true;  // at the end it takes everything
    if (Defined(rest, text)) return true;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '/' && Defined(rest, text.substr(i + 1))) return true;
    }
    return false;
  }
  if (pattern.front() == '*') {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (Defined(pattern.substr(1), text.substr(i))) return true;
    }
    return false;
  }
  if (text.empty()) return false;
  if (pattern.front() == '?') return Defined(pattern.substr(1), text.substr(1));
  if (pattern.front() == '[') {
    std::size_t end = 0;
    return InSet(pattern, text.front(), end) && Defined(pattern.substr(end), text.substr(1));
  }
  return pattern.front() == text.front() && Defined(pattern.substr(1), text.substr(1));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using pullproof::resolver::sources::Glob;
  const auto [pattern, text] = pullproof::fuzz::SplitAtTildes(pullproof::fuzz::AsText(data, size));
  const auto glob = Glob::Parse(pattern);
  if (!glob) {
    PULLPROOF_CONTRACT(glob.error().id == "files.glob");
    PULLPROOF_CONTRACT(pullproof::resolver::sources::HasGlobCharacters(pattern));
    return 0;
  }
  const bool matches = glob->Matches(text);
  if (!pullproof::resolver::sources::HasGlobCharacters(pattern)) {
    PULLPROOF_CONTRACT(matches == (pattern == text));
  }
  if (pattern.size() > kMostTried || text.size() > kMostTried) return 0;
  if (!IsAscii(pattern) || !IsAscii(text)) return 0;
  PULLPROOF_CONTRACT(matches == Defined(pattern, text));
  return 0;
}
