#include "mockregistry/journal/query.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace pullproof::mockregistry::journal {
namespace {

// What a query has beside the members of a matcher.
constexpr std::array<std::string_view, 8> kOwnMembers = {
    "rule", "status", "connection", "ending", "ended", "after", "since_ns", "until_ns"};

// 404, or "4xx".
std::optional<std::pair<int, int>> ReadStatus(const Node& node, const std::string& what,
                                              Diagnostics& problems) {
  if (const std::int64_t* number = node.integer();
      number != nullptr && *number >= 0 && *number <= 999) {
    return std::pair(static_cast<int>(*number), static_cast<int>(*number));
  }
  const std::string* text = node.string();
  if (text != nullptr && text->size() == 3 && text->ends_with("xx") && (*text)[0] >= '1' &&
      (*text)[0] <= '5') {
    const int hundred = ((*text)[0] - '0') * 100;
    return std::pair(hundred, hundred + 99);
  }
  problems.Report("journal.status", node.at(), fmt::format("`status` of {} is no status", what),
                  R"(write a number (0: no answer at all), or "4xx")");
  return std::nullopt;
}

void ReadStatuses(const Node& node, const std::string& what, Query& query, Diagnostics& problems) {
  const auto add = [&](const Node& value) {
    if (const auto range = ReadStatus(value, what, problems)) query.status.push_back(*range);
  };
  if (const Node::Array* items = node.array()) {
    std::ranges::for_each(*items, add);
  } else {
    add(node);
  }
}

std::optional<Duration> Nanoseconds(const std::optional<std::int64_t>& value) {
  if (!value) return std::nullopt;
  return Duration(*value);
}

}  // namespace

script::Subject SubjectOf(const Entry& entry) {
  return {.operation = entry.operation,
          .host = entry.host,
          .repository = entry.repository,
          .reference = entry.reference,
          .name = entry.name,
          .method = entry.method,
          .target = entry.target,
          .headers = &entry.request_headers};
}

std::optional<Query> Query::Read(const Node& node, const std::string& what, Diagnostics& problems) {
  const std::size_t before = problems.all().size();
  Query query;
  TableReader reader(node, what, problems);
  query.rule = reader.OptionalString("rule");
  if (const Node* status = reader.Get("status")) ReadStatuses(*status, what, query, problems);
  if (const auto connection = reader.OptionalInteger("connection", 0)) {
    query.connection = static_cast<std::uint64_t>(*connection);
  }
  query.ending = reader.OptionalString("ending");
  query.ended = reader.OptionalBool("ended");
  query.after = static_cast<std::uint64_t>(reader.Integer("after", 0, 0));
  query.since = Nanoseconds(reader.OptionalInteger("since_ns"));
  query.until = Nanoseconds(reader.OptionalInteger("until_ns"));
  if (node.table() != nullptr) {
    // The rest is an ordinary matcher, which complains about what nobody knows.
    Node rest = node;
    std::erase_if(*rest.table(), [](const Node::Member& member) {
      return std::ranges::find(kOwnMembers, member.name) != kOwnMembers.end();
    });
    if (auto on = script::Matcher::Read(rest, what, problems)) query.on = *std::move(on);
  }
  if (problems.all().size() != before) return std::nullopt;
  return query;
}

Result<Query> Query::Parse(std::string_view members) {
  const Result<Node> document = ParseToml(fmt::format("q = {{ {} }}", members), "the query");
  if (!document) return std::unexpected(document.error());
  Diagnostics problems("the query");
  std::optional<Query> query = Read(*document->Find("q"), "the query", problems);
  if (!query) return std::unexpected(problems.FirstError());
  return *std::move(query);
}

bool Query::operator()(const Entry& entry) const {
  if (entry.number <= after) return false;
  if (rule && *rule != entry.rule) return false;
  if (connection && *connection != entry.connection) return false;
  if (ended && *ended == entry.ending.empty()) return false;
  if (ending && *ending != entry.ending) return false;
  if (since && entry.received < *since) return false;
  if (until && entry.received >= *until) return false;
  const auto is_status = [&entry](const std::pair<int, int>& range) {
    return entry.status >= range.first && entry.status <= range.second;
  };
  if (!status.empty() && std::ranges::none_of(status, is_status)) return false;
  return on.Matches(SubjectOf(entry));
}

}  // namespace pullproof::mockregistry::journal
