#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/document.h"
#include "base/plain_json.h"
#include "base/text.h"

namespace pullproof {
namespace {

// Follows the tokenizer through the text, to know where each value starts. The tokenizer has
// already accepted what this walks over, so it only has to find the ends of tokens.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  // Moves to the start of the next token and returns its position, then steps over it.
  Position NextToken() {
    while (offset_ < text_.size() && IsBetweenTokens(text_[offset_])) Step();
    const Position start = at_;
    if (offset_ >= text_.size()) return start;
    const char first = text_[offset_];
    Step();
    if (first == '"') {
      StepOverString();
    } else if (!IsBracket(first)) {
      while (offset_ < text_.size() && !IsBetweenTokens(text_[offset_]) &&
             !IsBracket(text_[offset_])) {
        Step();
      }
    }
    return start;
  }

  void MoveTo(std::size_t offset) {
    while (offset_ < std::min(offset, text_.size())) Step();
  }
  [[nodiscard]] Position at() const { return at_; }

 private:
  static bool IsBetweenTokens(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == ':';
  }
  static bool IsBracket(char c) { return c == '{' || c == '}' || c == '[' || c == ']'; }

  void Step() {
    const char c = text_[offset_++];
    if (c == '\n') {
      ++at_.line;
      at_.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++at_.column;  // every other byte of a character in UTF-8 belongs to the column before
    }
  }

  void StepOverString() {
    while (offset_ < text_.size()) {
      const char c = text_[offset_];
      Step();
      if (c == '"') return;
      if (c == '\\' && offset_ < text_.size()) Step();
    }
  }

  std::string_view text_;
  std::size_t offset_ = 0;
  Position at_{1, 1};
};

// Builds the tree from the library's events. The library's parser keeps its own stack on the heap,
// so depth costs memory only, and that is bounded here.
class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  TreeBuilder(std::string_view text, std::string_view name, const DocumentLimits& limits)
      : text_(text), name_(name), limits_(limits), cursor_(text) {}

  bool null() override { return Add(Node(nullptr, cursor_.NextToken())); }
  bool boolean(bool value) override { return Add(Node(value, cursor_.NextToken())); }
  bool number_integer(number_integer_t value) override {
    return Add(Node(std::int64_t{value}, cursor_.NextToken()));
  }
  bool number_unsigned(number_unsigned_t value) override {
    const Position at = cursor_.NextToken();
    if (value <= static_cast<std::uint64_t>(INT64_MAX)) {
      return Add(Node(static_cast<std::int64_t>(value), at));
    }
    return Add(Node(std::uint64_t{value}, at));
  }
  bool number_float(number_float_t value, const string_t& text) override {
    const Position at = cursor_.NextToken();
    // An integer beyond 64 bits arrives here too, and would lose digits silently.
    if (!std::isfinite(value) || text.find_first_of(".eE") == std::string::npos) {
      return Refuse("json.number", fmt::format("the number {} is out of range", text), at);
    }
    return Add(Node(value, at));
  }
  bool string(string_t& value) override {
    const Position at = cursor_.NextToken();
    return Add(Node(std::move(value), at));
  }
  bool binary(binary_t& /*value*/) override { return false; }  // no binary formats are parsed

  bool start_object(std::size_t /*elements*/) override {
    const Position at = cursor_.NextToken();
    names_.emplace_back();
    return Open(Node(Node::Table{}, at));
  }
  bool key(string_t& name) override {
    pending_name_at_ = cursor_.NextToken();
    if (!names_.back().insert(name).second) {
      return Refuse("json.duplicate-member",
                    fmt::format("the member `{}` stands twice in one object", name),
                    pending_name_at_);
    }
    pending_name_ = std::move(name);
    return true;
  }
  bool end_object() override {
    names_.pop_back();
    return Close();
  }
  bool start_array(std::size_t /*elements*/) override {
    return Open(Node(Node::Array{}, cursor_.NextToken()));
  }
  bool end_array() override { return Close(); }

  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::json::exception& error) override {
    cursor_.MoveTo(position == 0 ? 0 : position - 1);
    if (dynamic_cast<const nlohmann::json::out_of_range*>(&error) != nullptr) {
      return Refuse("json.number", "a number is out of range", cursor_.at());
    }
    std::string_view message = error.what();
    // "[json.exception.parse_error.101] parse error at line 1, column 2: …: syntax error …"
    if (const auto cut = message.find(": "); cut != std::string_view::npos) {
      message.remove_prefix(cut + 2);
    }
    const bool utf8 = message.find("UTF-8") != std::string_view::npos;
    return Refuse(utf8 ? "json.utf8" : "json.syntax", std::string(message), cursor_.at());
  }

  Result<Node> Finish(bool parsed) {
    if (error_) return std::unexpected(*std::move(error_));
    if (!parsed) return Fail("json.syntax", "not JSON", std::string(name_));
    return std::move(root_);
  }

 private:
  bool Refuse(std::string id, std::string message, Position at) {
    if (!error_) error_ = Error{std::move(id), std::move(message), FormatPosition(name_, at), {}};
    return false;
  }

  // Puts the value at its place in the tree; null if a bound was hit.
  Node* Place(Node node) {
    if (++values_ > limits_.max_values) {
      Refuse("limit.values", fmt::format("more than {} values", limits_.max_values), node.at());
      return nullptr;
    }
    if (open_.empty()) {
      root_ = std::move(node);
      return &root_;
    }
    Node& parent = *open_.back();
    if (Node::Array* array = parent.array()) {
      array->push_back(std::move(node));
      return &array->back();
    }
    Node::Table& table = *parent.table();
    table.push_back({std::move(pending_name_), pending_name_at_, std::move(node)});
    return &table.back().value;
  }

  bool Add(Node node) { return Place(std::move(node)) != nullptr; }

  bool Open(Node node) {
    if (open_.size() >= limits_.max_depth) {
      return Refuse("limit.depth", fmt::format("nested deeper than {} levels", limits_.max_depth),
                    node.at());
    }
    Node* placed = Place(std::move(node));
    if (placed == nullptr) return false;
    open_.push_back(placed);
    return true;
  }

  bool Close() {
    cursor_.NextToken();
    open_.pop_back();
    return true;
  }

  std::string_view text_;
  std::string_view name_;
  const DocumentLimits& limits_;
  Cursor cursor_;
  Node root_;
  std::vector<Node*> open_;  // stable: a container grows only at its end, while it is the last open
  std::vector<std::unordered_set<std::string>> names_;
  std::string pending_name_;
  Position pending_name_at_;
  std::size_t values_ = 0;
  std::optional<Error> error_;
};

