#include "base/plain_json.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pullproof {
namespace {

// Every number of so many digits fits 64 bits.
constexpr std::size_t kMaxDigits = 18;
// Below this, comparing all names with each other costs less than sorting them.
constexpr std::size_t kFewMembers = 16;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool HasDuplicate(const Node::Table& members) {
  if (members.size() <= kFewMembers) {
    for (auto member = members.begin(); member != members.end(); ++member) {
      const auto same = [&](const Node::Member& other) { return other.name == member->name; };
      if (std::any_of(members.begin(), member, same)) return true;
    }
    return false;
  }
  std::vector<std::string_view> names;
  names.reserve(members.size());
  for (const Node::Member& member : members) names.push_back(member.name);
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) != names.end();
}

// Every function returns false for what is not plain JSON, and then nothing else matters.
class Reader {
 public:
  Reader(std::string_view text, const DocumentLimits& limits) : text_(text), limits_(limits) {}

  bool Document(Node& root) {
    SkipBlanks();
    if (!Value(root, 0)) return false;
    SkipBlanks();
    return at_ == text_.size();
  }

 private:
  // What stands here; NUL at the end, which is no part of any JSON.
  [[nodiscard]] char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool Take(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }
  bool TakeWord(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  [[nodiscard]] Position Here() const {
    return {line_, static_cast<std::uint32_t>(at_ - line_start_ + 1)};
  }
  void SkipBlanks() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') {
        ++line_;
        line_start_ = at_ + 1;
      } else if (c != ' ' && c != '\t' && c != '\r') {
        return;
      }
    }
  }

  // Depth is bounded, and so is the recursion.
  bool Value(Node& value, std::size_t depth) {
    if (++values_ > limits_.max_values) return false;
    const Position start = Here();
    switch (Peek()) {
      case '{':
        return Object(value, start, depth);
      case '[':
        return Array(value, start, depth);
      case '"': {
        std::string text;
        if (!String(text)) return false;
        value = Node(std::move(text), start);
        return true;
      }
      case 't':
        value = Node(true, start);
        return TakeWord("true");
      case 'f':
        value = Node(false, start);
        return TakeWord("false");
      case 'n':
        value = Node(nullptr, start);
        return TakeWord("null");
      default:
        return Number(value, start);
    }
  }

  bool Object(Node& value, Position start, std::size_t depth) {
    if (depth >= limits_.max_depth) return false;
    ++at_;
    Node::Table members;
    SkipBlanks();
    if (!Take('}')) {
      do {
        SkipBlanks();
        Node::Member& member = members.emplace_back();
        member.at = Here();
        if (!String(member.name)) return false;
        SkipBlanks();
        if (!Take(':')) return false;
        SkipBlanks();
        if (!Value(member.value, depth + 1)) return false;
        SkipBlanks();
      } while (Take(','));
      if (!Take('}') || HasDuplicate(members)) return false;
    }
    value = Node(std::move(members), start);
    return true;
  }

  bool Array(Node& value, Position start, std::size_t depth) {
    if (depth >= limits_.max_depth) return false;
    ++at_;
    Node::Array items;
    SkipBlanks();
    if (!Take(']')) {
      do {
        SkipBlanks();
        if (!Value(items.emplace_back(), depth + 1)) return false;
        SkipBlanks();
      } while (Take(','));
      if (!Take(']')) return false;
    }
    value = Node(std::move(items), start);
    return true;
  }

  bool String(std::string& value) {
    if (!Take('"')) return false;
    const std::size_t start = at_;
    while (at_ < text_.size() && IsPlain(text_[at_])) ++at_;
    value.assign(text_.substr(start, at_ - start));
    return Take('"');
  }
  // Needs no escape, is no end, and is a character by itself.
  static bool IsPlain(char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

  bool Number(Node& value, Position start) {
    const std::size_t first = at_;
    const bool is_negative = Take('-');
    const std::size_t digits = at_;
    while (IsDigit(Peek())) ++at_;
    const std::size_t count = at_ - digits;
    const bool has_odd_zero = count > 0 && text_[digits] == '0' && (count > 1 || is_negative);
    if (count == 0 || count > kMaxDigits || has_odd_zero) return false;
    // With a fraction or an exponent the next character fits nothing, and this is not plain.
    std::int64_t number = 0;
    std::from_chars(text_.data() + first, text_.data() + at_, number);
    value = Node(number, start);
    return true;
  }

  std::string_view text_;
  const DocumentLimits& limits_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
  std::size_t values_ = 0;
};

}  // namespace

std::optional<Node> ParsePlainJson(std::string_view text, const DocumentLimits& limits) {
  Node root;
  if (!Reader(text, limits).Document(root)) return std::nullopt;
  return root;
}

}  // namespace pullproof
