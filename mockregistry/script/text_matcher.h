// One text, matched exactly, by glob, by expression, or by being there at all.
// Format: docs/fixtures.md "matcher".
#ifndef PULLPROOF_MOCKREGISTRY_SCRIPT_TEXT_MATCHER_H_
#define PULLPROOF_MOCKREGISTRY_SCRIPT_TEXT_MATCHER_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/table_reader.h"
#include "mockregistry/script/expression.h"

namespace pullproof::mockregistry::script {

// "exact" · { glob } · { re } · { present }. The first three mean the whole text. Immutable and
// thread-safe.
class TextMatcher {
 public:
  // `what` names the value in messages: "`repo` of rule `cut`". Reports script.matcher (none or
  // several of the kinds), script.expression and model.*.
  static std::optional<TextMatcher> Read(const Node& node, const std::string& what,
                                         Diagnostics& problems);

  // `value` is nullopt when the header or parameter is absent.
  [[nodiscard]] bool Matches(std::optional<std::string_view> value) const;
  // True if it certainly matches whatever `other` matches; false says nothing.
  [[nodiscard]] bool Includes(const TextMatcher& other) const;
  // The only text that it matches, if it is of that kind.
  [[nodiscard]] std::optional<std::string_view> OnlyText() const {
    const Exact* exact = std::get_if<Exact>(&kind_);
    return exact == nullptr ? std::nullopt : std::optional<std::string_view>(exact->text);
  }

 private:
  struct Exact {
    std::string text;
    bool operator==(const Exact&) const = default;
  };
  struct Glob {
    std::string pattern;
    bool operator==(const Glob&) const = default;
  };
  struct Present {
    bool present;
    bool operator==(const Present&) const = default;
  };
  using Kind = std::variant<Exact, Glob, Expression, Present>;

  explicit TextMatcher(Kind kind) : kind_(std::move(kind)) {}
  static std::optional<Kind> ReadKind(TableReader& reader);

  Kind kind_;
};

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_MOCKREGISTRY_SCRIPT_TEXT_MATCHER_H_
