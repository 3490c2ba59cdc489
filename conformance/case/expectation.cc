#include "conformance/case/expectation.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"
#include "conformance/client/error_class.h"
#include "mockregistry/api/route.h"

namespace pullproof::conformance {
namespace {

using mockregistry::Scenario;
using mockregistry::script::Matcher;

constexpr std::array<std::pair<std::string_view, Wanted>, 3> kWanted{{
    {"ok", Wanted::kOk},
    {"fail", Wanted::kFail},
    {"any", Wanted::kAny},
}};

// Everything that an expectation may name, gathered once for checks and suggestions.
struct KnownNames {
  explicit KnownNames(const Scenario& scenario) {
    for (const auto& blob : scenario.content.blobs) content.push_back(blob.name);
    for (const auto& manifest : scenario.content.manifests) content.push_back(manifest.name);
    for (const auto& rule : scenario.rules) rules.push_back(rule.id);
    for (const auto& host : scenario.hosts) hosts.push_back(host.id);
    if (scenario.HasProxy()) hosts.push_back(mockregistry::script::kProxyHost);
  }

  std::vector<std::string_view> content;
  std::vector<std::string_view> rules;
  std::vector<std::string_view> hosts;
};

class Reader {
 public:
  Reader(const Node& node, const std::string& what, const Scenario& scenario, Diagnostics& problems)
      : reader_(node, what, problems), names_(scenario), problems_(problems) {}

  Expectation Read() {
    expectation_.result = reader_.OptionalEnum<Wanted>("result", kWanted);
    ReadErrorClasses();
    ReadStored();
    ReadFired();
    ReadRequests();
    ReadNever();
    ReadOrder();
    ReadGaps();
    expectation_.no_secret_to = NamesIn("no_secret_to", names_.hosts, "case.unknown-host", "host");
    ReadSentBytes();
    expectation_.total_requests = ReadLimit(reader_, "total_requests", Limit::Unit::kCount);
    expectation_.time = ReadLimit(reader_, "time", Limit::Unit::kTime);
    expectation_.memory = ReadLimit(reader_, "rss", Limit::Unit::kBytes);
    ReadTags();
    ReadReferrers();
    if (const Node* lock = reader_.Get("lock")) expectation_.lock = *lock;
    ReadAssets();
    reader_.Finish();
    return std::move(expectation_);
  }

 private:
  void CheckName(const std::string& name, Position at, std::span<const std::string_view> known,
                 std::string_view id, std::string_view kind) {
    if (std::ranges::find(known, name) != known.end()) return;
    problems_.Report(std::string(id), at, fmt::format("there is no {} `{}`", kind, name),
                     SuggestFrom(name, known));
  }

  std::vector<std::string> NamesIn(std::string_view member, std::span<const std::string_view> known,
                                   std::string_view id, std::string_view kind) {
    return NamesIn(reader_, member, known, id, kind);
  }

  std::vector<std::string> NamesIn(TableReader& reader, std::string_view member,
                                   std::span<const std::string_view> known, std::string_view id,
                                   std::string_view kind) {
    std::vector<std::string> names = reader.Strings(member);
    for (const std::string& name : names) {
      CheckName(name, reader.PositionOf(member), known, id, kind);
    }
    return names;
  }

  void ReadErrorClasses() {
    expectation_.error = reader_.Strings("error");
    for (const std::string& name : expectation_.error) {
      CheckName(name, reader_.PositionOf("error"), client::kErrorClasses,
                "case.unknown-error-class", "error class");
    }
  }

  void ReadStored() {
    const Node* node = reader_.Get("stored");
    if (node == nullptr) return;
    TableReader stored(*node, "`stored`", problems_);
    expectation_.whole =
        NamesIn(stored, "whole", names_.content, "case.unknown-content", "content named");
    expectation_.absent =
        NamesIn(stored, "absent", names_.content, "case.unknown-content", "content named");
    for (const std::string& name : expectation_.whole) {
      if (std::ranges::find(expectation_.absent, name) == expectation_.absent.end()) continue;
      problems_.Report("case.contradiction", node->at(),
                       fmt::format("`{}` cannot be both whole and absent", name));
    }
    stored.Finish();
  }

  void ReadFired() {
    for (const Node::Member& member : reader_.Table("fired")) {
      CheckName(member.name, member.at, names_.rules, "case.unknown-rule", "rule");
      if (const std::optional<CountRange> count = ReadCount(member.value, member.name)) {
        expectation_.fired.emplace_back(member.name, *count);
      }
    }
  }

  // An integer, or "1..5".
  std::optional<CountRange> ReadCount(const Node& node, std::string_view name) {
    if (const std::int64_t* number = node.integer(); number != nullptr && *number >= 0) {
      const auto count = static_cast<std::uint64_t>(*number);
      return CountRange{.low = count, .high = count};
    }
    const std::string* text = node.string();
    if (text == nullptr) {
      reader_.ReportKind(node, name, "a count (\"3\", \"1..5\", \"1..\")");
      return std::nullopt;
    }
    const Result<CountRange> range = CountRange::Parse(*text);
    if (range) return *range;
    problems_.Report(range.error().id, node.at(), range.error().message, range.error().hint);
    return std::nullopt;
  }

