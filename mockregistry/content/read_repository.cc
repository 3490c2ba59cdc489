#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "mockregistry/content/content.h"
#include "mockregistry/content/read.h"
#include "oci/reference.h"

namespace pullproof::mockregistry::content {
namespace {

// "v[000..024]" is v000, v001 … v024: as many digits as the first number has.
struct TagRange {
  std::string_view prefix;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::size_t digits = 0;
  std::string_view suffix;

  static std::optional<TagRange> Parse(std::string_view text);
  [[nodiscard]] std::string Tag(std::uint64_t number) const {
    return fmt::format("{}{:0{}}{}", prefix, number, digits, suffix);
  }
};

bool ParseNumber(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

std::optional<TagRange> TagRange::Parse(std::string_view text) {
  const std::size_t open = text.find('[');
  const std::size_t dots = text.find("..", std::min(open, text.size()));
  const std::size_t close = text.find(']', std::min(dots, text.size()));
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view first = text.substr(open + 1, dots - open - 1);
  const std::string_view last = text.substr(dots + 2, close - dots - 2);
  TagRange range;
  range.prefix = text.substr(0, open);
  range.digits = first.size();
  range.suffix = text.substr(close + 1);
  if (!ParseNumber(first, range.first) || !ParseNumber(last, range.last) ||
      range.last < range.first) {
    return std::nullopt;
  }
  return range;
}

class TagReader {
 public:
  TagReader(RepositorySpec& repository, const std::string& what, Diagnostics& problems)
      : repository_(repository), what_(what), problems_(problems) {}

  void Read(const Node::Member& member) {
    const std::string* manifest = member.value.string();
    if (manifest == nullptr) {
      problems_.Report("model.kind", member.value.at(),
                       fmt::format("tag `{}` of {} must name a manifest, not be {}", member.name,
                                   what_, member.value.KindName()));
      return;
    }
    const NameRef ref{*manifest, member.value.at()};
    if (member.name.find('[') == std::string::npos) {
      Add(member.name, ref, member.at);
      return;
    }
    const auto range = TagRange::Parse(member.name);
    if (!range) {
      problems_.Report("content.tag-range", member.at,
                       fmt::format("`{}` of {} is no range of tags", member.name, what_),
                       "v[000..024] is v000, v001 … v024");
      return;
    }
    if (range->last - range->first >= kMaxTags) {
      problems_.Report(
          "content.too-many", member.at,
          fmt::format("`{}` of {} is more than {} tags", member.name, what_, kMaxTags));
      return;
    }
    for (std::uint64_t number = range->first; number <= range->last; ++number) {
      if (!Add(range->Tag(number), ref, member.at)) return;  // the others are no better
    }
  }

 private:
  bool Add(std::string tag, const NameRef& manifest, Position at) {
    if (!oci::IsTag(tag)) {
      problems_.Report("content.tag", at, fmt::format("`{}` of {} is no tag", tag, what_),
                       "up to 128 letters, digits, `_`, `.` and `-`, the first no `.` or `-`");
      return false;
    }
    repository_.tags.emplace_back(std::move(tag), manifest);
    return true;
  }

  RepositorySpec& repository_;
  const std::string& what_;
  Diagnostics& problems_;
};

std::vector<NameRef> ReadNames(TableReader& reader, std::string_view name) {
  std::vector<NameRef> names;
  for (const Node& item : reader.Array(name)) {
    if (const std::string* text = item.string()) {
      names.push_back({*text, item.at()});
    } else {
      reader.ReportKind(item, name, "an array of names");
    }
  }
  return names;
}

void CheckTagsDiffer(const RepositorySpec& repository, const std::string& what,
                     Diagnostics& problems) {
  const auto same =
      std::ranges::adjacent_find(repository.tags, {}, &std::pair<std::string, NameRef>::first);
  if (same == repository.tags.end()) return;
  problems.Report("content.duplicate-tag", (same + 1)->second.at,
                  fmt::format("tag `{}` of {} is given twice", same->first, what),
                  "a range of tags counts as all of its tags");
}

}  // namespace

RepositorySpec ReadRepository(const Node& node, const std::string& what, Diagnostics& problems) {
  RepositorySpec repository;
  repository.at = node.at();
  TableReader reader(node, what, problems);
  TagReader tags(repository, what, problems);
  for (const Node::Member& member : reader.Table("tags")) tags.Read(member);
  std::ranges::stable_sort(repository.tags, {}, &std::pair<std::string, NameRef>::first);
  CheckTagsDiffer(repository, what, problems);
  repository.manifests = ReadNames(reader, "manifests");
  repository.blobs = ReadNames(reader, "blobs");
  if (const auto layout = reader.OptionalString("layout")) {
    repository.layout = NameRef{*layout, reader.PositionOf("layout")};
  }
  reader.Finish();
  return repository;
}

ReferrersSpec ReadReferrers(const Node& node, const std::string& what, Diagnostics& problems) {
  ReferrersSpec referrers;
  referrers.at = node.at();
  if (node.array() != nullptr) {
    referrers.entries = ReadEntries(node, "entry", what, problems);
    return referrers;
  }
  referrers.lie = true;
  if (node.table() == nullptr) {
    problems.Report("model.kind", node.at(),
                    fmt::format("{} must be an array of names, or a table with a `lie`, not {}",
                                what, node.KindName()));
    return referrers;
  }
  TableReader reader(node, what, problems);
  if (const Node* lie = reader.Required("lie")) {
    referrers.entries = ReadEntries(*lie, "entry", what, problems);
  }
  reader.Finish();
  return referrers;
}

}  // namespace pullproof::mockregistry::content
