// Reads a model out of a document, collecting every complaint instead of stopping at the first:
// wrong kinds, missing and unknown members (with a suggestion), values out of their set. Each
// complaint has a stable id and the place in the file.
//
//   Diagnostics problems("case.toml");
//   TableReader reader(document, "the case", problems);
//   model.id = reader.RequiredString("id");
//   model.level = reader.Enum("level", kLevels, Level::kMust);
//   reader.Finish();                      // complains about members that nobody asked for
//   if (problems.HasErrors()) …
#ifndef PULLPROOF_BASE_TABLE_READER_H_
#define PULLPROOF_BASE_TABLE_READER_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/document.h"
#include "base/error.h"

namespace pullproof {

enum class Severity { kWarning, kError };

struct Diagnostic {
  Severity severity = Severity::kError;
  std::string id;       // stable: "model.unknown-member"
  std::string message;  // one sentence
  std::string hint;     // what to write instead; may be empty
  Position at;
};

// The complaints about one file, in the order in which they were found. Not thread-safe.
class Diagnostics {
 public:
  explicit Diagnostics(std::string name) : name_(std::move(name)) {}

  void Report(std::string id, Position at, std::string message, std::string hint = {});
  // An error of a parser: its `where` ("NAME:LINE:COLUMN" of this file) becomes the position.
  void Report(Error error);
  void Warn(std::string id, Position at, std::string message, std::string hint = {});

  [[nodiscard]] const std::string& name() const { return name_; }  // of the file
  [[nodiscard]] const std::vector<Diagnostic>& all() const { return all_; }
  [[nodiscard]] bool HasErrors() const;
  // The first error (not warning) as an Error with its position; call only when HasErrors().
  [[nodiscard]] Error FirstError() const;

 private:
  std::string name_;
  std::vector<Diagnostic> all_;
};

// "FILE:LINE:COLUMN: error: MESSAGE [ID]" and the hint on a line of its own.
std::string FormatDiagnostic(const Diagnostics& file, const Diagnostic& diagnostic);

template <typename T>
using Names = std::span<const std::pair<std::string_view, T>>;

// One table of the document. A getter marks its member as known; a member of the wrong kind is
// reported and the default returned. The node and the diagnostics must outlive the reader.
class TableReader {
 public:
  // `what` names the table in messages: "rule `cut`", "[component.a]". If `node` is no table, that
  // is reported and every getter returns its default.
  TableReader(const Node& node, std::string what, Diagnostics& problems);

  [[nodiscard]] bool Has(std::string_view name) const { return node_->Find(name) != nullptr; }
  [[nodiscard]] Position at() const { return node_->at(); }
  [[nodiscard]] Position PositionOf(std::string_view name) const;
  [[nodiscard]] Diagnostics& problems() const { return *problems_; }
  [[nodiscard]] const std::string& what() const { return what_; }

  // The raw value; null when absent.
  const Node* Get(std::string_view name);
  // The same; reports model.missing-member when absent.
  const Node* Required(std::string_view name);

  std::string String(std::string_view name, std::string fallback = {});
  std::string RequiredString(std::string_view name);
  std::optional<std::string> OptionalString(std::string_view name);
  bool Bool(std::string_view name, bool fallback);
  std::optional<bool> OptionalBool(std::string_view name);
  // Reports model.range when the value lies outside [low, high].
  std::optional<std::int64_t> OptionalInteger(std::string_view name, std::int64_t low = INT64_MIN,
                                              std::int64_t high = INT64_MAX);
  std::int64_t Integer(std::string_view name, std::int64_t fallback, std::int64_t low = INT64_MIN,
                       std::int64_t high = INT64_MAX);
  // An array of strings; empty when absent.
  std::vector<std::string> Strings(std::string_view name);
  // A string, or an array of strings.
  std::vector<std::string> OneOrManyStrings(std::string_view name);
  // A table whose values are all strings, in document order; empty when absent.
  std::vector<std::pair<std::string, std::string>> StringMap(std::string_view name);
  // A table's members, or an array's items; empty when absent.
  std::span<const Node::Member> Table(std::string_view name);
  std::span<const Node> Array(std::string_view name);

  // A string out of a closed set. Reports model.unknown-value with a suggestion.
  template <typename T>
  std::optional<T> OptionalEnum(std::string_view name, Names<T> names) {
    const Node* value = Get(name);
    if (value == nullptr) return std::nullopt;
    return EnumValue<T>(*value, name, names);
  }
  template <typename T>
  T Enum(std::string_view name, Names<T> names, T fallback) {
    return OptionalEnum<T>(name, names).value_or(fallback);
  }
  // The same for a value that was already fetched; `name` is what the message calls it.
  template <typename T>
  std::optional<T> EnumValue(const Node& value, std::string_view name, Names<T> names) {
    std::vector<std::string_view> known;
    for (const auto& [text, member] : names) {
      if (const std::string* s = value.string(); s != nullptr && *s == text) return member;
      known.push_back(text);
    }
    ReportUnknownValue(value, name, known);
    return std::nullopt;
  }

  // Reports model.kind for `value`: "`name` of WHAT must be EXPECTED, not a table".
  void ReportKind(const Node& value, std::string_view name, std::string_view expected);

  // Reports every member that was not asked for (model.unknown-member, with a suggestion).
  void Finish();

 private:
  void ReportUnknownValue(const Node& value, std::string_view name,
                          std::span<const std::string_view> known);

  const Node* node_;
  std::string what_;
  Diagnostics* problems_;
  std::vector<std::string> known_;
  bool is_table_;
};

// Reads a TOML file (".toml") or a JSON one (any other name) into a document.
Result<Node> ParseDocument(std::string_view text, std::string_view name,
                           const DocumentLimits& limits = {});

}  // namespace pullproof

#endif  // PULLPROOF_BASE_TABLE_READER_H_
