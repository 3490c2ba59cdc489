// A parsed document, TOML or JSON, in which every value knows where it stands in the file.
//
// One tree serves everything that people write (fixtures, cases, client profiles, spin.toml) and
// everything that hostile registries send (manifests, locks): the reader of a model never knows
// which spelling it was, and every complaint can name line and column.
#ifndef PULLPROOF_BASE_DOCUMENT_H_
#define PULLPROOF_BASE_DOCUMENT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"

namespace pullproof {

// 1-based; line 0 means "no position" (a value that was made, not read). Columns count code points.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  bool operator==(const Position&) const = default;
  auto operator<=>(const Position&) const = default;
};

class Node {
 public:
  struct Member;
  using Array = std::vector<Node>;
  // In document order; names are unique.
  using Table = std::vector<Member>;

  Node();  // null
  explicit Node(std::nullptr_t, Position at = {});
  explicit Node(bool value, Position at = {});
  explicit Node(std::int64_t value, Position at = {});
  explicit Node(std::uint64_t value, Position at = {});
  explicit Node(double value, Position at = {});
  explicit Node(std::string value, Position at = {});
  explicit Node(Array value, Position at = {});
  explicit Node(Table value, Position at = {});
  Node(const Node&);
  Node(Node&&) noexcept;
  Node& operator=(const Node&);
  Node& operator=(Node&&) noexcept;
  ~Node();

  [[nodiscard]] Position at() const { return at_; }

  // Null when the value is of another kind.
  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  [[nodiscard]] const bool* boolean() const { return std::get_if<bool>(&value_); }
  [[nodiscard]] const double* real() const { return std::get_if<double>(&value_); }
  [[nodiscard]] const std::string* string() const { return std::get_if<std::string>(&value_); }
  [[nodiscard]] const Array* array() const { return std::get_if<Array>(&value_); }
  [[nodiscard]] const Table* table() const { return std::get_if<Table>(&value_); }
  [[nodiscard]] Array* array() { return std::get_if<Array>(&value_); }
  [[nodiscard]] Table* table() { return std::get_if<Table>(&value_); }
  // An integer, when it fits the type; JSON's integers above INT64_MAX fit only the unsigned one.
  [[nodiscard]] const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }
  [[nodiscard]] const std::uint64_t* unsigned_integer() const {
    return std::get_if<std::uint64_t>(&value_);
  }

  // The value of a member of a table; null when this is no table or has no such member.
  [[nodiscard]] const Node* Find(std::string_view name) const;
  [[nodiscard]] Node* Find(std::string_view name);

  // "a string", "a table" …, for error messages.
  [[nodiscard]] std::string_view KindName() const;

 private:
  // An integer is held unsigned only when it does not fit a signed one.
  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, Array, Table>
      value_;
  Position at_;
};

struct Node::Member {
  std::string name;
  Position at;  // of the name
  Node value;
};

// Bounds for a document from outside. Every parser takes them; nothing is parsed without.
struct DocumentLimits {
  // What registries must accept, and what clients should refuse above.
  // Spec: distribution-spec, Pushing Manifests ("at least 4 megabytes").
  std::size_t max_bytes = std::size_t{4} << 20;
  // Deeper than any real manifest, lock or fixture (under 12), far below any stack's end.
  std::size_t max_depth = 64;
  // A 4 MiB text can hold 2 million values; a real lock of 10,000 files has 60,000.
  std::size_t max_values = 400'000;
};

// Parses one JSON text (RFC 8259) as I-JSON (RFC 7493): valid UTF-8 without a byte order mark, no
// duplicate member, nothing after the value. `name` is the file or reference for error positions.
// Errors: json.syntax, json.duplicate-member, json.utf8, json.number, limit.bytes, limit.depth,
// limit.values; `where` is name:line:column.
Result<Node> ParseJson(std::string_view text, std::string_view name,
                       const DocumentLimits& limits = {});

// Parses a TOML 1.0 document. Members come back in the order of the file. Dates are refused.
// Errors: toml.syntax, toml.date, limit.bytes, limit.depth, limit.values.
Result<Node> ParseToml(std::string_view text, std::string_view name,
                       const DocumentLimits& limits = {});

// "name:line:column", or "name" when there is no position.
std::string FormatPosition(std::string_view name, Position at);

// UTF-8 without white space, members sorted by UTF-16 code units, strings escaped as in RFC 8785;
// integers verbatim over the whole int64 and uint64 ranges. Error: json.fraction for a number with
// a fraction, since its canonical form depends on the reader's arithmetic.
Result<std::string> CanonicalJson(const Node& node);

// The same, as a quoted JSON string.
std::string CanonicalJsonString(std::string_view text);

}  // namespace pullproof

#endif  // PULLPROOF_BASE_DOCUMENT_H_
