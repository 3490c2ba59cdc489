#include "base/table_reader.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof {

void Diagnostics::Report(std::string id, Position at, std::string message, std::string hint) {
  all_.push_back({Severity::kError, std::move(id), std::move(message), std::move(hint), at});
}

void Diagnostics::Report(Error error) {
  std::string_view place = error.where;
  Position at;
  if (place.starts_with(name_ + ":")) {
    place.remove_prefix(name_.size() + 1);
    const char* const end = place.data() + place.size();
    const auto [after_line, bad] = std::from_chars(place.data(), end, at.line);
    if (bad == std::errc{} && after_line != end) {
      std::from_chars(after_line + 1, end, at.column);
    }
  }
  Report(std::move(error.id), at, std::move(error.message), std::move(error.hint));
}

void Diagnostics::Warn(std::string id, Position at, std::string message, std::string hint) {
  all_.push_back({Severity::kWarning, std::move(id), std::move(message), std::move(hint), at});
}

bool Diagnostics::HasErrors() const {
  return std::ranges::any_of(
      all_, [](const Diagnostic& problem) { return problem.severity == Severity::kError; });
}

Error Diagnostics::FirstError() const {
  const auto first = std::ranges::find(all_, Severity::kError, &Diagnostic::severity);
  return {first->id, first->message, FormatPosition(name_, first->at), first->hint};
}

std::string FormatDiagnostic(const Diagnostics& file, const Diagnostic& diagnostic) {
  std::string text =
      fmt::format("{}: {}: {} [{}]", FormatPosition(Printable(file.name()), diagnostic.at),
                  diagnostic.severity == Severity::kError ? "error" : "warning",
                  Printable(diagnostic.message), diagnostic.id);
  if (!diagnostic.hint.empty()) text += "\n  " + Printable(diagnostic.hint, KeepLines::kYes);
  return text;
}

TableReader::TableReader(const Node& node, std::string what, Diagnostics& problems)
    : node_(&node),
      what_(std::move(what)),
      problems_(&problems),
      is_table_(node.table() != nullptr) {
  if (!is_table_) {
    problems.Report("model.kind", node.at(),
                    fmt::format("{} must be a table, not {}", what_, node.KindName()));
  }
}

Position TableReader::PositionOf(std::string_view name) const {
  const Node* value = node_->Find(name);
  return value != nullptr ? value->at() : node_->at();
}

const Node* TableReader::Get(std::string_view name) {
  known_.emplace_back(name);
  return node_->Find(name);
}

const Node* TableReader::Required(std::string_view name) {
  const Node* value = Get(name);
  if (value == nullptr && is_table_) {
    problems_->Report("model.missing-member", node_->at(),
                      fmt::format("{} has no `{}`", what_, name));
  }
  return value;
}

void TableReader::ReportKind(const Node& value, std::string_view name, std::string_view expected) {
  problems_->Report(
      "model.kind", value.at(),
      fmt::format("`{}` of {} must be {}, not {}", name, what_, expected, value.KindName()));
}

std::optional<std::string> TableReader::OptionalString(std::string_view name) {
  const Node* value = Get(name);
  if (value == nullptr) return std::nullopt;
  if (const std::string* text = value->string()) return *text;
  ReportKind(*value, name, "a string");
  return std::nullopt;
}

std::string TableReader::String(std::string_view name, std::string fallback) {
  return OptionalString(name).value_or(std::move(fallback));
}

std::string TableReader::RequiredString(std::string_view name) {
  Required(name);
  return String(name);
}

std::optional<bool> TableReader::OptionalBool(std::string_view name) {
  const Node* value = Get(name);
  if (value == nullptr) return std::nullopt;
  if (const bool* flag = value->boolean()) return *flag;
  ReportKind(*value, name, "true or false");
  return std::nullopt;
}

bool TableReader::Bool(std::string_view name, bool fallback) {
  return OptionalBool(name).value_or(fallback);
}

std::optional<std::int64_t> TableReader::OptionalInteger(std::string_view name, std::int64_t low,
                                                         std::int64_t high) {
  const Node* value = Get(name);
  if (value == nullptr) return std::nullopt;
  const std::int64_t* number = value->integer();
  if (number == nullptr) {
    ReportKind(*value, name, "an integer");
    return std::nullopt;
  }
  if (*number < low || *number > high) {
    problems_->Report(
        "model.range", value->at(),
        fmt::format("`{}` of {} is {}, outside {} to {}", name, what_, *number, low, high));
    return std::nullopt;
  }
  return *number;
}

std::int64_t TableReader::Integer(std::string_view name, std::int64_t fallback, std::int64_t low,
                                  std::int64_t high) {
  return OptionalInteger(name, low, high).value_or(fallback);
}

std::vector<std::string> TableReader::Strings(std::string_view name) {
  std::vector<std::string> strings;
  for (const Node& item : Array(name)) {
    if (const std::string* text = item.string()) {
      strings.push_back(*text);
    } else {
      ReportKind(item, name, "an array of strings");
    }
  }
  return strings;
}

std::vector<std::string> TableReader::OneOrManyStrings(std::string_view name) {
  const Node* value = Get(name);
  if (value == nullptr) return {};
  if (const std::string* text = value->string()) return {*text};
  return Strings(name);
}

std::vector<std::pair<std::string, std::string>> TableReader::StringMap(std::string_view name) {
  std::vector<std::pair<std::string, std::string>> map;
  for (const Node::Member& member : Table(name)) {
    if (const std::string* text = member.value.string()) {
      map.emplace_back(member.name, *text);
    } else {
      ReportKind(member.value, fmt::format("{}.{}", name, member.name), "a string");
    }
  }
  return map;
}

std::span<const Node::Member> TableReader::Table(std::string_view name) {
  const Node* value = Get(name);
  if (value == nullptr) return {};
  if (const Node::Table* members = value->table()) return *members;
  ReportKind(*value, name, "a table");
  return {};
}

std::span<const Node> TableReader::Array(std::string_view name) {
  const Node* value = Get(name);
  if (value == nullptr) return {};
  if (const Node::Array* items = value->array()) return *items;
  ReportKind(*value, name, "an array");
  return {};
}

void TableReader::ReportUnknownValue(const Node& value, std::string_view name,
                                     std::span<const std::string_view> known) {
  const std::string* text = value.string();
  if (text == nullptr) {
    ReportKind(value, name, "a string");
    return;
  }
  problems_->Report("model.unknown-value", value.at(),
                    fmt::format("`{}` of {} cannot be `{}`", name, what_, *text),
                    SuggestFrom(*text, known));
}

void TableReader::Finish() {
  if (!is_table_) return;
  const std::vector<std::string_view> known(known_.begin(), known_.end());
  for (const Node::Member& member : *node_->table()) {
    if (std::ranges::find(known_, member.name) != known_.end()) continue;
    problems_->Report("model.unknown-member", member.at,
                      fmt::format("{} has an unknown member `{}`", what_, member.name),
                      SuggestFrom(member.name, known));
  }
}

Result<Node> ParseDocument(std::string_view text, std::string_view name,
                           const DocumentLimits& limits) {
  return name.ends_with(".toml") ? ParseToml(text, name, limits) : ParseJson(text, name, limits);
}

}  // namespace pullproof
