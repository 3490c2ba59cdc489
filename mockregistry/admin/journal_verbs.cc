#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/document.h"
#include "mockregistry/admin/api.h"
#include "mockregistry/admin/count_range.h"
#include "mockregistry/admin/verbs.h"
#include "mockregistry/journal/har.h"
#include "mockregistry/journal/json_writer.h"
#include "mockregistry/journal/near_miss.h"
#include "mockregistry/journal/query.h"

namespace pullproof::mockregistry::admin {
namespace {

using journal::Entry;
using journal::JsonArray;
using journal::JsonObject;
using journal::JsonText;
using journal::Query;

// Parameters of a URL that are numbers in a query; `status` may also be "4xx".
constexpr std::array<std::string_view, 5> kNumbers = {"connection", "after", "since_ns", "until_ns",
                                                      "status"};

bool IsDigits(std::string_view text) {
  // Fifteen digits fit every integer type.
  return !text.empty() && text.size() <= 15 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// A query out of the parameters of a URL: those members that are texts or numbers.
std::optional<Query> QueryOfUrl(const Call& call, Diagnostics& problems) {
  Node::Table members;
  for (const auto& [name, value] : call.query) {
    if (name == "limit") continue;
    const bool is_number = std::ranges::find(kNumbers, name) != kNumbers.end() && IsDigits(value);
    Node node = is_number ? Node(static_cast<std::int64_t>(std::stoll(value))) : Node(value);
    if (name == "ended") node = Node(value == "true");
    members.push_back({.name = name, .at = {}, .value = std::move(node)});
  }
  return Query::Read(Node(std::move(members)), "the query", problems);
}

std::string EntriesJson(const std::vector<Entry>& entries, std::uint64_t dropped) {
  JsonArray list;
  for (const Entry& entry : entries) list.Add(journal::ToJson(entry));
  return JsonObject().Raw("entries", list.Finish()).Unsigned("dropped", dropped).Finish();
}

api::Response Entries(const Call& call, const Query& query, std::uint64_t limit) {
  journal::Journal& kept = call.registry().journal();
  return Answer(200, EntriesJson(kept.Find(query, limit), kept.dropped()));
}

// What the verbs with a body ask: `{ "on": QUERY, … }`, with `on` left out for every entry.
struct Question {
  Query query;
  std::uint64_t limit = kDefaultEntries;
  std::uint64_t count = 1;
  Duration timeout = std::chrono::seconds(5);
};

enum class Verbs { kQuery, kCount, kWait };

std::optional<Question> ReadQuestion(const Node& body, Verbs verb, Diagnostics& problems) {
  Question question;
  TableReader reader(body, "the body", problems);
  if (const Node* on = reader.Get("on")) {
    if (auto query = Query::Read(*on, "`on`", problems)) question.query = *std::move(query);
  }
  if (verb == Verbs::kQuery) {
    question.limit = static_cast<std::uint64_t>(
        reader.Integer("limit", kDefaultEntries, 0, static_cast<std::int64_t>(kMaxEntries)));
  }
  if (verb == Verbs::kWait) {
    question.count =
        static_cast<std::uint64_t>(reader.Integer("count", 1, 0, std::int64_t{1} << 32));
    if (const auto text = reader.OptionalString("timeout")) {
      const Result<Duration> timeout = ParseDuration(*text);
      if (!timeout) {
        problems.Report(timeout.error().id, reader.PositionOf("timeout"), timeout.error().message,
                        timeout.error().hint);
      } else {
        question.timeout = std::min(*timeout, kMaxWait);
      }
    }
  }
  reader.Finish();
  if (problems.HasErrors()) return std::nullopt;
  return question;
}

// Reads the question of the body and answers it.
template <typename AnswerIt>
api::Response WithQuestion(const Call& call, Verbs verb, const AnswerIt& answer) {
  const Result<Node> body = ReadBody(call);
  if (!body) return Refusal(body.error());
  Diagnostics problems("body");
  const std::optional<Question> question = ReadQuestion(*body, verb, problems);
  return question ? answer(*question) : Refusal(problems);
}

std::string UnmatchedJson(const journal::Unmatched& unmatched) {
  JsonArray nearest;
  for (const journal::NearMiss& miss : unmatched.nearest) {
    JsonArray reasons;
    for (const std::string& reason : miss.reasons) reasons.Add(JsonText(reason));
    nearest.Add(JsonObject().Text("rule", miss.rule).Raw("reasons", reasons.Finish()).Finish());
  }
  return JsonObject()
      .Raw("entry", journal::ToJson(unmatched.entry))
      .Raw("nearest", nearest.Finish())
      .Text("text", journal::Describe(unmatched))
      .Finish();
}

// --- Verify ------------------------------------------------------------------------------------

struct Check {
  Query query;
  CountRange count;
  std::string note;
};

std::optional<Check> ReadCheck(const Node& node, const std::string& what, bool is_never,
                               Diagnostics& problems) {
  Check check;
  check.count =
      is_never ? CountRange{.low = 0, .high = 0} : CountRange{.low = 1, .high = std::nullopt};
  TableReader reader(node, what, problems);
  const Node* on = reader.Required("on");
  std::optional<Query> query;
  if (on != nullptr) query = Query::Read(*on, fmt::format("`on` of {}", what), problems);
  if (query) check.query = *std::move(query);
  if (const Node* count = is_never ? nullptr : reader.Get("count")) {
    const Result<CountRange> range = CountRange::Read(*count);
    if (range) {
      check.count = *range;
    } else {
      problems.Report(range.error().id, count->at(), range.error().message, range.error().hint);
    }
  }
  check.note = reader.String("note");
  reader.Finish();
  if (!query) return std::nullopt;
  return check;
}

std::vector<Check> ReadChecks(const Node& body, Diagnostics& problems) {
  std::vector<Check> checks;
  TableReader reader(body, "the body", problems);
  for (const std::string_view list : {"requests", "never"}) {
    const std::span<const Node> items = reader.Array(list);
    if (items.size() > kMaxChecks) {
      problems.Report("admin.too-many-checks", body.at(),
                      fmt::format("more than {} checks", kMaxChecks));
      return {};
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
      auto check = ReadCheck(items[i], fmt::format("{}[{}]", list, i), list == "never", problems);
      if (check) checks.push_back(*std::move(check));
    }
  }
  reader.Finish();
  return checks;
}

}  // namespace

api::Response ListEntries(const Call& call) {
  const auto limit = QueryNumber(call, "limit", kDefaultEntries, kMaxEntries);
  if (!limit) return Refusal(limit.error());
  Diagnostics problems("query");
  const std::optional<Query> query = QueryOfUrl(call, problems);
  return query ? Entries(call, *query, *limit) : Refusal(problems);
}

api::Response QueryEntries(const Call& call) {
  return WithQuestion(call, Verbs::kQuery, [&call](const Question& question) {
    return Entries(call, question.query, question.limit);
  });
}

api::Response CountEntries(const Call& call) {
  return WithQuestion(call, Verbs::kCount, [&call](const Question& question) {
    return Answer(
        200,
        JsonObject().Unsigned("count", call.registry().journal().Count(question.query)).Finish());
  });
}

api::Response WaitForEntries(const Call& call) {
  return WithQuestion(call, Verbs::kWait, [&call](const Question& question) {
    const journal::Journal& kept = call.registry().journal();
    const bool reached =
        kept.Wait(question.count, question.query,
                  {.timeout = question.timeout, .clock = nullptr, .stop = &call.tenant->gone});
    return Answer(200, JsonObject()
                           .Flag("reached", reached)
                           .Unsigned("count", kept.Count(question.query))
                           .Finish());
  });
}

api::Response ClearJournal(const Call& call) {
  call.registry().journal().Clear();
  return Answer(200, EntriesJson({}, 0));
}

api::Response ExportHar(const Call& call) {
  const Registry& registry = call.registry();
  const Clock& clock = registry.clock();
  const journal::HarContext context{
      .origin = [&registry](std::string_view host) { return registry.Origin(host); },
      .epoch = clock.Wall() -
               std::chrono::duration_cast<std::chrono::system_clock::duration>(clock.Now()),
      .creator_version = "1"};
  return Answer(200, journal::ToHar(call.registry().journal().Snapshot(), context));
}

api::Response ListUnmatched(const Call& call) {
  const auto limit = QueryNumber(call, "limit", kDefaultEntries, kMaxEntries);
  if (!limit) return Refusal(limit.error());
  JsonArray list;
  for (const journal::Unmatched& unmatched : call.registry().Unmatched(*limit)) {
    list.Add(UnmatchedJson(unmatched));
  }
  JsonArray idle;
  for (const RuleState& rule : call.registry().Rules()) {
    if (rule.matched == 0) idle.Add(JsonText(rule.id));
  }
  return Answer(200, JsonObject()
                         .Raw("unmatched", list.Finish())
                         .Raw("rules_never_matched", idle.Finish())
                         .Finish());
}

api::Response Verify(const Call& call) {
  const Result<Node> body = ReadBody(call);
  if (!body) return Refusal(body.error());
  Diagnostics problems("body");
  const std::vector<Check> checks = ReadChecks(*body, problems);
  if (problems.HasErrors()) return Refusal(problems);
  JsonArray results;
  bool all = true;
  for (const Check& check : checks) {
    const std::uint64_t seen = call.registry().journal().Count(check.query);
    const bool holds = check.count.Holds(seen);
    all = all && holds;
    results.Add(JsonObject()
                    .Flag("ok", holds)
                    .Unsigned("seen", seen)
                    .Text("wanted", check.count.Describe())
                    .Text("note", check.note)
                    .Finish());
  }
  return Answer(200, JsonObject().Flag("ok", all).Raw("checks", results.Finish()).Finish());
}

}  // namespace pullproof::mockregistry::admin
