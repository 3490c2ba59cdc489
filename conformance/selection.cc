#include "conformance/selection.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::conformance {
namespace {

bool MatchesAny(const std::vector<std::string>& globs, std::string_view id) {
  return std::ranges::any_of(globs, [&](const std::string& glob) { return GlobMatch(glob, id); });
}

std::optional<std::size_t> ParseNumber(std::string_view text) {
  std::size_t number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Error NothingSelected(const Suite& suite, const Selection& selection) {
  std::vector<std::string_view> ids;
  for (const Case& subject : suite.cases) ids.push_back(subject.id());
  const std::string hint = selection.run.empty() ? "leave out --skip or --level"
                                                 : SuggestFrom(selection.run.front(), ids);
  return {"suite.nothing-selected", "no case is selected", "", hint};
}

// The case with which it must be judged: its twin, or itself.
std::string_view Group(const Case& subject) {
  return subject.twin().empty() ? std::string_view(subject.id()) : subject.twin();
}

std::set<std::size_t> WithTwins(const Suite& suite, const Selection& selection) {
  std::set<std::size_t> selected;
  for (std::size_t i = 0; i < suite.cases.size(); ++i) {
    const Case& subject = suite.cases[i];
    const bool is_wanted = (selection.run.empty() || MatchesAny(selection.run, subject.id())) &&
                           !MatchesAny(selection.skip, subject.id()) &&
                           subject.level() <= selection.level;
    if (!is_wanted) continue;
    selected.insert(i);
    const Case* twin = suite.Find(subject.twin());
    if (twin != nullptr && !MatchesAny(selection.skip, twin->id())) {
      selected.insert(static_cast<std::size_t>(twin - suite.cases.data()));
    }
  }
  return selected;
}

}  // namespace

Result<Shard> Shard::Parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto number = ParseNumber(text.substr(0, slash));
    const auto count = ParseNumber(text.substr(slash + 1));
    if (number && count && *number >= 1 && *number <= *count && *count <= kMaxShards) {
      return Shard{.number = *number, .count = *count};
    }
  }
  return Fail("shard.syntax", fmt::format("`{}` is no shard", text), "",
              fmt::format("write NUMBER/COUNT, from 1/1 to {0}/{0}", kMaxShards));
}

Result<std::vector<std::size_t>> Select(const Suite& suite, const Selection& selection) {
  const std::set<std::size_t> selected = WithTwins(suite, selection);
  if (selected.empty()) return std::unexpected(NothingSelected(suite, selection));
  // Groups are dealt out in the order of their first case: neighbours, which often take equally
  // long, go to different shards.
  std::map<std::string_view, std::size_t> groups;
  std::vector<std::size_t> mine;
  for (const std::size_t place : selected) {
    const std::size_t group =
        groups.try_emplace(Group(suite.cases[place]), groups.size()).first->second;
    if (group % selection.shard.count == selection.shard.number - 1) mine.push_back(place);
  }
  return mine;
}

}  // namespace pullproof::conformance
