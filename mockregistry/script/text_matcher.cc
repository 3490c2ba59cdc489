#include "mockregistry/script/text_matcher.h"

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::mockregistry::script {

std::optional<TextMatcher::Kind> TextMatcher::ReadKind(TableReader& reader) {
  const std::optional<std::string> glob = reader.OptionalString("glob");
  const std::optional<std::string> expression = reader.OptionalString("re");
  const std::optional<bool> present = reader.OptionalBool("present");
  const int stated = static_cast<int>(reader.Has("glob")) + static_cast<int>(reader.Has("re")) +
                     static_cast<int>(reader.Has("present"));
  if (stated != 1) {
    reader.problems().Report("script.matcher", reader.at(),
                             fmt::format("{} has {} of `glob`, `re` and `present`", reader.what(),
                                         stated == 0 ? "none" : "several"),
                             "write a string, or a table with exactly one of them");
    return std::nullopt;
  }
  if (glob) return Glob{*glob};
  if (present) return Present{*present};
  if (!expression) return std::nullopt;
  Result<Expression> compiled = Expression::Compile(*expression);
  if (!compiled) {
    Error& error = compiled.error();
    reader.problems().Report(error.id, reader.PositionOf("re"), error.message, error.hint);
    return std::nullopt;
  }
  return *std::move(compiled);
}

std::optional<TextMatcher> TextMatcher::Read(const Node& node, const std::string& what,
                                             Diagnostics& problems) {
  if (const std::string* text = node.string()) return TextMatcher(Exact{*text});
  if (node.table() == nullptr) {
    problems.Report("model.kind", node.at(),
                    fmt::format("{} must be a string or a table, not {}", what, node.KindName()));
    return std::nullopt;
  }
  TableReader reader(node, what, problems);
  std::optional<Kind> kind = ReadKind(reader);
  reader.Finish();
  if (!kind) return std::nullopt;
  return TextMatcher(*std::move(kind));
}

bool TextMatcher::Matches(std::optional<std::string_view> value) const {
  if (const auto* presence = std::get_if<Present>(&kind_)) {
    return value.has_value() == presence->present;
  }
  if (!value) return false;
  if (const auto* exact = std::get_if<Exact>(&kind_)) return exact->text == *value;
  if (const auto* glob = std::get_if<Glob>(&kind_)) return GlobMatch(glob->pattern, *value);
  return std::get<Expression>(kind_).Matches(*value);
}

bool TextMatcher::Includes(const TextMatcher& other) const {
  if (const auto* exact = std::get_if<Exact>(&other.kind_)) return Matches(exact->text);
  if (const auto* presence = std::get_if<Present>(&kind_); presence != nullptr) {
    const auto* others = std::get_if<Present>(&other.kind_);
    return others != nullptr ? *others == *presence : presence->present;
  }
  if (const auto* expression = std::get_if<Expression>(&kind_)) {
    const auto* others = std::get_if<Expression>(&other.kind_);
    return others != nullptr && others->text() == expression->text();
  }
  const auto* glob = std::get_if<Glob>(&kind_);
  const auto* others = std::get_if<Glob>(&other.kind_);
  return glob != nullptr && others != nullptr && *glob == *others;
}

}  // namespace pullproof::mockregistry::script
