#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "base/document.h"
#include "base/text.h"

namespace pullproof {
namespace {

Position PositionOf(const toml::source_region& source) {
  return {source.begin.line, source.begin.column};
}

class Converter {
 public:
  Converter(std::string_view name, const DocumentLimits& limits) : name_(name), limits_(limits) {}

  Result<Node> Convert(const toml::node& node, std::size_t depth) {
    const Position at = PositionOf(node.source());
    if (depth > limits_.max_depth) {
      return Fail("limit.depth", fmt::format("nested deeper than {} levels", limits_.max_depth),
                  FormatPosition(name_, at));
    }
    if (++values_ > limits_.max_values) {
      return Fail("limit.values", fmt::format("more than {} values", limits_.max_values),
                  FormatPosition(name_, at));
    }
    switch (node.type()) {
      case toml::node_type::string:
        return Node(node.as_string()->get(), at);
      case toml::node_type::integer:
        return Node(std::int64_t{node.as_integer()->get()}, at);
      case toml::node_type::floating_point:
        return Node(node.as_floating_point()->get(), at);
      case toml::node_type::boolean:
        return Node(node.as_boolean()->get(), at);
      case toml::node_type::array:
        return ConvertArray(*node.as_array(), at, depth);
      case toml::node_type::table:
        return ConvertTable(*node.as_table(), at, depth);
      default:
        return Fail("toml.date", "dates and times have no place here", FormatPosition(name_, at),
                    "write it as a string");
    }
  }

 private:
  Result<Node> ConvertArray(const toml::array& array, Position at, std::size_t depth) {
    Node::Array items;
    items.reserve(array.size());
    for (const toml::node& item : array) {
      PULLPROOF_ASSIGN_OR_RETURN(Node value, Convert(item, depth + 1));
      items.push_back(std::move(value));
    }
    return Node(std::move(items), at);
  }

  Result<Node> ConvertTable(const toml::table& table, Position at, std::size_t depth) {
    Node::Table members;
    members.reserve(table.size());
    for (const auto& [key, value] : table) {
      PULLPROOF_ASSIGN_OR_RETURN(Node converted, Convert(value, depth + 1));
      members.push_back({std::string(key.str()), PositionOf(key.source()), std::move(converted)});
    }
    // The library sorts by name; people mean the order in which they wrote.
    std::ranges::stable_sort(members, {}, &Node::Member::at);
    return Node(std::move(members), at);
  }

  std::string_view name_;
  const DocumentLimits& limits_;
  std::size_t values_ = 0;
};

}  // namespace

Result<Node> ParseToml(std::string_view text, std::string_view name, const DocumentLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return Fail(
        "limit.bytes",
        fmt::format("{} bytes of TOML, more than the limit of {}", text.size(), limits.max_bytes),
        std::string(name));
  }
  // Checked here, because the library's own report of bad UTF-8 differs between versions.
  if (!IsUtf8(text)) return Fail("toml.syntax", "the file is not UTF-8", std::string(name));
  try {
    const toml::table table = toml::parse(text, name);
    return Converter(name, limits).Convert(table, 0);
  } catch (const toml::parse_error& error) {
    return Fail("toml.syntax", std::string(error.description()),
                FormatPosition(name, PositionOf(error.source())));
  }
}

}  // namespace pullproof
