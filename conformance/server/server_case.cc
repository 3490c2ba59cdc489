#include "conformance/server/server_case.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "conformance/case/anchors.h"

namespace pullproof::conformance::server {
namespace {

using mockregistry::Scenario;
using mockregistry::script::TextMatcher;

constexpr std::array<std::string_view, 7> kMethods = {"GET",   "HEAD",   "PUT",    "POST",
                                                      "PATCH", "DELETE", "OPTIONS"};
constexpr std::int64_t kMaxSlice = std::int64_t{1} << 30;

class AskReader {
 public:
  AskReader(const Node& node, std::size_t number, const Scenario& scenario, Diagnostics& problems)
      : what_(fmt::format("request {}", number)),
        reader_(node, what_, problems),
        scenario_(scenario),
        problems_(problems) {}

  Ask Read() {
    ReadRequest();
    ask_.headers = reader_.StringMap("headers");
    ask_.text = reader_.String("text");
    ask_.name = NameIn(reader_, "name");
    ask_.slice = SliceIn(reader_, "slice");
    ask_.keep = reader_.StringMap("keep");
    if (const Node* expect = reader_.Required("expect")) ReadExpect(*expect);
    reader_.Finish();
    return std::move(ask_);
  }

 private:
  void ReadRequest() {
    const std::string send = reader_.RequiredString("send");
    const std::size_t blank = send.find(' ');
    ask_.method = send.substr(0, blank);
    if (blank != std::string::npos) ask_.target = send.substr(blank + 1);
    if (send.empty()) return;
    const bool starts_well = ask_.target.starts_with('/') || ask_.target.starts_with("{repo") ||
                             ask_.target.starts_with("{kept:") || ask_.target.starts_with("{more:");
    if (std::ranges::find(kMethods, ask_.method) == kMethods.end() || !starts_well) {
      problems_.Report("server.request", reader_.PositionOf("send"),
                       fmt::format("`send` of {} is no request", what_),
                       "write send = \"GET {repo}/tags/list\"");
    }
  }

  std::string NameIn(TableReader& reader, std::string_view member) {
    std::string name = reader.String(member);
    if (!name.empty() && !scenario_.content.DigestOfName(name)) {
      problems_.Report("case.unknown-content", reader.PositionOf(member),
                       fmt::format("there is no content named `{}`", name));
    }
    return name;
  }

  static std::optional<std::pair<std::size_t, std::size_t>> SliceIn(TableReader& reader,
                                                                    std::string_view member) {
    if (!reader.Has(member)) return std::nullopt;
    const Node& node = *reader.Get(member);
    TableReader slice(node, fmt::format("`{}`", member), reader.problems());
    const std::int64_t first = slice.Integer("first", 0, 0, kMaxSlice);
    const std::int64_t last = slice.Integer("last", 0, first, kMaxSlice);
    slice.Finish();
    return std::pair(static_cast<std::size_t>(first), static_cast<std::size_t>(last));
  }

  std::vector<int> StatusesIn(TableReader& reader, std::string_view member) {
    std::vector<int> statuses;
    for (const Node& node : reader.Array(member)) {
      constexpr std::int64_t kLow = 100;
      constexpr std::int64_t kHigh = 599;
      const std::int64_t* value = node.integer();
      if (value == nullptr || *value < kLow || *value > kHigh) {
        problems_.Report("model.range", node.at(), "a status is a number from 100 to 599");
        continue;
      }
      statuses.push_back(static_cast<int>(*value));
    }
    return statuses;
  }

  void ReadExpect(const Node& node) {
    TableReader expect(node, fmt::format("`expect` of {}", what_), problems_);
    ask_.statuses = StatusesIn(expect, "status");
    ask_.unsupported = StatusesIn(expect, "unsupported");
    if (ask_.statuses.empty()) {
      problems_.Report("case.cannot-fail", node.at(),
                       fmt::format("{} takes an answer of any status", what_),
                       "add status = [200]");
    }
    for (const Node::Member& member : expect.Table("headers")) {
      if (auto matcher = TextMatcher::Read(
              member.value, fmt::format("header `{}` of {}", member.name, what_), problems_)) {
        ask_.header_expected.emplace_back(member.name, *std::move(matcher));
      }
    }
    for (const Node::Member& member : expect.Table("json")) ReadJson(member);
    ask_.body_is = NameIn(expect, "body");
    ask_.body_slice = SliceIn(expect, "slice");
    ask_.level = expect.OptionalEnum<Level>("level", mockregistry::content::kLevels);
    expect.Finish();
  }

  void ReadJson(const Node::Member& member) {
    JsonExpected expected{.path = member.name,
                          .kind = JsonExpected::Kind::kEqual,
                          .value = member.value,
                          .count = std::nullopt,
                          .description = {}};
    if (member.value.table() == nullptr) {
      expected.description =
          fmt::format("`{}` is {}", member.name, CanonicalJson(member.value).value_or("?"));
      ask_.json.push_back(std::move(expected));
      return;
    }
    TableReader reader(member.value, fmt::format("`{}` of {}", member.name, what_), problems_);
    if (reader.Has("count")) {
      expected.kind = JsonExpected::Kind::kCount;
      expected.count = static_cast<std::size_t>(reader.Integer("count", 0, 0, kMaxSlice));
      expected.description = fmt::format("`{}` has {} items", member.name, *expected.count);
    } else {
      reader.Required("is");
      static constexpr std::array<std::pair<std::string_view, JsonExpected::Kind>, 1> kKinds = {
          {{"array", JsonExpected::Kind::kArray}}};
      expected.kind = reader.Enum<JsonExpected::Kind>("is", kKinds, JsonExpected::Kind::kArray);
      expected.description = fmt::format("`{}` is an array", member.name);
    }
    reader.Finish();
    ask_.json.push_back(std::move(expected));
  }

  std::string what_;
  TableReader reader_;
  const Scenario& scenario_;
  Diagnostics& problems_;
  Ask ask_;
};

}  // namespace

std::optional<ServerCase> ReadServerCase(std::string_view text, const std::string& name,
                                         Diagnostics& problems) {
  ServerCase read;
  read.file = name;
  read.scenario = mockregistry::LoadScenario(text, name, {}, problems);
  if (read.scenario == nullptr) return std::nullopt;
  CheckAnchors(read.scenario->fixture.spec, text, problems);
  const Node& client = read.scenario->fixture.client;
  if (client.array() == nullptr || client.array()->empty()) {
    problems.Report("case.no-steps", client.at(), "nothing is asked of the registry",
                    "add a request: [[client]] with `send` and `expect`");
    return std::nullopt;
  }
  for (const Node& item : *client.array()) {
    read.asks.push_back(AskReader(item, read.asks.size() + 1, *read.scenario, problems).Read());
  }
  if (problems.HasErrors()) return std::nullopt;
  return read;
}

Result<std::vector<ServerCase>> LoadServerCases(std::vector<Diagnostics>& problems) {
  std::vector<ServerCase> cases;
  std::size_t invalid = 0;
  for (const EmbeddedFile& file : EmbeddedServerCases()) {
    Diagnostics of_file{std::string(file.name)};
    if (auto read = ReadServerCase(file.text, std::string(file.name), of_file)) {
      cases.push_back(*std::move(read));
    } else {
      ++invalid;
    }
    if (!of_file.all().empty()) problems.push_back(std::move(of_file));
  }
  if (invalid > 0) {
    return Fail("suite.invalid",
                fmt::format("{} of the cases for registries have errors", invalid));
  }
  std::ranges::sort(cases, {}, &ServerCase::id);
  return cases;
}

}  // namespace pullproof::conformance::server
