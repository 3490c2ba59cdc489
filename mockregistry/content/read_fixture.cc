#include <algorithm>
#include <array>
#include <iterator>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "mockregistry/content/content.h"
#include "mockregistry/content/read.h"
#include "oci/reference.h"

namespace pullproof::mockregistry::content {
namespace {

// Lower-case words with dots and hyphens between them.
bool IsFixtureId(std::string_view text) {
  char before = '.';
  for (const char c : text) {
    const bool separator = c == '.' || c == '-';
    const bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!word && !separator) return false;
    if (separator && (before == '.' || before == '-')) return false;
    before = c;
  }
  return before != '.' && before != '-';
}

void CheckId(TableReader& reader, std::string_view name, std::string_view id) {
  if (!reader.Has(name) || IsFixtureId(id)) return;
  reader.problems().Report("content.id", reader.PositionOf(name),
                           fmt::format("`{}` cannot be `{}`", name, id),
                           "lower-case words and digits with dots and hyphens between them: "
                           "pull.blob.digest-mismatch");
}

void CheckFormat(TableReader& reader) {
  const Node* format = reader.Required("fixture");
  if (format == nullptr) return;
  const std::int64_t* version = format->integer();
  if (version != nullptr && *version == 1) return;
  reader.problems().Report("content.format", format->at(), "this version reads fixture format 1",
                           "write `fixture = 1`");
}

// A name is a word in scripts and listings.
void CheckName(const Node::Member& member, std::string_view kind, Diagnostics& problems) {
  const std::string& name = member.name;
  const bool word = !name.empty() && name.size() <= kMaxNameBytes && Printable(name) == name &&
                    name.find_first_of(" `") == std::string::npos;
  if (word) return;
  problems.Report(
      "content.name", member.at,
      fmt::format("`{}` cannot be the name of a {}", name.substr(0, kMaxNameBytes), kind),
      fmt::format("up to {} bytes without blanks, back-ticks and control characters",
                  kMaxNameBytes));
}

// The members of a table that name things, read by `read`; reports when there are more than `max`.
template <typename T, typename From>
std::vector<std::pair<std::string, T>> ReadNamed(TableReader& reader, std::string_view name,
                                                 std::string_view kind, std::size_t max,
                                                 T (*read)(const From&, const std::string&,
                                                           Diagnostics&)) {
  std::vector<std::pair<std::string, T>> things;
  const std::span<const Node::Member> members = reader.Table(name);
  if (members.size() > max) {
    reader.problems().Report(
        "content.too-many", reader.PositionOf(name),
        fmt::format("`{}` has {} members, more than {}", name, members.size(), max));
    return things;
  }
  for (const Node::Member& member : members) {
    CheckName(member, kind, reader.problems());
    const From* from;
    if constexpr (std::is_same_v<From, Node>) {
      from = &member.value;
    } else {
      from = &member;
    }
    things.emplace_back(member.name,
                        read(*from, fmt::format("{} `{}`", kind, member.name), reader.problems()));
  }
  return things;
}

void ReadManifests(TableReader& reader, Fixture& fixture) {
  fixture.manifests = ReadNamed(reader, "manifests", "manifest", kMaxManifests, &ReadManifest);
  for (auto& [name, manifest] : fixture.manifests) {
    std::ranges::move(manifest.brings, std::back_inserter(fixture.blobs));
    manifest.brings.clear();
  }
  if (fixture.blobs.size() > kMaxBlobs) {
    reader.problems().Report(
        "content.too-many", reader.PositionOf("manifests"),
        fmt::format("{} blobs with those that manifests stand for, more than {}",
                    fixture.blobs.size(), kMaxBlobs));
  }
}

void ReadRepositories(TableReader& reader, Fixture& fixture) {
  fixture.repositories =
      ReadNamed(reader, "repos", "repository", kMaxRepositories, &ReadRepository);
  std::size_t tags = 0;
  for (const Node::Member& member : reader.Table("repos")) {
    if (oci::IsRepositoryName(member.name)) continue;
    reader.problems().Report("content.repository", member.at,
                             fmt::format("`{}` is no repository name", member.name),
                             "lower-case words with slashes between them: library/app");
  }
  for (const auto& [name, repository] : fixture.repositories) tags += repository.tags.size();
  if (tags > kMaxTags) {
    reader.problems().Report("content.too-many", reader.PositionOf("repos"),
                             fmt::format("{} tags, more than {}", tags, kMaxTags));
  }
}

void ReadLimits(TableReader& reader, Fixture& fixture) {
  const Node* node = reader.Get("limits");
  if (node == nullptr) return;
  TableReader limits(*node, "`limits`", reader.problems());
  fixture.max_manifest = ReadSize(limits, "max_manifest");
  if (const auto page = limits.OptionalInteger("max_page", 1, std::int64_t{kMaxTags})) {
    fixture.max_page = static_cast<std::uint64_t>(*page);
  }
  fixture.min_blob = ReadSize(limits, "min_blob");
  fixture.min_chunk = ReadSize(limits, "min_chunk");
  fixture.read_only = limits.Bool("read_only", fixture.read_only);
  fixture.referrers_api = limits.Bool("referrers_api", fixture.referrers_api);
  limits.Finish();
}

// Spec: distribution-spec, "Warnings": the text goes into a quoted string, as it stands.
void ReadWarnings(TableReader& reader, Fixture& fixture) {
  fixture.warnings = reader.Strings("warnings");
  const auto is_fit = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
  for (const std::string& text : fixture.warnings) {
    if (!text.empty() && std::ranges::all_of(text, is_fit)) continue;
    reader.problems().Report("content.warning", reader.PositionOf("warnings"),
                             fmt::format("`{}` cannot be the text of a warning", Printable(text)),
                             "printable ASCII, without quotes and backslashes");
  }
}

Node Copy(TableReader& reader, std::string_view name) {
  const Node* node = reader.Get(name);
  return node != nullptr ? *node : Node();
}

}  // namespace

std::string_view LevelName(Level level) {
  return std::ranges::find(kLevels, level, &decltype(kLevels)::value_type::second)->first;
}

Fixture ReadFixture(const Node& document, Diagnostics& problems) {
  Fixture fixture;
  TableReader reader(document, "the fixture", problems);
  CheckFormat(reader);
  fixture.id = reader.RequiredString("id");
  CheckId(reader, "id", fixture.id);
  fixture.title = reader.String("title");
  fixture.why = reader.String("why");
  fixture.level = reader.Enum<Level>("level", kLevels, fixture.level);
  fixture.spec = reader.Strings("spec");
  fixture.needs = reader.Strings("needs");
  fixture.twin = reader.String("twin");
  CheckId(reader, "twin", fixture.twin);
  fixture.seed = ReadSeed(reader, "seed");
  fixture.profile = reader.String("profile");  // was laid under the document already
  fixture.blobs = ReadNamed(reader, "blobs", "blob", kMaxBlobs, &ReadBlob);
  ReadManifests(reader, fixture);
  ReadRepositories(reader, fixture);
  fixture.referrers =
      ReadNamed(reader, "referrers", "referrers of manifest", kMaxManifests, &ReadReferrers);
  ReadLimits(reader, fixture);
  ReadWarnings(reader, fixture);
  fixture.hosts = Copy(reader, "hosts");
  fixture.auth = Copy(reader, "auth");
  fixture.rules = Copy(reader, "rules");
  fixture.client = Copy(reader, "client");
  fixture.expect = Copy(reader, "expect");
  reader.Finish();
  return fixture;
}

}  // namespace pullproof::mockregistry::content
