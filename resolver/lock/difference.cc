#include "resolver/lock/difference.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"
#include "resolver/lock/json_writer.h"
#include "resolver/lock/locked_app.h"

namespace pullproof::resolver::lock {
namespace {

// A value in a sentence: short ones whole, long ones by their beginning.
std::string Shown(const Node* value) {
  constexpr std::size_t kMost = 120;
  if (value == nullptr) return "nothing";
  const auto text = WriteJson(*value, Style::kCompact);
  if (!text) return std::string(value->KindName());
  return text->size() <= kMost ? *text : text->substr(0, kMost) + "…";
}

std::string Tell(std::string_view path, const Node* on_disk, const Node* now) {
  return fmt::format("{}: {} on disk, {} now", path.empty() ? "the lock" : path, Shown(on_disk),
                     Shown(now));
}

std::optional<std::string> Compare(const std::string& path, const Node& on_disk, const Node& now);

std::optional<std::string> CompareTables(const std::string& path, const Node& on_disk,
                                         const Node& now) {
  const auto below = [&](const std::string& name) {
    return path.empty() ? name : fmt::format("{}.{}", path, name);
  };
  for (const Node::Member& member : *now.table()) {
    const Node* old = on_disk.Find(member.name);
    if (old == nullptr) return Tell(below(member.name), nullptr, &member.value);
    if (auto found = Compare(below(member.name), *old, member.value)) return found;
  }
  for (const Node::Member& member : *on_disk.table()) {
    if (now.Find(member.name) == nullptr) return Tell(below(member.name), &member.value, nullptr);
  }
  return std::nullopt;
}

std::optional<std::string> CompareArrays(const std::string& path, const Node::Array& on_disk,
                                         const Node::Array& now) {
  for (std::size_t i = 0; i < std::max(on_disk.size(), now.size()); ++i) {
    const std::string place = fmt::format("{}[{}]", path, i);
    if (i >= on_disk.size()) return Tell(place, nullptr, &now[i]);
    if (i >= now.size()) return Tell(place, &on_disk[i], nullptr);
    if (auto found = Compare(place, on_disk[i], now[i])) return found;
  }
  return std::nullopt;
}

std::optional<std::string> Compare(const std::string& path, const Node& on_disk, const Node& now) {
  if (on_disk.table() != nullptr && now.table() != nullptr) {
    return CompareTables(path, on_disk, now);
  }
  if (on_disk.array() != nullptr && now.array() != nullptr) {
    return CompareArrays(path, *on_disk.array(), *now.array());
  }
  const auto before = WriteJson(on_disk, Style::kCompact);
  const auto after = WriteJson(now, Style::kCompact);
  if (before && after && *before == *after) return std::nullopt;
  return Tell(path, &on_disk, &now);
}

std::string FirstDifferentLine(std::string_view on_disk, std::string_view now) {
  const auto old_lines = Split(on_disk, '\n');
  const auto new_lines = Split(now, '\n');
  std::size_t line = 0;
  while (line < old_lines.size() && line < new_lines.size() && old_lines[line] == new_lines[line]) {
    ++line;
  }
  return fmt::format("line {} is written in another way", line + 1);
}

}  // namespace

std::string FirstDifference(std::string_view on_disk, std::string_view now) {
  DocumentLimits limits;
  limits.max_bytes = kMaxLockBytes;
  const auto old_lock = ParseJson(on_disk, "on disk", limits);
  const auto new_lock = ParseJson(now, "now", limits);
  if (old_lock && new_lock) {
    if (auto found = Compare({}, *old_lock, *new_lock)) return *std::move(found);
  }
  return FirstDifferentLine(on_disk, now);
}

}  // namespace pullproof::resolver::lock
