#include "mockregistry/script/matcher.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "base/text.h"
#include "mockregistry/auth/authorization.h"
#include "oci/range.h"

namespace pullproof::mockregistry::script {
namespace {

using NamedMatchers = std::vector<std::pair<std::string, TextMatcher>>;

std::optional<std::string_view> Stated(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return text;
}

// The header's value without a copy; nullptr when there is none of that name.
const std::string* FindHeader(const Subject& subject, std::string_view name) {
  if (subject.headers == nullptr) return nullptr;
  for (const auto& [line_name, value] : subject.headers->lines()) {
    if (EqualsIgnoreCase(line_name, name)) return &value;
  }
  return nullptr;
}

bool MatchesHeader(const std::pair<std::string, TextMatcher>& wanted, const Subject& subject) {
  const auto& [name, matcher] = wanted;
  if (FindHeader(subject, name) == nullptr) return matcher.Matches(std::nullopt);
  return std::ranges::any_of(subject.headers->lines(), [&](const oci::Headers::Line& line) {
    return EqualsIgnoreCase(line.first, name) && matcher.Matches(line.second);
  });
}

std::string_view QueryOf(std::string_view target) {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

bool NeedsDecoding(std::string_view text) {
  return text.find_first_of("%+") != std::string_view::npos;
}

// As api::ParseQuery does: `+` is a blank.
std::optional<std::string> Decode(std::string_view written) {
  std::string text(written);
  std::ranges::replace(text, '+', ' ');
  return PercentDecode(text);
}

// As written, or decoded. Fixtures state signed values as they are written ("abc%2F123") and scopes
// as they are meant ("repository:a:pull"), and clients differ in what they escape.
bool MatchesWritten(const TextMatcher& matcher, std::string_view written) {
  if (matcher.Matches(written)) return true;
  if (!NeedsDecoding(written)) return false;
  const std::optional<std::string> decoded = Decode(written);
  return decoded && matcher.Matches(*decoded);
}

bool IsParameter(std::string_view written_name, std::string_view name) {
  if (written_name == name) return true;
  return NeedsDecoding(written_name) && Decode(written_name) == name;
}

bool MatchesQuery(const std::pair<std::string, TextMatcher>& wanted, std::string_view query) {
  const auto& [name, matcher] = wanted;
  bool is_present = false;
  while (!query.empty()) {
    const std::string_view parameter = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(parameter.size() + 1, query.size()));
    const std::string_view written_name = parameter.substr(0, parameter.find('='));
    if (!IsParameter(written_name, name)) continue;
    is_present = true;
    const std::string_view value =
        parameter.substr(std::min(written_name.size() + 1, parameter.size()));
    if (MatchesWritten(matcher, value)) return true;
  }
  return !is_present && matcher.Matches(std::nullopt);
}

// "`a`", "`a` or `b`", "glob `lib/*`", "absent": a value of the table as a sentence can hold it.
std::string Shown(const Node& value) {
  if (const std::string* text = value.string()) return fmt::format("`{}`", *text);
  if (const bool* flag = value.boolean()) return *flag ? "true" : "false";
  if (const Node::Array* items = value.array()) {
    std::string all;
    for (const Node& item : *items) {
      all += fmt::format("{}{}", all.empty() ? "" : " or ", Shown(item));
    }
    return all;
  }
  if (const Node* present = value.Find("present"); present != nullptr && present->boolean()) {
    return *present->boolean() ? "present" : "absent";
  }
  if (const Node* glob = value.Find("glob")) return "glob " + Shown(*glob);
  if (const Node* expression = value.Find("re")) return "re " + Shown(*expression);
  return std::string(value.KindName());
}

// What a request has for a header or parameter: all of its values.
std::optional<std::string> SeenHeader(const Subject& subject, std::string_view name) {
  return subject.headers == nullptr ? std::nullopt : subject.headers->Joined(name);
}

std::optional<std::string> SeenParameter(std::string_view query, std::string_view name) {
  std::optional<std::string> seen;
  for (const std::string_view parameter : Split(query, '&')) {
    const std::string_view written_name = parameter.substr(0, parameter.find('='));
    if (!IsParameter(written_name, name)) continue;
    if (seen) *seen += ", ";
    seen = seen.value_or("") +
           std::string(parameter.substr(std::min(written_name.size() + 1, parameter.size())));
  }
  return seen;
}

std::optional<std::string> SeenText(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return std::string(text);
}

std::string_view PathOf(std::string_view target) { return target.substr(0, target.find('?')); }

// Header names are compared without regard to case, parameters with it.
enum class NameCase { kIgnored, kKept };

NamedMatchers ReadNamed(TableReader& reader, std::string_view member, NameCase name_case) {
  NamedMatchers matchers;
  for (const Node::Member& item : reader.Table(member)) {
    auto matcher = TextMatcher::Read(item.value,
                                     fmt::format("`{}.{}` of {}", member, item.name, reader.what()),
                                     reader.problems());
    if (!matcher) continue;
    matchers.emplace_back(name_case == NameCase::kIgnored ? ToLowerAscii(item.name) : item.name,
                          *std::move(matcher));
  }
  return matchers;
}

std::optional<TextMatcher> ReadText(TableReader& reader, std::string_view member) {
  const Node* node = reader.Get(member);
  if (node == nullptr) return std::nullopt;
  return TextMatcher::Read(*node, fmt::format("`{}` of {}", member, reader.what()),
                           reader.problems());
}

template <typename T>
bool IncludesEqual(const std::optional<T>& wide, const std::optional<T>& narrow) {
  return !wide || wide == narrow;
}

bool IncludesText(const std::optional<TextMatcher>& wide,
                  const std::optional<TextMatcher>& narrow) {
  return !wide || (narrow && wide->Includes(*narrow));
}

bool IncludesNamed(const NamedMatchers& wide, const NamedMatchers& narrow) {
  return std::ranges::all_of(wide, [&narrow](const auto& wanted) {
    return std::ranges::any_of(narrow, [&wanted](const auto& other) {
      return other.first == wanted.first && wanted.second.Includes(other.second);
    });
  });
}

bool IncludesNames(const std::vector<std::string>& wide, const std::vector<std::string>& narrow) {
  if (wide.empty()) return true;
  return !narrow.empty() && std::ranges::all_of(narrow, [&wide](const std::string& name) {
    return std::ranges::find(wide, name) != wide.end();
  });
}

}  // namespace

std::optional<Matcher> Matcher::Read(const Node& node, const std::string& what,
                                     Diagnostics& problems) {
  const std::size_t before = problems.all().size();
  Matcher matcher;
  TableReader reader(node, what, problems);
  matcher.ReadOperations(reader);
  matcher.ReadRest(reader);
  reader.Finish();
  if (problems.all().size() != before) return std::nullopt;
  for (const Node::Member& member : *node.table()) {
    const bool is_named = member.name == "header" || member.name == "query";
    if (!is_named) {
      matcher.written_.emplace_back(member.name, Shown(member.value));
      continue;
    }
    for (const Node::Member& item : *member.value.table()) {
      const std::string name = member.name == "header" ? ToLowerAscii(item.name) : item.name;
      matcher.written_.emplace_back(member.name + ' ' + name, Shown(item.value));
    }
  }
  return matcher;
}

void Matcher::ReadOperations(TableReader& reader) {
  const std::vector<std::string> patterns = reader.OneOrManyStrings("op");
  if (!reader.Has("op")) return;
  operations_ = {};
  for (const std::string& pattern : patterns) {
    if (const std::optional<OperationSet> operations = OperationSet::Parse(pattern)) {
      operations_.Add(*operations);
      continue;
    }
    reader.problems().Report("script.operation", reader.PositionOf("op"),
                             fmt::format("{} has no operation `{}`", reader.what(), pattern),
                             SuggestFrom(pattern, OperationSet::Patterns()));
  }
  if (patterns.empty()) {
    reader.problems().Report("script.operation", reader.PositionOf("op"),
                             fmt::format("`op` of {} names no operation", reader.what()),
                             "leave it out to mean every operation");
  }
}

void Matcher::ReadRest(TableReader& reader) {
  static constexpr std::array<std::pair<std::string_view, RangeKind>, 5> kRangeKinds{{
      {"none", RangeKind::kNone},
      {"any", RangeKind::kAny},
      {"from>0", RangeKind::kFromAboveZero},
      {"suffix", RangeKind::kSuffix},
      {"multi", RangeKind::kMulti},
  }};
  static constexpr std::array<std::pair<std::string_view, AuthKind>, 3> kAuthKinds{{
      {"none", AuthKind::kNone},
      {"basic", AuthKind::kBasic},
      {"bearer", AuthKind::kBearer},
  }};
  host_ = reader.OptionalString("host");
  repository_ = ReadText(reader, "repo");
  reference_ = ReadText(reader, "ref");
  names_ = reader.OneOrManyStrings("name");
  headers_ = ReadNamed(reader, "header", NameCase::kIgnored);
  query_ = ReadNamed(reader, "query", NameCase::kKept);
  range_ = reader.OptionalEnum<RangeKind>("range", kRangeKinds);
  auth_ = reader.OptionalEnum<AuthKind>("auth", kAuthKinds);
  method_ = reader.OptionalString("method");
  path_ = ReadText(reader, "path");
}

bool Matcher::MatchesRange(RangeKind kind, const Subject& subject) {
  const std::string* header = FindHeader(subject, "Range");
  if (kind == RangeKind::kNone) return header == nullptr;
  if (header == nullptr) return false;
  if (kind == RangeKind::kAny) return true;
  const Result<std::vector<oci::ByteRange>> ranges = oci::ByteRange::ParseHeader(*header);
  if (!ranges) return false;
  if (kind == RangeKind::kMulti) return ranges->size() > 1;
  if (ranges->size() != 1) return false;
  const oci::ByteRange& range = ranges->front();
  if (kind == RangeKind::kSuffix) return range.is_suffix();
  return range.first().value_or(0) > 0;
}

bool Matcher::MatchesAuth(AuthKind kind, const Subject& subject) {
  const std::string* header = FindHeader(subject, "Authorization");
  if (kind == AuthKind::kNone) return header == nullptr;
  return header != nullptr &&
         auth::ParseAuthorization(*header).Is(kind == AuthKind::kBasic ? "Basic" : "Bearer");
}

// Cheap questions first.
bool Matcher::MatchesBesideOperation(const Subject& subject) const {
  if (host_ && *host_ != subject.host) return false;
  if (!names_.empty() && std::ranges::find(names_, subject.name) == names_.end()) return false;
  if (method_ && *method_ != subject.method) return false;
  if (repository_ && !repository_->Matches(Stated(subject.repository))) return false;
  if (reference_ && !reference_->Matches(Stated(subject.reference))) return false;
  if (path_ && !path_->Matches(Stated(PathOf(subject.target)))) return false;
  if (range_ && !MatchesRange(*range_, subject)) return false;
  if (auth_ && !MatchesAuth(*auth_, subject)) return false;
  return std::ranges::all_of(headers_,
                             [&](const NamedMatcher& h) { return MatchesHeader(h, subject); }) &&
         std::ranges::all_of(query_, [&](const NamedMatcher& q) {
           return MatchesQuery(q, QueryOf(subject.target));
         });
}

std::string Matcher::Written(std::string_view member, std::string_view argument) const {
  const std::string key =
      argument.empty() ? std::string(member) : fmt::format("{} {}", member, argument);
  const auto found = std::ranges::find(written_, key, [](const auto& pair) { return pair.first; });
  return found == written_.end() ? std::string() : found->second;
}

std::vector<Mismatch> Matcher::Explain(const Subject& subject) const {
  std::vector<Mismatch> mismatches;
  const auto add = [&](std::string_view member, std::optional<std::string> seen,
                       std::string_view argument = {}) {
    mismatches.push_back(
        {std::string(member), std::string(argument), Written(member, argument), std::move(seen)});
  };
  if (!operations_.Has(OperationOf(subject.operation))) add("op", SeenText(subject.operation));
  if (host_ && *host_ != subject.host) add("host", SeenText(subject.host));
  if (!names_.empty() && std::ranges::find(names_, subject.name) == names_.end()) {
    add("name", SeenText(subject.name));
  }
  if (repository_ && !repository_->Matches(Stated(subject.repository))) {
    add("repo", SeenText(subject.repository));
  }
  if (reference_ && !reference_->Matches(Stated(subject.reference))) {
    add("ref", SeenText(subject.reference));
  }
  if (path_ && !path_->Matches(Stated(PathOf(subject.target)))) {
    add("path", SeenText(PathOf(subject.target)));
  }
  for (const NamedMatcher& header : headers_) {
    if (MatchesHeader(header, subject)) continue;
    add("header", SeenHeader(subject, header.first), header.first);
  }
  for (const NamedMatcher& parameter : query_) {
    if (MatchesQuery(parameter, QueryOf(subject.target))) continue;
    add("query", SeenParameter(QueryOf(subject.target), parameter.first), parameter.first);
  }
  if (range_ && !MatchesRange(*range_, subject)) add("range", SeenHeader(subject, "Range"));
  if (auth_ && !MatchesAuth(*auth_, subject)) {
    const std::string* header = FindHeader(subject, "Authorization");
    add("auth", header == nullptr ? std::optional<std::string>()
                                  : std::string(auth::ParseAuthorization(*header).scheme));
  }
  if (method_ && *method_ != subject.method) add("method", SeenText(subject.method));
  return mismatches;
}

bool Matcher::Includes(const Matcher& other) const {
  const bool includes_range =
      IncludesEqual(range_, other.range_) ||
      (range_ == RangeKind::kAny && other.range_ && other.range_ != RangeKind::kNone);
  return operations_.Includes(other.operations_) && IncludesEqual(host_, other.host_) &&
         IncludesText(repository_, other.repository_) &&
         IncludesText(reference_, other.reference_) && IncludesNames(names_, other.names_) &&
         IncludesNamed(headers_, other.headers_) && IncludesNamed(query_, other.query_) &&
         includes_range && IncludesEqual(auth_, other.auth_) &&
         IncludesEqual(method_, other.method_) && IncludesText(path_, other.path_);
}

bool Matcher::AsksOnlyHost() const {
  return operations_ == OperationSet::All() && !repository_ && !reference_ && names_.empty() &&
         headers_.empty() && query_.empty() && !range_ && !auth_ && !method_ && !path_;
}

}  // namespace pullproof::mockregistry::script