  std::optional<Matcher> ReadMatcher(TableReader& reader, std::string& description) {
    const Node* on = reader.Required("on");
    if (on == nullptr) return std::nullopt;
    std::optional<Matcher> matcher = Matcher::Read(*on, reader.what(), problems_);
    if (!matcher) return std::nullopt;
    for (const std::string& name : matcher->names()) {
      CheckName(name, on->at(), names_.content, "case.unknown-content", "content named");
    }
    if (matcher->host()) {
      CheckName(*matcher->host(), on->at(), names_.hosts, "case.unknown-host", "host");
    }
    description = DescribeMatcher(*on);
    return matcher;
  }

  void ReadRequests() {
    for (const Node& item : reader_.Array("requests")) {
      TableReader reader(item, "an expectation of `requests`", problems_);
      std::string description;
      std::optional<Matcher> on = ReadMatcher(reader, description);
      const std::string id = reader.String("id");
      std::optional<CountRange> count{{.low = 1, .high = std::nullopt}};
      if (const Node* node = reader.Get("count")) count = ReadCount(*node, "count");
      const std::optional<Level> level =
          reader.OptionalEnum<Level>("level", mockregistry::content::kLevels);
      std::string note = reader.String("note");
      reader.Finish();
      if (!on || !count) continue;
      if (*count == CountRange{} && note.empty()) {
        problems_.Report("case.cannot-fail", item.at(),
                         "any number of such requests is right, so this says nothing",
                         "add a `note` that is shown when there are some, or a count");
      }
      expectation_.requests.push_back(
          {id, *std::move(on), std::move(description), *count, level, std::move(note)});
    }
  }

  void ReadNever() {
    for (const Node& item : reader_.Array("never")) {
      TableReader reader(item, "an expectation of `never`", problems_);
      std::string description;
      std::optional<Matcher> on = ReadMatcher(reader, description);
      const std::optional<Level> level =
          reader.OptionalEnum<Level>("level", mockregistry::content::kLevels);
      std::string why = reader.String("why");
      reader.Finish();
      if (on) {
        expectation_.never.push_back(
            {*std::move(on), std::move(description), level, std::move(why)});
      }
    }
  }

  // The id of a rule or of an expectation, or an operation: in this order.
  std::optional<Event> ReadEvent(const std::string& name, Position at) {
    if (std::ranges::find(names_.rules, name) != names_.rules.end()) {
      return Event{Event::Kind::kRule, name};
    }
    if (std::ranges::find(expectation_.requests, name, &RequestsExpected::id) !=
        expectation_.requests.end()) {
      return Event{Event::Kind::kExpectation, name};
    }
    const std::vector<std::string_view> operations = mockregistry::api::OperationNames();
    if (std::ranges::any_of(
            operations, [&](std::string_view operation) { return GlobMatch(name, operation); })) {
      return Event{Event::Kind::kOperation, name};
    }
    std::vector<std::string_view> known(names_.rules.begin(), names_.rules.end());
    for (const RequestsExpected& expected : expectation_.requests) {
      if (!expected.id.empty()) known.push_back(expected.id);
    }
    known.insert(known.end(), operations.begin(), operations.end());
    problems_.Report("case.unknown-event", at,
                     fmt::format("`{}` is no rule, no expectation's id and no operation", name),
                     SuggestFrom(name, known));
    return std::nullopt;
  }

  void ReadOrder() {
    const std::vector<std::string> names = reader_.Strings("order");
    for (const std::string& name : names) {
      if (std::optional<Event> event = ReadEvent(name, reader_.PositionOf("order"))) {
        expectation_.order.push_back(*std::move(event));
      }
    }
    if (names.size() == 1) {
      problems_.Report("case.cannot-fail", reader_.PositionOf("order"),
                       "one event is always in order", "name what comes before or after it");
    }
  }

  std::optional<Duration> ReadDuration(TableReader& reader, std::string_view member) {
    const std::optional<std::string> text = reader.OptionalString(member);
    if (!text) return std::nullopt;
    const Result<Duration> duration = ParseDuration(*text);
    if (duration) return *duration;
    problems_.Report(duration.error().id, reader.PositionOf(member), duration.error().message,
                     duration.error().hint);
    return std::nullopt;
  }

  void ReadGaps() {
    constexpr std::string_view kNext = "next:";
    for (const Node& item : reader_.Array("gap")) {
      TableReader reader(item, "an expectation of `gap`", problems_);
      const std::string after = reader.RequiredString("after");
      std::string before = reader.RequiredString("before");
      GapExpected gap;
      gap.min = ReadDuration(reader, "min");
      gap.max = ReadDuration(reader, "max");
      gap.level = reader.OptionalEnum<Level>("level", mockregistry::content::kLevels);
      reader.Finish();
      if (!reader.Has("min") && !reader.Has("max")) {
        problems_.Report("case.cannot-fail", item.at(), "a gap needs `min`, `max` or both");
      }
      if (before.starts_with(kNext)) {
        gap.next = true;
        before.erase(0, kNext.size());
      }
      const std::optional<Event> first = ReadEvent(after, reader.PositionOf("after"));
      const std::optional<Event> second = ReadEvent(before, reader.PositionOf("before"));
      if (!first || !second) continue;
      gap.after = *first;
      gap.before = *second;
      expectation_.gaps.push_back(std::move(gap));
    }
  }

