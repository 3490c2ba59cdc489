#include "resolver/lock/json_writer.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace pullproof::resolver::lock {
namespace {

class Writer {
 public:
  explicit Writer(Style style) : style_(style) {}

  Result<void> Write(const Node& node) {
    if (const Node::Table* table = node.table()) return WriteTable(*table);
    if (const Node::Array* array = node.array()) return WriteArray(*array);
    if (const double* number = node.real()) return WriteFraction(*number, node.at());
    if (const std::string* text = node.string()) {
      out_ += CanonicalJsonString(*text);
    } else if (const bool* flag = node.boolean()) {
      out_ += *flag ? "true" : "false";
    } else if (const std::int64_t* integer = node.integer()) {
      out_ += fmt::format("{}", *integer);
    } else if (const std::uint64_t* large = node.unsigned_integer()) {
      out_ += fmt::format("{}", *large);
    } else {
      out_ += "null";
    }
    return {};
  }

  std::string Take() { return std::move(out_); }

 private:
  Result<void> WriteTable(const Node::Table& table) {
    if (table.empty()) {
      out_ += "{}";
      return {};
    }
    out_ += '{';
    ++depth_;
    for (std::size_t i = 0; i < table.size(); ++i) {
      if (i != 0) out_ += ',';
      NewLine();
      out_ += CanonicalJsonString(table[i].name);
      out_ += style_ == Style::kPretty ? ": " : ":";
      PULLPROOF_RETURN_IF_ERROR(Write(table[i].value));
    }
    --depth_;
    NewLine();
    out_ += '}';
    return {};
  }

  Result<void> WriteArray(const Node::Array& array) {
    if (array.empty()) {
      out_ += "[]";
      return {};
    }
    out_ += '[';
    ++depth_;
    for (std::size_t i = 0; i < array.size(); ++i) {
      if (i != 0) out_ += ',';
      NewLine();
      PULLPROOF_RETURN_IF_ERROR(Write(array[i]));
    }
    --depth_;
    NewLine();
    out_ += ']';
    return {};
  }

  Result<void> WriteFraction(double number, Position at) {
    if (!std::isfinite(number)) {
      return Fail("json.number", "JSON has no spelling for an infinite number or for none",
                  FormatPosition("", at), "write it as a string");
    }
    std::string text = fmt::format("{}", number);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";  // it stays a fraction
    out_ += text;
    return {};
  }

  void NewLine() {
    if (style_ == Style::kCompact) return;
    out_ += '\n';
    out_.append(depth_ * 2, ' ');
  }

  Style style_;
  std::size_t depth_ = 0;
  std::string out_;
};

}  // namespace

Result<std::string> WriteJson(const Node& node, Style style) {
  Writer writer(style);
  PULLPROOF_RETURN_IF_ERROR(writer.Write(node));
  return writer.Take();
}

Node Sorted(Node node) {
  if (Node::Array* array = node.array()) {
    for (Node& item : *array) item = Sorted(std::move(item));
  }
  if (Node::Table* table = node.table()) {
    for (Node::Member& member : *table) member.value = Sorted(std::move(member.value));
    std::ranges::sort(*table, {}, &Node::Member::name);
  }
  return node;
}

}  // namespace pullproof::resolver::lock
