// The patterns of `files` and `exclude_files`: the dialect of the Rust crate `glob`, which Spin
// uses. `*` and `?` are any characters and any one, `[a-z]` and `[!a-z]` one out of a set, `**` as
// a whole segment any number of directories. Case counts, and a leading dot is like any character.
#ifndef PULLPROOF_RESOLVER_SOURCES_GLOB_H_
#define PULLPROOF_RESOLVER_SOURCES_GLOB_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace pullproof::resolver::sources {

// True if the text has a character with a meaning in patterns.
bool HasGlobCharacters(std::string_view text);

class Glob {
 public:
  // Error: files.glob for a `[` without `]`, and for a `**` that is not a whole segment.
  static Result<Glob> Parse(std::string_view pattern);

  // Whether the whole text matches; `*`, `?` and sets also match a slash. To match one name, give
  // a pattern and a text without slashes. The time is bounded by pattern times text.
  [[nodiscard]] bool Matches(std::string_view text) const;

 private:
  struct Token {
    enum class Kind { kCharacter, kAnyCharacter, kAnySequence, kAnyDirectories, kSet };
    Kind kind = Kind::kCharacter;
    std::string text;  // one UTF-8 character, of kCharacter
    bool negated = false;
    std::vector<std::pair<std::string, std::string>> ranges;  // inclusive, of kSet
  };
  static bool MatchesOne(const Token& token, std::string_view character);

  std::vector<Token> tokens_;
};

}  // namespace pullproof::resolver::sources

#endif  // PULLPROOF_RESOLVER_SOURCES_GLOB_H_