  std::optional<Limit> ReadLimit(TableReader& reader, std::string_view member, Limit::Unit unit) {
    const std::optional<std::string> text = reader.OptionalString(member);
    if (!text) return std::nullopt;
    return ParseLimit(*text, reader.PositionOf(member), member, unit);
  }

  std::optional<Limit> ParseLimit(std::string_view text, Position at, std::string_view member,
                                  Limit::Unit unit) {
    const Result<Limit> limit = Limit::Parse(text);
    if (!limit) {
      problems_.Report(limit.error().id, at, limit.error().message, limit.error().hint);
      return std::nullopt;
    }
    // "0" is as good a number of bytes or hundredths as it is a count, but 5 is no time.
    const bool fits = limit->unit == unit ||
                      (unit == Limit::Unit::kBytes && (limit->unit == Limit::Unit::kCount ||
                                                       limit->unit == Limit::Unit::kPercent));
    if (fits) return *limit;
    problems_.Report("bound.unit", at, fmt::format("`{}` cannot be {}", member, text),
                     unit == Limit::Unit::kTime    ? "write a time: \"<=5s\""
                     : unit == Limit::Unit::kBytes ? "write a size: \"<=512MiB\""
                                                   : "write a number: \"<=40\"");
    return std::nullopt;
  }

  void ReadSentBytes() {
    for (const Node::Member& member : reader_.Table("sent_bytes")) {
      if (member.name == "level") {
        expectation_.sent_bytes_level =
            reader_.EnumValue<Level>(member.value, "level", mockregistry::content::kLevels);
        continue;
      }
      CheckName(member.name, member.at, names_.content, "case.unknown-content", "content named");
      const std::string* text = member.value.string();
      if (text == nullptr) {
        reader_.ReportKind(member.value, member.name, "a limit (\"<=150%\", \"<=64KiB\")");
        continue;
      }
      if (const std::optional<Limit> limit =
              ParseLimit(*text, member.value.at(), member.name, Limit::Unit::kBytes)) {
        expectation_.sent_bytes.push_back({member.name, *limit});
      }
    }
  }

  void ReadTags() {
    const Node* node = reader_.Get("tags");
    if (node == nullptr) return;
    TableReader reader(*node, "`tags`", problems_);
    TagsExpected tags;
    if (const std::optional<std::int64_t> count = reader.OptionalInteger("count", 0)) {
      tags.count = static_cast<std::uint64_t>(*count);
    }
    tags.first = reader.OptionalString("first");
    tags.last = reader.OptionalString("last");
    reader.Finish();
    expectation_.tags = std::move(tags);
  }

  void ReadReferrers() {
    const Node* node = reader_.Get("referrers");
    if (node == nullptr) return;
    TableReader reader(*node, "`referrers`", problems_);
    ReferrersExpected referrers;
    referrers.listed =
        NamesIn(reader, "listed", names_.content, "case.unknown-content", "content named");
    referrers.absent =
        NamesIn(reader, "absent", names_.content, "case.unknown-content", "content named");
    reader.Finish();
    if (referrers.listed.empty() && referrers.absent.empty()) {
      problems_.Report("case.cannot-fail", node->at(), "any list of referrers is right",
                       "name what must be `listed` or `absent`");
    }
    expectation_.referrers = std::move(referrers);
  }

  void ReadAssets() {
    if (!reader_.Has("assets")) return;
    std::vector<AssetExpected> assets;
    for (const Node::Member& member : reader_.Table("assets")) {
      AssetExpected asset{.path = member.name, .name = std::nullopt, .text = {}};
      if (const std::string* text = member.value.string()) {
        asset.text = *text;
      } else {
        TableReader reader(member.value, fmt::format("asset `{}`", member.name), problems_);
        asset.name = reader.RequiredString("name");
        CheckName(*asset.name, member.value.at(), names_.content, "case.unknown-content",
                  "content named");
        reader.Finish();
      }
      assets.push_back(std::move(asset));
    }
    expectation_.assets = std::move(assets);
  }

  TableReader reader_;
  KnownNames names_;
  Diagnostics& problems_;
  Expectation expectation_;
};

}  // namespace

Expectation ReadExpectation(const Node& node, const std::string& what, const Scenario& scenario,
                            Diagnostics& problems) {
  return Reader(node, what, scenario, problems).Read();
}

std::string DescribeMatcher(const Node& on) {
  if (on.table() == nullptr || on.table()->empty()) return "any request";
  std::string description;
  for (const Node::Member& member : *on.table()) {
    if (!description.empty()) description += ", ";
    description += member.name + " ";
    if (const std::string* text = member.value.string()) {
      description += *text;
      continue;
    }
    // Lists and matchers are short; a fraction has no place in them.
    description += CanonicalJson(member.value).value_or("?");
  }
  return description;
}

}  // namespace pullproof::conformance