// RFC 8785 sorts by UTF-16 code units, which differs from byte order only between U+E000..U+FFFF
// and the characters above them.
bool LessByUtf16(std::string_view a, std::string_view b) {
  const auto rank = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    // Lead bytes EE and EF (U+E000..U+FFFF) sort after F0..F4 (surrogate pairs, D800..DFFF).
    return byte == 0xEE || byte == 0xEF ? byte + 0x10 : byte;
  };
  return std::ranges::lexicographical_compare(a, b, {}, rank, rank);
}

void AppendString(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

Result<void> Append(const Node& node, std::string& out) {
  if (const bool* value = node.boolean()) {
    out += *value ? "true" : "false";
  } else if (const std::int64_t* integer = node.integer()) {
    out += fmt::format("{}", *integer);
  } else if (const std::uint64_t* large = node.unsigned_integer()) {
    out += fmt::format("{}", *large);
  } else if (const double* real = node.real()) {
    return Fail("json.fraction", fmt::format("the number {} has a fraction", *real),
                FormatPosition("", node.at()), "write the text yourself, with `raw` or `text`");
  } else if (const std::string* text = node.string()) {
    AppendString(*text, out);
  } else if (const Node::Array* array = node.array()) {
    out += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i != 0) out += ',';
      PULLPROOF_RETURN_IF_ERROR(Append((*array)[i], out));
    }
    out += ']';
  } else if (const Node::Table* table = node.table()) {
    std::vector<const Node::Member*> members;
    members.reserve(table->size());
    for (const Node::Member& member : *table) members.push_back(&member);
    std::ranges::sort(members, [](const Node::Member* a, const Node::Member* b) {
      return LessByUtf16(a->name, b->name);
    });
    out += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i != 0) out += ',';
      AppendString(members[i]->name, out);
      out += ':';
      PULLPROOF_RETURN_IF_ERROR(Append(members[i]->value, out));
    }
    out += '}';
  } else {
    out += "null";
  }
  return {};
}

}  // namespace

Result<Node> ParseJson(std::string_view text, std::string_view name, const DocumentLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return Fail(
        "limit.bytes",
        fmt::format("{} bytes of JSON, more than the limit of {}", text.size(), limits.max_bytes),
        std::string(name));
  }
  // The library skips a byte order mark; RFC 8259 section 8.1 lets a parser refuse it, and a text
  // whose digest covers a mark that the model does not is better refused.
  if (text.starts_with("\xEF\xBB\xBF")) {
    return Fail("json.syntax", "the text starts with a byte order mark",
                FormatPosition(name, {1, 1}));
  }
  // The library takes a NUL for the end of the text, and would not look at what follows.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return Fail("json.syntax", fmt::format("a NUL at byte {}", nul), std::string(name));
  }
  if (auto plain = ParsePlainJson(text, limits)) return *std::move(plain);
  TreeBuilder builder(text, name, limits);
  const bool parsed = nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return builder.Finish(parsed);
}

Result<std::string> CanonicalJson(const Node& node) {
  std::string out;
  PULLPROOF_RETURN_IF_ERROR(Append(node, out));
  return out;
}

std::string CanonicalJsonString(std::string_view text) {
  std::string out;
  AppendString(text, out);
  return out;
}

}  // namespace pullproof
