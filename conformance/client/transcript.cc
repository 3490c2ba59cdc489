#include "conformance/client/transcript.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"

namespace pullproof::conformance::client {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

// One step of an RFC 6901 pointer: a member, or an item by its number.
const Node* Descend(const Node& node, std::string_view token) {
  const Node::Array* items = node.array();
  if (items == nullptr) return node.Find(token);
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool is_number = error == std::errc{} && end == token.data() + token.size();
  return is_number && index < items->size() ? &(*items)[index] : nullptr;
}

// "~1" is a slash and "~0" a tilde, in that order (RFC 6901 section 4).
std::string Unescape(std::string_view token) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool is_escape = token[i] == '~' && i + 1 < token.size();
    if (is_escape && token[i + 1] == '1') {
      text += '/';
      ++i;
    } else if (is_escape && token[i + 1] == '0') {
      text += '~';
      ++i;
    } else {
      text += token[i];
    }
  }
  return text;
}

const Node* FollowPointer(const Node& root, std::string_view pointer) {
  const Node* node = &root;
  if (pointer.empty()) return node;
  for (const std::string_view token : Split(pointer.substr(1), '/')) {
    node = Descend(*node, Unescape(token));
    if (node == nullptr) return nullptr;
  }
  return node;
}

Result<std::vector<std::string>> ReadJsonTags(std::string_view out, const std::string& pointer) {
  const Result<Node> document = ParseJson(out, "standard output");
  if (!document) {
    return Fail("client.tags", "the listing is no JSON: " + document.error().message,
                document.error().where);
  }
  const Node* node = FollowPointer(*document, pointer);
  // Clients written in Go print an empty list as null.
  if (node != nullptr && node->is_null()) return std::vector<std::string>();
  if (node == nullptr || node->array() == nullptr) {
    return Fail("client.tags", fmt::format("the listing has no array at `{}`", pointer));
  }
  std::vector<std::string> tags;
  for (const Node& item : *node->array()) {
    if (item.string() == nullptr) {
      return Fail("client.tags", fmt::format("a tag in the listing is {}", item.KindName()));
    }
    tags.push_back(*item.string());
  }
  return tags;
}

}  // namespace

bool AnyLineMatches(std::string_view text, std::span<const std::string> patterns) {
  if (patterns.empty()) return false;
  return std::ranges::any_of(Split(text, '\n'), [&](std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = line.substr(0, kMaxMatchedLine);
    return std::ranges::any_of(
        patterns, [&](const std::string& pattern) { return GlobMatch(pattern, line); });
  });
}

std::string ClassifyError(std::span<const ErrorRule> rules, int status, std::string_view err) {
  const auto fits = [&](const ErrorRule& rule) {
    const bool status_fits =
        rule.statuses.empty() || std::ranges::find(rule.statuses, status) != rule.statuses.end();
    return status_fits && (rule.patterns.empty() || AnyLineMatches(err, rule.patterns));
  };
  const auto found = std::ranges::find_if(rules, fits);
  return found == rules.end() ? std::string() : found->error_class;
}

std::string VersionIn(std::string_view text, std::string_view after) {
  const std::size_t at = text.find(after);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + after.size());
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin);
  return std::string(text.substr(0, text.find_first_of(kBlanks)));
}

Result<std::vector<std::string>> ReadTags(std::string_view out, const TagFormat& format) {
  if (format.is_json) return ReadJsonTags(out, format.pointer);
  std::vector<std::string> tags;
  for (std::string_view line : Split(out, '\n')) {
    line = Trim(line);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) tags.emplace_back(line);
  }
  return tags;
}

}  // namespace pullproof::conformance::client
