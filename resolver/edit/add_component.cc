#include "resolver/edit/add_component.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"
#include "base/toml_string.h"

namespace pullproof::resolver::edit {
namespace {

// The greatest line on which a name or a value of the node begins.
std::uint32_t LastLine(const Node& node) {
  std::uint32_t last = node.at().line;
  if (const auto* table = node.table()) {
    for (const Node::Member& member : *table) {
      last = std::max({last, member.at.line, LastLine(member.value)});
    }
  } else if (const auto* array = node.array()) {
    for (const Node& item : *array) last = std::max(last, LastLine(item));
  }
  return last;
}

// The least such line after `line`.
std::optional<std::uint32_t> FirstLineAfter(const Node& node, std::uint32_t line) {
  std::optional<std::uint32_t> first;
  const auto consider = [&](std::optional<std::uint32_t> candidate) {
    if (candidate && *candidate > line && (!first || *candidate < *first)) first = candidate;
  };
  consider(node.at().line);
  if (const auto* table = node.table()) {
    for (const Node::Member& member : *table) {
      consider(member.at.line);
      consider(FirstLineAfter(member.value, line));
    }
  } else if (const auto* array = node.array()) {
    for (const Node& item : *array) consider(FirstLineAfter(item, line));
  }
  return first;
}

// Where each line begins, and the end.
std::vector<std::size_t> LineStarts(std::string_view text) {
  std::vector<std::size_t> starts{0};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') starts.push_back(i + 1);
  }
  if (starts.back() != text.size()) starts.push_back(text.size());
  return starts;
}

bool IsBlankOrComment(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  line = Trim(line);
  return line.empty() || line.starts_with('#');
}

// Behind the last component: before the first thing that follows it, and before the comments and
// blanks that lead up to that. Everything that ends a value is neither.
std::optional<std::size_t> BehindComponents(std::string_view text, const Node& document) {
  const Node* components = document.Find("component");
  if (components == nullptr) return std::nullopt;
  const std::uint32_t last = LastLine(*components);
  if (last == 0) return std::nullopt;
  const auto next = FirstLineAfter(document, last);
  if (!next) return std::nullopt;
  const auto starts = LineStarts(text);
  if (*next > starts.size()) return std::nullopt;
  std::size_t line = *next - 1;
  while (line > last &&
         IsBlankOrComment(text.substr(starts[line - 1], starts[line] - starts[line - 1]))) {
    --line;
  }
  return starts[line];
}

std::string WithLineEnds(std::string_view text, std::string_view line_end) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') {
      result += line_end;
    } else {
      result += c;
    }
  }
  return result;
}

std::string Insert(std::string_view text, std::size_t at, const std::string& table) {
  const std::string_view line_end = text.contains("\r\n") ? "\r\n" : "\n";
  std::string before(text.substr(0, at));
  if (!before.empty() && !before.ends_with('\n')) before += line_end;
  const std::string_view after = text.substr(at);
  std::string added = WithLineEnds(table, line_end);
  if (!before.empty()) added.insert(0, line_end);
  // What follows keeps its distance.
  if (!after.empty() && !IsBlankOrComment(after.substr(0, after.find('\n')))) added += line_end;
  if (after.starts_with('#')) added += line_end;
  return before + added + std::string(after);
}

// Whether `edited` says what `original` said, and the new component; nothing else.
bool IsWhatWasMeant(std::string_view edited, const std::string& name, const Node& original,
                    const Addition& addition) {
  auto document = ParseToml(edited, name);
  if (!document || document->table() == nullptr) return false;
  Node* components = document->Find("component");
  Node* added = components == nullptr ? nullptr : components->Find(addition.id);
  const Node* source = added == nullptr ? nullptr : added->Find("source");
  if (source == nullptr || source->table() == nullptr || added->table()->size() != 1 ||
      source->table()->size() != addition.source.size()) {
    return false;
  }
  for (const auto& [member, value] : addition.source) {
    const Node* written = source->Find(member);
    if (written == nullptr || written->string() == nullptr || *written->string() != value) {
      return false;
    }
  }
  std::erase_if(*components->table(),
                [&](const Node::Member& member) { return member.name == addition.id; });
  if (components->table()->empty() && original.Find("component") == nullptr) {
    std::erase_if(*document->table(),
                  [](const Node::Member& member) { return member.name == "component"; });
  }
  const auto now = CanonicalJson(*document);
  const auto then = CanonicalJson(original);
  // A number with a fraction has no canonical form, and cannot be compared.
  return now.has_value() == then.has_value() && (!now || *now == *then);
}

}  // namespace

std::string RenderComponent(const Addition& addition) {
  std::string members;
  for (const auto& [name, value] : addition.source) {
    members += fmt::format("{}{} = {}", members.empty() ? "" : ", ", name, TomlString(value));
  }
  return fmt::format("[component.{}]\nsource = {{ {} }}\n", addition.id, members);
}

Result<std::string> AddComponent(std::string_view text, const std::string& name,
                                 const Addition& addition) {
  PULLPROOF_ASSIGN_OR_RETURN(const Node document, ParseToml(text, name));
  const Node* components = document.Find("component");
  if (components != nullptr && components->Find(addition.id) != nullptr) {
    return Fail("edit.exists", fmt::format("there is a component `{}` already", addition.id),
                FormatPosition(name, components->Find(addition.id)->at()),
                "choose another name for it with --name");
  }
  const std::string table = RenderComponent(addition);
  const auto behind = BehindComponents(text, document);
  for (const std::size_t at : {behind.value_or(text.size()), text.size()}) {
    std::string edited = Insert(text, at, table);
    if (IsWhatWasMeant(edited, name, document, addition)) return edited;
  }
  return Fail("edit.no-place", "a table for the component cannot be added to this file", name,
              fmt::format("write the components as tables, or put this in by hand:\n\n{}", table));
}

}  // namespace pullproof::resolver::edit
