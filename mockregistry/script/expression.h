// A regular expression that cannot hurt: ECMAScript without back-references, compiled once, matched
// in time linear in the text.
// Grammar: ECMA-262, as std::regex has it.
#ifndef PULLPROOF_MOCKREGISTRY_SCRIPT_EXPRESSION_H_
#define PULLPROOF_MOCKREGISTRY_SCRIPT_EXPRESSION_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace pullproof::mockregistry::script {

// Immutable and thread-safe; copies share the compiled form.
class Expression {
 public:
  // Longer ones cannot be read by people either.
  static constexpr std::size_t kMaxLength = 256;
  // Length times all repeat counts, which bounds the states of the automaton, and with them the
  // depth of the library's recursion: 64 hexadecimal digits are 20 x 64.
  static constexpr std::size_t kMaxExpanded = 8192;
  // Nothing that rules look at is longer in an honest request: targets, names, header values.
  static constexpr std::size_t kMaxText = 4096;

  // Error: script.expression (too long, a back-reference, repeats that multiply, bad syntax).
  static Result<Expression> Compile(std::string_view text);

  // True if it describes the whole text; a text over kMaxText is never matched.
  [[nodiscard]] bool Matches(std::string_view text) const;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  struct Compiled;  // keeps <regex> out of everybody's way
  Expression(std::string text, std::shared_ptr<const Compiled> compiled)
      : text_(std::move(text)), compiled_(std::move(compiled)) {}

  std::string text_;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_MOCKREGISTRY_SCRIPT_EXPRESSION_H_
